// The road's audit events, each complete in what NEN 7513 makes mandatory. No event holds a value of a message.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "policy/disclosure/disclosure.h"
#include "schemas/base/issue.h"
#include "schemas/base/runtime.h"
#include "schotvrij/v1/audit.pb.h"
#include "schotvrij/v1/exchange.pb.h"

namespace schotvrij::exchange {

// What every event of one step has in common.
struct EventFrame {
  Instant at;
  std::string_view source;      // gateway id
  std::string_view policy_set;  // autorisatieprotocol
  std::string_view peer;        // whose certificate was seen; empty: the gateway acts by itself
  std::string_view actor;       // participant that acts
  std::string role;             // its roles in the network, where known
  std::string_view trace_id;
};

struct EventObjects {
  std::string_view client_id;
  std::string_view exchange_id;
  std::string_view delivery_id;
  std::string_view batch_id;
};

// Exact bytes for the audit chain.
std::string ReceiveEvent(const EventFrame& frame, const EventObjects& objects);
std::string DecideEvent(const EventFrame& frame, const EventObjects& objects, const policy::Evidence& evidence);
// Something is put before a recipient: into its mailbox, or on its way.
std::string DiscloseEvent(const EventFrame& frame, const EventObjects& objects, const policy::Evidence& evidence);
// The recipient looked at it.
std::string ReadEvent(const EventFrame& frame, const EventObjects& objects, const policy::Evidence& evidence);
// It was given to the recipient again, which had acknowledged it.
std::string RepeatEvent(const EventFrame& frame, const EventObjects& objects, const policy::Evidence& evidence);
// It was taken over by the recipient's system, or the attempt failed for `reason`.
std::string DeliverEvent(const EventFrame& frame, const EventObjects& objects, v1::AuditOutcome outcome,
                         std::string_view reason);
std::string WithholdEvent(const EventFrame& frame, const EventObjects& objects, std::span<const Issue> issues);
std::string RefuseEvent(const EventFrame& frame, const EventObjects& objects, std::span<const Issue> issues);
// The actor has the place of the delivery's recipient, and got the delivery.
std::string HandedOverEvent(const EventFrame& frame, const EventObjects& objects);
// A registration ended by itself with the consent it rested on: `objects` are its own, `rule` says why it carries it no more.
std::string ConsentEndedEvent(const EventFrame& frame, const EventObjects& objects, std::string_view rule);
// A safety hold was set or lifted: AUDIT_HOLD_SET or AUDIT_HOLD_LIFTED.
std::string HoldEvent(v1::AuditCode code, const EventFrame& frame, const EventObjects& objects);
// A delivery waits until no safety hold of its client stands.
std::string WaitEvent(const EventFrame& frame, const EventObjects& objects);
// A batch moved: AUDIT_BATCH_RECEIVED, _JUDGED, _IN_EFFECT or, for `issues`, _REFUSED.
std::string BatchEvent(v1::AuditCode code, const EventFrame& frame, std::string_view batch_id,
                       std::span<const Issue> issues = {});
// The actor looked at its day sheet of `day` (YYYY-MM-DD).
std::string DaySheetEvent(const EventFrame& frame, std::string_view day);
// The gateway began (AUDIT_STARTED) or put another policy set in force (AUDIT_POLICY_LOADED).
std::string PolicyEvent(v1::AuditCode code, const EventFrame& frame);

}  // namespace schotvrij::exchange
