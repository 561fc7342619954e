// Inbox: the gateway's own mailbox on a mail server. Looks into it again and again, and takes what lies there by the road: an answer, a
// registration. A mail is deleted there only after what it asked is durable and its sender, if there is something to say, was told.
//
//   ASSIGN_OR_RETURN(auto inbox, mail::Inbox::Open(config.mail().inbox(0), "mail.inbox[0]", timeout_us, parts));
//   inbox.reset();   // ends
//
// What comes of a mail:
//   an answer in effect           deleted; nothing is said
//   a registration in effect      its sender is told, then deleted
//   refused                       its sender is told why, then deleted; noted in the audit trail if it is proved who that is
//   a report that a mail of ours  the delivery ends as undeliverable, and the sender of its message hears of it; deleted
//     came back
//   written by a program, by      moved to the folder that people look into, and never answered: so no two machines write to each other
//     nobody we know, unreadable
//   the gateway or a mail server  stays where it is; the next look finds it, and later mail of the same sender waits for it
//     is in trouble
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "gateway/exchange/road.h"
#include "gateway/transport/mail/imap_session.h"
#include "gateway/transport/mail/mail_author.h"
#include "gateway/transport/mail/opener_process.h"
#include "gateway/transport/mail/smtp_outbound.h"
#include "gateway/transport/runtime/loop_thread.h"
#include "policy/disclosure/answer.h"
#include "schemas/base/runtime.h"
#include "schotvrij/config/v1/config.pb.h"

namespace schotvrij::mail {

// All outlive the inbox.
struct InboxParts {
  exchange::Road* road;
  Mailer* mailer;
  telemetry::Ledger* telemetry;
  const Clock* clock;
  Random* random;
  std::function<std::shared_ptr<const identity::Enrolment>()> enrolment;
  std::string gateway_id;
  std::string directory;  // that file names are relative to
};

class Inbox {
 public:
  // `path`: of `config` within the configuration, for what is wrong with it. Begins to look at once.
  static absl::StatusOr<std::unique_ptr<Inbox>> Open(const config::v1::Inbox& config, const std::string& path, int64_t timeout_us,
                                                     InboxParts parts);
  // Waits for the mail that is being taken.
  ~Inbox();

 private:
  struct Settings {
    MailServer server;
    std::string folder, set_aside_folder, relay;
    std::string certificate_pem, key_pem;
    int64_t interval_us = 0;
  };
  struct Fate {
    enum class Kind { kDelete, kSetAside, kLeave } kind;
    std::string reason;
  };

  Inbox(Settings settings, InboxParts parts);
  bool Step();
  // Whether more may lie there than was looked at.
  bool Look();
  // What is to be done with a mail: worked out once, also when the server does not do it at once.
  absl::StatusOr<Fate> FateOf(const MailUid& mail, ImapSession& session);
  // Whether it is gone from the folder.
  bool Carry(const Fate& fate, const MailUid& mail, ImapSession& session);
  Fate Handle(const std::string& bytes);
  Fate TakeReport(const v1::DeliveryReport& report);
  Fate Take(const v1::OpenedMail& opened, const MailAuthor& author);
  Fate Refuse(const MailAuthor& author, const v1::OpenedMail& opened);
  Fate Tell(const policy::Answer& answer, const v1::OpenedMail& opened, const MailAuthor& author);
  // A mail that stays too often is set aside.
  Fate UnlessTooOften(Fate fate, const MailUid& mail);
  // `told`: when refusals were told; what is older than an hour is dropped.
  bool MayRefuse(std::deque<Instant>& told) const;
  void Trouble(const absl::Status& status) const;

  const Settings settings_;
  const InboxParts parts_;
  const OpenerProcess opener_;
  std::map<MailUid, int> tries_;     // of mails that were left
  std::map<MailUid, Fate> decided_;  // of mails that could not be deleted or moved yet
  std::set<std::string> waiting_;  // addresses that left a mail in this look
  // Told in the last hour, by participant and whether it was proved to be theirs: nobody else's mail uses up what they are told.
  std::map<std::pair<std::string, bool>, std::deque<Instant>> refusals_;
  std::atomic<bool> stopping_ = false;
  absl::Mutex mutex_;
  std::unique_ptr<runtime::LoopThread> thread_;
};

}  // namespace schotvrij::mail
