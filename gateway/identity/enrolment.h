// Enrolment: who the parties are, how they prove it and how they are reached. Immutable; a reload makes a new one.
//
//   absl::StatusOr<Caller> caller = enrolment.Identify(PeerFromCertificate(der));
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "schemas/base/runtime.h"
#include "schotvrij/config/v1/config.pb.h"
#include "schotvrij/v1/exchange.pb.h"

namespace schotvrij::identity {

// What a certificate says of its holder.
struct PeerCertificate {
  std::string subject;  // RFC 2253
  std::vector<std::string> san_uris;
  std::string uzi_ura;  // from the UZI otherName 2.5.5.5 or SAN URI urn:oid:2.16.528.1.1007.3.3.<URA>
  std::string oin;      // from subject serialNumber or organizationIdentifier (2.5.4.97)
  std::string sha256;   // fingerprint, 64 lower-case hexadecimal digits
  Instant not_after;    // when it expires
};

// DER. kInvalidArgument when it is no certificate, or one that says two things of its holder: two URAs or two OINs.
absl::StatusOr<PeerCertificate> ReadCertificate(std::string_view der);
absl::StatusOr<PeerCertificate> ReadCertificatePem(std::string_view pem);

// Who calls: the peer its certificate proves, and the participants it may speak for (itself among them, unless it is only a
// vendor). In which role follows later, from network and date.
struct Caller {
  std::string peer;                    // participant key of the certificate's holder
  std::vector<std::string> speaks_for;  // participant keys
  std::string staff = {};  // key of whose certificate it is within the peer's organisation; empty: its system
  std::string role = {};   // hat (pet) that this call states; empty: none
};

// Where a call states the role, in HTTPS as a field and in gRPC as metadata.
inline constexpr std::string_view kRoleField = "schotvrij-role";

// Told at each certificate that an edge identified anew; must not block.
using CertificateSeen = std::function<void(const Caller&, const PeerCertificate&)>;

class Enrolment {
 public:
  // kInvalidArgument naming the participant: double key, identifier or peer; unknown identifier system; route without address.
  static absl::StatusOr<std::shared_ptr<const Enrolment>> Create(config::v1::Enrolment document);

  // kUnauthenticated when no participant matches, or entries that disagree on whose certificate it is. Who is named as staff speaks for
  // its own organisation only.
  absl::StatusOr<Caller> Identify(const PeerCertificate& certificate) const;
  const config::v1::Participant* Find(std::string_view key) const;
  const config::v1::Participant* FindByIdentifier(const v1::PartyIdentifier& identifier) const;
  // The same, in which it is known of `keys` that they lack something that real traffic asks.
  std::shared_ptr<const Enrolment> WithIncomplete(std::vector<std::string> keys) const;
  bool IsIncomplete(std::string_view key) const;
  // Keys of all participants, sorted.
  const std::vector<std::string>& keys() const { return keys_; }
  const config::v1::Enrolment& document() const { return document_; }

 private:
  explicit Enrolment(config::v1::Enrolment document);
  config::v1::Enrolment document_;
  std::vector<std::string> keys_;
  std::vector<std::string> incomplete_;
  std::map<std::string, const config::v1::Participant*, std::less<>> by_key_;
  std::map<std::pair<std::string, std::string>, const config::v1::Participant*> by_identifier_;  // system, value
};

}  // namespace schotvrij::identity
