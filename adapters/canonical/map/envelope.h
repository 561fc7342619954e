// What a received message may say of itself. Message id, participant keys and date of sending are
// the gateway's to give; the header of another standard is for that standard's adapter.
#pragma once

#include <vector>

#include "schemas/base/issue.h"
#include "schotvrij/v1/exchange.pb.h"

namespace schotvrij::canonical {

// Clears the fields that no caller gives; ENVELOPE-ASSIGNED (a warning) for each that was
// set.
std::vector<Issue> ClearAssigned(v1::Exchange* exchange);

}  // namespace schotvrij::canonical
