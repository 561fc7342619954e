// The machine's own clock and random numbers, behind the interfaces of schemas/base/runtime.h.
//
//   runtime::SystemClock clock;
//   runtime::SystemRandom random;
//   std::string id = NewId(random);
#pragma once

#include "schemas/base/runtime.h"

namespace schotvrij::runtime {

// Wall clock in UTC; may jump when the administrator sets it. Thread-safe.
class SystemClock final : public Clock {
 public:
  Instant Now() const override;
};

// OpenSSL's generator, seeded by the kernel; ids and nonces are drawn ahead, some hundred bytes for each thread. Ends the program when
// it fails: ids and keys would not be random. Thread-safe.
class SystemRandom final : public Random {
 public:
  void Fill(std::span<uint8_t> out) override;
};

}  // namespace schotvrij::runtime
