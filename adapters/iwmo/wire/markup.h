// Markup: the attributes of a tag, and references to characters.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace schotvrij::iwmo {

struct Attribute {
  std::string_view name;   // as it stands there
  std::string_view value;  // as it stands there, without its quotes
};
// What stands in a tag behind its name. False: that is not well-formed. The names are not held against each other.
bool ReadAttributes(std::string_view text, std::vector<Attribute>* attributes);

struct Reference {
  size_t bytes = 0;             // 0: it goes on behind what is there, or `fault` says what is wrong
  const char* fault = nullptr;  // of issue.csv
  char32_t code_point = 0;
};
// At the start of `text`, which begins with '&'. The five entities of XML, and characters by their number.
Reference ReadReference(std::string_view text);

// The value of an attribute, its references undone and its white space made blanks; null, or the rule of issue.csv that is broken.
const char* ReadAttributeValue(std::string_view raw, std::string* value);

// "xmlns:iwmo" is "xmlns" and "iwmo"; a name without colon has no prefix.
struct QName {
  std::string_view prefix;
  std::string_view local;
};
inline QName Split(std::string_view name) {
  const size_t colon = name.find(':');
  if (colon == name.npos) return {{}, name};
  return {name.substr(0, colon), name.substr(colon + 1)};
}

// A name without colon (NCName of Namespaces in XML).
bool IsName(std::string_view text);

}  // namespace schotvrij::iwmo
