// The four grounds of a rule in words, as `explain`, `policy show` and decisions give them.
#pragma once

#include <string>

#include "schotvrij/policy/v1/policy.pb.h"

namespace schotvrij::policy {

// "AVG 6(1)(e): …; AVG 9: …; secrecy lifted by consent: …; BSN: …", and "(unverified)" where the
// document says so.
std::string InWords(const v1::Grounds& grounds);

}  // namespace schotvrij::policy
