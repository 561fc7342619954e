// What the road asks of the world outside: time, chance and a place to run. Implementations live in
// gateway/transport/runtime; a simulation brings its own. Nothing else in the project reads a clock or draws a number.
#pragma once

#include <cstdint>
#include <span>

#include "absl/functional/any_invocable.h"
#include "schemas/base/civil_date.h"

namespace schotvrij {

// UTC microseconds since 1970-01-01T00:00:00Z.
struct Instant {
  int64_t us = 0;
  friend auto operator<=>(Instant, Instant) = default;
};

class Clock {
 public:
  virtual ~Clock() = default;
  // Wall clock; may be set back by the administrator, so order of events never rests on it.
  virtual Instant Now() const = 0;
};

class Random {
 public:
  virtual ~Random() = default;
  // Fills `out` with bytes fit for keys and ids. Thread-safe.
  virtual void Fill(std::span<uint8_t> out) = 0;
};

class Executor {
 public:
  using Work = absl::AnyInvocable<void()>;
  virtual ~Executor() = default;
  // Runs `work` soon, on some thread of the executor, never inside the call.
  virtual void Post(Work work) = 0;
  // Runs `work` once `delay_us` microseconds have passed; dropped when the executor stops first.
  virtual void PostAfter(int64_t delay_us, Work work) = 0;
};

// The civil date in Europe/Amsterdam at `instant`.
CivilDate TodayInAmsterdam(Instant instant);
// The first instant of `day` there.
Instant StartInAmsterdam(CivilDate day);

// A random id of 128 bits: 32 lower-case hexadecimal digits.
std::string NewId(Random& random);

// The same for what is stored: 48 bits of milliseconds since 1970 and 80 random bits, so that what came together lies together in an
// index. It tells when it was drawn.
std::string NewRowId(Instant now, Random& random);

}  // namespace schotvrij
