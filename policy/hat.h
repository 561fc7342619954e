// Hat (pet): the role in which a party, or one of its staff, speaks and reads. What came in under one is not found under another.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "policy/rule_set.h"
#include "schemas/base/civil_date.h"

namespace schotvrij::policy {

// The roles that who speaks for `party` as `staff` (empty: as its system) has on `today` or had before, in whatever networks; each
// once. One that was laid off counts: what came in under it is still there.
std::vector<std::string> HatsOf(const RuleSet& rules, std::string_view party, std::string_view staff, CivilDate today);

// Whether what was kept under the role `kept` is there under `hat`. Empty: from before roles were kept, and of a party of no network.
inline bool IsUnderHat(std::string_view kept, std::string_view hat) { return kept.empty() || hat.empty() || kept == hat; }

}  // namespace schotvrij::policy
