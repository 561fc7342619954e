#include "gateway/exchange/events.h"

#include "gateway/audit/audit.h"

namespace schotvrij::exchange {
namespace {

void AddObject(std::string_view type, std::string_view id, v1::AuditEvent* event) {
  if (id.empty()) return;
  v1::AuditObject* object = event->add_objects();
  object->set_type(std::string(type));
  object->set_id(std::string(id));
}

v1::AuditEvent Base(v1::AuditCode code, std::string_view action, v1::AuditOutcome outcome, const EventFrame& frame,
                    const EventObjects& objects) {
  v1::AuditEvent event;
  event.set_code(code);
  event.set_action(std::string(action));
  event.set_recorded_us(frame.at.us);
  event.set_outcome(outcome);
  v1::AuditUser* user = event.add_users();
  user->set_id(std::string(frame.actor.empty() ? frame.source : frame.actor));
  user->set_role(std::string(frame.role.empty() ? "system" : frame.role));
  user->set_requestor(true);
  if (frame.peer != frame.actor) user->set_on_behalf_of(std::string(frame.peer));
  AddObject("client", objects.client_id, &event);
  AddObject("exchange", objects.exchange_id, &event);
  AddObject("delivery", objects.delivery_id, &event);
  // A message that was refused before it had an id is still an object: the call itself.
  if (event.objects().empty()) AddObject("call", frame.trace_id, &event);
  event.set_authorisation_protocol(std::string(frame.policy_set));
  event.set_source(std::string(frame.source));
  event.set_trace_id(std::string(frame.trace_id));
  return event;
}

void AddEvidence(const policy::Evidence& evidence, v1::AuditEvent* event) {
  event->set_purpose(v1::Purpose_Name(evidence.purpose));
  event->set_consent_profile(evidence.consent_id);
  event->add_rules(evidence.rule);
  for (const policy::SharedField& field : evidence.fields) event->add_fields(field.path);
  if (evidence.recipient != event->users(0).id()) {
    v1::AuditUser* recipient = event->add_users();
    recipient->set_id(evidence.recipient);
    recipient->set_role(evidence.recipient_role);
  }
}

void AddRules(std::span<const Issue> issues, v1::AuditEvent* event) {
  for (const Issue& issue : issues) {
    if (issue.severity == Severity::kError) event->add_rules(issue.rule);
  }
}

}  // namespace

std::string ReceiveEvent(const EventFrame& frame, const EventObjects& objects) {
  return audit::EventBytes(Base(v1::AUDIT_RECEIVE, "C", v1::AUDIT_OK, frame, objects));
}

std::string DecideEvent(const EventFrame& frame, const EventObjects& objects, const policy::Evidence& evidence) {
  v1::AuditEvent event = Base(v1::AUDIT_DECIDE, "E", v1::AUDIT_OK, frame, objects);
  AddEvidence(evidence, &event);
  return audit::EventBytes(event);
}

std::string DiscloseEvent(const EventFrame& frame, const EventObjects& objects, const policy::Evidence& evidence) {
  v1::AuditEvent event = Base(v1::AUDIT_DISCLOSE, "R", v1::AUDIT_OK, frame, objects);
  AddEvidence(evidence, &event);
  return audit::EventBytes(event);
}

std::string ReadEvent(const EventFrame& frame, const EventObjects& objects, const policy::Evidence& evidence) {
  v1::AuditEvent event = Base(v1::AUDIT_READ, "R", v1::AUDIT_OK, frame, objects);
  AddEvidence(evidence, &event);
  return audit::EventBytes(event);
}

std::string DeliverEvent(const EventFrame& frame, const EventObjects& objects, v1::AuditOutcome outcome,
                         std::string_view reason) {
  v1::AuditEvent event = Base(v1::AUDIT_DELIVER, "U", outcome, frame, objects);
  if (!reason.empty()) event.add_rules(std::string(reason));
  return audit::EventBytes(event);
}

std::string WithholdEvent(const EventFrame& frame, const EventObjects& objects, std::span<const Issue> issues) {
  v1::AuditEvent event = Base(v1::AUDIT_WITHHOLD, "E", v1::AUDIT_REFUSED, frame, objects);
  AddRules(issues, &event);
  return audit::EventBytes(event);
}

std::string RefuseEvent(const EventFrame& frame, const EventObjects& objects, std::span<const Issue> issues) {
  v1::AuditEvent event = Base(v1::AUDIT_REFUSE, "E", v1::AUDIT_REFUSED, frame, objects);
  AddRules(issues, &event);
  return audit::EventBytes(event);
}

}  // namespace schotvrij::exchange
