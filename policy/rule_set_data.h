// What a RuleSet holds: the documents, and what is compiled from them so that no decision reads a
// text of the policy.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "policy/minimiser.h"
#include "policy/period.h"
#include "policy/rule_set.h"

namespace schotvrij::policy {

struct RuleSet::Data {
  struct DatedRole {
    std::string role;
    Period period;
  };
  struct DatedAgreement {
    const v1::Agreement* agreement;
    Period period;
  };
  struct DatedStaff {
    std::string key;  // empty: the organisation's system
    Period period;
    std::vector<std::string> roles;  // empty: all of the party's
  };
  struct CompiledNetwork {
    std::vector<DatedAgreement> agreements;
    absl::flat_hash_map<std::string, std::vector<DatedStaff>> staff;  // by party
    absl::flat_hash_map<std::string, std::vector<DatedRole>> roles;  // by party
    absl::flat_hash_map<std::string, Successor> successors;          // by the party that they follow up
  };
  struct CompiledRule {
    MinimiserPlan plan;
    RulePlace place;
  };

  std::string name;
  v1::Document national;
  std::vector<v1::Network> networks;

  absl::flat_hash_map<std::string, const v1::Role*> roles;
  absl::flat_hash_map<std::string, const v1::Network*> networks_by_key;
  absl::flat_hash_map<std::string, const v1::Rule*> national_rules;
  absl::flat_hash_map<const v1::Network*, CompiledNetwork> compiled;
  absl::flat_hash_map<const v1::Rule*, CompiledRule> rules;
  absl::flat_hash_map<std::pair<const v1::Agreement*, std::string>, MinimiserPlan>
      needs;              // by content
  MinimiserPlan no_need;  // of a content that leaves no facts
};

}  // namespace schotvrij::policy
