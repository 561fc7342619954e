// Forms that a single text of the canonical model can have.
#pragma once

#include <string_view>

namespace schotvrij::canonical {

bool IsUtf8(std::string_view text);

// Nothing but spaces and what ASCII prints: plain, and in any normal form. Nearly every text is.
bool IsPrintableAscii(std::string_view text);

// Valid UTF-8 of assigned characters, without controls, line and paragraph separators, private use,
// or marks that change the direction of text.
bool HasPlainCharacters(std::string_view utf8);

// Unicode normalization form C. `utf8` is valid UTF-8.
bool IsNfc(std::string_view utf8);

// Whether nothing but spaces is in it.
bool IsBlank(std::string_view text);

// A key, code or reference: 1 to limits::kKeyBytesMax bytes, plain characters, no space at either
// end.
bool IsKey(std::string_view text);

// YYYY-MM-DD; with `partial` also YYYY-MM and YYYY.
bool IsDate(std::string_view text, bool partial);

// hh:mm:ss of a day of 24 hours, with or without a fraction of a second: "09:05:00", "23:59:59.5".
bool IsTime(std::string_view text);

}  // namespace schotvrij::canonical
