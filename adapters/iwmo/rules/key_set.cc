#include "adapters/iwmo/rules/key_set.h"

#include <algorithm>
#include <cstring>

namespace schotvrij::iwmo {
namespace {

constexpr size_t kFirstBlockBytes = 1 << 10;
constexpr size_t kBlockBytesMax = 64 << 10;

}  // namespace

bool KeySet::Insert(std::string_view key) {
  bool is_new = false;
  keys_.lazy_emplace(key, [&](const auto& make) {
    make(Keep(key));
    is_new = true;
  });
  return is_new;
}

void KeySet::Clear() {
  keys_.clear();
  if (blocks_.empty()) return;
  blocks_.resize(1);
  block_bytes_ = left_ = kFirstBlockBytes;
}

std::string_view KeySet::Keep(std::string_view key) {
  if (left_ < key.size()) {
    block_bytes_ = std::max(std::clamp(block_bytes_ * 2, kFirstBlockBytes, kBlockBytesMax), key.size());
    blocks_.push_back(std::make_unique<char[]>(block_bytes_));
    left_ = block_bytes_;
  }
  char* kept = blocks_.back().get() + (block_bytes_ - left_);
  if (!key.empty()) std::memcpy(kept, key.data(), key.size());
  left_ -= key.size();
  return {kept, key.size()};
}

}  // namespace schotvrij::iwmo
