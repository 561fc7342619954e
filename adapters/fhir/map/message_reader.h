// From the tree of one message to its canonical Exchange: which kind of message it is, and all that is wrong with it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "adapters/fhir/map/shape.h"
#include "adapters/fhir/wire/tree.h"
#include "schemas/base/issue.h"
#include "schotvrij/v1/exchange.pb.h"

namespace schotvrij::fhir {

struct Reading {
  std::optional<v1::Exchange> exchange;  // none when any issue is an error
  std::vector<Issue> issues;
  Shape shape;
};

// `fallback_key` serves when the message has no key of its own. Takes a Bundle (transaction, message, collection) or a Task that
// registers, a Task that answers, or a Consent.
Reading ReadMessage(Node root, const std::string& fallback_key);

}  // namespace schotvrij::fhir
