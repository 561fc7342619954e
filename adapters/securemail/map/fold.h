// What people write, made comparable with the words of our tables.
//
//   Fold("  Niet\u00a0VAN ons ")   // "niet van ons"
#pragma once

#include <string>
#include <string_view>

namespace schotvrij::securemail {

// Without difference between capitals and small letters, composed and decomposed characters, and kinds of blanks; white space is
// taken together and left out at the ends. `utf8` is valid UTF-8.
std::string Fold(std::string_view utf8);

// `folded` without the punctuation at its end.
std::string_view WithoutPunctuation(std::string_view folded);

}  // namespace schotvrij::securemail
