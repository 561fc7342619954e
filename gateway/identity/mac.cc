#include "gateway/identity/mac.h"

#include <openssl/core_names.h>
#include <openssl/params.h>

#include <cstdint>

#include "gateway/identity/openssl.h"

namespace schotvrij::identity {
namespace {

constexpr size_t kCodeBytes = 32;

}  // namespace

Mac::Mac(std::string_view key) {
  EVP_MAC* hmac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  keyed_ = EVP_MAC_CTX_new(hmac);
  EVP_MAC_free(hmac);  // the context holds on to it
  char digest[] = "SHA256";
  OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                         OSSL_PARAM_construct_end()};
  Must(EVP_MAC_init(keyed_, Bytes(key), key.size(), params) == 1);
}

Mac::~Mac() {
  EVP_MAC_CTX_free(keyed_);
  for (EVP_MAC_CTX* context : idle_) EVP_MAC_CTX_free(context);
}

EVP_MAC_CTX* Mac::Take() const {
  {
    absl::MutexLock lock(&mutex_);
    if (!idle_.empty()) {
      EVP_MAC_CTX* context = idle_.back();
      idle_.pop_back();
      return context;
    }
  }
  EVP_MAC_CTX* context = EVP_MAC_CTX_dup(keyed_);
  Must(context != nullptr);
  return context;
}

void Mac::Give(EVP_MAC_CTX* context) const {
  absl::MutexLock lock(&mutex_);
  idle_.push_back(context);
}

std::string Mac::Of(std::initializer_list<std::string_view> parts) const {
  EVP_MAC_CTX* context = Take();
  Must(EVP_MAC_init(context, nullptr, 0, nullptr) == 1);  // back to the state right after the key
  for (std::string_view part : parts) {
    unsigned char length[8];
    for (int i = 0; i < 8; ++i) length[i] = static_cast<unsigned char>(uint64_t{part.size()} >> (56 - 8 * i));
    Must(EVP_MAC_update(context, length, sizeof length) == 1 &&
         EVP_MAC_update(context, Bytes(part), part.size()) == 1);
  }
  std::string code(kCodeBytes, '\0');
  size_t written = 0;
  Must(EVP_MAC_final(context, reinterpret_cast<unsigned char*>(code.data()), &written, code.size()) == 1 &&
       written == kCodeBytes);
  Give(context);
  return code;
}

}  // namespace schotvrij::identity
