// What a FHIR answer says, without the FHIR around it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "schemas/base/issue.h"

namespace schotvrij::cli {

// Issues of every OperationOutcome in `body`: alone, in the entries of a Bundle, or in their responses. Empty when it is no
// JSON. Their codes are FHIR's own and left out.
std::vector<Issue> IssuesOf(std::string_view body);

// Value of "resourceType", or empty.
std::string ResourceTypeOf(std::string_view body);

}  // namespace schotvrij::cli
