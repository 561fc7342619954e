#include "gateway/cli/home.h"

#include <utility>

namespace schotvrij::cli {
namespace {

std::string Named(std::string_view folder, std::string_view name, std::string_view ending) {
  return std::string(folder).append(name).append(ending);
}

}  // namespace

Home::Home(std::filesystem::path directory) : directory_(std::move(directory)) {}

std::string Home::Below(std::string_view name) const { return (directory_ / name).string(); }

std::string Home::Directory() const { return directory_.string(); }
std::string Home::ConfigFile() const { return Below("schotvrij.conf"); }
std::string Home::EnrolmentFile() const { return Below("enrolment.conf"); }
std::string Home::PolicyFile(std::string_view network) const {
  return Below(Named("policy/", network, ".txtpb"));
}

std::string Home::KeyEncryptionKeyFile() const { return Below("keys/kek.hex"); }
std::string Home::IndexKeyFile() const { return Below("keys/index.hex"); }
std::string Home::AuditSigningKeyFile() const { return Below("keys/audit.key"); }
std::string Home::AuditVerificationKeyFile() const { return Below("keys/audit.pub"); }

std::string Home::CaCertificateFile() const { return Below("tls/ca.crt"); }
std::string Home::CaKeyFile() const { return Below("tls/ca.key"); }
std::string Home::ServerCertificateFile() const { return Below("tls/server.crt"); }
std::string Home::ServerKeyFile() const { return Below("tls/server.key"); }
std::string Home::PartyCertificateFile(std::string_view party) const {
  return Below(Named("tls/parties/", party, ".crt"));
}
std::string Home::PartyKeyFile(std::string_view party) const {
  return Below(Named("tls/parties/", party, ".key"));
}

std::string Home::MailSigningCertificateFile() const { return Below("mail/signing.crt"); }
std::string Home::MailSigningKeyFile() const { return Below("mail/signing.key"); }
std::string Home::MailCertificateFile(std::string_view party) const {
  return Below(Named("mail/", party, ".crt"));
}
std::string Home::MailKeyFile(std::string_view party) const {
  return Below(Named("mail/", party, ".key"));
}
std::string Home::SmtpCaFile() const { return Below("mail/smtp_ca.crt"); }

std::string Home::DatabaseFile() const { return Below("data/schotvrij.db"); }
std::string Home::CheckpointFile() const { return Below("audit/checkpoints"); }

std::string Home::HttpsPortFile() const { return Below("run/https.port"); }
std::string Home::GrpcPortFile() const { return Below("run/grpc.port"); }
std::string Home::AdminPortFile() const { return Below("run/admin.port"); }
std::string Home::GrpcAdminSocket() const { return Below("run/grpc-admin.sock"); }

}  // namespace schotvrij::cli
