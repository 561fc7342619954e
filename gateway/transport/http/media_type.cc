#include "gateway/transport/http/media_type.h"

#include <array>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "schemas/base/strings.h"

namespace schotvrij::http {
namespace {

struct Parameter {
  absl::string_view name;
  absl::string_view value;
};

struct MediaType {
  absl::string_view type;
  std::vector<Parameter> parameters;
};

MediaType Parse(absl::string_view text) {
  std::vector<absl::string_view> parts = absl::StrSplit(text, ';');
  // A view that points nowhere, as an absent field's does, splits into no parts at all.
  if (parts.empty()) return {};
  MediaType media{absl::StripAsciiWhitespace(parts[0]), {}};
  for (size_t i = 1; i < parts.size(); ++i) {
    std::pair<absl::string_view, absl::string_view> pair =
        absl::StrSplit(parts[i], absl::MaxSplits('=', 1));
    absl::string_view value = absl::StripAsciiWhitespace(pair.second);
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
      value = value.substr(1, value.size() - 2);
    media.parameters.push_back({absl::StripAsciiWhitespace(pair.first), value});
  }
  return media;
}

// Only a parameter that says otherwise stands in the way: an unknown one is ignored.
bool ParametersFit(const MediaType& media) {
  for (const Parameter& parameter : media.parameters) {
    if (absl::EqualsIgnoreCase(parameter.name, "charset") &&
        !absl::EqualsIgnoreCase(parameter.value, "utf-8"))
      return false;
    if (absl::EqualsIgnoreCase(parameter.name, "fhirVersion") && parameter.value != "4.0")
      return false;
  }
  return true;
}

// Zero as RFC 9110 §12.4.2 writes it: "0", "0.", "0.000".
bool Unwanted(const MediaType& media) {
  for (const Parameter& parameter : media.parameters) {
    if (absl::EqualsIgnoreCase(parameter.name, "q")) {
      return parameter.value.find_first_not_of("0.") == absl::string_view::npos;
    }
  }
  return false;
}

constexpr std::array<absl::string_view, 2> kFhirJson = {"application/fhir+json",
                                                        "application/json"};

// How closely a range names `type`: 3 itself, 2 its family, 1 anything, 0 not.
int Closeness(absl::string_view range, absl::string_view type) {
  if (absl::EqualsIgnoreCase(range, type)) return 3;
  if (absl::EqualsIgnoreCase(range, "application/*")) return 2;
  return range == "*/*" ? 1 : 0;
}

bool Accepts(absl::string_view accept, absl::string_view type) {
  int closest = 0;
  bool wanted = false;
  for (absl::string_view part : absl::StrSplit(accept, ',')) {
    MediaType media = Parse(part);
    int closeness = Closeness(media.type, type);
    if (closeness == 0 || closeness < closest || !ParametersFit(media)) continue;
    wanted = (closeness == closest && wanted) || !Unwanted(media);
    closest = closeness;
  }
  return wanted;
}

}  // namespace

bool IsFhirJson(std::string_view content_type) {
  MediaType media = Parse(ToAbsl(content_type));
  for (absl::string_view type : kFhirJson) {
    if (absl::EqualsIgnoreCase(media.type, type)) return ParametersFit(media);
  }
  return false;
}

bool IsForm(std::string_view content_type) {
  MediaType media = Parse(ToAbsl(content_type));
  return absl::EqualsIgnoreCase(media.type, "application/x-www-form-urlencoded") &&
         ParametersFit(media);
}

bool AcceptsFhirJson(std::string_view accept) {
  if (accept.empty()) return true;
  for (absl::string_view type : kFhirJson) {
    if (Accepts(ToAbsl(accept), type)) return true;
  }
  return false;
}

}  // namespace schotvrij::http
