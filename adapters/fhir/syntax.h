// The two syntaxes of a FHIR message. What stands above the tree of elements knows neither.
#pragma once

#include <cstdint>
#include <string_view>

namespace schotvrij::fhir {

enum class Syntax : uint8_t { kJson, kXml };

inline constexpr std::string_view kJsonMediaType = "application/fhir+json";
inline constexpr std::string_view kXmlMediaType = "application/fhir+xml";

constexpr std::string_view MediaType(Syntax syntax) { return syntax == Syntax::kXml ? kXmlMediaType : kJsonMediaType; }

}  // namespace schotvrij::fhir
