#include "gateway/opener/cms.h"

#include <openssl/bio.h>
#include <openssl/cms.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <openssl/x509.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "absl/strings/escaping.h"
#include "schemas/base/limits.h"
#include "schemas/base/strings.h"

namespace schotvrij::opener {
namespace {

template <auto Free>
struct Deleter {
  template <typename T>
  void operator()(T* pointer) const {
    Free(pointer);
  }
};
using BioPtr = std::unique_ptr<BIO, Deleter<BIO_free>>;
using BioChain = std::unique_ptr<BIO, Deleter<BIO_free_all>>;
using CmsPtr = std::unique_ptr<CMS_ContentInfo, Deleter<CMS_ContentInfo_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using CertificatePtr = std::unique_ptr<X509, Deleter<X509_free>>;

constexpr int kTagBytesMin = 12;  // RFC 5084 3.2; a shorter one can be guessed
constexpr int kContentCiphers[] = {NID_aes_128_gcm, NID_aes_256_gcm, NID_aes_128_cbc, NID_aes_256_cbc};
constexpr int kDigests[] = {NID_sha256, NID_sha384, NID_sha512};
constexpr int kCurves[] = {NID_X9_62_prime256v1, NID_secp384r1, NID_secp521r1};

template <size_t n>
bool IsOneOf(int nid, const int (&list)[n]) {
  return std::find(std::begin(list), std::end(list), nid) != std::end(list);
}

BioPtr Over(std::string_view bytes) { return BioPtr(BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size()))); }

CmsPtr ParseCms(std::string_view der) {
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  return CmsPtr(d2i_CMS_ContentInfo(nullptr, &at, static_cast<long>(der.size())));
}

// Nothing when it fails, or gives more than a mail may have.
std::optional<std::string> ReadAll(BIO* bio) {
  std::string all;
  char piece[16 << 10];
  while (true) {
    const int got = BIO_read(bio, piece, sizeof piece);
    if (got <= 0) return got == 0 ? std::optional(std::move(all)) : std::nullopt;
    all.append(piece, static_cast<size_t>(got));
    if (all.size() > limits::kMailBytesMax) return std::nullopt;
  }
}

std::string DerOf(X509* certificate) {
  unsigned char* der = nullptr;
  const int size = i2d_X509(certificate, &der);
  std::string bytes(reinterpret_cast<char*>(der), static_cast<size_t>(std::max(size, 0)));
  OPENSSL_free(der);
  return bytes;
}

bool IsStrong(EVP_PKEY* key) {
  if (EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA) return EVP_PKEY_get_bits(key) >= limits::kRsaBitsMin;
  if (EVP_PKEY_get_base_id(key) != EVP_PKEY_EC) return EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519;
  char group[64] = "";
  EVP_PKEY_get_group_name(key, group, sizeof group, nullptr);
  return IsOneOf(OBJ_txt2nid(group), kCurves);
}

// How the content key came to the holder of `certificate`: by OAEP or ECDH, or not at all. Every way is looked at: a recipient of the
// same name and number may stand before the one that is taken.
Rule CheckRecipient(CMS_ContentInfo* cms, X509* certificate) {
  STACK_OF(CMS_RecipientInfo)* recipients = CMS_get0_RecipientInfos(cms);
  bool found = false;
  for (int i = 0; i < sk_CMS_RecipientInfo_num(recipients); ++i) {
    CMS_RecipientInfo* recipient = sk_CMS_RecipientInfo_value(recipients, i);
    if (CMS_RecipientInfo_type(recipient) == CMS_RECIPINFO_AGREE) {
      STACK_OF(CMS_RecipientEncryptedKey)* keys = CMS_RecipientInfo_kari_get0_reks(recipient);
      for (int j = 0; j < sk_CMS_RecipientEncryptedKey_num(keys); ++j) {
        found |= CMS_RecipientEncryptedKey_cert_cmp(sk_CMS_RecipientEncryptedKey_value(keys, j), certificate) == 0;
      }
    }
    if (CMS_RecipientInfo_type(recipient) != CMS_RECIPINFO_TRANS) continue;
    if (CMS_RecipientInfo_ktri_cert_cmp(recipient, certificate) != 0) continue;
    X509_ALGOR* algorithm = nullptr;
    CMS_RecipientInfo_ktri_get0_algs(recipient, nullptr, nullptr, &algorithm);
    if (OBJ_obj2nid(algorithm->algorithm) != NID_rsaesOaep) return "MAIL-ALGORITHM";
    found = true;
  }
  return found ? "" : "MAIL-NOT-FOR-US";
}

std::string SigningTime(const CMS_SignerInfo* signer) {
  const int at = CMS_signed_get_attr_by_NID(signer, NID_pkcs9_signingTime, -1);
  if (at < 0) return "";
  const ASN1_TYPE* value = X509_ATTRIBUTE_get0_type(CMS_signed_get_attr(signer, at), 0);
  if (value == nullptr || (value->type != V_ASN1_UTCTIME && value->type != V_ASN1_GENERALIZEDTIME)) return "";
  return std::string(reinterpret_cast<const char*>(ASN1_STRING_get0_data(value->value.asn1_string)),
                     static_cast<size_t>(ASN1_STRING_length(value->value.asn1_string)));
}

// `detached`: the content, where `cms` does not hold it.
Verified Verify(CMS_ContentInfo* cms, BIO* detached) {
  Verified refused{"MAIL-SIGNATURE", "", "", ""};
  STACK_OF(CMS_SignerInfo)* signers = CMS_get0_SignerInfos(cms);
  if (sk_CMS_SignerInfo_num(signers) != 1) return refused;
  CMS_SignerInfo* signer = sk_CMS_SignerInfo_value(signers, 0);
  X509_ALGOR* digest = nullptr;
  CMS_SignerInfo_get0_algs(signer, nullptr, nullptr, &digest, nullptr);
  if (!IsOneOf(OBJ_obj2nid(digest->algorithm), kDigests)) return {"MAIL-ALGORITHM", "", "", ""};
  const BioPtr content(BIO_new(BIO_s_mem()));
  BIO_set_mem_eof_return(content.get(), 0);
  if (CMS_verify(cms, nullptr, nullptr, detached, content.get(), CMS_NO_SIGNER_CERT_VERIFY | CMS_BINARY) != 1) return refused;
  X509* certificate = nullptr;
  CMS_SignerInfo_get0_algs(signer, nullptr, &certificate, nullptr, nullptr);
  EVP_PKEY* const key = certificate == nullptr ? nullptr : X509_get0_pubkey(certificate);
  if (key == nullptr) return refused;
  if (!IsStrong(key)) return {"MAIL-ALGORITHM", "", "", ""};
  const std::string time = SigningTime(signer);
  std::optional<std::string> entity = ReadAll(content.get());
  if (time.empty() || !entity.has_value()) return refused;
  Verified verified{"", *std::move(entity), DerOf(certificate), ""};
  if (verified.signer.size() > limits::kPemBytesMax) return refused;
  verified.key = Sha256Hex(Sha256Hex(verified.entity) + Sha256Hex(verified.signer) + time);
  return verified;
}

}  // namespace

CmsKind KindOf(std::string_view der) {
  const CmsPtr cms = ParseCms(der);
  if (cms == nullptr) return CmsKind::kNone;
  switch (OBJ_obj2nid(CMS_get0_type(cms.get()))) {
    case NID_pkcs7_enveloped:
    case NID_id_smime_ct_authEnvelopedData: return CmsKind::kEncrypted;
    case NID_pkcs7_signed: return CmsKind::kSigned;
    default: return CmsKind::kOther;
  }
}

Decrypted Decrypt(std::string_view der, std::string_view certificate_pem, std::string_view key_pem) {
  const CmsPtr cms = ParseCms(der);
  const BioPtr certificate_bytes = Over(certificate_pem), key_bytes = Over(key_pem);
  const CertificatePtr certificate(PEM_read_bio_X509(certificate_bytes.get(), nullptr, nullptr, nullptr));
  const KeyPtr key(PEM_read_bio_PrivateKey(key_bytes.get(), nullptr, nullptr, nullptr));
  if (cms == nullptr) return {"MAIL-SYNTAX", "", false};
  if (certificate == nullptr || key == nullptr) return {"MAIL-NOT-FOR-US", "", false};
  if (Rule refused = CheckRecipient(cms.get(), certificate.get()); !refused.empty()) return {refused, "", false};
  if (CMS_decrypt_set1_pkey(cms.get(), key.get(), certificate.get()) != 1) return {"MAIL-NOT-FOR-US", "", false};
  const BioChain content(CMS_dataInit(cms.get(), nullptr));
  BIO* const cipher_bio = content == nullptr ? nullptr : BIO_find_type(content.get(), BIO_TYPE_CIPHER);
  EVP_CIPHER_CTX* context = nullptr;
  if (cipher_bio != nullptr) BIO_get_cipher_ctx(cipher_bio, &context);
  if (context == nullptr) return {"MAIL-ALGORITHM", "", false};
  const int cipher = EVP_CIPHER_CTX_get_nid(context);
  if (!IsOneOf(cipher, kContentCiphers)) return {"MAIL-ALGORITHM", "", false};
  const bool authenticated = cipher == NID_aes_128_gcm || cipher == NID_aes_256_gcm;
  if (authenticated && EVP_CIPHER_CTX_get_tag_length(context) < kTagBytesMin) return {"MAIL-ALGORITHM", "", false};
  std::optional<std::string> entity = ReadAll(content.get());
  // False also for a tag that does not fit: nothing of what was read counts then. Of CBC nobody is told that its padding was wrong.
  if (!entity.has_value() || BIO_get_cipher_status(cipher_bio) != 1) {
    return {authenticated ? "MAIL-SYNTAX" : "MAIL-SIGNATURE", "", false};
  }
  return {"", *std::move(entity), authenticated};
}

Verified VerifyOpaque(std::string_view der) {
  const CmsPtr cms = ParseCms(der);
  if (cms == nullptr) return {"MAIL-SYNTAX", "", "", ""};
  return Verify(cms.get(), nullptr);
}

Verified VerifyMultipart(std::string_view entity) {
  const BioPtr bytes = Over(entity);
  BIO* content = nullptr;
  const CmsPtr cms(SMIME_read_CMS(bytes.get(), &content));
  BioChain detached(content);
  if (cms == nullptr || detached == nullptr) return {"MAIL-SIGNATURE", "", "", ""};
  // Before a filter: CMS_verify makes a second reader of a bare memory BIO, and loses it where it does not know a digest (OpenSSL 3.0).
  detached.reset(BIO_push(BIO_new(BIO_f_null()), detached.release()));
  return Verify(cms.get(), detached.get());
}

std::string Sha256Hex(std::string_view bytes) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest);
  return absl::BytesToHexString(absl::string_view(reinterpret_cast<const char*>(digest), sizeof digest));
}

}  // namespace schotvrij::opener
