#include "gateway/audit/signature.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <cstdlib>
#include <string>

#include "absl/strings/escaping.h"
#include "gateway/audit/audit.h"
#include "gateway/audit/checkpoint_line.h"
#include "schemas/base/status.h"

namespace schotvrij::audit {
namespace {

constexpr size_t kSignatureBytes = 64;

struct BioDeleter {
  void operator()(BIO* bio) const { BIO_free_all(bio); }
};
struct DigestDeleter {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using DigestPtr = std::unique_ptr<EVP_MD_CTX, DigestDeleter>;

const unsigned char* Bytes(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

// Without it OpenSSL would ask the terminal for the password of an encrypted key.
int NoPassword(char*, int, int, void*) { return -1; }

using PemReader = EVP_PKEY* (*)(BIO*, EVP_PKEY**, pem_password_cb*, void*);

absl::StatusOr<KeyPtr> Read(std::string_view pem, PemReader reader, const char* what) {
  std::unique_ptr<BIO, BioDeleter> in(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  KeyPtr key(reader(in.get(), nullptr, NoPassword, nullptr));
  if (key != nullptr && EVP_PKEY_get_id(key.get()) == EVP_PKEY_ED25519) return key;
  ERR_clear_error();
  return absl::InvalidArgumentError(what);
}

class PemSigner final : public Signer {
 public:
  explicit PemSigner(KeyPtr key) : key_(std::move(key)) {}

  std::string Checkpoint(Instant at, std::span<const ChainHead> heads, std::string_view previous_line) const override {
    std::string text = CheckpointText(at, heads, previous_line);
    return text + "\t" + absl::Base64Escape(SignText(key_.get(), text));
  }

 private:
  const KeyPtr key_;
};

}  // namespace

absl::StatusOr<KeyPtr> ReadPrivateKey(std::string_view pem) {
  return Read(pem, PEM_read_bio_PrivateKey, "not an unencrypted Ed25519 private key in PEM form");
}

absl::StatusOr<KeyPtr> ReadPublicKey(std::string_view pem) {
  return Read(pem, PEM_read_bio_PUBKEY, "not an Ed25519 public key in PEM form");
}

std::string SignText(EVP_PKEY* key, std::string_view text) {
  DigestPtr context(EVP_MD_CTX_new());
  std::string signature(kSignatureBytes, '\0');
  size_t size = signature.size();
  if (EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key) != 1 ||
      EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, Bytes(text),
                     text.size()) != 1) {
    std::abort();  // OpenSSL is broken; a log nobody can vouch for is worse than none
  }
  return signature;
}

bool SignatureHolds(EVP_PKEY* key, std::string_view text, std::string_view signature) {
  DigestPtr context(EVP_MD_CTX_new());
  bool holds = EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key) == 1 &&
               EVP_DigestVerify(context.get(), Bytes(signature), signature.size(), Bytes(text), text.size()) == 1;
  if (!holds) ERR_clear_error();
  return holds;
}

absl::StatusOr<std::unique_ptr<Signer>> Signer::FromPem(std::string_view private_key_pem) {
  ASSIGN_OR_RETURN(KeyPtr key, ReadPrivateKey(private_key_pem));
  return std::unique_ptr<Signer>(std::make_unique<PemSigner>(std::move(key)));
}

}  // namespace schotvrij::audit
