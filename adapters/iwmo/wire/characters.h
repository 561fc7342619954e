// Characters: whether bytes are UTF-8 (RFC 3629) of characters that XML 1.0 allows, as they come in.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace schotvrij::iwmo {

// Those of XML and of a value that is stripped.
constexpr bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
constexpr bool IsDigit(char c) { return c >= '0' && c <= '9'; }
constexpr bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// Code point that XML 1.0 calls a Char.
constexpr bool IsXmlCharacter(char32_t c) {
  return c < 0x20 ? c == '\t' || c == '\n' || c == '\r' : c < 0xD800 || (c >= 0xE000 && c <= 0xFFFD) || (c >= 0x10000 && c <= 0x10FFFF);
}

// The code point at the start of `text`, which is UTF-8 and not empty; its bytes are taken from `text`.
char32_t TakeCodePoint(std::string_view* text);
void AppendUtf8(char32_t code_point, std::string* out);

// What stands at the start of a text.
enum class Characters {
  kGood,
  kNotUtf8,
  kNotXml,  // a character that XML does not allow, NUL among them
  kCut,     // the text ends within a character
};
// Bytes of `text` that are good, and why it goes no further.
struct CheckedText {
  size_t good = 0;
  Characters then = Characters::kGood;
};
CheckedText CheckCharacters(std::string_view text);

}  // namespace schotvrij::iwmo
