// One line of JSON for an event:
//
//   {"at":"2026-03-01T09:00:00.000000Z","level":"info","event":"repeated","edge":"grpc","sender":"opella"}
//
// Fields that are nothing are left out.
#pragma once

#include <string>

#include "gateway/telemetry/event.h"
#include "schemas/base/runtime.h"

namespace schotvrij::telemetry {

std::string LogLine(Instant at, const Event& event);

}  // namespace schotvrij::telemetry
