// PolicyInForce: from files to a rule set that may be put in force, with everything that must hold between policy and enrolment.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "gateway/identity/config.h"
#include "policy/rule_set.h"
#include "schemas/base/runtime.h"

namespace schotvrij::cli {

struct PolicyOutcome {
  std::shared_ptr<const policy::RuleSet> rules;  // null: refused, `report` says why
  std::string report;                            // faults and warnings a line each, then the state of each network
  size_t networks_active = 0;
  size_t networks_inactive = 0;
  size_t warnings = 0;
  size_t faults = 0;
};

// Loads `config`'s policy files beside the national rules, holds every rule against the formats its parties are enrolled with
// and every mail route against the clock.
PolicyOutcome LoadPolicy(const identity::LoadedConfig& config, Instant now);

}  // namespace schotvrij::cli
