// Mac: HMAC-SHA-256 under one key, its contexts kept for reuse: setting a key costs more than the code of a short text.
//
//   Mac mac(key);
//   std::string code = mac.Of({"bsn", digits});   // 32 bytes
#pragma once

#include <openssl/evp.h>

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace schotvrij::identity {

class Mac {
 public:
  explicit Mac(std::string_view key);
  Mac(const Mac&) = delete;
  Mac& operator=(const Mac&) = delete;
  // Wipes the key.
  ~Mac();

  // Code of the parts, each bound with its length, so that ("ab", "c") and ("a", "bc") differ. Thread-safe.
  std::string Of(std::initializer_list<std::string_view> parts) const;

 private:
  EVP_MAC_CTX* Take() const;
  void Give(EVP_MAC_CTX* context) const;

  EVP_MAC_CTX* keyed_;  // never fed: copied for every further thread that asks at the same time
  mutable absl::Mutex mutex_;
  mutable std::vector<EVP_MAC_CTX*> idle_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace schotvrij::identity
