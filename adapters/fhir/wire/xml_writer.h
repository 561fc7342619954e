// A Tree as FHIR XML: elements in the order that FHIR R4 gives them, whatever order they came in. Narrative is left out: none is
// carried. The reader's inverse for everything else.
//
//   std::string xml = WriteXml(tree.Root());
#pragma once

#include <string>

#include "adapters/fhir/wire/tree.h"

namespace schotvrij::fhir {

// `root` is a resource that we wrote or ReadXml read: its names are names to XML. Strings must be UTF-8; what XML 1.0 cannot hold
// (control characters) is written as U+FFFD.
std::string WriteXml(Node root);

}  // namespace schotvrij::fhir
