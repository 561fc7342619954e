// Disclosure: what the policy lets one recipient know, with the evidence why. Only policy::Engine
// makes one, and everything that is sent to others is encoded from one:
//
//   Exchange ─engine─▶ Disclosure ─adapter─▶ Encoded ─transport─▶ recipient
//
// Sending anything else does not compile (tests/conformance/must_not_compile).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "schotvrij/policy/v1/policy.pb.h"
#include "schotvrij/v1/exchange.pb.h"

namespace schotvrij::policy {

class Engine;

// One leaf that may go, and by which rule.
struct SharedField {
  std::string path;  // "client.bsn"
  std::string rule;  // id of the rule that shares it
  policy::v1::As as = policy::v1::ITSELF;
};

// Why this may be known. Holds no value of the message.
struct Evidence {
  std::string disclosure_id;  // the delivery or read it was made for
  std::string network;
  std::string agreement_version;
  std::string sender;  // participant keys
  std::string recipient;
  std::string recipient_role;
  schotvrij::v1::Purpose purpose = schotvrij::v1::PURPOSE_UNSPECIFIED;
  std::string rule;  // disclosure rule
  std::shared_ptr<const policy::v1::Grounds> grounds;  // of that rule; never null in a Disclosure
  std::string consent_id;  // empty when the rule does not rest on consent
  std::string policy_set;  // name of the policy set that decided
  std::vector<SharedField> fields;
};

class Disclosure {
 public:
  // The minimised message. Its envelope holds what the recipient may know of the exchange, no more.
  const schotvrij::v1::Exchange& exchange() const { return exchange_; }
  const Evidence& evidence() const { return evidence_; }

 private:
  friend class Engine;
  Disclosure(schotvrij::v1::Exchange exchange, Evidence evidence)
      : exchange_(std::move(exchange)), evidence_(std::move(evidence)) {}

  schotvrij::v1::Exchange exchange_;
  Evidence evidence_;
};

}  // namespace schotvrij::policy
