#include "gateway/transport/http/router.h"

#include <algorithm>

#include "absl/strings/str_split.h"
#include "gateway/transport/http/form.h"
#include "schemas/base/strings.h"

namespace schotvrij::http {
namespace {

constexpr size_t kIdBytesMax = 64;
constexpr absl::string_view kIdSegment = "{id}";

bool IsFhirId(std::string_view text) {
  return !text.empty() && text.size() <= kIdBytesMax &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                  c == '-' || c == '.';
         });
}

// Decoded segments; a broken escape gives one segment that fits no pattern.
std::vector<std::string> Segments(std::string_view path) {
  std::vector<std::string> segments;
  if (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  for (absl::string_view raw : absl::StrSplit(ToAbsl(path), '/')) {
    segments.push_back(PercentDecode(FromAbsl(raw), /*plus=*/false).value_or("%"));
  }
  return segments;
}

bool Fits(std::string_view pattern, const std::vector<std::string>& segments, std::string* id) {
  std::vector<absl::string_view> wanted = absl::StrSplit(ToAbsl(pattern), '/');
  if (wanted.size() != segments.size()) return false;
  for (size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i] == kIdSegment) {
      if (!IsFhirId(segments[i])) return false;
      *id = segments[i];
    } else if (FromAbsl(wanted[i]) != segments[i]) {
      return false;
    }
  }
  return true;
}

}  // namespace

Match FindRoute(std::span<const Pattern> patterns, std::string_view method, std::string_view path) {
  if (method == "HEAD") method = "GET";
  std::vector<std::string> segments = Segments(path);
  Match match;
  for (size_t i = 0; i < patterns.size(); ++i) {
    if (!Fits(patterns[i].path, segments, &match.id)) continue;
    if (patterns[i].method == method) {
      match.pattern = i;
      return match;
    }
    match.allowed.push_back(patterns[i].method);
    if (patterns[i].method == "GET") match.allowed.push_back("HEAD");
  }
  return match;
}

}  // namespace schotvrij::http
