// Content negotiation (RFC 9110 §12.5.1, FHIR R4 §3.1.0.1.8): this edge reads and writes FHIR R4
// JSON.
#pragma once

#include <string_view>

namespace schotvrij::http {

// Whether a body labelled so is FHIR R4 JSON: application/fhir+json or application/json, in UTF-8,
// and of fhirVersion 4.0 where it says. An empty label is none.
bool IsFhirJson(std::string_view content_type);
bool IsForm(std::string_view content_type);

// Whether an Accept field takes FHIR R4 JSON; an empty one takes anything.
bool AcceptsFhirJson(std::string_view accept);

}  // namespace schotvrij::http
