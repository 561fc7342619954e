// One line for every leaf that is set in a message: shared or withheld, by which rule, on which
// ground or for which reason.
#pragma once

#include <vector>

#include "policy/agreement.h"
#include "policy/engine.h"

namespace schotvrij::policy {

// `issues` holds what is against the exchange as a whole; with an error nothing is shared.
std::vector<Explanation> ExplainLeaves(const RuleSet& rules,
                                       const schotvrij::v1::Exchange& exchange,
                                       const Ruling& ruling, const std::vector<Issue>& issues);

}  // namespace schotvrij::policy
