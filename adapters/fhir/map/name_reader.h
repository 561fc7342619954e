// The client's name out of nl-core-NameInformation: parts by their extensions, never parsed out of `family`.
#pragma once

#include <vector>

#include "adapters/fhir/map/findings.h"
#include "adapters/fhir/wire/tree.h"
#include "schotvrij/v1/client.pb.h"

namespace schotvrij::fhir {

// Reads the names of all `patients` (one person). Official names must agree in their family parts (NAME-DIFFERENT); a surname
// (own name) must be there when `surname_required` (SURNAME-MISSING). Names of other use are not carried, save the call name.
void ReadName(const std::vector<Node>& patients, bool surname_required, Findings* findings, v1::PersonName* name);

}  // namespace schotvrij::fhir
