// Reports of policy for people: what `schotvrij policy check` and `schotvrij policy show` print.
// Pure text, no colours.
//
//   out << RenderCheck(LoadRuleSet(files), &enrolment.keys(), today);
//   out << RenderShow(*loaded.rules);
#pragma once

#include <span>
#include <string>
#include <vector>

#include "policy/rule_set.h"
#include "schemas/base/civil_date.h"

namespace schotvrij::policy {

// One line a fault: "file:line:column: path: text [rule]", warnings marked.
std::string RenderFaults(std::span<const Fault> faults);

// The whole outcome: faults, then, where the set loads, its name, per network the versions of its
// agreement, whether it is active given the keys `enrolled` (null: not known) and whom its parties
// name today or have announced, and every ground that nobody has verified yet.
std::string RenderCheck(const LoadResult& loaded, const std::vector<std::string>* enrolled,
                        CivilDate today);

// Roles with their BSN statutes, and per network and version who gets which leaf, for what, on what
// ground.
std::string RenderShow(const RuleSet& rules);

}  // namespace schotvrij::policy
