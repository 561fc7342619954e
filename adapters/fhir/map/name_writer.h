// Patient.name as nl-core-NameInformation has it: the parts as extensions, `family` assembled from those that are disclosed.
#pragma once

#include "adapters/fhir/wire/json_writer.h"
#include "policy/disclosure/disclosure.h"

namespace schotvrij::fhir {

// One official name and, when disclosed, the call name as usual name; nothing when no part is disclosed. A part that goes as
// pseudonym or mere presence is no name and is left out.
void WriteNames(const policy::Disclosure& disclosure, JsonWriter* json);

}  // namespace schotvrij::fhir
