#include "gateway/transport/mail/inbox.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "adapters/securemail/securemail.h"
#include "gateway/telemetry/ledger.h"
#include "gateway/transport/mail/small_file.h"
#include "schemas/base/limits.h"
#include "schemas/base/status.h"
#include "schemas/base/strings.h"

namespace schotvrij::mail {
namespace {

using exchange::DeliveryOutcome;
using telemetry::MailOutcome;

constexpr int64_t kHourUs = 3'600'000'000;
constexpr const char* kEdge = "mail";

}  // namespace

absl::StatusOr<std::unique_ptr<Inbox>> Inbox::Open(const config::v1::Inbox& config, const std::string& path, int64_t timeout_us,
                                                   InboxParts parts) {
  RETURN_IF_ERROR(StartCurl());
  Settings settings;
  absl::StatusOr<std::string> url = ServerUrl(config.imap_url(), "imap");
  if (!url.ok()) return Prefix(path + ".imap_url", url.status());
  settings.server.url = *std::move(url);
  settings.server.user = config.imap_user();
  settings.server.timeout_us = timeout_us;
  RETURN_IF_ERROR(ReadAccess(parts.directory, {path + ".imap_ca_file", config.imap_ca_file()},
                             {path + ".imap_password_file", config.imap_password_file()}, &settings.server));
  if (!config.key_file().empty()) {
    ASSIGN_OR_RETURN(settings.certificate_pem, ReadSmallFile(parts.directory, config.certificate_file()));
    ASSIGN_OR_RETURN(settings.key_pem, ReadSmallFile(parts.directory, config.key_file()));
  }
  settings.folder = config.folder().empty() ? "INBOX" : config.folder();
  settings.set_aside_folder = config.set_aside_folder().empty() ? "Niet verwerkt" : config.set_aside_folder();
  settings.relay = config.relay();
  const int64_t interval_us = config.interval().seconds() * 1'000'000 + config.interval().nanos() / 1000;
  settings.interval_us = interval_us > 0 ? interval_us : limits::kMailPollUs;
  RETURN_IF_ERROR(OpenerProcess(OpenerProcess::BesideThisProgram()).Check());
  return std::unique_ptr<Inbox>(new Inbox(std::move(settings), std::move(parts)));
}

Inbox::Inbox(Settings settings, InboxParts parts)
    : settings_(std::move(settings)), parts_(std::move(parts)), opener_(OpenerProcess::BesideThisProgram()) {
  thread_ = std::make_unique<runtime::LoopThread>([this] { return Step(); });
}

Inbox::~Inbox() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  thread_->Join();
}

bool Inbox::Step() {
  const bool more = Look();
  absl::MutexLock lock(&mutex_);
  const absl::Condition stopping(+[](std::atomic<bool>* flag) { return flag->load(); }, &stopping_);
  if (!more) mutex_.AwaitWithTimeout(stopping, absl::Microseconds(settings_.interval_us));
  return !stopping_;
}

bool Inbox::Look() {
  ImapSession session(settings_.server, settings_.folder, [this] { return stopping_.load(); });
  absl::StatusOr<std::vector<MailUid>> mails = session.List();
  if (!mails.ok()) {
    Trouble(mails.status());
    return false;
  }
  waiting_.clear();
  size_t gone = 0;
  for (const MailUid& mail : *mails) {
    if (stopping_) return false;
    absl::StatusOr<Fate> fate = FateOf(mail, session);
    if (!fate.ok()) {
      Trouble(fate.status());
      return false;
    }
    if (fate->kind != Fate::Kind::kLeave && Carry(*fate, mail, session)) ++gone;
  }
  return gone > 0 && mails->size() == limits::kMailsPerLook;
}

absl::StatusOr<Inbox::Fate> Inbox::FateOf(const MailUid& mail, ImapSession& session) {
  if (const auto decided = decided_.find(mail); decided != decided_.end()) return decided->second;
  absl::StatusOr<std::string> bytes = session.Fetch(mail);
  if (absl::IsResourceExhausted(bytes.status())) return Fate{Fate::Kind::kSetAside, "BODY-SIZE"};
  if (bytes.status().message() == "imap-no") {
    Trouble(bytes.status());  // of this mail, it may be: those behind it do not wait
    return UnlessTooOften({Fate::Kind::kLeave, "imap-no"}, mail);
  }
  RETURN_IF_ERROR(bytes.status());
  return UnlessTooOften(Handle(*bytes), mail);
}

bool Inbox::Carry(const Fate& fate, const MailUid& mail, ImapSession& session) {
  const bool set_aside = fate.kind == Fate::Kind::kSetAside;
  const absl::Status carried = set_aside ? session.Move(mail, settings_.set_aside_folder) : session.Delete(mail);
  if (!carried.ok()) {
    Trouble(carried);
    decided_.insert_or_assign(mail, fate);
    return false;
  }
  decided_.erase(mail);
  if (set_aside) parts_.telemetry->Record(telemetry::MailIn{MailOutcome::kSetAside, {}, telemetry::ReasonCode(fate.reason)});
  return true;
}

Inbox::Fate Inbox::Handle(const std::string& bytes) {
  v1::OpenRequest request;
  request.set_mail(bytes);
  request.set_certificate_pem(settings_.certificate_pem);
  request.set_key_pem(settings_.key_pem);
  absl::StatusOr<v1::OpenedMail> opened = opener_.Open(request);
  if (absl::IsInvalidArgument(opened.status())) return {Fate::Kind::kSetAside, "MAIL-OPENER"};
  if (!opened.ok()) {
    Trouble(absl::UnavailableError("mail-opener"));
    return {Fate::Kind::kLeave, "mail-opener"};
  }
  if (opened->has_report()) return TakeReport(opened->report());
  if (opened->automatic()) return {Fate::Kind::kSetAside, "automatic"};
  const std::shared_ptr<const identity::Enrolment> enrolment = parts_.enrolment();
  const MailAuthor author = WhoWrote(*opened, settings_.relay, *enrolment, parts_.directory, parts_.clock->Now());
  if (author.participant == nullptr) return {Fate::Kind::kSetAside, author.rule};
  if (waiting_.contains(opened->from())) return {Fate::Kind::kLeave, "behind-another"};
  Fate fate = author.rule.empty() ? Take(*opened, author) : Refuse(author, *opened);
  if (fate.kind == Fate::Kind::kLeave) waiting_.insert(opened->from());
  return fate;
}

Inbox::Fate Inbox::TakeReport(const v1::DeliveryReport& report) {
  if (report.message_id().empty() || report.action().empty()) return {Fate::Kind::kSetAside, "report"};
  if (report.action() != "failed") return {Fate::Kind::kDelete, ""};  // it may still come, or it did
  exchange::Road::Returned outcome{};
  absl::Notification done;
  parts_.road->MailReturned({report.message_id(), report.recipient(), NewId(*parts_.random)}, [&](exchange::Road::Returned how) {
    outcome = how;
    done.Notify();
  });
  done.WaitForNotification();
  if (outcome == exchange::Road::Returned::kLater) return {Fate::Kind::kLeave, "report"};
  if (outcome == exchange::Road::Returned::kUnknown) return {Fate::Kind::kSetAside, "report"};
  parts_.telemetry->Record(telemetry::MailIn{MailOutcome::kReport, {}, {}});
  return {Fate::Kind::kDelete, ""};
}

Inbox::Fate Inbox::Take(const v1::OpenedMail& opened, const MailAuthor& author) {
  const std::string& key = author.participant->key();
  exchange::Inbound inbound;
  inbound.caller = {key, {key}, author.participant->mail_sender().staff()};
  inbound.format = exchange::Format::kSecureMail;
  inbound.edge = kEdge;
  inbound.body = opened.text();
  inbound.trace_id = NewId(*parts_.random);
  inbound.fallback_key = opened.key();
  // A header is nobody's word unless the network that carried it vouches for it.
  if (!author.participant->mail_sender().relay().empty() && opened.about_size() == 1) inbound.answers = opened.about(0);
  policy::Answer answer;
  absl::Notification done;
  parts_.road->Receive(inbound, [&](policy::Answer given) {
    answer = std::move(given);
    done.Notify();
  });
  done.WaitForNotification();
  if (answer.retry_after_s > 0) return {Fate::Kind::kLeave, "busy"};
  if (answer.state == policy::Answer::State::kReceived && answer.shape == securemail::kAnswerShape) {
    parts_.telemetry->Record(telemetry::MailIn{MailOutcome::kTaken, telemetry::ParticipantKey(key), {}});
    return {Fate::Kind::kDelete, ""};
  }
  return Tell(answer, opened, author);
}

Inbox::Fate Inbox::Refuse(const MailAuthor& author, const v1::OpenedMail& opened) {
  const std::vector<Issue> issues = {MakeIssue(author.rule, "")};
  Fate fate = Tell(policy::Answer::Refused(issues), opened, author);
  if (author.proved && fate.kind == Fate::Kind::kDelete) {
    const std::string& key = author.participant->key();
    parts_.road->NoteRefusal({key, {key}}, issues, NewId(*parts_.random));
  }
  return fate;
}

Inbox::Fate Inbox::Tell(const policy::Answer& answer, const v1::OpenedMail& opened, const MailAuthor& author) {
  const bool refused = answer.state == policy::Answer::State::kRefused;
  const std::string& key = author.participant->key();
  std::deque<Instant>& told_before = refusals_[{key, author.proved}];
  if (refused && !MayRefuse(told_before)) return {Fate::Kind::kSetAside, "too-many-refusals"};
  // The same for the same mail, and shorter than the ids of messages: who answers it does not name one.
  const std::string id = (opened.key().empty() ? NewId(*parts_.random) : opened.key()).substr(0, 24);
  const AnswerHead head{id, absl::StrCat(id, ".antwoord@", parts_.gateway_id), opened.message_id()};
  // Shared: a server that hangs when the gateway stops is not waited for.
  struct Told {
    DeliveryOutcome outcome;
    absl::Notification done;
  };
  const auto told = std::make_shared<Told>();
  parts_.mailer->Answer(securemail::EncodeAnswer(answer), *author.participant, head, [told](DeliveryOutcome how) {
    told->outcome = std::move(how);
    told->done.Notify();
  });
  while (!told->done.WaitForNotificationWithTimeout(absl::Microseconds(limits::kMailGraceUs))) {
    if (stopping_) return {Fate::Kind::kLeave, "stopping"};
  }
  const DeliveryOutcome& outcome = told->outcome;
  if (outcome.kind == DeliveryOutcome::Kind::kPermanent) return {Fate::Kind::kSetAside, outcome.reason};
  if (outcome.kind == DeliveryOutcome::Kind::kTransient) {
    Trouble(absl::UnavailableError(outcome.reason));
    return {Fate::Kind::kLeave, outcome.reason};
  }
  if (refused) told_before.push_back(parts_.clock->Now());
  parts_.telemetry->Record(telemetry::MailIn{refused ? MailOutcome::kRefused : MailOutcome::kTaken,
                                             telemetry::ParticipantKey(key),
                                             telemetry::ReasonCode(answer.issues.empty() ? "" : answer.issues.front().rule)});
  return {Fate::Kind::kDelete, ""};
}

Inbox::Fate Inbox::UnlessTooOften(Fate fate, const MailUid& mail) {
  if (fate.kind != Fate::Kind::kLeave) {
    tries_.erase(mail);
    return fate;
  }
  if (++tries_[mail] < limits::kMailLooksMax) return fate;
  tries_.erase(mail);
  return {Fate::Kind::kSetAside, fate.reason};
}

bool Inbox::MayRefuse(std::deque<Instant>& told) const {
  while (!told.empty() && told.front().us < parts_.clock->Now().us - kHourUs) told.pop_front();
  return told.size() < limits::kMailRefusalsPerHourMax;
}

void Inbox::Trouble(const absl::Status& status) const {
  if (stopping_) return;
  parts_.telemetry->Record(telemetry::InboxTrouble{telemetry::ReasonCode(FromAbsl(status.message()))});
}

}  // namespace schotvrij::mail
