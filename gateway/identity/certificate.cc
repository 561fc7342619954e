// What a certificate says of its holder. Facts on the forms: UZI-register CPS (otherName of type 2.5.5.5), LDN
// (SAN URI below the URA's OID), PKIoverheid (OIN in subject serialNumber or organizationIdentifier).

#include "gateway/identity/certificate.h"

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <ctime>
#include <memory>
#include <optional>
#include <regex>

#include "absl/strings/escaping.h"
#include "gateway/identity/enrolment.h"
#include "schemas/base/status.h"
#include "schemas/base/table.h"

namespace schotvrij::identity {
namespace {

constexpr std::string_view kUraUri = "urn:oid:2.16.528.1.1007.3.3.";

template <auto Free>
struct Deleter {
  template <typename T>
  void operator()(T* held) const { Free(held); }
};
using X509Ptr = std::unique_ptr<X509, Deleter<X509_free>>;
using BioPtr = std::unique_ptr<BIO, Deleter<BIO_free_all>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using NamesPtr = std::unique_ptr<GENERAL_NAMES, Deleter<GENERAL_NAMES_free>>;

// Our failures must not be taken for the next TLS call's: OpenSSL keeps errors per thread.
absl::Status Refuse(std::string_view why) {
  ERR_clear_error();
  return absl::InvalidArgumentError(std::string(why));
}

// Nullopt: not text, or text with control characters, which would show as something that it is not.
std::optional<std::string> Text(const ASN1_STRING* value) {
  unsigned char* utf8 = nullptr;
  int size = ASN1_STRING_to_UTF8(&utf8, value);
  if (size < 0) return std::nullopt;
  std::string text(reinterpret_cast<char*>(utf8), size);
  OPENSSL_free(utf8);
  for (unsigned char c : text) {
    if (c < 0x20 || c == 0x7f) return std::nullopt;
  }
  return text;
}

std::string SubjectRfc2253(X509* certificate) {
  BioPtr out(BIO_new(BIO_s_mem()));
  X509_NAME_print_ex(out.get(), X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253);
  char* data = nullptr;
  long size = BIO_get_mem_data(out.get(), &data);
  return std::string(data, size);
}

bool IsMarked(const X509_NAME* name) {
  for (const Table::Row& row : Table::Embedded("schemas/codes/test_certificate.csv").rows()) {
    const int type = OBJ_txt2nid(std::string(row["attribute"]).c_str());
    for (int at = -1; (at = X509_NAME_get_index_by_NID(name, type, at)) >= 0;) {
      const std::optional<std::string> text = Text(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
      if (text.has_value() && text->starts_with(row["begins"])) return true;
    }
  }
  return false;
}

bool IsMarked(X509* certificate) {
  return IsMarked(X509_get_subject_name(certificate)) || IsMarked(X509_get_issuer_name(certificate));
}

// Keeps the one value all sources agree on. False: two differ.
bool Agree(std::string& known, std::string_view seen) {
  if (!known.empty() && known != seen) return false;
  known = seen;
  return true;
}

// <OID of the CA>-<version>-<UZI number>-<type>-<URA>-<role>-<AGB>; empty when it has another form.
std::string UraOfUziName(const std::string& text) {
  static const auto& form =
      *new std::regex("[0-9.]+-[0-9]+-[0-9]{9}-[A-Z]-([0-9]{8})-[0-9]{2}\\.[0-9]{3}-[0-9]{8}");
  std::smatch parts;
  return std::regex_match(text, parts, form) ? parts[1].str() : "";
}

std::string UraOfUri(const std::string& uri) {
  static const auto& digits = *new std::regex("[0-9]{8}");
  if (!uri.starts_with(kUraUri)) return "";
  std::string ura = uri.substr(kUraUri.size());
  return std::regex_match(ura, digits) ? ura : "";
}

bool IsUziType(const ASN1_OBJECT* type) {
  char text[16];
  int size = OBJ_obj2txt(text, sizeof text, type, 1);
  return std::string_view(text, std::max(size, 0)) == "2.5.5.5";
}

absl::Status ReadAlternativeNames(X509* certificate, PeerCertificate* peer) {
  int critical = 0;
  NamesPtr names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, &critical, nullptr)));
  if (names == nullptr) {
    return critical == -1 ? absl::OkStatus() : Refuse("the subject alternative name cannot be read");
  }
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    std::string ura;
    if (name->type == GEN_URI) {
      std::optional<std::string> uri = Text(name->d.uniformResourceIdentifier);
      if (!uri.has_value()) return Refuse("a URI of the subject alternative name is not printable");
      ura = UraOfUri(*uri);
      peer->san_uris.push_back(*std::move(uri));
    } else if (name->type == GEN_OTHERNAME && IsUziType(name->d.otherName->type_id)) {
      const ASN1_TYPE* value = name->d.otherName->value;
      if (value->type != V_ASN1_IA5STRING && value->type != V_ASN1_UTF8STRING) continue;
      std::optional<std::string> uzi = Text(value->value.asn1_string);
      if (!uzi.has_value()) return Refuse("the UZI name of the subject alternative name is not printable");
      ura = UraOfUziName(*uzi);
    }
    if (!ura.empty() && !Agree(peer->uzi_ura, ura)) return Refuse("the certificate names two URAs");
  }
  return absl::OkStatus();
}

absl::Status ReadOin(X509* certificate, PeerCertificate* peer) {
  static const auto& form = *new std::regex("[0-9]{8}[0-9A-Za-z]{12}");
  const X509_NAME* subject = X509_get_subject_name(certificate);
  for (int i = 0; i < X509_NAME_entry_count(subject); ++i) {
    const X509_NAME_ENTRY* entry = X509_NAME_get_entry(subject, i);
    int type = OBJ_obj2nid(X509_NAME_ENTRY_get_object(entry));
    if (type != NID_serialNumber && type != NID_organizationIdentifier) continue;
    std::optional<std::string> text = Text(X509_NAME_ENTRY_get_data(entry));
    if (!text.has_value() || !std::regex_match(*text, form)) continue;
    if (!Agree(peer->oin, *text)) return Refuse("the certificate names two OINs");
  }
  return absl::OkStatus();
}

absl::StatusOr<Instant> Expiry(X509* certificate) {
  std::tm expiry = {};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &expiry) != 1) return Refuse("the certificate's end is no time");
  return Instant{int64_t{timegm(&expiry)} * 1'000'000};
}

absl::StatusOr<PeerCertificate> Read(X509* certificate) {
  PeerCertificate peer;
  peer.subject = SubjectRfc2253(certificate);
  peer.for_test = IsMarked(certificate);
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  if (X509_digest(certificate, EVP_sha256(), digest, &size) != 1) return Refuse("the certificate has no fingerprint");
  peer.sha256 = absl::BytesToHexString({reinterpret_cast<char*>(digest), size});
  ASSIGN_OR_RETURN(peer.not_after, Expiry(certificate));
  RETURN_IF_ERROR(ReadAlternativeNames(certificate, &peer));
  RETURN_IF_ERROR(ReadOin(certificate, &peer));
  return peer;
}

void FreeStack(STACK_OF(X509)* held) { sk_X509_pop_free(held, X509_free); }

// Without it OpenSSL would ask the terminal for the password of an encrypted block.
int NoPassword(char*, int, int, void*) { return -1; }

BioPtr Reading(std::string_view text) { return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))); }

X509Ptr ReadPem(std::string_view pem) {
  return X509Ptr(PEM_read_bio_X509(Reading(pem).get(), nullptr, NoPassword, nullptr));
}

KeyPtr ReadPrivateKey(std::string_view pem) {
  return KeyPtr(PEM_read_bio_PrivateKey(Reading(pem).get(), nullptr, NoPassword, nullptr));
}

}  // namespace

absl::StatusOr<PeerCertificate> ReadCertificate(std::string_view der) {
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  const auto* end = at + der.size();
  X509Ptr certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  if (certificate == nullptr) return Refuse("not a certificate");
  if (at != end) return Refuse("bytes behind the certificate");
  return Read(certificate.get());
}

absl::StatusOr<PeerCertificate> ReadCertificatePem(std::string_view pem) {
  X509Ptr certificate = ReadPem(pem);
  if (certificate == nullptr) return Refuse("not a certificate in PEM form");
  return Read(certificate.get());
}

absl::StatusOr<Instant> EarliestExpiry(std::string_view pem) {
  std::optional<Instant> earliest;
  BioPtr reading = Reading(pem);
  while (X509Ptr certificate{PEM_read_bio_X509(reading.get(), nullptr, NoPassword, nullptr)}) {
    ASSIGN_OR_RETURN(const Instant expiry, Expiry(certificate.get()));
    earliest = earliest ? std::min(*earliest, expiry) : expiry;
  }
  ERR_clear_error();  // at the end of the text OpenSSL says that it found no more
  if (!earliest) return Refuse("not a certificate in PEM form");
  return *earliest;
}

absl::StatusOr<TestMarks> ReadTestMarks(std::string_view pem) {
  TestMarks marks;
  BioPtr reading = Reading(pem);
  while (X509Ptr certificate{PEM_read_bio_X509(reading.get(), nullptr, NoPassword, nullptr)}) {
    ++(IsMarked(certificate.get()) ? marks.marked : marks.unmarked);
  }
  ERR_clear_error();
  if (marks.marked + marks.unmarked == 0) return Refuse("not a certificate in PEM form");
  return marks;
}

absl::Status CheckClientCertificate(std::string_view pem, std::string_view ca_pem, Instant now) {
  BioPtr reading = Reading(pem);
  const X509Ptr certificate(PEM_read_bio_X509(reading.get(), nullptr, NoPassword, nullptr));
  if (certificate == nullptr) return Refuse("not a certificate in PEM form");
  // What follows it in the file is what its holder sends along.
  const std::unique_ptr<STACK_OF(X509), Deleter<FreeStack>> chain(sk_X509_new_null());
  while (X509Ptr more{PEM_read_bio_X509(reading.get(), nullptr, NoPassword, nullptr)}) sk_X509_push(chain.get(), more.release());
  const std::unique_ptr<X509_STORE, Deleter<X509_STORE_free>> store(X509_STORE_new());
  BioPtr trusted = Reading(ca_pem);
  while (X509Ptr ca{PEM_read_bio_X509(trusted.get(), nullptr, NoPassword, nullptr)}) X509_STORE_add_cert(store.get(), ca.get());
  ERR_clear_error();
  const std::unique_ptr<X509_STORE_CTX, Deleter<X509_STORE_CTX_free>> check(X509_STORE_CTX_new());
  if (X509_STORE_CTX_init(check.get(), store.get(), certificate.get(), chain.get()) != 1) return Refuse("it cannot be verified");
  X509_STORE_CTX_set_purpose(check.get(), X509_PURPOSE_SSL_CLIENT);
  X509_STORE_CTX_set_time(check.get(), 0, static_cast<time_t>(now.us / 1'000'000));
  const bool good = X509_verify_cert(check.get()) == 1;
  const std::string why = X509_verify_cert_error_string(X509_STORE_CTX_get_error(check.get()));
  ERR_clear_error();
  return good ? absl::OkStatus() : absl::FailedPreconditionError(why);
}

bool KeyBelongsToCertificate(std::string_view private_key_pem, std::string_view certificate_pem) {
  X509Ptr certificate = ReadPem(certificate_pem);
  KeyPtr key = ReadPrivateKey(private_key_pem);
  bool belongs = certificate != nullptr && key != nullptr && X509_check_private_key(certificate.get(), key.get()) == 1;
  ERR_clear_error();
  return belongs;
}

bool KeyBelongsToPublicKey(std::string_view private_key_pem, std::string_view public_key_pem) {
  KeyPtr public_key(PEM_read_bio_PUBKEY(Reading(public_key_pem).get(), nullptr, NoPassword, nullptr));
  KeyPtr key = ReadPrivateKey(private_key_pem);
  bool belongs = public_key != nullptr && key != nullptr && EVP_PKEY_eq(public_key.get(), key.get()) == 1;
  ERR_clear_error();
  return belongs;
}

}  // namespace schotvrij::identity
