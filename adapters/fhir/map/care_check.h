// Whether a message of messages.csv can be written whole: nothing that is disclosed is left out or written as something else.
#pragma once

#include "absl/status/status.h"
#include "adapters/fhir/map/care_table.h"
#include "policy/disclosure/disclosure.h"

namespace schotvrij::fhir {

// kFailedPrecondition names the first leaf of client and content that no row of elements.csv carries, or whose code, unit or side FHIR
// has no word for.
absl::Status CheckCarried(const CareMessage& message, const policy::Disclosure& disclosure);

}  // namespace schotvrij::fhir
