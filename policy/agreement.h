// Agreement (convenant): under which version, between whom and by which rule a message is exchanged
// on a day.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "policy/rule_set.h"
#include "schemas/base/civil_date.h"
#include "schemas/base/issue.h"
#include "schotvrij/v1/exchange.pb.h"

namespace schotvrij::policy {

// Name in Exchange.content; empty when there is none.
std::string_view ContentOf(const schotvrij::v1::Exchange& exchange);

// Whether a message with this content goes to one recipient, whom its envelope names and who may answer it
// (schemas/codes/content.csv).
bool IsAddressed(std::string_view content);

// Whether the rule is for this step of a registration; a content without steps has none that a rule is not for.
bool IsForStep(const v1::Rule& rule, schotvrij::v1::RegistrationStep step);

// Whether the rule is for messages of this kind (`when`): its content, which is that of `exchange`, says so itself.
bool IsForKind(const v1::Rule& rule, const schotvrij::v1::Exchange& exchange);

// What was found; a pointer is null from where the search ended.
struct Ruling {
  const v1::Network* network = nullptr;
  const v1::Agreement* agreement = nullptr;  // the version in force
  const v1::Rule* rule = nullptr;            // null for a content that goes to nobody (consent, safety_hold)
  std::string recipient_role;
};

// The day of the case that a message is part of, by whose agreement it is judged: Envelope.judged_on; where the gateway has not
// set it, `today`.
CivilDate CaseDay(const schotvrij::v1::Exchange& exchange, CivilDate today);

// Looks at network, agreement, sender, step, recipient and rule, in that order; what is against it
// goes to `issues`. A sender that is no member is told nothing more. Where several rules fit, the
// first in the document counts. The agreement is that of the case's day, and so are the roles; what
// rests on consent is also only shared while an agreement is in force and both are members. Of a
// party whose role the envelope states only that role counts.
Ruling FindRuling(const RuleSet& rules, const schotvrij::v1::Exchange& exchange,
                  std::string_view recipient, CivilDate today, std::vector<Issue>& issues);

}  // namespace schotvrij::policy
