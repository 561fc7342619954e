// Home: where everything of one gateway stands below one directory, as `schotvrij init DIR` lays it
// out. Nothing else knows these names: the configuration file repeats them, and the tools find keys
// and certificates here.
//
//   Home home("demo");
//   ReadConfig(home.ConfigFile());                            // demo/schotvrij.conf
//   UseCertificate(home.PartyCertificateFile("opella"));      // demo/tls/parties/opella.crt
//
//   schotvrij.conf               config::v1::Config, text format; relative names in it are relative
//   to the home enrolment.conf               config::v1::Enrolment, text format
//   policy/<network>.txtpb       the network's document, a copy to work on
//   keys/                        key-encryption key, index key, audit key pair
//   tls/                         CA, server certificate, one certificate per party; PEM
//   mail/                        S/MIME: the gateway's signing pair, one pair per party that is
//   reached by mail data/                        the database audit/checkpoints            signed
//   checkpoints, outside the database run/                         ports taken by a running gateway
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace schotvrij::cli {

// Paths only: nothing is read or made. A party is named by its key in the policy document.
class Home {
 public:
  explicit Home(std::filesystem::path directory);

  std::string Directory() const;
  std::string ConfigFile() const;
  std::string EnrolmentFile() const;
  std::string PolicyFile(std::string_view network) const;

  std::string KeyEncryptionKeyFile() const;
  std::string IndexKeyFile() const;
  std::string AuditSigningKeyFile() const;
  std::string AuditVerificationKeyFile() const;

  std::string CaCertificateFile() const;
  std::string CaKeyFile() const;
  std::string ServerCertificateFile() const;
  std::string ServerKeyFile() const;
  std::string PartyCertificateFile(std::string_view party) const;
  std::string PartyKeyFile(std::string_view party) const;

  std::string MailSigningCertificateFile() const;
  std::string MailSigningKeyFile() const;
  // S/MIME pair of a recipient. The gateway needs the certificate only; the key stands in for the
  // recipient's own mail client.
  std::string MailCertificateFile(std::string_view party) const;
  std::string MailKeyFile(std::string_view party) const;
  // Copy of the CA that vouches for the mail server.
  std::string SmtpCaFile() const;

  std::string DatabaseFile() const;
  std::string CheckpointFile() const;

  // Decimal port number and a line end, written once the listener is up.
  std::string HttpsPortFile() const;
  std::string GrpcPortFile() const;
  std::string AdminPortFile() const;
  std::string GrpcAdminSocket() const;

 private:
  std::string Below(std::string_view name) const;
  std::filesystem::path directory_;
};

}  // namespace schotvrij::cli
