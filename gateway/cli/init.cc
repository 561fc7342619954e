#include "gateway/cli/init.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <system_error>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "gateway/cli/dev_certificates.h"
#include "gateway/cli/home.h"
#include "gateway/store/engines.h"
#include "google/protobuf/text_format.h"
#include "openssl/pem.h"
#include "schemas/base/embedded.h"
#include "schemas/base/status.h"
#include "schemas/base/strings.h"
#include "schemas/base/table.h"
#include "schotvrij/config/v1/config.pb.h"
#include "schotvrij/policy/v1/policy.pb.h"

namespace schotvrij::cli {
namespace {

namespace fs = std::filesystem;
using google::protobuf::TextFormat;

constexpr std::string_view kOrganisation = "Schotvrij development";
constexpr std::string_view kGatewayId = "gateway.example";
constexpr std::string_view kIdentifiers = "schemas/codes/synthetic_identifier.csv";
constexpr size_t kKeyBytesMax =
    48;  // of a party or network key: it becomes a file name and part of a CN

absl::Status FileTrouble(std::string_view what, int error) {
  return absl::UnavailableError(absl::StrCat(std::string(what), ": ", std::strerror(error)));
}

// Removes what was half made, unless it was kept.
class Scaffold {
 public:
  explicit Scaffold(std::string directory) : directory_(std::move(directory)) {}
  Scaffold(const Scaffold&) = delete;
  Scaffold& operator=(const Scaffold&) = delete;
  ~Scaffold() {
    std::error_code ignored;
    if (!directory_.empty()) fs::remove_all(directory_, ignored);
  }
  void Keep() { directory_.clear(); }

 private:
  std::string directory_;
};

absl::Status WriteFile(const std::string& path, std::string_view text) {
  int file = ::open(path.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
  if (file < 0) return FileTrouble(path, errno);
  while (!text.empty()) {
    ssize_t written = ::write(file, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      int error = errno;
      ::close(file);
      return FileTrouble(path, error);
    }
    text.remove_prefix(static_cast<size_t>(written));
  }
  return ::close(file) == 0 ? absl::OkStatus() : FileTrouble(path, errno);
}

absl::Status WritePair(const std::string& certificate_file, const std::string& key_file,
                       const PemPair& pair) {
  RETURN_IF_ERROR(WriteFile(certificate_file, pair.certificate));
  return WriteFile(key_file, pair.key);
}

template <typename Message>
absl::Status WriteText(const std::string& path, std::string_view heading, const Message& message) {
  std::string text;
  if (!TextFormat::PrintToString(message, &text))
    return absl::InternalError(absl::StrCat("cannot print ", path));
  return WriteFile(path, absl::StrCat("# ", std::string(heading), "\n", text));
}

// Keys become file names: nothing that could leave the folder.
bool IsPlainKey(std::string_view key) {
  auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  };
  return !key.empty() && key.size() <= kKeyBytesMax && std::all_of(key.begin(), key.end(), plain);
}

std::string DocumentPath(std::string_view network) {
  return absl::StrCat("policy/documents/", std::string(network), ".txtpb");
}

absl::StatusOr<policy::v1::Network> ReadNetwork(std::string_view network) {
  auto files = EmbeddedFiles();
  auto file = std::find_if(
      files.begin(), files.end(),
      [path = DocumentPath(network)](const EmbeddedFile& f) { return f.path == path; });
  policy::v1::Document document;
  if (file != files.end() && !TextFormat::ParseFromString(std::string(file->text), &document)) {
    return absl::InvalidArgumentError(absl::StrCat(DocumentPath(network), " cannot be read"));
  }
  if (!document.has_network()) {
    return absl::NotFoundError(
        absl::StrCat("no network \"", std::string(network), "\" is built in"));
  }
  return std::move(*document.mutable_network());
}

// One kind of identifier for parties of one role, as the table has it.
struct SyntheticIdentifier {
  config::v1::Identifier identifier;
  bool by_mail = false;
};

// "99##" and place 7 make "9907".
std::string Numbered(std::string_view pattern, size_t place) {
  std::string text(pattern);
  size_t first = text.find('#');
  if (first == std::string::npos) return text;
  return absl::StrFormat("%s%0*d", text.substr(0, first), static_cast<int>(text.size() - first),
                         place);
}

std::vector<SyntheticIdentifier> IdentifiersFor(const policy::v1::Party& party,
                                                std::string_view role, size_t place) {
  std::vector<SyntheticIdentifier> own, general;
  for (const Table::Row& row : Table::Embedded(kIdentifiers).rows()) {
    if (row["role"] != role || (!row["party"].empty() && row["party"] != party.key())) continue;
    SyntheticIdentifier made;
    made.identifier.set_system(std::string(row["system"]));
    made.identifier.set_value(Numbered(row["value"], place));
    made.by_mail = row["by_mail"] == "yes";
    (row["party"].empty() ? general : own).push_back(std::move(made));
  }
  return own.empty() ? general : own;
}

// The organisation as a certificate may name it: ub-organization-name is 64 (RFC 5280, appendix
// A.1).
std::string SubjectName(std::string_view name) {
  size_t size = std::min<size_t>(name.size(), 64);
  auto inside_a_character = [&](size_t at) {
    return at < name.size() && (name[at] & 0xC0) == 0x80;
  };
  while (inside_a_character(size)) --size;
  return std::string(name.substr(0, size));
}

std::string PartyUri(std::string_view party) {
  return absl::StrCat("urn:schotvrij:party:", std::string(party));
}
std::string MailAddress(std::string_view party) {
  return absl::StrCat("post@", std::string(party), ".example");
}

void RouteByMail(std::string_view party, config::v1::Route* route) {
  config::v1::SecureMail* mail = route->mutable_mail();
  mail->set_address(MailAddress(party));
  mail->set_certificate_file(Home("").MailCertificateFile(party));
  mail->set_cipher(config::v1::SecureMail::AES_256_GCM);
}

absl::StatusOr<config::v1::Participant> Enrol(const policy::v1::Party& party, size_t place,
                                              bool mail_server) {
  if (!IsPlainKey(party.key()))
    return absl::InvalidArgumentError("a party's key is no plain lower-case word");
  config::v1::Participant participant;
  participant.set_key(party.key());
  participant.set_name(party.name());
  participant.add_peer()->set_san_uri(PartyUri(party.key()));
  bool by_mail = false;
  for (const policy::v1::Membership& membership : party.membership()) {
    for (SyntheticIdentifier& made : IdentifiersFor(party, membership.role(), place)) {
      by_mail |= made.by_mail;
      auto known = [&](const config::v1::Identifier& other) {
        return other.system() == made.identifier.system();
      };
      if (std::none_of(participant.identifier().begin(), participant.identifier().end(), known)) {
        *participant.add_identifier() = std::move(made.identifier);
      }
    }
  }
  if (participant.identifier().empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        std::string(kIdentifiers), " has no identifier for the roles of ", party.key()));
  }
  if (by_mail && mail_server) {
    RouteByMail(party.key(), participant.mutable_route());
  } else {
    participant.mutable_route()->mutable_mailbox();
  }
  return participant;
}

absl::StatusOr<config::v1::Enrolment> EnrolAll(const policy::v1::Network& network,
                                               bool mail_server) {
  config::v1::Enrolment enrolment;
  for (const policy::v1::Party& party : network.party()) {
    size_t place = static_cast<size_t>(enrolment.participant_size()) + 1;
    ASSIGN_OR_RETURN(*enrolment.add_participant(), Enrol(party, place, mail_server));
  }
  return enrolment;
}

void FillListener(uint16_t port, std::string port_file, config::v1::Listener* listener) {
  const Home home("");
  listener->set_address(absl::StrCat("127.0.0.1:", port));
  listener->set_certificate_file(home.ServerCertificateFile());
  listener->set_key_file(home.ServerKeyFile());
  listener->set_client_ca_file(home.CaCertificateFile());
  listener->set_port_file(std::move(port_file));
}

void FillMail(const InitOptions& options, config::v1::Mail* mail) {
  const Home home("");
  mail->set_smtp_url(options.smtp_url);
  if (!options.smtp_ca_file.empty()) mail->set_smtp_ca_file(home.SmtpCaFile());
  mail->set_from(MailAddress("gateway"));
  mail->set_signing_certificate_file(home.MailSigningCertificateFile());
  mail->set_signing_key_file(home.MailSigningKeyFile());
  mail->mutable_timeout()->set_seconds(30);
}

config::v1::Config MakeConfig(const InitOptions& options) {
  const Home home("");  // names relative to the configuration file
  config::v1::Config config;
  config.set_gateway_id(std::string(kGatewayId));
  config.set_environment(config::v1::TEST);
  FillListener(options.https_port, home.HttpsPortFile(), config.mutable_https());
  FillListener(options.grpc_port, home.GrpcPortFile(), config.mutable_grpc());
  config.set_admin_address(absl::StrCat("127.0.0.1:", options.admin_port));
  config.set_admin_port_file(home.AdminPortFile());
  config.set_grpc_admin_address("unix:" + home.GrpcAdminSocket());
  config.mutable_store()->set_sqlite_file(home.DatabaseFile());
  config.mutable_keys()->set_key_encryption_key_file(home.KeyEncryptionKeyFile());
  config.mutable_keys()->set_index_key_file(home.IndexKeyFile());
  config.mutable_audit()->set_signing_key_file(home.AuditSigningKeyFile());
  config.mutable_audit()->set_verification_key_file(home.AuditVerificationKeyFile());
  config.mutable_audit()->set_checkpoint_file(home.CheckpointFile());
  config.mutable_audit()->mutable_checkpoint_interval()->set_seconds(60);
  config.mutable_audit()->set_checkpoint_records(1000);
  config.add_policy_file(home.PolicyFile(options.network));
  config.set_enrolment_file(home.EnrolmentFile());
  if (!options.smtp_url.empty()) FillMail(options, config.mutable_mail());
  config.mutable_retry()->mutable_first()->set_seconds(5);
  config.mutable_retry()->mutable_max()->set_seconds(3600);
  config.mutable_retry()->set_attempts(12);
  return config;
}

absl::Status MakeFolders(const Home& home) {
  const std::array<std::string, 8> files = {home.PolicyFile("x"),      home.KeyEncryptionKeyFile(),
                                            home.CaCertificateFile(),  home.PartyKeyFile("x"),
                                            home.MailSigningKeyFile(), home.DatabaseFile(),
                                            home.CheckpointFile(),     home.HttpsPortFile()};
  for (const std::string& file : files) {
    std::string folder = fs::path(file).parent_path().string();
    if (::mkdir(folder.c_str(), 0700) != 0) return FileTrouble(folder, errno);
  }
  return absl::OkStatus();
}

std::string NewHexKey(Random& random) {
  std::array<uint8_t, 32> bytes;
  random.Fill(bytes);
  return absl::StrCat(
      absl::BytesToHexString({reinterpret_cast<const char*>(bytes.data()), bytes.size()}), "\n");
}

absl::Status MakeKeys(const Home& home, Random& random) {
  RETURN_IF_ERROR(WriteFile(home.KeyEncryptionKeyFile(), NewHexKey(random)));
  RETURN_IF_ERROR(WriteFile(home.IndexKeyFile(), NewHexKey(random)));
  ASSIGN_OR_RETURN(PemKeys audit, NewEd25519Keys(random));
  RETURN_IF_ERROR(WriteFile(home.AuditSigningKeyFile(), audit.private_key));
  return WriteFile(home.AuditVerificationKeyFile(), audit.public_key);
}

absl::Status MakePartyCertificates(const Home& home, const DevCa& ca,
                                   const config::v1::Participant& party) {
  ASSIGN_OR_RETURN(PemPair tls,
                   ca.Issue({.organisation = SubjectName(party.name()),
                             .name = party.key(),
                             .use = CertificateUse::kClient,
                             .alternative_names = absl::StrCat("URI:", PartyUri(party.key()))}));
  RETURN_IF_ERROR(
      WritePair(home.PartyCertificateFile(party.key()), home.PartyKeyFile(party.key()), tls));
  if (!party.route().has_mail()) return absl::OkStatus();
  ASSIGN_OR_RETURN(
      PemPair mail,
      ca.Issue({.organisation = SubjectName(party.name()),
                .name = absl::StrCat(party.key(), " mail"),
                .use = CertificateUse::kMailRecipient,
                .alternative_names = absl::StrCat("email:", party.route().mail().address())}));
  return WritePair(home.MailCertificateFile(party.key()), home.MailKeyFile(party.key()), mail);
}

absl::Status MakeCertificates(const Home& home, const config::v1::Enrolment& enrolment, Instant now,
                              Random& random) {
  ASSIGN_OR_RETURN(DevCa ca, DevCa::Create(kOrganisation, now, random));
  RETURN_IF_ERROR(WritePair(home.CaCertificateFile(), home.CaKeyFile(), ca.own()));
  ASSIGN_OR_RETURN(PemPair server,
                   ca.Issue({.organisation = std::string(kOrganisation),
                             .name = "localhost",
                             .use = CertificateUse::kServer,
                             .alternative_names = "DNS:localhost,IP:127.0.0.1,IP:::1"}));
  RETURN_IF_ERROR(WritePair(home.ServerCertificateFile(), home.ServerKeyFile(), server));
  ASSIGN_OR_RETURN(PemPair signer,
                   ca.Issue({.organisation = std::string(kOrganisation),
                             .name = "gateway mail",
                             .use = CertificateUse::kMailSigner,
                             .alternative_names = absl::StrCat("email:", MailAddress("gateway"))}));
  RETURN_IF_ERROR(WritePair(home.MailSigningCertificateFile(), home.MailSigningKeyFile(), signer));
  for (const config::v1::Participant& party : enrolment.participant()) {
    RETURN_IF_ERROR(MakePartyCertificates(home, ca, party));
  }
  return absl::OkStatus();
}

absl::Status CheckSmtp(const InitOptions& options) {
  for (std::string_view scheme : {"smtp://", "smtps://"}) {
    std::string_view url = options.smtp_url;
    if (url.starts_with(scheme) && url.size() > scheme.size()) return absl::OkStatus();
  }
  return options.smtp_url.empty() ? absl::OkStatus()
                                  : absl::InvalidArgumentError(
                                        "the mail server is smtp://HOST:PORT or smtps://HOST:PORT");
}

absl::StatusOr<std::string> ReadCa(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  std::unique_ptr<BIO, decltype(&BIO_free_all)> bio(
      BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), &BIO_free_all);
  std::unique_ptr<X509, decltype(&X509_free)> certificate(
      PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr), &X509_free);
  if (certificate == nullptr)
    return absl::InvalidArgumentError(absl::StrCat(path, " holds no PEM certificate"));
  return text;
}

absl::Status CheckFree(const std::string& directory) {
  std::error_code error;
  if (!fs::exists(fs::symlink_status(directory, error))) return absl::OkStatus();
  if (fs::is_directory(directory, error) && fs::is_empty(directory, error)) return absl::OkStatus();
  return absl::AlreadyExistsError(absl::StrCat(directory, " exists and is not an empty directory"));
}

absl::StatusOr<std::string> MakeBeside(const fs::path& directory) {
  std::error_code error;
  fs::path parent = fs::absolute(directory, error).parent_path();
  fs::create_directories(parent, error);
  if (error) return FileTrouble(parent.string(), error.value());
  std::string name =
      (parent / absl::StrCat(".", directory.filename().string(), ".XXXXXX")).string();
  if (::mkdtemp(name.data()) == nullptr) return FileTrouble(name, errno);
  return name;
}

absl::Status Fill(const Home& home, const InitOptions& options,
                  const config::v1::Enrolment& enrolment, Instant now, Random& random) {
  RETURN_IF_ERROR(MakeFolders(home));
  RETURN_IF_ERROR(MakeKeys(home, random));
  RETURN_IF_ERROR(MakeCertificates(home, enrolment, now, random));
  if (!options.smtp_ca_file.empty()) {
    ASSIGN_OR_RETURN(std::string ca, ReadCa(options.smtp_ca_file));
    RETURN_IF_ERROR(WriteFile(home.SmtpCaFile(), ca));
  }
  RETURN_IF_ERROR(
      WriteFile(home.PolicyFile(options.network), EmbeddedText(DocumentPath(options.network))));
  RETURN_IF_ERROR(WriteText(
      home.EnrolmentFile(),
      "Who the parties are, how they prove it and how they are reached. Synthetic identifiers.",
      enrolment));
  return WriteText(
      home.ConfigFile(),
      "For development. Every option is explained in schemas/schotvrij/config/v1/config.proto.",
      MakeConfig(options));
}

// An empty store of this release; opening it is what makes it.
absl::Status MakeDatabase(const std::string& file, Random& random) {
  RETURN_IF_ERROR(store::OpenSqlite(file, NewId(random), {}).status());
  std::error_code error;
  fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write, error);
  return error ? FileTrouble(file, error.value()) : absl::OkStatus();
}

MadeHome Summary(const InitOptions& options, const config::v1::Enrolment& enrolment) {
  MadeHome made{options.directory, {}};
  for (const config::v1::Participant& party : enrolment.participant()) {
    auto show = [](std::string* out, const config::v1::Identifier& identifier) {
      absl::StrAppend(out, identifier.system(), " ", identifier.value());
    };
    made.parties.push_back(
        {party.key(), party.name(), absl::StrJoin(party.identifier(), ", ", show),
         party.route().has_mail() ? absl::StrCat("mail to ", party.route().mail().address())
                                  : "mailbox"});
  }
  return made;
}

}  // namespace

absl::StatusOr<MadeHome> MakeHome(const InitOptions& options, Random& random, const Clock& clock) {
  fs::path directory = fs::path(options.directory).lexically_normal();
  if (!directory.has_filename()) directory = directory.parent_path();
  if (directory.empty()) return absl::InvalidArgumentError("a home needs a directory");
  if (!IsPlainKey(options.network))
    return absl::NotFoundError("a network's key is a plain lower-case word");
  RETURN_IF_ERROR(CheckSmtp(options));
  RETURN_IF_ERROR(CheckFree(directory.string()));
  ASSIGN_OR_RETURN(policy::v1::Network network, ReadNetwork(options.network));
  ASSIGN_OR_RETURN(config::v1::Enrolment enrolment, EnrolAll(network, !options.smtp_url.empty()));

  ASSIGN_OR_RETURN(std::string beside, MakeBeside(directory));
  Scaffold scaffold(beside);
  RETURN_IF_ERROR(Fill(Home(beside), options, enrolment, clock.Now(), random));
  RETURN_IF_ERROR(MakeDatabase(Home(beside).DatabaseFile(), random));
  if (::rename(beside.c_str(), directory.c_str()) != 0)
    return FileTrouble(directory.string(), errno);
  scaffold.Keep();
  return Summary(options, enrolment);
}

std::string Describe(const MadeHome& home) {
  std::string text = absl::StrCat("A development home stands in ", home.directory, ".\n\n");
  for (const MadeHome::Party& party : home.parties) {
    absl::StrAppend(
        &text, absl::StrFormat("  %-20s %-28s %s\n", party.key, party.identifiers, party.route));
  }
  absl::StrAppend(&text,
                  "\nIdentifiers are synthetic; keys and certificates are for development only.\n"
                  "Next: schotvrij serve --home ",
                  home.directory, "\n");
  return text;
}

}  // namespace schotvrij::cli
