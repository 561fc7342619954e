// KeySet: keys that were seen. Keeps their texts in blocks, so that a hundred thousand of them take a few megabytes.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_set.h"

namespace schotvrij::iwmo {

class KeySet {
 public:
  // False: it was there already.
  bool Insert(std::string_view key);
  bool Contains(std::string_view key) const { return keys_.contains(key); }
  // Keeps the first block.
  void Clear();

 private:
  std::string_view Keep(std::string_view key);

  absl::flat_hash_set<std::string_view> keys_;
  std::vector<std::unique_ptr<char[]>> blocks_;
  size_t left_ = 0;  // bytes at the end of the last block
  size_t block_bytes_ = 0;
};

}  // namespace schotvrij::iwmo
