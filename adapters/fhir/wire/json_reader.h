// FHIR JSON into a Tree, on RapidJSON. Refused here: what is not one JSON object in valid UTF-8, lone
// surrogates, NUL, an object that names a key twice, lists in lists, and more depth or values than schemas/base/limits.h allows.
//
//   if (std::optional<Issue> issue = ReadJson(body, &tree)) sink.OnIssue(*std::move(issue));
#pragma once

#include <optional>
#include <string>

#include "adapters/fhir/wire/tree.h"
#include "schemas/base/issue.h"
#include "schemas/base/limits.h"

namespace schotvrij::fhir {

// Reads in place: escapes in `*body` are undone where they stand, and the Tree's values are views into it.
std::optional<Issue> ReadJson(std::string* body, Tree* tree, size_t values_max = limits::kJsonNodesMax);

}  // namespace schotvrij::fhir
