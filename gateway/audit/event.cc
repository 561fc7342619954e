#include "gateway/audit/event.h"

#include <cstdio>
#include <cstdlib>

#include "gateway/audit/audit.h"
#include "schemas/base/stable_bytes.h"

namespace schotvrij::audit {

Event::Event(v1::AuditCode code, char action, Instant at, std::string_view source) {
  event_.set_code(code);
  event_.set_action(std::string(1, action));
  event_.set_recorded_us(at.us);
  event_.set_source(std::string(source));
  event_.set_outcome(v1::AUDIT_OK);
}

Event& Event::Outcome(v1::AuditOutcome outcome) {
  event_.set_outcome(outcome);
  return *this;
}

Event& Event::By(std::string_view participant, std::string_view role, std::string_view peer) {
  v1::AuditUser* user = event_.add_users();
  user->set_requestor(event_.users_size() == 1);
  user->set_id(std::string(participant));
  user->set_role(std::string(role));
  if (peer != participant) user->set_on_behalf_of(std::string(peer));
  return *this;
}

Event& Event::About(std::string_view type, std::string_view id) {
  if (id.empty()) return *this;
  v1::AuditObject* object = event_.add_objects();
  object->set_type(std::string(type));
  object->set_id(std::string(id));
  return *this;
}

Event& Event::Rule(std::string_view rule) {
  event_.add_rules(std::string(rule));
  return *this;
}

Event& Event::Field(std::string_view path) {
  event_.add_fields(std::string(path));
  return *this;
}

Event& Event::Policy(std::string_view policy_set) {
  event_.set_authorisation_protocol(std::string(policy_set));
  return *this;
}

Event& Event::Purpose(std::string_view purpose) {
  event_.set_purpose(std::string(purpose));
  return *this;
}

Event& Event::Consent(std::string_view consent_id) {
  event_.set_consent_profile(std::string(consent_id));
  return *this;
}

Event& Event::Trace(std::string_view trace_id) {
  event_.set_trace_id(std::string(trace_id));
  return *this;
}

std::string Event::Bytes() const {
  std::vector<std::string> missing = MissingFields(event_);
  if (!missing.empty()) {
    std::fprintf(stderr, "schotvrij: audit event %d lacks %s\n", event_.code(), missing[0].c_str());
    std::abort();
  }
  return ToBytes(event_);
}

}  // namespace schotvrij::audit
