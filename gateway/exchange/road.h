// Road: one request from its bytes to its durable answer.
//
//   road.Receive(Inbound{caller, Format::kFhirJson, body, trace_id}, [](policy::Answer answer) { ... });
//
// Decode, identify, check against facts, decide, rehearse, commit; the answer is given only after the commit is on disk.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "gateway/exchange/outbound.h"
#include "gateway/identity/enrolment.h"
#include "gateway/identity/key_ring.h"
#include "gateway/store/store.h"
#include "policy/disclosure/answer.h"
#include "policy/disclosure/disclosure.h"
#include "policy/engine.h"
#include "schemas/base/runtime.h"
#include "schotvrij/v1/day_sheet.pb.h"
#include "schotvrij/v1/exchange.pb.h"
#include "schotvrij/v1/mailbox.pb.h"

namespace schotvrij::telemetry {
class Ledger;  // gateway/telemetry/ledger.h: counters and typed events
}

namespace schotvrij::exchange {

class Doorbell;

// Which adapter reads the bytes.
enum class Format { kFhirJson, kFhirXml, kCanonical, kSecureMail };

struct Inbound {
  identity::Caller caller;
  Format format = Format::kFhirJson;
  std::string edge;       // "fhir-https", "grpc": part of the idempotency key's space
  std::string_view body;  // must live until Receive returns
  std::string trace_id;
  // Used when the message itself carries no key: FHIR's header `Idempotency-Key`, what tells a mail from others. Empty: none.
  std::string fallback_key;
  // Mail: id of the delivery that its header answers, where the header can be believed. Empty: the text tells.
  std::string answers;
};

// One item of a mailbox: made afresh at each read, so that it can only have narrowed.
// What a recipient is told of the client beside the message (participation.h).
struct ClientView {
  std::string key;                 // empty: the message does not tell it whom
  std::optional<bool> takes_part;  // of a registration or a step of one
};

struct MailboxItem {
  std::string delivery_id;
  std::string content_type;
  bool acknowledged = false;
  bool answered = false;
  bool repeat = false;  // its recipient had acknowledged it, and asked for it again
  ClientView client;
  std::variant<policy::Disclosure, policy::Withheld> content;
};

// Everything the road stands on; main owns it. None may be null.
struct RoadParts {
  store::Store* store;
  policy::Engine* engine;
  const identity::KeyRing* keys;
  Clock* clock;
  Random* random;
  Executor* executor;
  Doorbell* doorbell;  // doorbell.h: rung after each commit that put something before a recipient
  telemetry::Ledger* telemetry;
  // The enrolment in force; a reload swaps it.
  std::function<std::shared_ptr<const identity::Enrolment>()> enrolment;
  std::string gateway_id;  // audit source, and the domain of Message-IDs
  config::v1::Environment environment = config::v1::ENVIRONMENT_UNSPECIFIED;
  // Called when a trial (trial.h) has ended: who is complete may have changed. Null: nobody asks.
  std::function<void()> trial_ended = nullptr;
};

class Road {
 public:
  using AnswerDone = absl::AnyInvocable<void(policy::Answer)>;

  virtual ~Road() = default;

  // `done` is called once, on the executor or before the call returns.
  virtual void Receive(const Inbound& inbound, AnswerDone done) = 0;

  // An edge refused something of `caller`'s by itself, before it became a message: an audit event, nothing else. Does not block.
  // Left out is what the gateway itself failed at (transient).
  virtual void NoteRefusal(const identity::Caller& caller, std::span<const Issue> issues, std::string_view trace_id) = 0;

  // Another mail server says that a mail of ours came back: the delivery ends as undeliverable, if it is one of ours to that address
  // that is delivered and not answered. Nobody vouches for such a report; what it needs to name is known to who saw the mail only.
  struct ReturnedMail {
    std::string message_id;  // Message-ID of the mail, without angle brackets
    std::string recipient;   // address
    std::string trace_id;
  };
  enum class Returned {
    kEnded,    // it ended by this report, or had ended already
    kUnknown,  // no delivery that this could be about
    kLater,    // the gateway is in trouble, or has not yet noted that it sent the mail
  };
  virtual void MailReturned(ReturnedMail mail, absl::AnyInvocable<void(Returned)> done) = 0;

  // What waits for `participant` (the caller must speak for it), oldest first, or what it asks for again (repeat.h). Each item read is
  // an audit event, committed before `done`.
  struct MailboxRequest {
    identity::Caller caller;
    v1::PartyIdentifier participant;  // empty: the one the caller speaks for
    bool unacknowledged_only = true;
    std::string delivery_id;  // empty: all
    std::string bsn;          // empty: all clients
    std::string content_type;
    std::vector<std::string> contents = {};  // that the edge can write: others are not there for it; empty: all
    std::string after;
    size_t most = 100;
    std::string trace_id;
    std::optional<v1::RepeatRequest> repeat;  // instead of what waits
  };
  struct MailboxPage {
    std::vector<Issue> issues;  // with an error: refused
    std::vector<MailboxItem> items;
    std::string last;   // delivery id of the last that was looked at, shown or not; empty: none
    bool more = false;  // there may be others behind it
  };
  virtual void ReadMailbox(MailboxRequest request, absl::AnyInvocable<void(MailboxPage)> done) = 0;

  struct AcknowledgeRequest {
    identity::Caller caller;
    v1::PartyIdentifier participant;
    std::vector<std::string> delivery_ids;
    std::string trace_id;
  };
  struct Acknowledged {
    std::vector<Issue> issues;
    uint32_t count = 0;
  };
  virtual void Acknowledge(AcknowledgeRequest request, absl::AnyInvocable<void(Acknowledged)> done) = 0;

  // What the participant, for whom the caller must speak, sent and was sent on one day (day_sheet.h). The read is an audit event,
  // committed before `done`.
  struct DaySheetRequest {
    identity::Caller caller;
    v1::DaySheetRequest asked;
    std::string trace_id;
  };
  struct DaySheetRead {
    std::vector<Issue> issues;  // with an error: refused
    v1::DaySheetReply sheet;
  };
  virtual void ReadDaySheet(DaySheetRequest request, absl::AnyInvocable<void(DaySheetRead)> done) = 0;

  // Calls `wake` on the executor whenever something new lies in a mailbox of `participant`; the handle ends it.
  class Watch {
   public:
    virtual ~Watch() = default;
  };
  virtual std::unique_ptr<Watch> OnMail(std::string participant, absl::AnyInvocable<void()> wake) = 0;
};

std::unique_ptr<Road> NewRoad(RoadParts parts);

}  // namespace schotvrij::exchange
