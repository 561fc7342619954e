#include "gateway/exchange/events.h"

#include "gateway/audit/event.h"

namespace schotvrij::exchange {
namespace {

audit::Event Base(v1::AuditCode code, char action, const EventFrame& frame, const EventObjects& objects) {
  audit::Event event(code, action, frame.at, frame.source);
  const std::string_view unknown_role = frame.actor.empty() ? "system" : "participant";
  event.By(frame.actor.empty() ? frame.source : frame.actor, frame.role.empty() ? unknown_role : frame.role,
           frame.peer == frame.actor ? "" : frame.peer)
      .About("client", objects.client_id)
      .About("exchange", objects.exchange_id)
      .About("delivery", objects.delivery_id)
      .About("batch", objects.batch_id)
      .Policy(frame.policy_set)
      .Trace(frame.trace_id);
  return event;
}

void AddEvidence(const policy::Evidence& evidence, std::string_view actor, audit::Event* event) {
  // The set that ruled: a reload may have come since the frame was made.
  if (!evidence.policy_set.empty()) event->Policy(evidence.policy_set);
  event->Purpose(v1::Purpose_Name(evidence.purpose)).Consent(evidence.consent_id).Rule(evidence.rule);
  for (const policy::SharedField& field : evidence.fields) event->Field(field.path);
  if (evidence.recipient != actor) event->By(evidence.recipient, evidence.recipient_role);
}

void AddRules(std::span<const Issue> issues, audit::Event* event) {
  for (const Issue& issue : issues) {
    if (issue.severity == Severity::kError) event->Rule(issue.rule);
  }
}

std::string WithEvidence(v1::AuditCode code, char action, const EventFrame& frame, const EventObjects& objects,
                         const policy::Evidence& evidence) {
  audit::Event event = Base(code, action, frame, objects);
  AddEvidence(evidence, frame.actor, &event);
  return event.Bytes();
}

}  // namespace

std::string ReceiveEvent(const EventFrame& frame, const EventObjects& objects) {
  return Base(v1::AUDIT_RECEIVE, 'C', frame, objects).Bytes();
}

std::string DecideEvent(const EventFrame& frame, const EventObjects& objects, const policy::Evidence& evidence) {
  return WithEvidence(v1::AUDIT_DECIDE, 'E', frame, objects, evidence);
}

std::string DiscloseEvent(const EventFrame& frame, const EventObjects& objects, const policy::Evidence& evidence) {
  return WithEvidence(v1::AUDIT_DISCLOSE, 'R', frame, objects, evidence);
}

std::string ReadEvent(const EventFrame& frame, const EventObjects& objects, const policy::Evidence& evidence) {
  return WithEvidence(v1::AUDIT_READ, 'R', frame, objects, evidence);
}

std::string RepeatEvent(const EventFrame& frame, const EventObjects& objects, const policy::Evidence& evidence) {
  return WithEvidence(v1::AUDIT_REPEAT, 'R', frame, objects, evidence);
}

std::string DeliverEvent(const EventFrame& frame, const EventObjects& objects, v1::AuditOutcome outcome,
                         std::string_view reason) {
  audit::Event event = Base(v1::AUDIT_DELIVER, 'U', frame, objects);
  event.Outcome(outcome);
  if (!reason.empty()) event.Rule(reason);
  return event.Bytes();
}

std::string WithholdEvent(const EventFrame& frame, const EventObjects& objects, std::span<const Issue> issues) {
  audit::Event event = Base(v1::AUDIT_WITHHOLD, 'E', frame, objects);
  event.Outcome(v1::AUDIT_REFUSED);
  AddRules(issues, &event);
  return event.Bytes();
}

std::string RefuseEvent(const EventFrame& frame, const EventObjects& objects, std::span<const Issue> issues) {
  audit::Event event = Base(v1::AUDIT_REFUSE, 'E', frame, objects);
  event.Outcome(v1::AUDIT_REFUSED);
  // Refused before the message had an id: the object is the call itself.
  if (event.event().objects().empty()) event.About("call", frame.trace_id.empty() ? "unnamed" : frame.trace_id);
  AddRules(issues, &event);
  return event.Bytes();
}

std::string HandedOverEvent(const EventFrame& frame, const EventObjects& objects) {
  return Base(v1::AUDIT_HANDED_OVER, 'U', frame, objects).Bytes();
}

std::string ConsentEndedEvent(const EventFrame& frame, const EventObjects& objects, std::string_view rule) {
  return Base(v1::AUDIT_CONSENT_ENDED, 'U', frame, objects).Rule(rule).Bytes();
}

std::string HoldEvent(v1::AuditCode code, const EventFrame& frame, const EventObjects& objects) {
  return Base(code, 'U', frame, objects).Bytes();
}

std::string WaitEvent(const EventFrame& frame, const EventObjects& objects) {
  return Base(v1::AUDIT_WAIT, 'E', frame, objects).Bytes();
}

std::string BatchEvent(v1::AuditCode code, const EventFrame& frame, std::string_view batch_id,
                       std::span<const Issue> issues) {
  audit::Event event = Base(code, code == v1::AUDIT_BATCH_RECEIVED ? 'C' : 'E', frame, {"", "", "", batch_id});
  if (!issues.empty()) event.Outcome(v1::AUDIT_REFUSED);
  AddRules(issues, &event);
  return event.Bytes();
}

std::string DaySheetEvent(const EventFrame& frame, std::string_view day) {
  return Base(v1::AUDIT_READ, 'R', frame, {}).About("day-sheet", day).Bytes();
}

std::string PolicyEvent(v1::AuditCode code, const EventFrame& frame) {
  return Base(code, 'E', frame, {}).About("policy", frame.policy_set).Bytes();
}

}  // namespace schotvrij::exchange
