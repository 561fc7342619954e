#include "policy/agreement.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "policy/consent.h"
#include "policy/disclosure/step.h"
#include "schemas/base/table.h"

namespace schotvrij::policy {
namespace {

using google::protobuf::RepeatedPtrField;
using schotvrij::v1::Exchange;
using Roles = std::vector<std::string>;

// The first of `roles` that `named` holds, or null.
const std::string* FirstOf(const Roles& roles, const RepeatedPtrField<std::string>& named) {
  auto found = std::find_if(roles.begin(), roles.end(), [&](const std::string& role) {
    return std::find(named.begin(), named.end(), role) != named.end();
  });
  return found == roles.end() ? nullptr : &*found;
}

bool HasStep(const v1::Agreement& agreement, std::string_view content) {
  return std::find(agreement.step().begin(), agreement.step().end(), content) !=
         agreement.step().end();
}

// Whether the field that `where` names holds what it names; the loader has checked both.
bool IsSaid(const v1::Where& where, const google::protobuf::Message& message) {
  const auto* const field = message.GetDescriptor()->FindFieldByName(where.sibling());
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  if (field->enum_type() != nullptr) return reflection.GetEnum(message, field)->name() == where.equals();
  return reflection.GetString(message, field) == where.equals();
}

// A permit comes from those whose own messages rest on it; a denial or withdrawal may be passed on
// by any member.
bool MaySendConsent(const v1::Agreement& agreement, const Roles& sender,
                    const schotvrij::v1::Consent& consent) {
  if (consent.state() == schotvrij::v1::CONSENT_WITHDRAWN ||
      consent.decision() == schotvrij::v1::DENY) {
    return true;
  }
  return std::any_of(agreement.rule().begin(), agreement.rule().end(), [&](const v1::Rule& rule) {
    return RestsOnConsent(rule.grounds()) && FirstOf(sender, rule.from()) != nullptr;
  });
}

bool MaySendAnything(const v1::Agreement& agreement, const Roles& sender) {
  return std::any_of(agreement.rule().begin(), agreement.rule().end(),
                     [&](const v1::Rule& rule) { return FirstOf(sender, rule.from()) != nullptr; });
}

bool LiftsHold(const Exchange& exchange) {
  return exchange.safety_hold().state() == schotvrij::v1::HOLD_LIFTED;
}

// Of `roles` the one that `stated` is, or all where nothing is stated.
Roles AsStated(Roles roles, const std::string& stated) {
  if (!stated.empty()) std::erase_if(roles, [&](const std::string& role) { return role != stated; });
  return roles;
}

void FindRule(const Exchange& exchange, const Roles& sender, const Roles& recipient, Ruling& ruling,
              std::vector<Issue>& issues) {
  const std::string_view content = ContentOf(exchange);
  bool sends = false;
  bool in_step = false;
  std::string kind = "registration.step";
  for (const v1::Rule& rule : ruling.agreement->rule()) {
    if (rule.content() != content || FirstOf(sender, rule.from()) == nullptr) continue;
    sends = true;
    if (rule.has_when()) kind = absl::StrCat(rule.content(), ".", rule.when().sibling());
    if (!IsForStep(rule, StepOf(exchange)) || !IsForKind(rule, exchange)) continue;
    in_step = true;
    if (const std::string* role = FirstOf(recipient, rule.to())) {
      ruling.rule = &rule;
      ruling.recipient_role = *role;
      return;
    }
  }
  if (!sends) {
    issues.push_back(MakeIssue("SENDER-ROLE", "envelope.sender"));
  } else if (!in_step) {
    issues.push_back(MakeIssue("STEP-NOT-IN-NETWORK", kind));
  } else if (!recipient.empty()) {
    issues.push_back(MakeIssue("RECIPIENT-ROLE", "envelope.recipient"));
  }
}

// What the parties know already they may still put right, end and answer when they no longer work together; what the client's
// consent to their working together lifts the secrecy of, they no longer share.
void CheckStillTogether(const RuleSet& rules, const Ruling& ruling, const Exchange& exchange, std::string_view recipient,
                        CivilDate today, std::vector<Issue>& issues) {
  if (ruling.rule == nullptr || !RestsOnConsent(ruling.rule->grounds())) return;
  if (rules.AgreementOn(*ruling.network, today) == nullptr) {
    issues.push_back(MakeIssue("AGREEMENT-NOT-IN-FORCE", "envelope.network"));
  } else if (rules.RolesOn(*ruling.network, exchange.envelope().sender(), today).empty()) {
    issues.push_back(MakeIssue("SENDER-NOT-MEMBER", "envelope.sender"));
  } else if (rules.RolesOn(*ruling.network, recipient, today).empty()) {
    issues.push_back(MakeIssue("RECIPIENT-NOT-MEMBER", "envelope.recipient"));
  }
}

}  // namespace

CivilDate CaseDay(const Exchange& exchange, CivilDate today) {
  return CivilDate::Parse(exchange.envelope().judged_on()).value_or(today);
}

bool IsForStep(const v1::Rule& rule, schotvrij::v1::RegistrationStep step) {
  if (step == schotvrij::v1::REGISTRATION_STEP_UNSPECIFIED) return true;
  const auto& steps = rule.registration_step();
  return steps.empty() ? step == schotvrij::v1::REGISTER : std::find(steps.begin(), steps.end(), step) != steps.end();
}

bool IsForKind(const v1::Rule& rule, const Exchange& exchange) {
  if (!rule.has_when()) return true;
  const google::protobuf::Message& content =
      exchange.GetReflection()->GetMessage(exchange, Exchange::descriptor()->FindFieldByName(rule.content()));
  return IsSaid(rule.when(), content);
}

std::string_view ContentOf(const Exchange& exchange) {
  const auto* field = Exchange::descriptor()->FindFieldByNumber(exchange.content_case());
  return field == nullptr ? std::string_view() : std::string_view(field->name());
}

bool IsAddressed(std::string_view content) {
  return Table::Embedded("schemas/codes/content.csv").Find("content", content) != nullptr;
}

Ruling FindRuling(const RuleSet& rules, const Exchange& exchange, std::string_view recipient,
                  CivilDate today, std::vector<Issue>& issues) {
  const schotvrij::v1::Envelope& envelope = exchange.envelope();
  Ruling ruling;
  ruling.network = rules.FindNetwork(envelope.network());
  if (ruling.network == nullptr) {
    issues.push_back(MakeIssue("NETWORK-UNKNOWN", "envelope.network"));
    return ruling;
  }
  const CivilDate day = CaseDay(exchange, today);
  Roles sender = rules.RolesInCase(*ruling.network, envelope.sender(), day, today);
  if (sender.empty()) {
    issues.push_back(MakeIssue("SENDER-NOT-MEMBER", "envelope.sender"));
    return ruling;
  }
  sender = AsStated(std::move(sender), envelope.sender_role());
  if (sender.empty()) {
    issues.push_back(MakeIssue("SENDER-ROLE", "envelope.sender"));
    return ruling;
  }
  ruling.agreement = rules.AgreementOn(*ruling.network, day);
  // What was set under an agreement can be lifted after it.
  if (LiftsHold(exchange)) return ruling;
  if (ruling.agreement == nullptr) {
    issues.push_back(MakeIssue("AGREEMENT-NOT-IN-FORCE", "envelope.network"));
    return ruling;
  }
  // Safety does not wait for an agreement to name the step.
  if (exchange.has_safety_hold()) {
    if (!MaySendAnything(*ruling.agreement, sender)) {
      issues.push_back(MakeIssue("SENDER-ROLE", "envelope.sender"));
    }
    return ruling;
  }
  const std::string_view content = ContentOf(exchange);
  if (!HasStep(*ruling.agreement, content)) {
    issues.push_back(MakeIssue("STEP-NOT-IN-NETWORK", content));
    return ruling;
  }
  if (exchange.has_consent()) {
    if (!MaySendConsent(*ruling.agreement, sender, exchange.consent())) {
      issues.push_back(MakeIssue("SENDER-ROLE", "envelope.sender"));
    }
    return ruling;
  }
  Roles recipient_roles = rules.RolesInCase(*ruling.network, recipient, day, today);
  if (recipient_roles.empty()) {
    issues.push_back(MakeIssue("RECIPIENT-NOT-MEMBER", "envelope.recipient"));
  } else {
    recipient_roles = AsStated(std::move(recipient_roles), envelope.recipient_role());
    if (recipient_roles.empty()) issues.push_back(MakeIssue("RECIPIENT-ROLE", "envelope.recipient"));
  }
  FindRule(exchange, sender, recipient_roles, ruling, issues);
  CheckStillTogether(rules, ruling, exchange, recipient, today, issues);
  return ruling;
}

}  // namespace schotvrij::policy
