// FHIR XML into a Tree, on libxml2's SAX parser. Refused here: what is not one well-formed document in UTF-8, a DOCTYPE and with it
// every entity of one's own, processing instructions, elements and attributes of other namespaces, text between elements, elements
// out of order or twice, and more depth, elements or attributes than schemas/base/limits.h allows. The narrative's XHTML is passed
// over: its `div` has no value in the Tree. What no table names is kept as FHIR JSON would have it.
//
//   if (std::optional<Issue> issue = ReadXml(&body, &tree)) sink.OnIssue(*std::move(issue));
#pragma once

#include <optional>
#include <string>

#include "adapters/fhir/wire/tree.h"
#include "schemas/base/issue.h"

namespace schotvrij::fhir {

// Afterwards `*body` holds the values that the Tree's views point to.
std::optional<Issue> ReadXml(std::string* body, Tree* tree);

}  // namespace schotvrij::fhir
