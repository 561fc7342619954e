// DevCa: a certificate authority for development homes and tests. P-256 keys, SHA-256, one level.
// Its key lies beside what it signs, so it vouches for nobody outside the machine it was made on; it and what it issues are marked as
// of a test home (schemas/codes/test_certificate.csv).
//
//   ASSIGN_OR_RETURN(DevCa ca, DevCa::Create("Schotvrij development", now, random));
//   ASSIGN_OR_RETURN(PemPair opella, ca.Issue({.organisation = "Opella", .name = "opella",
//                                              .use = CertificateUse::kClient, .alternative_names =
//                                              "URI:urn:example:opella"}));
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "schemas/base/runtime.h"

namespace schotvrij::cli {

struct PemPair {
  std::string certificate;
  std::string key;  // PKCS #8, not encrypted
};

enum class CertificateUse {
  kServer,         // TLS server
  kClient,         // TLS client
  kMailSigner,     // S/MIME, signs
  kMailRecipient,  // S/MIME, decrypts by key agreement
};

struct CertificateRequest {
  std::string organisation;  // O of the subject, at most 64 characters
  std::string name;          // CN of the subject, at most 64 characters
  CertificateUse use = CertificateUse::kClient;
  std::string alternative_names;  // as openssl.cnf writes them: "DNS:localhost,IP:127.0.0.1"
};

class DevCa {
 public:
  // Valid from the day before `now`, for five years; what it issues for two. `random` gives serial
  // numbers; keys come from OpenSSL's own generator. `random` must outlive the authority.
  static absl::StatusOr<DevCa> Create(std::string_view name, Instant now, Random& random);
  DevCa(DevCa&&);
  ~DevCa();

  // kInternal when OpenSSL refuses a part of the request.
  absl::StatusOr<PemPair> Issue(const CertificateRequest& request) const;
  const PemPair& own() const { return own_; }

 private:
  struct Parts;
  DevCa(std::unique_ptr<Parts> parts, PemPair own);
  std::unique_ptr<Parts> parts_;
  PemPair own_;
};

// An Ed25519 pair, as the audit room signs with.
struct PemKeys {
  std::string private_key;
  std::string public_key;
};
absl::StatusOr<PemKeys> NewEd25519Keys(Random& random);

}  // namespace schotvrij::cli
