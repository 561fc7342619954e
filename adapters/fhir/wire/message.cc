#include "adapters/fhir/wire/message.h"

#include <limits>

#include "adapters/fhir/wire/json_reader.h"
#include "adapters/fhir/wire/xml_reader.h"
#include "adapters/fhir/wire/xml_writer.h"

namespace schotvrij::fhir {

std::optional<Issue> ReadMessageTree(Syntax syntax, std::string* body, Tree* tree) {
  return syntax == Syntax::kXml ? ReadXml(body, tree) : ReadJson(body, tree);
}

std::string InSyntax(Syntax syntax, std::string json) {
  if (syntax == Syntax::kJson) return json;
  Tree tree;
  // Our own words: however many there are, they are well-formed.
  ReadJson(&json, &tree, std::numeric_limits<size_t>::max());
  return WriteXml(tree.Root());
}

}  // namespace schotvrij::fhir
