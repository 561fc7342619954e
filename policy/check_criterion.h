// Criteria of a target group: each either ATTESTED or SCORED, and what rules say about them.
#pragma once

#include "policy/checks.h"

namespace schotvrij::policy {

void CheckCriteria(const v1::TargetGroup& group, const Place& place, FaultList& faults);
// Conditions (`where`) of a rule's leaves that name a criterion or a criteria version: they must be
// the group's.
void CheckCriterionConditions(const v1::TargetGroup& group, const v1::Rule& rule,
                              const Place& place, FaultList& faults);

}  // namespace schotvrij::policy
