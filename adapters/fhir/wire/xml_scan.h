// What must be known of an XML text before a parser sees it.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace schotvrij::fhir {

// Byte at which a tag begins that has more attributes than schemas/base/limits.h allows; nullopt: there is none in what a parser
// reads before the first thing that is not well-formed. The parser would hold each attribute of a tag against all others.
std::optional<size_t> FindAttributeFlood(std::string_view xml);

// Whether the XML declaration names another encoding than UTF-8. The parser would convert the message, and say on standard error
// which bytes it could not.
bool NamesOtherEncoding(std::string_view xml);

}  // namespace schotvrij::fhir
