#include "gateway/transport/runtime/system.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>

namespace schotvrij::runtime {
namespace {

// Nonces and ids; what is longer may be a key, and is drawn when it is asked for.
constexpr size_t kSmallBytesMax = 16;
constexpr size_t kAheadBytes = 32 * kSmallBytesMax;

void Draw(std::span<uint8_t> out) {
  if (RAND_bytes(out.data(), static_cast<int>(out.size())) != 1) std::abort();
}

// Bytes drawn ahead for one thread, for a draw costs about the same whatever its size. Each is given once and wiped. Nothing here
// forks: a copy of the process would give the same bytes again.
class Ahead {
 public:
  ~Ahead() { OPENSSL_cleanse(bytes_.data(), bytes_.size()); }

  void Give(std::span<uint8_t> out) {
    if (out.size() > left_) {
      Draw(bytes_);
      left_ = bytes_.size();
    }
    left_ -= out.size();
    const auto from = bytes_.begin() + static_cast<std::ptrdiff_t>(left_);
    std::copy_n(from, out.size(), out.begin());
    OPENSSL_cleanse(&*from, out.size());
  }

 private:
  std::array<uint8_t, kAheadBytes> bytes_;
  size_t left_ = 0;
};

}  // namespace

Instant SystemClock::Now() const {
  auto since_1970 = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<std::chrono::microseconds>(since_1970).count()};
}

void SystemRandom::Fill(std::span<uint8_t> out) {
  thread_local Ahead ahead;
  out.size() <= kSmallBytesMax ? ahead.Give(out) : Draw(out);
}

}  // namespace schotvrij::runtime
