// HighestKey: up to which page a cache may hold pages.
#pragma once

#include <algorithm>

namespace schotvrij::store {

class HighestKey {
 public:
  void Added(unsigned key) { highest_ = std::max(highest_, key); }
  // A page has another key now. One that is moved above all others is remembered by itself, and forgotten when it is moved back.
  void Moved(unsigned from, unsigned to) {
    if (from == aside_) aside_ = 0;
    if (to <= highest_) return;
    Added(aside_);
    aside_ = to;
  }
  // Whether a page of key `limit` or above may be there.
  bool Reaches(unsigned limit) const { return std::max(highest_, aside_) >= limit; }
  // None of those is there any more. `limit` is at least 1.
  void Truncated(unsigned limit) {
    highest_ = std::min(highest_, limit - 1);
    if (aside_ >= limit) aside_ = 0;
  }

 private:
  unsigned highest_ = 0;
  unsigned aside_ = 0;  // 0: none
};

}  // namespace schotvrij::store
