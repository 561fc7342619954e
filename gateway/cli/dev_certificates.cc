#include "gateway/cli/dev_certificates.h"

#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "openssl/ec.h"
#include "openssl/evp.h"
#include "openssl/pem.h"
#include "openssl/x509v3.h"
#include "schemas/base/status.h"

namespace schotvrij::cli {
namespace {

constexpr int64_t kSecondsPerDay = 86400;
constexpr int64_t kCaDays = 5 * 365;
constexpr int64_t kLeafDays = 2 * 365;

template <auto kFree>
struct Freer {
  template <typename T>
  void operator()(T* pointer) const {
    kFree(pointer);
  }
};
using KeyPtr = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using CertificatePtr = std::unique_ptr<X509, Freer<X509_free>>;
using BioPtr = std::unique_ptr<BIO, Freer<BIO_free_all>>;
using ExtensionPtr = std::unique_ptr<X509_EXTENSION, Freer<X509_EXTENSION_free>>;

struct Extension {
  int nid;
  const char* value;
};

// What each use may do with its key (RFC 5280, 4.2.1.3 and 4.2.1.12; RFC 8551, 4.4).
struct UseProfile {
  CertificateUse use;
  const char* key_usage;
  const char* extended_key_usage;
};
constexpr std::array<UseProfile, 4> kUses = {{
    {CertificateUse::kServer, "critical,digitalSignature", "serverAuth"},
    {CertificateUse::kClient, "critical,digitalSignature", "clientAuth"},
    {CertificateUse::kMailSigner, "critical,digitalSignature,nonRepudiation", "emailProtection"},
    {CertificateUse::kMailRecipient, "critical,digitalSignature,keyAgreement", "emailProtection"},
}};

const UseProfile& ProfileOf(CertificateUse use) {
  size_t at = 0;
  while (kUses[at].use != use) ++at;
  return kUses[at];
}

absl::Status Refused(std::string_view what) {
  return absl::InternalError(absl::StrCat("OpenSSL: ", std::string(what)));
}

std::string Text(BIO* bio) {
  char* data = nullptr;
  long size = BIO_get_mem_data(bio, &data);
  return std::string(data, static_cast<size_t>(size));
}

absl::StatusOr<std::string> PrivatePem(EVP_PKEY* key) {
  BioPtr bio(BIO_new(BIO_s_secmem()));
  if (PEM_write_bio_PKCS8PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1) {
    return Refused("private key");
  }
  return Text(bio.get());
}

absl::StatusOr<PemPair> Pems(X509* certificate, EVP_PKEY* key) {
  BioPtr bio(BIO_new(BIO_s_mem()));
  if (PEM_write_bio_X509(bio.get(), certificate) != 1) return Refused("certificate");
  ASSIGN_OR_RETURN(std::string private_pem, PrivatePem(key));
  return PemPair{Text(bio.get()), std::move(private_pem)};
}

// 127 random bits: positive and unguessable (CA/Browser Forum asks 64).
bool SetSerial(X509* certificate, Random& random) {
  std::array<uint8_t, 16> bytes;
  random.Fill(bytes);
  bytes[0] &= 0x7f;
  std::unique_ptr<BIGNUM, Freer<BN_free>> number(BN_bin2bn(bytes.data(), bytes.size(), nullptr));
  return number != nullptr &&
         BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr;
}

bool SetValidity(X509* certificate, Instant now, int64_t days) {
  int64_t from = now.us / 1'000'000 - kSecondsPerDay;
  return ASN1_TIME_set(X509_getm_notBefore(certificate), from) != nullptr &&
         ASN1_TIME_set(X509_getm_notAfter(certificate), from + days * kSecondsPerDay) != nullptr;
}

bool AddToName(X509_NAME* name, const char* field, std::string_view value) {
  return X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8,
                                    reinterpret_cast<const unsigned char*>(value.data()),
                                    static_cast<int>(value.size()), -1, 0) == 1;
}

// What it issues bears the mark as its issuer's.
bool MarkAsTest(X509* certificate) { return AddToName(X509_get_subject_name(certificate), "OU", "Schotvrij test"); }

bool SetSubject(X509* certificate, std::string_view organisation, std::string_view name) {
  X509_NAME* subject = X509_get_subject_name(certificate);
  return AddToName(subject, "C", "NL") && AddToName(subject, "O", organisation) &&
         AddToName(subject, "CN", name);
}

bool AddExtensions(X509* certificate, X509* issuer, std::span<const Extension> extensions) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  for (const Extension& extension : extensions) {
    ExtensionPtr made(X509V3_EXT_conf_nid(nullptr, &context, extension.nid, extension.value));
    if (made == nullptr || X509_add_ext(certificate, made.get(), -1) != 1) return false;
  }
  return true;
}

}  // namespace

struct DevCa::Parts {
  CertificatePtr certificate;
  KeyPtr key;
  Instant now;
  Random* random;
};

DevCa::DevCa(std::unique_ptr<Parts> parts, PemPair own)
    : parts_(std::move(parts)), own_(std::move(own)) {}
DevCa::DevCa(DevCa&&) = default;
DevCa::~DevCa() = default;

absl::StatusOr<DevCa> DevCa::Create(std::string_view name, Instant now, Random& random) {
  KeyPtr key(EVP_EC_gen("P-256"));
  CertificatePtr certificate(X509_new());
  constexpr std::array<Extension, 3> kExtensions = {{
      {NID_basic_constraints, "critical,CA:TRUE,pathlen:0"},
      {NID_key_usage, "critical,keyCertSign,cRLSign"},
      {NID_subject_key_identifier, "hash"},
  }};
  if (key == nullptr || certificate == nullptr ||
      X509_set_version(certificate.get(), X509_VERSION_3) != 1 ||
      !SetSerial(certificate.get(), random) || !SetValidity(certificate.get(), now, kCaDays) ||
      !SetSubject(certificate.get(), name, "Development CA") || !MarkAsTest(certificate.get()) ||
      X509_set_issuer_name(certificate.get(), X509_get_subject_name(certificate.get())) != 1 ||
      X509_set_pubkey(certificate.get(), key.get()) != 1 ||
      !AddExtensions(certificate.get(), certificate.get(), kExtensions) ||
      X509_sign(certificate.get(), key.get(), EVP_sha256()) == 0) {
    return Refused("certificate authority");
  }
  ASSIGN_OR_RETURN(PemPair own, Pems(certificate.get(), key.get()));
  return DevCa(std::make_unique<Parts>(Parts{std::move(certificate), std::move(key), now, &random}),
               std::move(own));
}

absl::StatusOr<PemPair> DevCa::Issue(const CertificateRequest& request) const {
  KeyPtr key(EVP_EC_gen("P-256"));
  CertificatePtr certificate(X509_new());
  X509* issuer = parts_->certificate.get();
  const UseProfile& profile = ProfileOf(request.use);
  const std::array<Extension, 6> extensions = {{
      {NID_basic_constraints, "critical,CA:FALSE"},
      {NID_key_usage, profile.key_usage},
      {NID_ext_key_usage, profile.extended_key_usage},
      {NID_subject_key_identifier, "hash"},
      {NID_authority_key_identifier, "keyid:always"},
      {NID_subject_alt_name, request.alternative_names.c_str()},
  }};
  if (key == nullptr || certificate == nullptr ||
      X509_set_version(certificate.get(), X509_VERSION_3) != 1 ||
      !SetSerial(certificate.get(), *parts_->random) ||
      !SetValidity(certificate.get(), parts_->now, kLeafDays) ||
      !SetSubject(certificate.get(), request.organisation, request.name) ||
      X509_set_issuer_name(certificate.get(), X509_get_subject_name(issuer)) != 1 ||
      X509_set_pubkey(certificate.get(), key.get()) != 1 ||
      !AddExtensions(certificate.get(), issuer, extensions) ||
      X509_sign(certificate.get(), parts_->key.get(), EVP_sha256()) == 0) {
    return Refused(absl::StrCat("certificate of ", request.name));
  }
  return Pems(certificate.get(), key.get());
}

absl::StatusOr<PemKeys> NewEd25519Keys(Random& random) {
  std::array<uint8_t, 32> seed;
  random.Fill(seed);
  KeyPtr key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.data(), seed.size()));
  OPENSSL_cleanse(seed.data(), seed.size());
  BioPtr bio(BIO_new(BIO_s_mem()));
  if (key == nullptr || PEM_write_bio_PUBKEY(bio.get(), key.get()) != 1)
    return Refused("Ed25519 key");
  ASSIGN_OR_RETURN(std::string private_pem, PrivatePem(key.get()));
  return PemKeys{std::move(private_pem), Text(bio.get())};
}

}  // namespace schotvrij::cli
