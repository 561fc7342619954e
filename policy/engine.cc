#include "policy/engine.h"

#include <algorithm>
#include <utility>

#include "policy/agreement.h"
#include "policy/consent.h"
#include "policy/disclosure/step.h"
#include "policy/explain.h"
#include "policy/inclusion.h"
#include "policy/minimiser.h"
#include "policy/rule_set.h"

namespace schotvrij::policy {
namespace {

using google::protobuf::FieldDescriptor;
using schotvrij::v1::Exchange;

// Id of the consent the rule rests on; with an issue when it may not. Empty too where it rests on
// none.
std::string CheckConsentFor(const Question& question, const v1::Rule& rule,
                            std::string_view recipient, std::vector<Issue>& issues) {
  if (!RestsOnConsent(rule.grounds()) || question.assume_consent) return "";
  ConsentFinding found =
      FindConsent({question.exchange, question.facts, rule.purpose(), recipient, question.today,
                   rule.grounds().article_6() == v1::Grounds::CONSENT});
  if (!found.granted) issues.push_back(MakeIssue(found.rule, found.path));
  return std::move(found.consent_id);
}

// A later step does not show again what the first has shown, but for one that opens anew.
bool BringsIntoTheGroup(const Exchange& exchange) {
  const schotvrij::v1::RegistrationStep step = StepOf(exchange);
  return step == schotvrij::v1::REGISTER || step == schotvrij::v1::REOPEN;
}

struct Minimised {
  Exchange exchange;
  std::vector<bool> copied;
  bool any_content = false;
};

Minimised Minimise(const MinimiserPlan& plan, const Exchange& exchange,
                   const schotvrij::v1::Envelope& envelope, const std::vector<bool>& allowed,
                   const MinimiserPlan::Pseudonyms& pseudonyms) {
  Minimised out;
  out.copied = plan.Copy(exchange, allowed, pseudonyms, out.exchange, &envelope);
  for (size_t i = 0; i < out.copied.size(); ++i) {
    out.any_content |= out.copied[i] && plan.leaves()[i].is_content;
  }
  // What kind of message it is follows from the rule, also where no leaf of the content is shared.
  if (const FieldDescriptor* content =
          Exchange::descriptor()->FindFieldByNumber(exchange.content_case())) {
    out.exchange.GetReflection()->MutableMessage(&out.exchange, content);
  }
  return out;
}

std::vector<std::string> KeysOf(const MinimiserPlan& plan) {
  std::vector<std::string> keys;
  keys.reserve(plan.leaves().size());
  for (const MinimiserPlan::SharedLeaf& leaf : plan.leaves()) keys.push_back(leaf.key);
  return keys;
}

MinimiserPlan::Pseudonyms ForRecipient(const Pseudonymiser& pseudonymiser,
                                       const std::string& recipient) {
  if (pseudonymiser == nullptr) return nullptr;
  return [&pseudonymiser, &recipient](std::string_view value) {
    return pseudonymiser(recipient, value);
  };
}

Evidence MakeEvidence(const DisclosureRequest& request, const std::shared_ptr<const RuleSet>& rules,
                      const Ruling& ruling, std::string consent_id,
                      const std::vector<bool>& copied) {
  Evidence evidence;
  evidence.disclosure_id = request.disclosure_id;
  evidence.network = ruling.network->key();
  evidence.agreement_version = ruling.agreement->version();
  evidence.sender = request.question.exchange.envelope().sender();
  evidence.recipient = request.recipient;
  evidence.recipient_role = ruling.recipient_role;
  evidence.purpose = ruling.rule->purpose();
  evidence.rule = ruling.rule->id();
  evidence.grounds = {rules, &ruling.rule->grounds()};
  evidence.consent_id = std::move(consent_id);
  evidence.policy_set = rules->name();
  const MinimiserPlan& plan = rules->PlanOf(*ruling.rule);
  evidence.fields.reserve(copied.size());
  for (size_t i = 0; i < copied.size(); ++i) {
    const MinimiserPlan::SharedLeaf& leaf = plan.leaves()[i];
    if (copied[i]) evidence.fields.push_back({leaf.path, ruling.rule->id(), leaf.grain.as});
  }
  return evidence;
}

const v1::Agreement* FindVersion(const v1::Network& network, std::string_view version) {
  for (const v1::Agreement& agreement : network.agreement()) {
    if (agreement.version() == version) return &agreement;
  }
  return nullptr;
}

}  // namespace

Engine::Engine(std::shared_ptr<const RuleSet> rules, Pseudonymiser pseudonymiser)
    : rules_(std::move(rules)), pseudonymiser_(std::move(pseudonymiser)) {}

std::shared_ptr<const RuleSet> Engine::rules() const {
  absl::MutexLock lock(&mutex_);
  return rules_;
}

void Engine::Swap(std::shared_ptr<const RuleSet> rules) {
  absl::MutexLock lock(&mutex_);
  rules_.swap(rules);
}

Decision Engine::Decide(const Question& question) const {
  const std::shared_ptr<const RuleSet> rules = this->rules();
  const Exchange& exchange = question.exchange;
  const std::string& recipient = exchange.envelope().recipient();
  Decision decision;
  decision.policy_set = rules->name();
  const Ruling ruling = FindRuling(*rules, exchange, recipient, question.today, decision.issues);
  if (ruling.agreement == nullptr) return decision;

  Recipient to{recipient, ruling.recipient_role, "", "", {}};
  if (BringsIntoTheGroup(exchange)) {
    CheckInclusion(ruling.agreement->target_group(), exchange.registration(), question.today,
                   decision.issues);
  }
  if (exchange.has_consent()) {
    CheckConsent(
        {exchange, question.facts, schotvrij::v1::PURPOSE_UNSPECIFIED, recipient, question.today},
        decision.issues);
  }
  if (ruling.rule != nullptr) {
    to.rule = ruling.rule->id();
    to.consent_id = CheckConsentFor(question, *ruling.rule, recipient, decision.issues);
    const MinimiserPlan& plan = rules->PlanOf(*ruling.rule);
    to.paths = KeysOf(plan);
    if (!plan.SharesContent(exchange, ForRecipient(pseudonymiser_, recipient))) {
      decision.issues.push_back(MakeIssue("NOTHING-TO-SHARE", ""));
    }
  }
  if (HasError(decision.issues)) return decision;
  decision.agreement_version = ruling.agreement->version();
  if (ruling.rule != nullptr) {
    decision.purpose = ruling.rule->purpose();
    decision.recipients.push_back(std::move(to));
  }
  return decision;
}

std::variant<Disclosure, Withheld> Engine::Disclose(const DisclosureRequest& request) const {
  const std::shared_ptr<const RuleSet> rules = this->rules();
  const Question& question = request.question;
  std::vector<Issue> issues;
  const Ruling ruling =
      FindRuling(*rules, question.exchange, request.recipient, question.today, issues);
  if (HasError(issues)) return Withheld{std::move(issues)};
  if (ruling.rule == nullptr) return Withheld{{MakeIssue("NOTHING-TO-SHARE", "")}};
  std::string consent_id = CheckConsentFor(question, *ruling.rule, request.recipient, issues);
  if (HasError(issues)) return Withheld{std::move(issues)};

  schotvrij::v1::Envelope envelope = question.exchange.envelope();
  envelope.set_message_id(request.message_id);
  envelope.set_sent_on(request.sent_on);
  const MinimiserPlan& plan = rules->PlanOf(*ruling.rule);
  Minimised out = Minimise(plan, question.exchange, envelope,
                           request.at_most == nullptr ? plan.All() : plan.AtMost(*request.at_most),
                           ForRecipient(pseudonymiser_, request.recipient));
  if (!out.any_content) return Withheld{{MakeIssue("NOTHING-TO-SHARE", "")}};
  Evidence evidence = MakeEvidence(request, rules, ruling, std::move(consent_id), out.copied);
  return Disclosure(std::move(out.exchange), std::move(evidence));
}

Disclosure Engine::DiscloseTrial(const std::string& id, const std::string& recipient,
                                 const std::string& sent_on) const {
  Exchange exchange;
  exchange.mutable_trial();
  exchange.mutable_envelope()->set_message_id(id);
  exchange.mutable_envelope()->set_sent_on(sent_on);
  Evidence evidence;
  evidence.disclosure_id = id;
  evidence.recipient = recipient;
  evidence.recipient_role = "participant";  // it may have none
  evidence.rule = "trial";
  evidence.grounds = std::make_shared<const v1::Grounds>();
  evidence.policy_set = rules()->name();
  for (const char* path : {"envelope.message_id", "envelope.sent_on"}) {
    evidence.fields.push_back({path, evidence.rule, v1::ITSELF});
  }
  return Disclosure(std::move(exchange), std::move(evidence));
}

std::vector<Explanation> Engine::Explain(const Question& question,
                                         std::string_view recipient) const {
  const std::shared_ptr<const RuleSet> rules = this->rules();
  std::vector<Issue> issues;
  const Ruling ruling = FindRuling(*rules, question.exchange, recipient, question.today, issues);
  if (ruling.rule != nullptr) CheckConsentFor(question, *ruling.rule, recipient, issues);
  return ExplainLeaves(*rules, question.exchange, ruling, issues);
}

Exchange Engine::CutToNeed(const Question& question, const Decision& decision) const {
  const std::shared_ptr<const RuleSet> rules = this->rules();
  std::vector<const MinimiserPlan*> plans;
  const v1::Network* network = rules->FindNetwork(question.exchange.envelope().network());
  const v1::Agreement* agreement =
      network == nullptr ? nullptr : FindVersion(*network, decision.agreement_version);
  if (agreement != nullptr) {
    plans.push_back(&rules->NeedOf(*agreement, ContentOf(question.exchange)));
    for (const v1::Rule& rule : agreement->rule()) {
      const bool used = std::any_of(decision.recipients.begin(), decision.recipients.end(),
                                    [&](const Recipient& to) { return to.rule == rule.id(); });
      if (used) plans.push_back(&rules->PlanOf(rule));
    }
  }
  Exchange kept;
  MinimiserPlan::Cut(plans, question.exchange, kept);
  return kept;
}

}  // namespace schotvrij::policy
