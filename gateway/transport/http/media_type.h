// Content negotiation (RFC 9110 §12.5.1, FHIR R4 §3.1.0.1.8): this edge reads and writes FHIR R4 in
// JSON and in XML.
#pragma once

#include <optional>
#include <string_view>

#include "adapters/fhir/syntax.h"

namespace schotvrij::http {

// The syntax of FHIR R4 in which a body labelled so is: by FHIR's own media type or the general
// one, in UTF-8, and of fhirVersion 4.0 where it says. nullopt: none; an empty label is none.
std::optional<fhir::Syntax> SyntaxOf(std::string_view content_type);
bool IsForm(std::string_view content_type);

// What _format asks for: "json", "xml" or a media type. nullopt: what this edge does not write.
std::optional<fhir::Syntax> SyntaxNamed(std::string_view format);
// What an Accept field asks for: the syntax it weighs most, then the one it names most closely;
// `either` when it takes both alike, as an empty one does. nullopt: neither.
std::optional<fhir::Syntax> SyntaxWanted(std::string_view accept, fhir::Syntax either);

}  // namespace schotvrij::http
