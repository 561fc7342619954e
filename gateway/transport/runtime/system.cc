#include "gateway/transport/runtime/system.h"

#include <openssl/rand.h>

#include <chrono>
#include <cstdlib>

namespace schotvrij::runtime {

Instant SystemClock::Now() const {
  auto since_1970 = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<std::chrono::microseconds>(since_1970).count()};
}

void SystemRandom::Fill(std::span<uint8_t> out) {
  if (RAND_bytes(out.data(), static_cast<int>(out.size())) != 1) std::abort();
}

}  // namespace schotvrij::runtime
