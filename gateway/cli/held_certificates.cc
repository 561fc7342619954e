#include "gateway/cli/held_certificates.h"

#include <optional>
#include <string>

#include "gateway/identity/certificate.h"
#include "gateway/identity/files.h"
#include "schemas/base/limits.h"

namespace schotvrij::cli {
namespace {

// Of certificates that overlap, each of which will do.
std::optional<Instant> LastExpiry(const google::protobuf::RepeatedPtrField<std::string>& files) {
  std::optional<Instant> last;
  for (const std::string& file : files) {
    const absl::StatusOr<std::string> pem = identity::ReadTextFile(file, limits::kKeyFileBytesMax);
    if (!pem.ok()) continue;
    const absl::StatusOr<Instant> expiry = identity::EarliestExpiry(*pem);
    if (expiry.ok() && (!last || *last < *expiry)) last = *expiry;
  }
  return last;
}

}  // namespace

std::vector<telemetry::CertificateExpiry> HeldCertificates(const identity::LoadedConfig& start,
                                                           const identity::LoadedConfig& now) {
  using Use = telemetry::CertificateUse;
  std::vector<telemetry::CertificateExpiry> held;
  auto add = [&held](Use use, std::string_view owner, std::string_view pem) {
    if (pem.empty()) return;
    absl::StatusOr<Instant> expiry = identity::EarliestExpiry(pem);
    if (expiry.ok()) held.push_back({use, telemetry::ParticipantKey(owner), *expiry});
  };
  add(Use::kHttpsServer, "", start.https.server.certificate_pem);
  add(Use::kHttpsClientCa, "", start.https.client_ca_pem);
  add(Use::kGrpcServer, "", start.grpc.server.certificate_pem);
  add(Use::kGrpcClientCa, "", start.grpc.client_ca_pem);
  add(Use::kMailSigning, "", start.mail_signing.certificate_pem);
  auto add_file = [&add](Use use, std::string_view owner, const std::string& file) {
    if (!file.empty()) add(use, owner, identity::ReadTextFile(file, limits::kKeyFileBytesMax).value_or(""));
  };
  add_file(Use::kMailServerCa, "", start.config.mail().smtp_ca_file());
  for (const config::v1::Relay& relay : start.config.mail().relay()) {
    add_file(Use::kMailServerCa, relay.key(), relay.smtp_ca_file());
  }
  for (const auto& [participant, pem] : now.mail_certificates) add(Use::kMailRecipient, participant, pem);
  for (const config::v1::Inbox& inbox : start.config.mail().inbox()) {
    add_file(Use::kMailServerCa, inbox.relay(), inbox.imap_ca_file());
    add_file(Use::kMailInbox, inbox.relay(), inbox.certificate_file());
  }
  for (const config::v1::Participant& participant : now.enrolment->document().participant()) {
    const std::optional<Instant> last = LastExpiry(participant.mail_sender().certificate_file());
    if (last) held.push_back({Use::kMailSender, telemetry::ParticipantKey(participant.key()), *last});
  }
  return held;
}

}  // namespace schotvrij::cli
