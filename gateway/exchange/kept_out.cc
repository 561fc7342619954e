#include "gateway/exchange/kept_out.h"

#include <algorithm>

#include "gateway/exchange/checklist.h"
#include "gateway/exchange/trial.h"
#include "policy/membership.h"
#include "schemas/base/status.h"

namespace schotvrij::exchange {

absl::StatusOr<std::vector<std::string>> KeptOut(store::Store& store, const identity::Enrolment& enrolment,
                                                 const policy::RuleSet& rules, CivilDate today, config::v1::Environment environment) {
  std::vector<std::string> kept = IncompleteOn(enrolment, rules, today, environment);
  if (environment != config::v1::PRODUCTION) return kept;
  for (const config::v1::Participant& participant : enrolment.document().participant()) {
    const bool known = std::count(kept.begin(), kept.end(), participant.key()) > 0;
    if (known || policy::RolesToday(rules, participant.key(), today).empty()) continue;
    ASSIGN_OR_RETURN(const TrialState trial, ReadTrial(store, participant));
    if (trial.stage != TrialState::Stage::kComplete) kept.push_back(participant.key());
  }
  return kept;
}

}  // namespace schotvrij::exchange
