#include "gateway/identity/config.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <regex>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gateway/identity/certificate.h"
#include "gateway/identity/enrolment_check.h"
#include "gateway/identity/files.h"
#include "gateway/identity/text_file.h"
#include "schemas/base/limits.h"
#include "schemas/base/status.h"
#include "schemas/base/strings.h"

namespace schotvrij::identity {
namespace {

using config::v1::Config;
using config::v1::Listener;
using google::protobuf::Duration;

bool Matches(const std::string& text, const char* form) { return std::regex_match(text, std::regex(form)); }

// "HOST:PORT" or "[IPv6]:PORT".
bool IsAddress(const std::string& text) {
  static const auto& form = *new std::regex("(?:\\[[0-9A-Fa-f:.]+\\]|[A-Za-z0-9.-]+):([0-9]{1,5})");
  std::smatch parts;
  return std::regex_match(text, parts, form) && std::stoi(parts[1]) <= 65535;
}

bool IsAdminAddress(const std::string& text) {
  if (text.starts_with("unix:")) return text.size() > 5;
  return IsAddress(text) && (text.starts_with("127.") || text.starts_with("[::1]:") || text.starts_with("localhost:"));
}

// Line ends and blanks that editors and `openssl rand -hex` leave behind.
Secret Trimmed(const Secret& secret) {
  std::string_view text = secret.text();
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) text.remove_suffix(1);
  return Secret(std::string(text));
}

// Files named in one text file: made absolute against its folder, read and checked; faults go where the name stands.
class NamedFiles {
 public:
  NamedFiles(const std::string& file, TextFile& text)
      : folder_(std::filesystem::absolute(file).parent_path()), text_(text) {}

  void Resolve(std::string* name) const {
    if (!name->empty()) *name = (folder_ / *name).lexically_normal().string();
  }

  // Empty on a fault, which is recorded.
  std::string Read(std::string_view path, std::string* name, size_t most = limits::kKeyFileBytesMax) {
    if (!Named(path, name)) return "";
    return Note(path, *name, ReadTextFile(*name, most), std::string());
  }

  Secret ReadSecret(std::string_view path, std::string* name) {
    if (!Named(path, name)) return Secret();
    return Note(path, *name, ReadSecretFile(*name, limits::kKeyFileBytesMax), Secret());
  }

  std::string ReadCertificateFile(std::string_view path, std::string* name) {
    std::string pem = Read(path, name);
    if (!pem.empty() && !ReadCertificatePem(pem).ok()) text_.Fault(path, absl::StrCat(*name, " is no certificate in PEM form"));
    return pem;
  }

  KeyPair ReadPair(const std::string& certificate_path, std::string* certificate_name, const std::string& key_path,
                   std::string* key_name) {
    KeyPair pair{ReadCertificateFile(certificate_path, certificate_name), ReadSecret(key_path, key_name)};
    if (!pair.certificate_pem.empty() && !pair.key_pem.empty() &&
        !KeyBelongsToCertificate(pair.key_pem.text(), pair.certificate_pem)) {
      text_.Fault(key_path, absl::StrCat(*key_name, " is not the unencrypted private key of the certificate"));
    }
    return pair;
  }

  // The folder must be there; the file itself is made when it is first written.
  void WillWrite(std::string_view path, std::string* name) {
    Resolve(name);
    std::error_code error;
    if (!name->empty() && !std::filesystem::is_directory(std::filesystem::path(*name).parent_path(), error)) {
      text_.Fault(path, absl::StrCat("the folder of ", *name, " is not there; make it"));
    }
  }

 private:
  bool Named(std::string_view path, std::string* name) {
    Resolve(name);
    if (name->empty()) text_.Fault(path, "name the file");
    return !name->empty();
  }

  template <typename T>
  T Note(std::string_view path, const std::string& name, absl::StatusOr<T> read, T none) {
    if (!read.ok()) {
      text_.Fault(path, absl::StrCat(name, " ", read.status().message()));
      return none;
    }
    return *std::move(read);
  }

  const std::filesystem::path folder_;
  TextFile& text_;
};

class Loader {
 public:
  // `enrolment`: its text, instead of what is in the file.
  Loader(const std::string& file, std::string text, std::optional<std::string> enrolment = std::nullopt)
      : text_(file, std::move(text)), files_(file, text_), enrolment_text_(std::move(enrolment)) {}

  absl::StatusOr<LoadedConfig> Run() {
    if (text_.Parse(&config_)) {
      CheckGateway();
      CheckListeners();
      CheckStoreAndKeys();
      CheckAudit();
      CheckMail();
      CheckRetry();
      ReadPolicy();
      ReadEnrolment();
    }
    RETURN_IF_ERROR(Faults());
    loaded_.config = std::move(config_);
    return std::move(loaded_);
  }

  absl::StatusOr<Config> ReadAlone() {
    if (text_.Parse(&config_)) CheckGateway();
    RETURN_IF_ERROR(Faults());
    return std::move(config_);
  }

 private:
  absl::Status Faults() const {
    std::vector<std::string> faults = text_.faults();
    faults.insert(faults.end(), enrolment_faults_.begin(), enrolment_faults_.end());
    return faults.empty() ? absl::OkStatus() : absl::InvalidArgumentError(absl::StrJoin(faults, "\n"));
  }

  void Fault(std::string_view path, std::string_view text) { text_.Fault(path, text); }

  void CheckGateway() {
    if (!Matches(config_.gateway_id(), "[a-z0-9][a-z0-9-]*(\\.[a-z0-9][a-z0-9-]*)+")) {
      Fault("gateway_id", "not a domain name in lower case; it names this gateway in the audit log and in Message-IDs");
    }
    if (config_.environment() == config::v1::ENVIRONMENT_UNSPECIFIED) Fault("environment", "write TEST or PRODUCTION");
    CheckAdmin("admin_address", config_.mutable_admin_address());
    if (!config_.grpc_admin_address().empty()) {
      CheckAdmin("grpc_admin_address", config_.mutable_grpc_admin_address());
    }
    files_.WillWrite("admin_port_file", config_.mutable_admin_port_file());
  }

  void CheckAdmin(const std::string& path, std::string* address) {
    if (!IsAdminAddress(*address)) {
      Fault(path, "not 127.0.0.1:PORT, [::1]:PORT or unix:PATH; nobody outside may reach it");
    }
    if (address->starts_with("unix:")) {
      std::string socket = address->substr(5);
      files_.WillWrite(path, &socket);
      *address = "unix:" + socket;
    }
  }

  void CheckListeners() {
    if (!config_.has_https() && !config_.has_grpc()) Fault("", "no listener: write https { ... }, grpc { ... } or both");
    if (config_.has_https()) loaded_.https = ReadListener("https", config_.mutable_https());
    if (config_.has_grpc()) loaded_.grpc = ReadListener("grpc", config_.mutable_grpc());
  }

  TlsFiles ReadListener(const std::string& path, Listener* listener) {
    if (!IsAddress(listener->address())) Fault(path + ".address", "not HOST:PORT or [IPv6]:PORT");
    TlsFiles files;
    files.server = files_.ReadPair(path + ".certificate_file", listener->mutable_certificate_file(), path + ".key_file",
                                   listener->mutable_key_file());
    files.client_ca_pem = files_.ReadCertificateFile(path + ".client_ca_file", listener->mutable_client_ca_file());
    files_.WillWrite(path + ".port_file", listener->mutable_port_file());
    return files;
  }

  void CheckStoreAndKeys() {
    if (config_.store().sqlite_file().empty()) Fault("store.sqlite_file", "name the database file");
    files_.WillWrite("store.sqlite_file", config_.mutable_store()->mutable_sqlite_file());
    loaded_.key_encryption_key_hex = ReadHexKey("keys.key_encryption_key_file",
                                                config_.mutable_keys()->mutable_key_encryption_key_file());
    loaded_.index_key_hex = ReadHexKey("keys.index_key_file", config_.mutable_keys()->mutable_index_key_file());
  }

  Secret ReadHexKey(std::string_view path, std::string* name) {
    Secret key = Trimmed(files_.ReadSecret(path, name));
    if (!key.empty() && (key.text().size() != 64 || key.text().find_first_not_of("0123456789abcdefABCDEF") != key.text().npos)) {
      Fault(path, absl::StrCat(*name, " does not hold 64 hexadecimal digits; make it by: openssl rand -hex 32"));
    }
    return key;
  }

  void CheckAudit() {
    config::v1::Audit* audit = config_.mutable_audit();
    loaded_.audit_signing_key_pem = files_.ReadSecret("audit.signing_key_file", audit->mutable_signing_key_file());
    loaded_.audit_verification_key_pem = files_.Read("audit.verification_key_file", audit->mutable_verification_key_file());
    if (!loaded_.audit_signing_key_pem.empty() && !loaded_.audit_verification_key_pem.empty() &&
        !KeyBelongsToPublicKey(loaded_.audit_signing_key_pem.text(), loaded_.audit_verification_key_pem)) {
      Fault("audit.verification_key_file", "not the public key of audit.signing_key_file; make it by: openssl pkey -pubout");
    }
    if (audit->checkpoint_file().empty()) Fault("audit.checkpoint_file", "name the file");
    files_.WillWrite("audit.checkpoint_file", audit->mutable_checkpoint_file());
    loaded_.checkpoint_interval_us = Microseconds("audit.checkpoint_interval", audit->has_checkpoint_interval(),
                                                  audit->checkpoint_interval(), limits::kCheckpointIntervalUs);
    loaded_.checkpoint_records = audit->checkpoint_records() > 0 ? audit->checkpoint_records() : limits::kCheckpointRecords;
  }

  int64_t Microseconds(std::string_view path, bool present, const Duration& duration, int64_t otherwise) {
    if (!present) return otherwise;
    constexpr int64_t kYearSeconds = 31'622'400;
    if (duration.seconds() >= 0 && duration.seconds() < kYearSeconds) {
      int64_t us = duration.seconds() * 1'000'000 + duration.nanos() / 1000;
      if (us > 0) return us;
    }
    Fault(path, "not a duration above zero and below a year");
    return otherwise;
  }

  void CheckMail() {
    if (!config_.has_mail()) return;
    config::v1::Mail* mail = config_.mutable_mail();
    for (int i = 0; i < mail->relay_size(); ++i) CheckRelay(absl::StrCat("mail.relay[", i, "]"), mail->mutable_relay(i));
    loaded_.mail_timeout_us = Microseconds("mail.timeout", mail->has_timeout(), mail->timeout(), limits::kMailTimeoutUs);
    const uint32_t a_minute = mail->participant_mails_per_minute() > 0 ? mail->participant_mails_per_minute() : limits::kMailsPerMinute;
    if (a_minute > limits::kMailsPerMinuteMax) Fault("mail.participant_mails_per_minute", absl::StrCat("more than ", limits::kMailsPerMinuteMax));
    loaded_.mail_apart_us = 60'000'000 / a_minute;
    for (int i = 0; i < mail->inbox_size(); ++i) CheckInbox(absl::StrCat("mail.inbox[", i, "]"), mail->mutable_inbox(i));
    if (mail->smtp_url().empty() && mail->relay_size() > 0) return;
    CheckMailServer("mail", mail);
    loaded_.mail_signing = files_.ReadPair("mail.signing_certificate_file", mail->mutable_signing_certificate_file(),
                                           "mail.signing_key_file", mail->mutable_signing_key_file());
  }

  void CheckInbox(const std::string& path, config::v1::Inbox* inbox) {
    if (!Matches(inbox->imap_url(), "imaps?://(\\[[0-9A-Fa-f:.]+\\]|[A-Za-z0-9.-]+)(:[0-9]{1,5})?/?")) {
      Fault(path + ".imap_url", "not imaps://HOST:PORT or imap://HOST:PORT");
    }
    if (!inbox->imap_ca_file().empty()) files_.ReadCertificateFile(path + ".imap_ca_file", inbox->mutable_imap_ca_file());
    if (inbox->imap_user().empty()) Fault(path + ".imap_user", "name the user of the mailbox");
    files_.ReadSecret(path + ".imap_password_file", inbox->mutable_imap_password_file());
    for (const auto& [field, folder] : {std::pair(".folder", inbox->folder()), {".set_aside_folder", inbox->set_aside_folder()}}) {
      if (!Matches(folder, "[ !#-\\[\\]-~]{0,128}")) Fault(path + field, "not a folder's name in printable ASCII without quotes and backslashes");
    }
    const std::string set_aside = inbox->set_aside_folder().empty() ? "Niet verwerkt" : inbox->set_aside_folder();
    if (set_aside == (inbox->folder().empty() ? "INBOX" : inbox->folder())) {
      Fault(path + ".set_aside_folder", "the folder that mail comes in by; name another");
    }
    if (!inbox->relay().empty() && !relays_.contains(inbox->relay())) Fault(path + ".relay", "none of the relays under mail; write its key");
    if (inbox->has_interval()) Microseconds(path + ".interval", true, inbox->interval(), 0);
    if (inbox->relay().empty() || !inbox->key_file().empty()) {
      files_.ReadPair(path + ".certificate_file", inbox->mutable_certificate_file(), path + ".key_file", inbox->mutable_key_file());
    }
  }

  void CheckRelay(const std::string& path, config::v1::Relay* relay) {
    if (relay->key().empty()) Fault(path + ".key", "name the relay, so that routes can");
    if (!relays_.insert(relay->key()).second) Fault(path + ".key", "the key is given twice; give each relay its own");
    CheckMailServer(path, relay);
  }

  // `Server` is Mail or Relay, which name their server alike.
  template <typename Server>
  void CheckMailServer(const std::string& path, Server* server) {
    if (!Matches(server->smtp_url(), "smtps?://(\\[[0-9A-Fa-f:.]+\\]|[A-Za-z0-9.-]+)(:[0-9]{1,5})?/?")) {
      Fault(path + ".smtp_url", "not smtp://HOST:PORT or smtps://HOST:PORT");
    }
    if (!Matches(server->from(), "[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+")) Fault(path + ".from", "not a mail address");
    if (!server->smtp_ca_file().empty()) files_.ReadCertificateFile(path + ".smtp_ca_file", server->mutable_smtp_ca_file());
    if (server->smtp_user().empty() != server->smtp_password_file().empty()) {
      Fault(path + ".smtp_user", "smtp_user and smtp_password_file go together");
    }
    if (!server->smtp_password_file().empty()) {
      files_.ReadSecret(path + ".smtp_password_file", server->mutable_smtp_password_file());
    }
  }

  void CheckRetry() {
    const config::v1::Retry& retry = config_.retry();
    loaded_.retry_first_us = Microseconds("retry.first", retry.has_first(), retry.first(), limits::kRetryFirstUs);
    loaded_.retry_max_us = Microseconds("retry.max", retry.has_max(), retry.max(), limits::kRetryMaxUs);
    loaded_.retry_attempts = retry.attempts() > 0 ? retry.attempts() : limits::kRetryAttempts;
    if (loaded_.retry_max_us < loaded_.retry_first_us) Fault("retry.max", "shorter than retry.first");
  }

  void ReadPolicy() {
    for (int i = 0; i < config_.policy_file_size(); ++i) {
      std::string* name = config_.mutable_policy_file(i);
      std::string text = files_.Read(absl::StrCat("policy_file[", i, "]"), name, limits::kPolicyFileBytesMax);
      loaded_.policy_files.push_back({*name, std::move(text)});
    }
  }

  void ReadEnrolment() {
    std::string* name = config_.mutable_enrolment_file();
    std::string text = files_.Read("enrolment_file", name, limits::kConfigFileBytesMax);
    if (enrolment_text_) text = *std::move(enrolment_text_);
    if (text.size() > limits::kConfigFileBytesMax) {
      return Fault("enrolment_file", absl::StrCat("the enrolment is larger than ", limits::kConfigFileBytesMax, " bytes"));
    }
    TextFile enrolment_text(*name, std::move(text));
    NamedFiles enrolment_files(*name, enrolment_text);
    config::v1::Enrolment enrolment;
    if (enrolment_text.Parse(&enrolment)) {
      for (const DocumentFault& fault : CheckEnrolment(enrolment)) enrolment_text.Fault(fault.path, fault.text);
      ReadMailCertificates(enrolment, enrolment_text, enrolment_files);
      CheckRelaysKnown(enrolment, enrolment_text);
      CheckMailSenders(enrolment, enrolment_text, enrolment_files);
    }
    enrolment_faults_ = enrolment_text.faults();
    if (!enrolment_faults_.empty()) return;
    if (!loaded_.mail_certificates.empty() && config_.mail().smtp_url().empty()) {
      Fault(config_.has_mail() ? "mail.smtp_url" : "", "participants are reached by mail: write mail { ... } with its smtp_url");
    }
    if (auto made = Enrolment::Create(std::move(enrolment)); made.ok()) loaded_.enrolment = *std::move(made);
  }

  void ReadMailCertificates(config::v1::Enrolment& enrolment, TextFile& text, NamedFiles& files) {
    for (int i = 0; i < enrolment.participant_size(); ++i) {
      config::v1::Participant* participant = enrolment.mutable_participant(i);
      if (!participant->route().has_mail() || participant->route().mail().certificate_file().empty()) continue;
      std::string* name = participant->mutable_route()->mutable_mail()->mutable_certificate_file();
      loaded_.mail_certificates[participant->key()] =
          files.ReadCertificateFile(absl::StrCat("participant[", i, "].route.mail.certificate_file"), name);
    }
  }

  void CheckRelaysKnown(const config::v1::Enrolment& enrolment, TextFile& text) {
    for (int i = 0; i < enrolment.participant_size(); ++i) {
      const config::v1::Route& route = enrolment.participant(i).route();
      if (!route.has_relayed_mail() || relays_.contains(route.relayed_mail().relay())) continue;
      text.Fault(absl::StrCat("participant[", i, "].route.relayed_mail.relay"),
                 absl::StrCat("participant ", enrolment.participant(i).key(),
                              ": the relay is none of those under mail in the configuration; write its key"));
    }
  }

  // Files and relays that senders by mail name; and that there is an inbox for each.
  void CheckMailSenders(config::v1::Enrolment& enrolment, TextFile& text, NamedFiles& files) {
    for (int i = 0; i < enrolment.participant_size(); ++i) {
      if (!enrolment.participant(i).has_mail_sender()) continue;
      config::v1::MailSender* sender = enrolment.mutable_participant(i)->mutable_mail_sender();
      const std::string path = absl::StrCat("participant[", i, "].mail_sender");
      for (int j = 0; j < sender->certificate_file_size(); ++j) {
        files.ReadCertificateFile(absl::StrCat(path, ".certificate_file[", j, "]"), sender->mutable_certificate_file(j));
      }
      const auto& inboxes = config_.mail().inbox();
      const bool read = std::any_of(inboxes.begin(), inboxes.end(),
                                    [&](const config::v1::Inbox& inbox) { return inbox.relay() == sender->relay(); });
      if (read) continue;
      text.Fault(path, absl::StrCat("participant ", enrolment.participant(i).key(),
                                    ": no inbox takes its mail; write mail { inbox { ... } } in the configuration",
                                    sender->relay().empty() ? "" : ", with its relay"));
    }
  }

  TextFile text_;
  NamedFiles files_;
  Config config_;
  std::set<std::string> relays_;
  LoadedConfig loaded_;
  std::optional<std::string> enrolment_text_;
  std::vector<std::string> enrolment_faults_;
};

absl::StatusOr<std::string> ReadOwnText(const std::string& file) {
  absl::StatusOr<std::string> text = ReadTextFile(file, limits::kConfigFileBytesMax);
  if (!text.ok()) return absl::InvalidArgumentError(absl::StrCat(file, ":1:1: the file ", text.status().message()));
  return text;
}

}  // namespace

absl::StatusOr<LoadedConfig> LoadConfig(const std::string& file) {
  ASSIGN_OR_RETURN(std::string text, ReadOwnText(file));
  return Loader(file, std::move(text)).Run();
}

absl::StatusOr<LoadedConfig> LoadConfigWith(const std::string& file, std::string enrolment) {
  ASSIGN_OR_RETURN(std::string text, ReadOwnText(file));
  return Loader(file, std::move(text), std::move(enrolment)).Run();
}

absl::StatusOr<Config> ReadConfig(const std::string& file) {
  ASSIGN_OR_RETURN(std::string text, ReadOwnText(file));
  return Loader(file, std::move(text)).ReadAlone();
}

}  // namespace schotvrij::identity
