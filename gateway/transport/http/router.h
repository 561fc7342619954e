// Router: which operation a method and a path name.
//
//   Match match = FindRoute(kRoutes, "GET", "/fhir/Task/17");   // match.route->operation, match.id
//   == "17"
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace schotvrij::http {

// "{id}" as a segment of a pattern stands for a FHIR id: 1 to 64 of A-Z a-z 0-9 - . (FHIR R4
// §2.24.0.1).
struct Pattern {
  std::string_view method;
  std::string_view path;
};

struct Match {
  std::optional<size_t>
      pattern;  // index of the pattern that fits in method and path; HEAD goes where GET goes
  std::vector<std::string_view>
      allowed;  // methods of the patterns that fit the path, when none fits the method
  std::string id;
};

// A trailing slash makes no difference, nor does an escaped character that needs no escape.
Match FindRoute(std::span<const Pattern> patterns, std::string_view method, std::string_view path);

}  // namespace schotvrij::http
