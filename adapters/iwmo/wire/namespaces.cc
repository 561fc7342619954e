#include "adapters/iwmo/wire/namespaces.h"

#include "adapters/iwmo/wire/grammar.h"
#include "adapters/iwmo/wire/markup.h"
#include "schemas/base/limits.h"

namespace schotvrij::iwmo {
namespace {

constexpr std::string_view kXml = "http://www.w3.org/XML/1998/namespace";
constexpr std::string_view kXmlns = "http://www.w3.org/2000/xmlns/";

}  // namespace

Space Namespaces::SpaceOf(std::string_view uri) const {
  if (uri.empty()) return Space::kNone;
  if (uri == message_) return Space::kMessage;
  if (uri == kBaseNamespace) return Space::kBase;
  return uri == kSchemaInstanceNamespace ? Space::kSchemaInstance : Space::kOther;
}

const char* Namespaces::Declare(std::string_view prefix, std::string_view uri, size_t depth) {
  if (prefix == "xml" && uri == kXml) return nullptr;
  if (prefix == "xml" || prefix == "xmlns" || uri == kXml || uri == kXmlns) return "IWMO-SYNTAX";
  if (!prefix.empty() && (uri.empty() || !IsName(prefix))) return "IWMO-SYNTAX";
  for (size_t at = declared_.size(); at-- > 0 && declared_[at].depth == depth;) {
    if (declared_[at].prefix == prefix) return "IWMO-SYNTAX";
  }
  if (declared_.size() == limits::kIwmoNamespacesMax) return "IWMO-ATTRIBUTES";
  declared_.push_back({std::string(prefix), SpaceOf(uri), depth});
  return nullptr;
}

}  // namespace schotvrij::iwmo
