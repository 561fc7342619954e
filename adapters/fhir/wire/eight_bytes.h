// Text looked at eight bytes at a time.
#pragma once

#include <cstdint>
#include <cstring>

namespace schotvrij::fhir {

constexpr uint64_t EightTimes(unsigned char byte) { return uint64_t{0x0101010101010101} * byte; }

inline uint64_t Eight(const char* at) {
  uint64_t eight;
  std::memcpy(&eight, at, 8);
  return eight;
}

constexpr bool IsAscii(uint64_t eight) { return (eight & EightTimes(0x80)) == 0; }

}  // namespace schotvrij::fhir
