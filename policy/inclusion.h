// Inclusion (inclusiecheck): whether a registration shows that the client is in the network's
// target group, criterion by criterion. An attested criterion takes the sender's verdict and looks
// at no score, also where one was sent; a scored one takes the score and holds it against the
// threshold.
#pragma once

#include <vector>

#include "schemas/base/civil_date.h"
#include "schemas/base/issue.h"
#include "schotvrij/policy/v1/policy.pb.h"
#include "schotvrij/v1/registration.pb.h"

namespace schotvrij::policy {

// All that is wrong, by canonical path ("registration.attestations[0].verdict").
void CheckInclusion(const v1::TargetGroup& group, const schotvrij::v1::Registration& registration,
                    CivilDate today, std::vector<Issue>& issues);

}  // namespace schotvrij::policy
