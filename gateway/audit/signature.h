// Checking Ed25519 signatures.
#pragma once

#include <openssl/evp.h>

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace schotvrij::audit {

struct KeyDeleter {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using KeyPtr = std::unique_ptr<EVP_PKEY, KeyDeleter>;

// kInvalidArgument when the PEM is not an Ed25519 key of that half.
absl::StatusOr<KeyPtr> ReadPrivateKey(std::string_view pem);
absl::StatusOr<KeyPtr> ReadPublicKey(std::string_view pem);

std::string SignText(EVP_PKEY* key, std::string_view text);
bool SignatureHolds(EVP_PKEY* key, std::string_view text, std::string_view signature);

}  // namespace schotvrij::audit
