#include "gateway/transport/mail/smime.h"

#include <openssl/bio.h>
#include <openssl/cms.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <array>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "schemas/base/limits.h"
#include "schemas/base/status.h"
#include "schemas/base/strings.h"

namespace schotvrij::mail {
namespace {

struct BioDeleter {
  void operator()(BIO* bio) const { BIO_free_all(bio); }
};
using BioPtr = std::unique_ptr<BIO, BioDeleter>;

struct CmsDeleter {
  void operator()(CMS_ContentInfo* cms) const { CMS_ContentInfo_free(cms); }
};
using CmsPtr = std::unique_ptr<CMS_ContentInfo, CmsDeleter>;

struct TimeDeleter {
  void operator()(ASN1_TIME* time) const { ASN1_TIME_free(time); }
};

// What a recipient's key must be allowed to do (RFC 5280 4.2.1.3), by key type.
struct KeyKind {
  int type;
  uint32_t encryption_usage;
};
constexpr KeyKind kKeyKinds[] = {{EVP_PKEY_RSA, KU_KEY_ENCIPHERMENT},
                                 {EVP_PKEY_EC, KU_KEY_AGREEMENT}};

struct CipherForm {
  config::v1::SecureMail::Cipher cipher;
  const EVP_CIPHER* (*evp)();
  std::string_view smime_type;  // RFC 8551 3.2.2
};
constexpr CipherForm kCipherForms[] = {
    {config::v1::SecureMail::AES_256_GCM, &EVP_aes_256_gcm, "authEnveloped-data"},
    {config::v1::SecureMail::AES_256_CBC, &EVP_aes_256_cbc, "enveloped-data"},
};

BioPtr ReadOnly(std::string_view bytes) {
  return BioPtr(BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size())));
}

absl::Status OpenSslFailed(std::string_view step) {
  ERR_clear_error();
  return absl::InternalError(absl::StrCat("OpenSSL failed to ", ToAbsl(step)));
}

bool IsP256(const EVP_PKEY* key) {
  char group[32];
  size_t size = 0;
  return EVP_PKEY_get_group_name(key, group, sizeof group, &size) == 1 &&
         std::string_view(group, size) == SN_X9_62_prime256v1;
}

// The kind of `key`, or null when we do not work with it.
const KeyKind* FindKind(const EVP_PKEY* key) {
  for (const KeyKind& kind : kKeyKinds) {
    if (key == nullptr || EVP_PKEY_get_base_id(key) != kind.type) continue;
    const bool strong =
        kind.type == EVP_PKEY_RSA ? EVP_PKEY_get_bits(key) >= limits::kRsaBitsMin : IsP256(key);
    return strong ? &kind : nullptr;
  }
  return nullptr;
}

absl::Status WrongKey(std::string_view whose) {
  return absl::InvalidArgumentError(absl::StrCat(
      ToAbsl(whose), ": the key must be P-256, or RSA of at least ", limits::kRsaBitsMin, " bits"));
}

std::vector<X509Ptr> ReadCertificates(std::string_view pem) {
  std::vector<X509Ptr> certificates;
  if (pem.size() > limits::kPemBytesMax) return certificates;
  BioPtr bio = ReadOnly(pem);
  while (X509* certificate = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) {
    certificates.emplace_back(certificate);
  }
  ERR_clear_error();
  return certificates;
}

absl::Status CheckValid(X509* certificate, Instant now, std::string_view whose) {
  time_t seconds = static_cast<time_t>(now.us / 1'000'000);
  if (X509_cmp_time(X509_get0_notBefore(certificate), &seconds) > 0) {
    return absl::FailedPreconditionError(absl::StrCat(ToAbsl(whose), ": not valid yet"));
  }
  if (X509_cmp_time(X509_get0_notAfter(certificate), &seconds) <= 0) {
    return absl::FailedPreconditionError(absl::StrCat(ToAbsl(whose), ": expired"));
  }
  return absl::OkStatus();
}

// Never asks a terminal for a pass phrase.
int NoPassPhrase(char*, int, int, void*) { return -1; }

absl::StatusOr<std::string> ToDer(CMS_ContentInfo* cms) {
  unsigned char* der = nullptr;
  const int size = i2d_CMS_ContentInfo(cms, &der);
  if (size <= 0) return OpenSslFailed("encode");
  std::string bytes(reinterpret_cast<char*>(der), static_cast<size_t>(size));
  OPENSSL_free(der);
  return bytes;
}

// The MIME entity around CMS bytes (RFC 8551 3.2); base64 in lines of 76 characters.
std::string ToEntity(std::string_view der, std::string_view smime_type) {
  std::string entity("Content-Type: application/pkcs7-mime; smime-type=");
  entity.append(smime_type).append("; name=\"smime.p7m\"\r\n");
  entity.append("Content-Transfer-Encoding: base64\r\n");
  entity.append("Content-Disposition: attachment; filename=\"smime.p7m\"\r\n\r\n");
  const std::string base64 = absl::Base64Escape(ToAbsl(der));
  constexpr size_t kLine = 76;
  for (size_t at = 0; at < base64.size(); at += kLine) {
    entity.append(base64, at, kLine).append("\r\n");
  }
  return entity;
}

absl::StatusOr<std::string> Sign(std::string_view entity, const Signer& signer, Instant signed_at) {
  constexpr unsigned kFlags = CMS_BINARY | CMS_PARTIAL | CMS_NOSMIMECAP;
  BioPtr content = ReadOnly(entity);
  CmsPtr cms(CMS_sign(nullptr, nullptr, nullptr, nullptr, kFlags));
  if (cms == nullptr) return OpenSslFailed("begin the signature");
  CMS_SignerInfo* info =
      CMS_add1_signer(cms.get(), signer.certificate(), signer.key(), EVP_sha256(), kFlags);
  // Set here so that OpenSSL does not read a clock of its own.
  std::unique_ptr<ASN1_TIME, TimeDeleter> time(X509_time_adj(
      nullptr, 0, std::array<time_t, 1>{static_cast<time_t>(signed_at.us / 1'000'000)}.data()));
  if (info == nullptr || time == nullptr ||
      CMS_signed_add1_attr_by_NID(info, NID_pkcs9_signingTime, time->type, time.get(), -1) != 1) {
    return OpenSslFailed("add the signer");
  }
  for (size_t i = 1; i < signer.certificates().size(); ++i) {
    if (CMS_add1_cert(cms.get(), signer.certificates()[i].get()) != 1)
      return OpenSslFailed("add the signer's chain");
  }
  if (CMS_final(cms.get(), content.get(), nullptr, kFlags) != 1) return OpenSslFailed("sign");
  ASSIGN_OR_RETURN(std::string der, ToDer(cms.get()));
  return ToEntity(der, "signed-data");
}

bool SetKeyTransport(EVP_PKEY_CTX* context, int key_type) {
  if (key_type == EVP_PKEY_EC) return EVP_PKEY_CTX_set_ecdh_kdf_md(context, EVP_sha256()) > 0;
  return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) > 0 &&
         EVP_PKEY_CTX_set_rsa_oaep_md(context, EVP_sha256()) > 0 &&
         EVP_PKEY_CTX_set_rsa_mgf1_md(context, EVP_sha256()) > 0;
}

absl::StatusOr<std::string> Encrypt(std::string_view entity, X509* recipient,
                                    const CipherForm& form) {
  constexpr unsigned kFlags = CMS_BINARY | CMS_PARTIAL;
  BioPtr content = ReadOnly(entity);
  CmsPtr cms(CMS_encrypt(nullptr, nullptr, form.evp(), kFlags));
  if (cms == nullptr) return OpenSslFailed("begin the envelope");
  CMS_RecipientInfo* info = CMS_add1_recipient_cert(cms.get(), recipient, CMS_KEY_PARAM);
  EVP_PKEY_CTX* context = info == nullptr ? nullptr : CMS_RecipientInfo_get0_pkey_ctx(info);
  if (context == nullptr ||
      !SetKeyTransport(context, EVP_PKEY_get_base_id(X509_get0_pubkey(recipient)))) {
    return OpenSslFailed("add the recipient");
  }
  if (CMS_final(cms.get(), content.get(), nullptr, kFlags) != 1) return OpenSslFailed("encrypt");
  ASSIGN_OR_RETURN(std::string der, ToDer(cms.get()));
  return ToEntity(der, form.smime_type);
}

}  // namespace

absl::StatusOr<Signer> Signer::Read(std::string_view certificate_pem, std::string_view key_pem) {
  constexpr std::string_view kWhose = "signing certificate";
  std::vector<X509Ptr> certificates = ReadCertificates(certificate_pem);
  if (certificates.empty())
    return absl::InvalidArgumentError("signing certificate: not a PEM certificate");
  BioPtr bio = ReadOnly(key_pem.substr(0, limits::kPemBytesMax));
  EvpPkeyPtr key(PEM_read_bio_PrivateKey(bio.get(), nullptr, &NoPassPhrase, nullptr));
  ERR_clear_error();
  if (key == nullptr)
    return absl::InvalidArgumentError("signing key: not a PEM private key without pass phrase");
  if (FindKind(key.get()) == nullptr) return WrongKey(kWhose);
  if (X509_check_private_key(certificates.front().get(), key.get()) != 1) {
    ERR_clear_error();
    return absl::InvalidArgumentError("signing key: does not belong to the signing certificate");
  }
  return Signer(std::move(certificates), std::move(key));
}

absl::Status Signer::CheckValidAt(Instant now) const {
  return CheckValid(certificate(), now, "signing certificate");
}

absl::StatusOr<RecipientCertificate> RecipientCertificate::Read(std::string_view pem) {
  std::vector<X509Ptr> certificates = ReadCertificates(pem);
  if (certificates.empty())
    return absl::InvalidArgumentError("recipient certificate: not a PEM certificate");
  X509Ptr certificate = std::move(certificates.front());
  const KeyKind* kind = FindKind(X509_get0_pubkey(certificate.get()));
  if (kind == nullptr) return WrongKey("recipient certificate");
  // All bits are set when the extension is absent.
  if ((X509_get_key_usage(certificate.get()) & kind->encryption_usage) == 0) {
    return absl::InvalidArgumentError(
        "recipient certificate: its key usage does not allow encryption");
  }
  return RecipientCertificate(std::move(certificate));
}

absl::Status RecipientCertificate::CheckValidAt(Instant now) const {
  return CheckValid(certificate(), now, "recipient certificate");
}

absl::StatusOr<std::string> SignAndEncrypt(std::string_view entity, const Signer& signer,
                                           const RecipientCertificate& recipient,
                                           config::v1::SecureMail::Cipher cipher, Instant signed_at,
                                           Instant now) {
  for (const CipherForm& form : kCipherForms) {
    if (form.cipher != cipher) continue;
    RETURN_IF_ERROR(signer.CheckValidAt(now));
    RETURN_IF_ERROR(recipient.CheckValidAt(now));
    ASSIGN_OR_RETURN(std::string inner, Sign(entity, signer, signed_at));
    return Encrypt(inner, recipient.certificate(), form);
  }
  return absl::InvalidArgumentError("recipient: its cipher is not named");
}

}  // namespace schotvrij::mail
