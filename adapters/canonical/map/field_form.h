// The form of every field that is set, as the schema's own options say it: (sensitive) BSN, (form)
// DATE, TIME, CODE, REFERENCE, PARTY; sizes and characters of every text; lengths of lists; code
// lists of schemas/formats/canonical/code_lists.csv.
#pragma once

#include <string_view>

#include "adapters/canonical/map/findings.h"

namespace schotvrij::canonical {

// Whether a serialised Exchange holds a field or an enum value that the schema has no name for.
bool HasUnknown(std::string_view exchange);

// `exchange`: serialised, with nothing unknown in it.
void CheckFields(std::string_view exchange, Findings& findings);

}  // namespace schotvrij::canonical
