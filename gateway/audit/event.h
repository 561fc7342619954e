// Event: builds an audit event that is complete in what NEN 7513 makes mandatory.
//
//   std::string bytes = Event(v1::AUDIT_POLICY_LOADED, 'U', clock.Now(), "gateway.example")
//                           .By("gateway.example", "system").About("policy", set).Policy(set).Bytes();
#pragma once

#include <string>
#include <string_view>

#include "schemas/base/runtime.h"
#include "schotvrij/v1/audit.pb.h"

namespace schotvrij::audit {

class Event {
 public:
  // `action`: C, R, U, D or E. `source`: this gateway (bron-ID). The outcome is AUDIT_OK until said otherwise.
  Event(v1::AuditCode code, char action, Instant at, std::string_view source);

  Event& Outcome(v1::AuditOutcome outcome);
  // Who acted: the first one is the initiator. `peer`: whose certificate was seen, where that is another.
  Event& By(std::string_view participant, std::string_view role, std::string_view peer = "");
  // What it is about: client, exchange, delivery, policy. An empty id is left out.
  Event& About(std::string_view type, std::string_view id);
  Event& Rule(std::string_view rule);
  Event& Field(std::string_view path);
  Event& Policy(std::string_view policy_set);
  Event& Purpose(std::string_view purpose);
  Event& Consent(std::string_view consent_id);
  Event& Trace(std::string_view trace_id);

  const v1::AuditEvent& event() const { return event_; }
  // Exact bytes for the chain. Ends the program when a mandatory field is missing: it stands in our own code.
  std::string Bytes() const;

 private:
  v1::AuditEvent event_;
};

}  // namespace schotvrij::audit
