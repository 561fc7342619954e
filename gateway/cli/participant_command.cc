#include "gateway/cli/participant_command.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "gateway/cli/enrolment_edit.h"
#include "gateway/cli/exit_code.h"
#include "gateway/cli/files.h"
#include "gateway/cli/home.h"
#include "gateway/cli/participant_check.h"
#include "gateway/cli/participant_facts.h"
#include "gateway/cli/participant_leaving.h"
#include "gateway/cli/reload_command.h"
#include "gateway/identity/enrolment.h"
#include "gateway/transport/runtime/system.h"
#include "policy/membership.h"
#include "schemas/base/limits.h"
#include "schemas/base/status.h"

namespace schotvrij::cli {
namespace {

using identity::EnrolmentText;

// What became of a command, before the gateway is asked.
struct Changed {
  EnrolmentText text;
  std::string said;    // "opella: suspended"
  std::string copied;  // a file that was made for it, and goes when it comes to nothing
  std::string key;     // of whom the checklist is shown then; empty: of nobody
  std::vector<CheckItem> left_behind = {};  // by who is removed; shown then
};
using Change = std::function<absl::StatusOr<Changed>(const EnrolmentEdit&)>;

int ExitCodeOfEdit(const absl::Status& status) {
  if (absl::IsInvalidArgument(status)) return kMessageAtFault;
  return absl::IsUnavailable(status) || absl::IsAborted(status) || absl::IsInternal(status) ? kSystemFailed : kWrongUse;
}

// Lets the running gateway take over what stands in the file now.
int TakeOver(const ParticipantEditOptions& options, std::ostream& out, std::ostream& err) {
  if (options.no_reload) {
    out << "not reloaded: a running gateway goes by it from `schotvrij reload` on\n";
    return kGood;
  }
  const ReloadAsked asked = AskReload(options.home);
  switch (asked.end) {
    case ReloadAsked::End::kLoaded:
      out << asked.said << "reloaded: the running gateway goes by it\n";
      return kGood;
    case ReloadAsked::End::kNoGateway:
      out << "no gateway runs on this home: it counts from the next start\n";
      return kGood;
    case ReloadAsked::End::kRefused:
      err << "schotvrij: the file is changed, and the running gateway refused it:\n" << asked.said;
      return kMessageAtFault;
    case ReloadAsked::End::kNoAnswer:
      break;
  }
  err << "schotvrij: the file is changed, and the running gateway did not answer: " << asked.said
      << "; find out whether it goes by it, with `schotvrij reload`\n";
  return kSystemFailed;
}

absl::StatusOr<Changed> ChangeFile(const ParticipantEditOptions& options, const Change& change) {
  ASSIGN_OR_RETURN(const EnrolmentEdit edit, EnrolmentEdit::Begin(options.home, runtime::SystemClock().Now()));
  ASSIGN_OR_RETURN(const Changed changed, change(edit));
  const absl::Status written = changed.text.text() == edit.before().text() ? absl::OkStatus() : edit.Write(changed.text);
  if (!written.ok() && !changed.copied.empty()) unlink(changed.copied.c_str());
  RETURN_IF_ERROR(written);
  return changed;
}

int RunEdit(const ParticipantEditOptions& options, const Change& change, std::ostream& out, std::ostream& err) {
  const absl::StatusOr<Changed> changed = ChangeFile(options, change);
  if (!changed.ok()) {
    err << "schotvrij: " << changed.status().message() << "\nnothing was changed\n";
    return ExitCodeOfEdit(changed.status());
  }
  out << changed->said << '\n';
  const int end = TakeOver(options, out, err);
  if (!changed->key.empty()) PrintChecklistOf(options.home, changed->key, out);
  PrintChecklist(changed->left_behind, out);
  return end;
}

absl::StatusOr<EnrolmentText> ReadBlockFile(const std::string& file) {
  ASSIGN_OR_RETURN(std::string text, ReadFile(file, limits::kConfigFileBytesMax));
  return EnrolmentText::Parse(file, std::move(text));
}

// `after` has the block of `file`: faults in it are told where `file` has them.
absl::StatusOr<Changed> CheckedBlock(const EnrolmentEdit& edit, EnrolmentText after, const EnrolmentText& file, const char* done) {
  const std::string key = file.document().participant(0).key();
  const absl::Status good = edit.Check(after).status();
  if (!good.ok()) return absl::Status(good.code(), FaultsInFile(std::string(good.message()), after, key, file));
  return Changed{std::move(after), absl::StrCat(key, ": ", done), "", key};
}

absl::StatusOr<Changed> CheckedChange(const EnrolmentEdit& edit, EnrolmentText after, const std::string& key, const char* done) {
  RETURN_IF_ERROR(edit.Check(after).status());
  return Changed{std::move(after), absl::StrCat(key, ": ", done), "", key};
}

// kFailedPrecondition while a network names it today or later.
absl::Status CheckNoMember(const HomeFacts& facts, const std::string& key) {
  const std::vector<policy::RoleInNetwork> roles = policy::RolesFrom(*facts.rules, key, facts.today);
  if (roles.empty()) return absl::OkStatus();
  const std::string where = absl::StrJoin(roles, ", ", [](std::string* out, const policy::RoleInNetwork& held) {
    absl::StrAppend(out, held.network, " as ", held.role, " from ", held.from,
                    held.until.empty() ? " without end" : " until " + held.until);
  });
  return absl::FailedPreconditionError(absl::StrCat(key, " is a member of ", where,
                                                    "; end its membership in the network's document first, or suspend it; --force ",
                                                    "removes it all the same"));
}

// What a certificate file holds, which may not be a key.
absl::StatusOr<std::string> ReadCertificateAlone(const std::string& file) {
  ASSIGN_OR_RETURN(std::string pem, ReadFile(file, limits::kKeyFileBytesMax));
  if (pem.find("PRIVATE KEY") != pem.npos) {
    return absl::InvalidArgumentError(file + " holds a private key, which is for its owner alone; give the certificate only");
  }
  const absl::StatusOr<identity::PeerCertificate> read = identity::ReadCertificatePem(pem);
  if (!read.ok()) return absl::InvalidArgumentError(absl::StrCat(file, ": ", std::string(read.status().message())));
  return pem;
}

// As the enrolment writes a fingerprint, from how openssl prints one.
std::string PlainFingerprint(const std::string& text) { return absl::StrReplaceAll(absl::AsciiStrToLower(text), {{":", ""}}); }

// A rotation: each part of it that was asked for, one upon the other.
class Rotation {
 public:
  Rotation(const ParticipantEditOptions& options, const EnrolmentEdit& edit)
      : options_(options), edit_(edit), text_(edit.before()) {}
  Rotation(const Rotation&) = delete;
  // What was copied and is not used goes.
  ~Rotation() {
    if (!copied_.empty()) unlink(copied_.c_str());
  }

  absl::StatusOr<Changed> Run() {
    if (!options_.certificate.empty()) RETURN_IF_ERROR(AddCertificate());
    if (!options_.mail_certificate.empty()) RETURN_IF_ERROR(AddMailCertificate());
    if (!options_.retire.empty()) RETURN_IF_ERROR(Retire());
    ASSIGN_OR_RETURN(const identity::LoadedConfig loaded, edit_.Check(text_));
    if (!options_.certificate.empty()) RETURN_IF_ERROR(CheckTakenFor(loaded));
    return Changed{text_, absl::StrCat(options_.key, ": ", absl::StrJoin(said_, ", ")), std::exchange(copied_, ""), options_.key};
  }

 private:
  absl::Status AddCertificate() {
    ASSIGN_OR_RETURN(pem_, ReadCertificateAlone(options_.certificate));
    ASSIGN_OR_RETURN(const identity::PeerCertificate seen, identity::ReadCertificatePem(pem_));
    ASSIGN_OR_RETURN(const identity::LoadedConfig present, edit_.Check(text_));
    const absl::StatusOr<identity::Caller> caller = present.enrolment->Identify(seen);
    if (caller.ok() && caller->peer == options_.key && caller->staff == options_.staff) {
      said_.push_back("the certificate proves it already");
      return absl::OkStatus();
    }
    ASSIGN_OR_RETURN(text_, text_.AddPeer(options_.key, seen.sha256, options_.staff));
    said_.push_back(absl::StrCat("proved by ", seen.sha256, " too", options_.staff.empty() ? "" : ", as staff ", options_.staff));
    return absl::OkStatus();
  }

  absl::Status AddMailCertificate() {
    ASSIGN_OR_RETURN(const std::string pem, ReadCertificateAlone(options_.mail_certificate));
    ASSIGN_OR_RETURN(const identity::PeerCertificate seen, identity::ReadCertificatePem(pem));
    if (seen.not_after < edit_.now()) {
      return absl::InvalidArgumentError(options_.mail_certificate + " has expired; give its next one");
    }
    const std::string file = Home(options_.home).MailCertificateFile(absl::StrCat(options_.key, "-", seen.sha256.substr(0, 16)));
    ASSIGN_OR_RETURN(text_, text_.SetMailCertificate(options_.key, edit_.NameInEnrolment(file)));
    std::error_code ignored;
    const bool there = std::filesystem::exists(file, ignored);
    RETURN_IF_ERROR(WriteNewFile(file, pem));
    if (!there) copied_ = file;
    said_.push_back("mail certificate " + file);
    return absl::OkStatus();
  }

  absl::Status Retire() {
    const std::string fingerprint = PlainFingerprint(options_.retire);
    ASSIGN_OR_RETURN(text_, text_.RemovePeer(options_.key, fingerprint));
    const config::v1::Participant* left = text_.Find(options_.key);
    if (left->peer().empty() && !left->has_mail_sender()) {
      return absl::FailedPreconditionError(absl::StrCat("that is all that proves ", options_.key,
                                                        "; give its next one with --certificate, or suspend it"));
    }
    said_.push_back("proved by " + fingerprint + " no more");
    return absl::OkStatus();
  }

  // Nothing is taken over that `check` would call missing.
  absl::Status CheckTakenFor(const identity::LoadedConfig& loaded) const {
    for (const CheckItem& item : CheckCertificateFor(loaded, *loaded.enrolment->Find(options_.key), pem_, edit_.now())) {
      if (!exchange::IsMissing(item)) continue;
      return absl::InvalidArgumentError(absl::StrCat(options_.certificate, ": ", item.text, "; ", item.remedy));
    }
    return absl::OkStatus();
  }

  const ParticipantEditOptions& options_;
  const EnrolmentEdit& edit_;
  EnrolmentText text_;
  std::string pem_;
  std::string copied_;
  std::vector<std::string> said_;
};

}  // namespace

int RunParticipantAdd(const ParticipantEditOptions& options, std::ostream& out, std::ostream& err) {
  return RunEdit(options, [&](const EnrolmentEdit& edit) -> absl::StatusOr<Changed> {
    ASSIGN_OR_RETURN(const EnrolmentText file, ReadBlockFile(options.file));
    ASSIGN_OR_RETURN(EnrolmentText after, edit.before().Add(file));
    return CheckedBlock(edit, std::move(after), file, "added");
  }, out, err);
}

int RunParticipantReplace(const ParticipantEditOptions& options, std::ostream& out, std::ostream& err) {
  return RunEdit(options, [&](const EnrolmentEdit& edit) -> absl::StatusOr<Changed> {
    ASSIGN_OR_RETURN(const EnrolmentText file, ReadBlockFile(options.file));
    const auto& given = file.document().participant();
    if (given.size() == 1 && given[0].key() != options.key) {
      return absl::InvalidArgumentError(
          absl::StrCat(options.file, ":1:1: it holds participant ", given[0].key(), ", not ", options.key));
    }
    ASSIGN_OR_RETURN(EnrolmentText after, edit.before().Replace(file));
    return CheckedBlock(edit, std::move(after), file, "replaced");
  }, out, err);
}

int RunParticipantRemove(const ParticipantEditOptions& options, std::ostream& out, std::ostream& err) {
  return RunEdit(options, [&](const EnrolmentEdit& edit) -> absl::StatusOr<Changed> {
    ASSIGN_OR_RETURN(EnrolmentText after, edit.before().Remove(options.key));
    ASSIGN_OR_RETURN(identity::LoadedConfig loaded, edit.Check(after));
    const absl::StatusOr<HomeFacts> facts = FactsOf(options.home, std::move(loaded), after, edit.now());
    if (!options.force) {
      RETURN_IF_ERROR(facts.status());
      RETURN_IF_ERROR(CheckNoMember(*facts, options.key));
    }
    Changed removed{std::move(after), options.key + ": removed", "", ""};
    if (facts.ok()) removed.left_behind = LeftBehind(*facts, *edit.before().Find(options.key));
    return removed;
  }, out, err);
}

int RunParticipantSuspend(const ParticipantEditOptions& options, std::ostream& out, std::ostream& err) {
  return RunEdit(options, [&](const EnrolmentEdit& edit) -> absl::StatusOr<Changed> {
    ASSIGN_OR_RETURN(EnrolmentText after, edit.before().Suspend(options.key));
    return CheckedChange(edit, std::move(after), options.key, "suspended");
  }, out, err);
}

int RunParticipantResume(const ParticipantEditOptions& options, std::ostream& out, std::ostream& err) {
  return RunEdit(options, [&](const EnrolmentEdit& edit) -> absl::StatusOr<Changed> {
    ASSIGN_OR_RETURN(EnrolmentText after, edit.before().Resume(options.key));
    return CheckedChange(edit, std::move(after), options.key, "resumed");
  }, out, err);
}

int RunParticipantRotate(const ParticipantEditOptions& options, std::ostream& out, std::ostream& err) {
  if (options.certificate.empty() && options.retire.empty() && options.mail_certificate.empty()) {
    err << "schotvrij: name what to rotate: --certificate, --mail-certificate or --retire\n";
    return kWrongUse;
  }
  return RunEdit(options, [&](const EnrolmentEdit& edit) { return Rotation(options, edit).Run(); }, out, err);
}

}  // namespace schotvrij::cli
