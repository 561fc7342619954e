// The id under which a request stands in log and audit, and goes back as X-Request-Id.
#pragma once

#include <string>

#include "gateway/transport/http/message.h"
#include "schemas/base/runtime.h"

namespace schotvrij::http {

// X-Request-Id when it is a UUID or 32 hexadecimal digits, else the trace id of `traceparent` (W3C
// Trace Context §3.2), else one of our own. Nothing freer is taken over: a caller could put a
// number of a person there.
std::string RequestId(const Request& request, Random& random);

}  // namespace schotvrij::http
