// Text looked at eight bytes at a time.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace schotvrij::fhir {

constexpr uint64_t EightTimes(unsigned char byte) { return uint64_t{0x0101010101010101} * byte; }

inline uint64_t Eight(const char* at) {
  uint64_t eight;
  std::memcpy(&eight, at, 8);
  return eight;
}

constexpr bool IsAscii(uint64_t eight) { return (eight & EightTimes(0x80)) == 0; }

// Which byte of `eight`, in the order of the text, is the first that is not 0. Not all are.
constexpr int FirstByte(uint64_t eight) {
  return (std::endian::native == std::endian::little ? std::countr_zero(eight) : std::countl_zero(eight)) / 8;
}

// Whether `c` stands for itself in a JSON string.
constexpr bool StandsForItself(unsigned char c) { return c >= 0x20 && c != '"' && c != '\\'; }

// How many bytes from the start of `text` stand for themselves in a JSON string.
inline size_t PlainPrefix(std::string_view text) {
  size_t at = 0;
  for (; text.size() - at >= 8; at += 8) {
    const uint64_t eight = Eight(text.data() + at);
    // The high bit of each byte says whether it does not; borrowing may mark bytes behind the first such, not before.
    const uint64_t special = ((eight - EightTimes(0x20)) | ((eight ^ EightTimes('"')) - EightTimes(1)) |
                              ((eight ^ EightTimes('\\')) - EightTimes(1))) &
                             ~eight & EightTimes(0x80);
    if (special == 0) continue;
    if (std::endian::native == std::endian::little) return at + FirstByte(special);
    break;
  }
  while (at != text.size() && StandsForItself(text[at])) ++at;
  return at;
}

}  // namespace schotvrij::fhir
