// What the removal of a participant leaves behind, and to whom: for `schotvrij participant remove`.
#pragma once

#include <vector>

#include "gateway/cli/participant_facts.h"
#include "gateway/exchange/checklist.h"

namespace schotvrij::cli {

// Of a home that is to be as `facts` have it, without `leaving`: networks and roles, successors, what waits for it, for whom it speaks, its people and its
// certificates. Nothing of it is a reason not to remove it; what is left to do is a warning with its remedy.
std::vector<exchange::CheckItem> LeftBehind(const HomeFacts& facts, const config::v1::Participant& leaving);

}  // namespace schotvrij::cli
