// JsonScan: whether a text may be handed to protobuf's JSON parser, which is recursive, keeps the
// last of equal keys and quotes what it dislikes.
//
//   std::optional<Issue> fault = ScanJson(body);
#pragma once

#include <optional>
#include <string_view>

#include "schemas/base/issue.h"

namespace schotvrij::canonical {

// The first fault: JSON-UTF8, JSON-SYNTAX, JSON-DEPTH, JSON-NODES or JSON-DUPLICATE-KEY. Keys that
// name the same field
// ("own_name", "ownName") are equal. Does not recurse; memory is bounded by limits::kJsonDepthMax
// and kJsonNodesMax.
std::optional<Issue> ScanJson(std::string_view body);

}  // namespace schotvrij::canonical
