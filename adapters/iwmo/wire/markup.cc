#include "adapters/iwmo/wire/markup.h"

#include <algorithm>
#include <iterator>

#include "adapters/iwmo/wire/characters.h"
#include "schemas/base/limits.h"

namespace schotvrij::iwmo {
namespace {

size_t SkipBlanks(std::string_view text, size_t at) {
  while (at < text.size() && IsBlank(text[at])) ++at;
  return at;
}

struct Entity {
  std::string_view name;
  char character;
};
constexpr Entity kEntities[] = {{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}};

// Value of a digit; 16: it is none.
constexpr unsigned HexDigit(char c) {
  if (IsDigit(c)) return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
  return c >= 'A' && c <= 'F' ? static_cast<unsigned>(c - 'A' + 10) : 16;
}

// What stands between '&' and ';'.
Reference Undo(std::string_view name) {
  if (!name.starts_with('#')) {
    for (const Entity& entity : kEntities) {
      if (entity.name == name) return {name.size() + 2, nullptr, static_cast<char32_t>(entity.character)};
    }
    return {0, IsName(name) ? "IWMO-ENTITY" : "IWMO-SYNTAX"};
  }
  const unsigned base = name.starts_with("#x") ? 16 : 10;
  const std::string_view digits = name.substr(base == 16 ? 2 : 1);
  if (digits.empty()) return {0, "IWMO-SYNTAX"};
  char32_t code_point = 0;
  for (char c : digits) {
    const unsigned digit = HexDigit(c);
    if (digit >= base) return {0, "IWMO-SYNTAX"};
    code_point = std::min<char32_t>(code_point * base + digit, 0x110000);
  }
  if (!IsXmlCharacter(code_point)) return {0, "IWMO-CHARACTER"};
  return {name.size() + 2, nullptr, code_point};
}

struct Range {
  char32_t from, until;
};
// NameStartChar of XML 1.0 without the colon, beyond ASCII.
constexpr Range kNameStarts[] = {{0xC0, 0xD6},     {0xD8, 0xF6},     {0xF8, 0x2FF},    {0x370, 0x37D},   {0x37F, 0x1FFF},
                                 {0x200C, 0x200D}, {0x2070, 0x218F}, {0x2C00, 0x2FEF}, {0x3001, 0xD7FF}, {0xF900, 0xFDCF},
                                 {0xFDF0, 0xFFFD}, {0x10000, 0xEFFFF}};
// What NameChar adds to it.
constexpr Range kNameMore[] = {{0xB7, 0xB7}, {0x300, 0x36F}, {0x203F, 0x2040}};

template <size_t kSize>
bool StandsIn(const Range (&ranges)[kSize], char32_t c) {
  return std::any_of(std::begin(ranges), std::end(ranges), [c](Range range) { return c >= range.from && c <= range.until; });
}

bool StartsName(char32_t c) {
  return c < 0x80 ? IsLetter(static_cast<char>(c)) || c == '_' : StandsIn(kNameStarts, c);
}

bool GoesOnInName(char32_t c) {
  return StartsName(c) || (c < 0x80 ? IsDigit(static_cast<char>(c)) || c == '-' || c == '.' : StandsIn(kNameMore, c));
}

}  // namespace

bool IsName(std::string_view text) {
  if (text.empty() || !StartsName(TakeCodePoint(&text))) return false;
  while (!text.empty()) {
    if (!GoesOnInName(TakeCodePoint(&text))) return false;
  }
  return true;
}

bool ReadAttributes(std::string_view text, std::vector<Attribute>* attributes) {
  attributes->clear();
  for (size_t at = 0;;) {
    const size_t from = SkipBlanks(text, at);
    if (from == text.size()) return true;
    if (from == at) return false;  // nothing between two attributes
    size_t name_end = from;
    while (name_end < text.size() && text[name_end] != '=' && !IsBlank(text[name_end])) ++name_end;
    const size_t equals = SkipBlanks(text, name_end);
    if (equals == text.size() || text[equals] != '=') return false;
    const size_t quote = SkipBlanks(text, equals + 1);
    if (quote == text.size() || (text[quote] != '"' && text[quote] != '\'')) return false;
    const size_t end = text.find(text[quote], quote + 1);
    if (end == text.npos) return false;
    attributes->push_back({text.substr(from, name_end - from), text.substr(quote + 1, end - quote - 1)});
    at = end + 1;
  }
}

Reference ReadReference(std::string_view text) {
  const size_t until = std::min(text.size(), limits::kIwmoTagBytesMax);
  for (size_t at = 1; at < until; ++at) {
    if (text[at] == ';') return Undo(text.substr(1, at - 1));
    if (IsBlank(text[at]) || text[at] == '<' || text[at] == '&') return {0, "IWMO-SYNTAX"};
  }
  return {0, until < text.size() ? "IWMO-TAG-SIZE" : nullptr};
}

const char* ReadAttributeValue(std::string_view raw, std::string* value) {
  value->clear();
  while (!raw.empty()) {
    size_t plain = 0;
    while (plain < raw.size() && raw[plain] != '&' && raw[plain] != '<' && (raw[plain] == ' ' || !IsBlank(raw[plain]))) ++plain;
    value->append(raw.substr(0, plain));
    raw.remove_prefix(plain);
    if (raw.empty()) break;
    if (raw[0] == '<') return "IWMO-SYNTAX";
    if (raw[0] != '&') {
      value->push_back(' ');
      raw.remove_prefix(raw.starts_with("\r\n") ? 2 : 1);
      continue;
    }
    const Reference reference = ReadReference(raw);
    if (reference.bytes == 0) return reference.fault == nullptr ? "IWMO-SYNTAX" : reference.fault;
    AppendUtf8(reference.code_point, value);
    raw.remove_prefix(reference.bytes);
  }
  return nullptr;
}

}  // namespace schotvrij::iwmo
