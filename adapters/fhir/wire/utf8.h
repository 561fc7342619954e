// UTF-8 (RFC 3629), as both syntaxes of FHIR must be.
#pragma once

#include <string_view>

namespace schotvrij::fhir {

// Whether `text` is UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF.
bool IsUtf8(std::string_view text);

}  // namespace schotvrij::fhir
