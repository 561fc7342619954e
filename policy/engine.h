// Engine: who may know what, for what, on what ground. Pure but for the pointer to the current rule
// set: time, facts and consent are arguments, the answer is a value.
//
//   Decision decision = engine.Decide({exchange, facts, today});
//   if (HasError(decision.issues)) Refuse(decision.issues);
//   std::variant<Disclosure, Withheld> out = engine.Disclose({exchange, facts, today,
//   decision.recipients[0], ids});
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "policy/disclosure/disclosure.h"
#include "policy/rule_set.h"
#include "schemas/base/civil_date.h"
#include "schemas/base/issue.h"
#include "schotvrij/v1/exchange.pb.h"
#include "schotvrij/v1/facts.pb.h"

namespace schotvrij::policy {

// Envelope.network, .sender and .recipient are resolved participant keys by the time the engine
// sees an Exchange.
struct Question {
  const schotvrij::v1::Exchange& exchange;
  const schotvrij::v1::Facts& facts;
  CivilDate today;
  // True only offline (`--assume-consent`): the consent check passes without one.
  bool assume_consent = false;
};

// One party that gets a part of the message.
struct Recipient {
  std::string participant;
  std::string role;
  std::string rule;        // id of the disclosure rule
  std::string consent_id;  // empty when the rule does not rest on consent
  // Leaves it may get, each with the condition and form it may go in where there is one:
  // "client.bsn", "registration.start_date as MONTH". Opaque to whoever keeps them as `at_most`.
  std::vector<std::string> paths;
};

struct Decision {
  std::vector<Issue> issues;  // with an error: refused, and the rest is empty
  std::string policy_set;
  std::string agreement_version;
  schotvrij::v1::Purpose purpose = schotvrij::v1::PURPOSE_UNSPECIFIED;
  std::vector<Recipient> recipients;
};

// What was fixed before the first attempt and what may go at most; see v1::FrozenDelivery.
struct DisclosureRequest {
  Question question;
  std::string disclosure_id;  // delivery or read id
  std::string recipient;      // participant key
  std::string message_id;     // id the recipient knows the message by
  std::string sent_on;        // civil date
  // Leaves accepted at the decision; the answer can only be narrower. Null: no earlier decision
  // (offline tools).
  const std::vector<std::string>* at_most = nullptr;
};

// Nothing may leave (any more).
struct Withheld {
  std::vector<Issue> issues;
};

// Recipient-scoped, stable pseudonym of a value, for leaves shared `as: PSEUDONYM`.
using Pseudonymiser =
    std::function<std::string(std::string_view recipient, std::string_view value)>;

// One line of `explain`: every leaf that is set in the message.
struct Explanation {
  std::string path;
  bool shared = false;
  policy::v1::As as = policy::v1::AS_UNSPECIFIED;
  std::string rule;
  std::string ground;  // the four grounds in words; for a withheld leaf: why no rule shares it
};

class Engine {
 public:
  Engine(std::shared_ptr<const RuleSet> rules, Pseudonymiser pseudonymiser);

  // The set in force; decisions that run keep the one they began with.
  std::shared_ptr<const RuleSet> rules() const;
  void Swap(std::shared_ptr<const RuleSet> rules);

  // Agreement, parties, target group, consent and rules, in that order; all that is wrong in one go
  // where it can be. The only recipient is the one the envelope names; a Consent sent by itself is
  // judged by its form, a SafetyHold by its sender, and both go to nobody. Issues have canonical paths.
  Decision Decide(const Question& question) const;
  // Asks agreement, membership, rule and consent again on `today`; the inclusion check is not
  // repeated. The message keeps its kind of content also where no leaf of it is shared.
  std::variant<Disclosure, Withheld> Disclose(const DisclosureRequest& request) const;
  // A trial, which is about nobody and asks no ground. `id`: by which the recipient knows it; `sent_on`: civil date.
  Disclosure DiscloseTrial(const std::string& id, const std::string& recipient,
                           const std::string& sent_on) const;
  // What Disclose would do, leaf by leaf. Holds no value of the message.
  std::vector<Explanation> Explain(const Question& question, std::string_view recipient) const;

  // What of a decided message some rule may disclose or facts need: scores under an attested
  // criterion, names and dates that nobody may get are gone before anything is stored (R2).
  schotvrij::v1::Exchange CutToNeed(const Question& question, const Decision& decision) const;

 private:
  mutable absl::Mutex mutex_;
  std::shared_ptr<const RuleSet> rules_ ABSL_GUARDED_BY(mutex_);
  const Pseudonymiser pseudonymiser_;
};

}  // namespace schotvrij::policy
