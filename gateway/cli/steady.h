// Microseconds by a clock that is never set: for how long something lasts.
#pragma once

#include <chrono>
#include <cstdint>

namespace schotvrij::cli {

inline int64_t SteadyUs() {
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(since).count();
}

}  // namespace schotvrij::cli
