// Note: an audit event that nobody waits for. That it could not be written is told to the operator.
#pragma once

#include <string>

#include "gateway/exchange/road.h"

namespace schotvrij::exchange {

// `event`: as events.h makes it. Does not block.
void Note(const RoadParts& parts, std::string event);

}  // namespace schotvrij::exchange
