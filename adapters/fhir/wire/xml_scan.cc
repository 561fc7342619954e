#include "adapters/fhir/wire/xml_scan.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "schemas/base/limits.h"

namespace schotvrij::fhir {
namespace {

// What begins as a tag does and is none: within it '<' and '>' mean nothing.
struct Passage {
  std::string_view begin;
  std::string_view end;
};
constexpr std::array<Passage, 3> kPassages = {{{"<!--", "-->"}, {"<![CDATA[", "]]>"}, {"<?", "?>"}}};

// Byte behind the tag or passage at `at`; npos when it does not end.
size_t EndOf(std::string_view xml, size_t at, size_t* attributes) {
  for (const Passage& passage : kPassages) {
    if (xml.substr(at).starts_with(passage.begin)) return xml.find(passage.end, at + passage.begin.size());
  }
  char quote = '\0';
  for (; at < xml.size(); ++at) {
    const char c = xml[at];
    if (quote != '\0') {
      if (c == quote) quote = '\0';
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '=') {
      ++*attributes;
    } else if (c == '>') {
      return at;
    }
  }
  return xml.npos;
}

}  // namespace

bool NamesOtherEncoding(std::string_view xml) {
  constexpr std::string_view kUtf8 = "utf-8";
  std::string_view declaration = xml.substr(0, xml.find('>'));
  if (declaration.find("<?xml") == xml.npos) return false;
  declaration.remove_prefix(std::min(declaration.find("encoding"), declaration.size()));
  declaration.remove_prefix(std::min(declaration.find_first_of("\"'"), declaration.size()));
  if (declaration.empty()) return false;
  const std::string_view name = declaration.substr(1, declaration.find(declaration[0], 1) - 1);
  return !std::equal(name.begin(), name.end(), kUtf8.begin(), kUtf8.end(),
                     [](unsigned char a, char b) { return std::tolower(a) == b; });
}

std::optional<size_t> FindAttributeFlood(std::string_view xml) {
  for (size_t at = xml.find('<'); at != xml.npos;) {
    size_t attributes = 0;
    const size_t end = EndOf(xml, at, &attributes);
    if (attributes > limits::kJsonKeysMax) return at;
    at = xml.find('<', end);  // behind the last byte there is none
  }
  return std::nullopt;
}

}  // namespace schotvrij::fhir
