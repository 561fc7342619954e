// KeptOut: of whom nothing real is taken and to whom nothing real goes, because something is missing that real traffic asks: an item of
// the checklist (checklist.h), or the round trip of a trial (trial.h).
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "gateway/identity/enrolment.h"
#include "gateway/store/store.h"
#include "policy/rule_set.h"
#include "schemas/base/civil_date.h"

namespace schotvrij::exchange {

// Keys, of those that have a role today; in a test home none.
absl::StatusOr<std::vector<std::string>> KeptOut(store::Store& store, const identity::Enrolment& enrolment,
                                                 const policy::RuleSet& rules, CivilDate today, config::v1::Environment environment);

}  // namespace schotvrij::exchange
