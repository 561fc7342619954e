// Value: what may stand as the text of an element, as XML Schema has it.
#pragma once

#include <string>
#include <string_view>

#include "adapters/iwmo/wire/grammar.h"

namespace schotvrij::iwmo {

// Whether `text` may stand as the value of `element`; null: yes. Else the id of the rule of schemas/codes/issue.csv that it breaks.
const char* ValueFault(const Element& element, std::string_view text);

// The type of `element` and what of it `rule` is about: "LDT_Naam: 1 to 200 characters".
std::string Expected(const Element& element, std::string_view rule);

}  // namespace schotvrij::iwmo
