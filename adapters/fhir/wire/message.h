// A message in either syntax, in and out of the one Tree.
#pragma once

#include <optional>
#include <string>

#include "adapters/fhir/syntax.h"
#include "adapters/fhir/wire/tree.h"
#include "schemas/base/issue.h"

namespace schotvrij::fhir {

// As ReadJson and ReadXml: afterwards the Tree's values are views into `*body`.
std::optional<Issue> ReadMessageTree(Syntax syntax, std::string* body, Tree* tree);

// A resource that JsonWriter wrote, in `syntax`.
std::string InSyntax(Syntax syntax, std::string json);

}  // namespace schotvrij::fhir
