// Sandbox: from here on this process can read and write what it has open, use memory up to a bound, and end. It reaches no network
// and no file, starts nothing, and leaves no core.
#pragma once

#include "absl/status/status.h"

namespace schotvrij::opener {

// kUnavailable when the kernel does not let it: then nothing may be opened. What libraries read from files they must have read.
absl::Status EnterSandbox();

}  // namespace schotvrij::opener
