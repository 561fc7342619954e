#include "gateway/cli/backup_command.h"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <set>
#include <sstream>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "gateway/cli/audit_command.h"
#include "gateway/cli/backup_files.h"
#include "gateway/cli/exit_code.h"
#include "gateway/cli/files.h"
#include "gateway/cli/home.h"
#include "gateway/cli/release.h"
#include "gateway/cli/store_kind.h"
#include "gateway/identity/config.h"
#include "gateway/store/backup.h"
#include "gateway/store/engines.h"
#include "gateway/transport/runtime/system.h"
#include "schemas/base/limits.h"
#include "schemas/base/status.h"

namespace schotvrij::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kForm = "schotvrij-backup 1";
constexpr std::string_view kAboutFile = "about";
constexpr std::string_view kFiles = "home";
constexpr std::string_view kPrivateKey = "PRIVATE KEY-----";
constexpr size_t kAboutBytesMax = 1 << 20;

std::string Below(std::string_view folder, const std::string& name) { return absl::StrCat(std::string(folder), "/", name); }

std::string HeadLine(const ChainHead& head) {
  return absl::StrCat("head ", head.chain, " ", head.sequence, " ", absl::BytesToHexString(head.hash));
}

class Backup {
 public:
  explicit Backup(const BackupOptions& options) : options_(options), home_(fs::absolute(options.home).lexically_normal()) {}

  absl::Status Run(std::ostream& out) {
    const Instant begun = runtime::SystemClock().Now();
    ASSIGN_OR_RETURN(config_, identity::LoadConfig(Home(home_).ConfigFile()));
    FindSpecialFiles();
    if (!fs::absolute(options_.folder).lexically_normal().lexically_relative(home_).string().starts_with("..")) {
      return absl::InvalidArgumentError("a backup inside the home would be part of the next; name a folder outside it");
    }
    ASSIGN_OR_RETURN(folder_, NewFolder::Make(options_.folder));
    RETURN_IF_ERROR(folder_->MakeFolder(kFiles));
    if (options_.part != "keys") RETURN_IF_ERROR(CopyTrail());
    RETURN_IF_ERROR(CopyFiles());
    RETURN_IF_ERROR(folder_->Write(kAboutFile, About(begun)));
    ASSIGN_OR_RETURN(const std::string sums, SumsOf(folder_->At("")));
    RETURN_IF_ERROR(folder_->Write(kSumsFile, sums));
    RETURN_IF_ERROR(folder_->Finish());
    out << "backed up " << options_.part << ": " << std::count(sums.begin(), sums.end(), '\n') << " files in " << options_.folder
        << '\n';
    if (options_.part == "data") out << "the keys are not in it; back them up apart, with --part keys\n";
    if (options_.part == "all") out << "it holds the keys beside what they open: guard it as you guard the gateway\n";
    for (const std::string& name : outside_) out << "not in it, for it lies outside the home: " << name << '\n';
    return absl::OkStatus();
  }

 private:
  void FindSpecialFiles() {
    const config::v1::Config& config = config_.config;
    for (const std::string& key : {config.keys().key_encryption_key_file(), config.keys().index_key_file(),
                                   config.audit().signing_key_file(), config.https().key_file(), config.grpc().key_file(),
                                   config.mail().signing_key_file(), config.mail().smtp_password_file()}) {
      if (!key.empty()) secret_.insert(Inside(key));
    }
    for (const config::v1::Relay& relay : config.mail().relay()) {
      if (!relay.smtp_password_file().empty()) secret_.insert(Inside(relay.smtp_password_file()));
    }
    const std::string& database = config.store().sqlite_file();
    for (const char* ending : {"", "-wal", "-shm"}) passing_.insert(Inside(database + ending));
    for (const std::string& port : {config.admin_port_file(), config.https().port_file(), config.grpc().port_file()}) {
      passing_.insert(Inside(port));
    }
    passing_.insert(Inside(config.audit().checkpoint_file()));
  }

  // Relative to the home; what lies outside is noted.
  std::string Inside(const std::string& file) {
    std::string name = fs::path(file).lexically_normal().lexically_relative(home_).string();
    if (name.empty() || !name.starts_with("..")) return name;
    outside_.insert(file);
    return "";
  }

  // The checkpoints first: whatever they vouch for is then in the database that is copied after them.
  absl::Status CopyTrail() {
    const std::string checkpoints = Inside(config_.config.audit().checkpoint_file());
    if (!checkpoints.empty()) RETURN_IF_ERROR(folder_->Copy(home_ / checkpoints, Below(kFiles, checkpoints)));
    const std::string database = Inside(config_.config.store().sqlite_file());
    if (database.empty()) return absl::InvalidArgumentError("the database lies outside the home; move it there to back it up");
    const std::string copy = Below(kFiles, database);
    RETURN_IF_ERROR(folder_->MakeFolder(fs::path(copy).parent_path().string()));
    ASSIGN_OR_RETURN(heads_, store::CopySqlite((home_ / database).string(), folder_->At(copy).string()));
    fs::permissions(folder_->At(copy), fs::perms::owner_read | fs::perms::owner_write);
    return absl::OkStatus();
  }

  absl::Status CopyFiles() {
    ASSIGN_OR_RETURN(const std::vector<std::string> names, FilesBelow(home_));
    for (const std::string& name : names) {
      if (passing_.contains(name)) continue;
      if (options_.part != "all" && IsSecret(name) != (options_.part == "keys")) continue;
      RETURN_IF_ERROR(folder_->Copy(home_ / name, Below(kFiles, name)));
    }
    return absl::OkStatus();
  }

  // Named as such by the configuration, or a private key by what it says.
  bool IsSecret(const std::string& name) const {
    if (secret_.contains(name)) return true;
    const absl::StatusOr<std::string> text = ReadFile((home_ / name).string(), limits::kKeyFileBytesMax);
    return text.ok() && text->find(kPrivateKey) != std::string::npos;
  }

  std::string About(Instant begun) const {
    std::string text = absl::StrCat(
        std::string(kForm), "\nrelease ", kRelease, "\npart ", options_.part, "\nbegun ",
        absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", absl::FromUnixMicros(begun.us), absl::UTCTimeZone()), "\n");
    for (const auto& entry : fs::recursive_directory_iterator(home_)) {
      if (entry.is_directory()) absl::StrAppend(&text, "folder ", entry.path().lexically_relative(home_).string(), "\n");
    }
    for (const ChainHead& head : heads_) absl::StrAppend(&text, HeadLine(head), "\n");
    return text;
  }

  const BackupOptions& options_;
  const fs::path home_;
  identity::LoadedConfig config_;
  std::set<std::string> secret_;   // names within the home, as are the next
  std::set<std::string> passing_;  // not copied as they lie there
  std::set<std::string> outside_;
  std::unique_ptr<NewFolder> folder_;
  std::vector<ChainHead> heads_;
};

class Restore {
 public:
  explicit Restore(const RestoreOptions& options) : options_(options) {}

  absl::Status Run(std::ostream& out) {
    ASSIGN_OR_RETURN(folder_, NewFolder::Make(options_.home));
    for (const std::string& backup : options_.folders) RETURN_IF_ERROR(Take(backup));
    if (!fs::exists(folder_->At(fs::path(Home("").ConfigFile()).filename().string()))) {
      return absl::InvalidArgumentError("there is no configuration in it: name the backup of the data too");
    }
    RETURN_IF_ERROR(Verify(out));
    return folder_->Finish();
  }

 private:
  absl::Status Take(const std::string& backup) {
    RETURN_IF_ERROR(CheckSums(backup));
    ASSIGN_OR_RETURN(const std::string about, ReadFile(Below(backup, std::string(kAboutFile)), kAboutBytesMax));
    const std::vector<std::string> lines = absl::StrSplit(about, '\n', absl::SkipEmpty());
    if (lines.empty() || lines.front() != kForm) {
      return absl::InvalidArgumentError(absl::StrCat(backup, " is no backup that this release knows"));
    }
    for (const std::string& line : lines) {
      if (line.starts_with("folder ")) RETURN_IF_ERROR(MakeFolder(line.substr(7)));
      if (line.starts_with("head ")) heads_.insert(line);
    }
    const fs::path files = fs::path(backup) / kFiles;
    ASSIGN_OR_RETURN(const std::vector<std::string> names, FilesBelow(files));
    for (const std::string& name : names) RETURN_IF_ERROR(folder_->Copy(files / name, name));
    return absl::OkStatus();
  }

  absl::Status MakeFolder(const std::string& name) {
    const fs::path normal = fs::path(name).lexically_normal();
    if (normal.is_absolute() || normal.string().starts_with("..")) {
      return absl::DataLossError("a folder of the backup lies outside the home");
    }
    return folder_->MakeFolder(normal.string());
  }

  absl::Status Verify(std::ostream& out) {
    const std::string home = folder_->At("").string();
    ASSIGN_OR_RETURN(const identity::LoadedConfig config, identity::LoadConfig(Home(home).ConfigFile()));
    {
      ASSIGN_OR_RETURN(const std::unique_ptr<store::Store> store,
                       store::OpenSqlite(config.config.store().sqlite_file(), "restore", {}));
      RETURN_IF_ERROR(CheckStoreKind(*store, config.config.environment()));
      ASSIGN_OR_RETURN(const std::vector<ChainHead> heads, store->AuditHeads());
      std::set<std::string> found;
      for (const ChainHead& head : heads) found.insert(HeadLine(head));
      if (found != heads_) return absl::DataLossError("the database does not end where the backup says that it did");
      ASSIGN_OR_RETURN(const store::Store::Backlog backlog, store->ReadBacklog(runtime::SystemClock().Now()));
      waiting_ = backlog.due + backlog.postponed;
    }
    std::ostringstream report, faults;
    const int verified = RunAuditVerify({.home = home}, report, faults);
    out << report.str();
    if (verified != kGood) return absl::DataLossError(absl::StrCat("the audit trail is not whole; ", faults.str()));
    if (waiting_ > 0) {
      out << "in doubt: " << waiting_ << " deliveries waited when the backup was made and will be sent again by the restored "
          << "gateway, under the same Message-ID; hold them against what the recipients have before you start it\n";
    }
    return absl::OkStatus();
  }

  const RestoreOptions& options_;
  std::unique_ptr<NewFolder> folder_;
  std::set<std::string> heads_;  // lines
  size_t waiting_ = 0;
};

int ExitCode(const absl::Status& status) {
  if (status.ok()) return kGood;
  if (absl::IsDataLoss(status)) return kMessageAtFault;
  return absl::IsInvalidArgument(status) || absl::IsAlreadyExists(status) || absl::IsNotFound(status) ? kWrongUse : kSystemFailed;
}

int Tell(const absl::Status& status, const char* remains, std::ostream& err) {
  if (!status.ok()) err << "schotvrij: " << status.message() << '\n' << remains << '\n';
  return ExitCode(status);
}

}  // namespace

int RunBackup(const BackupOptions& options, std::ostream& out, std::ostream& err) {
  return Tell(Backup(options).Run(out), "no backup was made", err);
}

int RunRestore(const RestoreOptions& options, std::ostream& out, std::ostream& err) {
  const int code = Tell(Restore(options).Run(out), "nothing was restored", err);
  if (code == kGood) out << "restored to " << options.home << "; see that no other gateway runs with the same data\n";
  return code;
}

}  // namespace schotvrij::cli
