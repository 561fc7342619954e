// S/MIME 4.0 (RFC 8551): a MIME entity is signed, then the signed message is encrypted for one
// recipient.
//
//   ASSIGN_OR_RETURN(mail::Signer signer, mail::Signer::Read(certificate_pem, key_pem));
//   ASSIGN_OR_RETURN(mail::RecipientCertificate to, mail::RecipientCertificate::Read(pem));
//   ASSIGN_OR_RETURN(std::string entity,
//                    mail::SignAndEncrypt(mime, signer, to, route.cipher(), sent_at, now));
//
// Signature: SHA-256, opaque signed-data with the signing certificate inside. Encryption:
// AES-256-GCM in AuthEnvelopedData (RFC 5083, 5084), or AES-256-CBC in EnvelopedData for clients
// that read nothing else; to RSA with OAEP and SHA-256, to P-256 by one-pass ECDH with the SHA-256
// key derivation of X9.63 (RFC 5753). PKCS #1 v1.5 encryption, 3DES and RC2 do not occur.
#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "schemas/base/runtime.h"
#include "schotvrij/config/v1/config.pb.h"

namespace schotvrij::mail {

struct X509Deleter {
  void operator()(X509* certificate) const { X509_free(certificate); }
};
using X509Ptr = std::unique_ptr<X509, X509Deleter>;

struct EvpPkeyDeleter {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using EvpPkeyPtr = std::unique_ptr<EVP_PKEY, EvpPkeyDeleter>;

// The gateway's own signing pair. Immutable; used by several threads at once.
class Signer {
 public:
  // PEM; certificates after the first go along as its chain. kInvalidArgument when a file is
  // unreadable, the two do not belong together, or the key is neither RSA of at least
  // limits::kRsaBitsMin bits nor P-256.
  static absl::StatusOr<Signer> Read(std::string_view certificate_pem, std::string_view key_pem);

  // kFailedPrecondition when the certificate is not valid at `now`.
  absl::Status CheckValidAt(Instant now) const;

  X509* certificate() const { return certificates_.front().get(); }
  EVP_PKEY* key() const { return key_.get(); }
  const std::vector<X509Ptr>& certificates() const { return certificates_; }

 private:
  Signer(std::vector<X509Ptr> certificates, EvpPkeyPtr key)
      : certificates_(std::move(certificates)), key_(std::move(key)) {}
  std::vector<X509Ptr> certificates_;
  EvpPkeyPtr key_;
};

// A recipient's certificate as the enrolment pins it: trust comes from the enrolment, so no chain
// is built.
class RecipientCertificate {
 public:
  // kInvalidArgument when it is no PEM certificate, the key is neither RSA of at least
  // limits::kRsaBitsMin bits nor P-256, or its key usage forbids encryption (RSA: keyEncipherment,
  // P-256: keyAgreement).
  static absl::StatusOr<RecipientCertificate> Read(std::string_view pem);

  // kFailedPrecondition when it is not valid at `now`.
  absl::Status CheckValidAt(Instant now) const;

  X509* certificate() const { return certificate_.get(); }

 private:
  explicit RecipientCertificate(X509Ptr certificate) : certificate_(std::move(certificate)) {}
  X509Ptr certificate_;
};

// `entity` is a whole MIME entity with CRLF line ends; so is the result (application/pkcs7-mime,
// file name smime.p7m). `signed_at` goes into the signature; `now` is what the certificates'
// validity is held against. Two calls give different bytes: content key and nonce are drawn afresh.
// kFailedPrecondition when a certificate is not valid at `now`, kInvalidArgument when `cipher` is
// unspecified, kInternal when OpenSSL fails.
absl::StatusOr<std::string> SignAndEncrypt(std::string_view entity, const Signer& signer,
                                           const RecipientCertificate& recipient,
                                           config::v1::SecureMail::Cipher cipher, Instant signed_at,
                                           Instant now);

}  // namespace schotvrij::mail
