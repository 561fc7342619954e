#include "gateway/transport/http/media_type.h"

#include <algorithm>
#include <array>
#include <compare>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
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

// From 0 to 1 (RFC 9110 §12.4.2). What is written in no such way says nothing.
double Weight(const MediaType& media) {
  for (const Parameter& parameter : media.parameters) {
    if (!absl::EqualsIgnoreCase(parameter.name, "q")) continue;
    double weight = 1;
    return absl::SimpleAtod(parameter.value, &weight) && weight >= 0 && weight <= 1 ? weight : 1;
  }
  return 1;
}

struct FhirType {
  absl::string_view type;
  fhir::Syntax syntax;
};
constexpr std::array<FhirType, 5> kFhirTypes = {{
    {"application/fhir+json", fhir::Syntax::kJson},
    {"application/json", fhir::Syntax::kJson},
    {"application/fhir+xml", fhir::Syntax::kXml},
    {"application/xml", fhir::Syntax::kXml},
    {"text/xml", fhir::Syntax::kXml},
}};

// How closely a range names `type`: 3 itself, 2 its family, 1 anything, 0 not.
int Closeness(absl::string_view range, absl::string_view type) {
  if (absl::EqualsIgnoreCase(range, type)) return 3;
  if (absl::EndsWith(range, "/*") &&
      absl::StartsWithIgnoreCase(type, absl::StripSuffix(range, "*")))
    return 2;
  return range == "*/*" ? 1 : 0;
}

// How much a type is wanted, and by how close a range; of two, the greater is the better.
struct Wish {
  double weight = 0;
  int closeness = 0;

  auto operator<=>(const Wish&) const = default;
};

// By the closest range that names the type.
Wish WishFor(absl::string_view accept, absl::string_view type) {
  Wish wish;
  for (absl::string_view part : absl::StrSplit(accept, ',')) {
    MediaType media = Parse(part);
    int closeness = Closeness(media.type, type);
    if (closeness == 0 || closeness < wish.closeness || !ParametersFit(media)) continue;
    double weight = Weight(media);
    wish = {closeness == wish.closeness ? std::max(wish.weight, weight) : weight, closeness};
  }
  return wish;
}

Wish WishFor(absl::string_view accept, fhir::Syntax syntax) {
  Wish best;
  for (const FhirType& row : kFhirTypes) {
    if (row.syntax == syntax) best = std::max(best, WishFor(accept, row.type));
  }
  return best;
}

}  // namespace

std::optional<fhir::Syntax> SyntaxOf(std::string_view content_type) {
  MediaType media = Parse(ToAbsl(content_type));
  for (const FhirType& row : kFhirTypes) {
    if (absl::EqualsIgnoreCase(media.type, row.type) && ParametersFit(media)) return row.syntax;
  }
  return std::nullopt;
}

bool IsForm(std::string_view content_type) {
  MediaType media = Parse(ToAbsl(content_type));
  return absl::EqualsIgnoreCase(media.type, "application/x-www-form-urlencoded") &&
         ParametersFit(media);
}

std::optional<fhir::Syntax> SyntaxNamed(std::string_view format) {
  if (format == "json") return fhir::Syntax::kJson;
  if (format == "xml") return fhir::Syntax::kXml;
  return SyntaxOf(format);
}

std::optional<fhir::Syntax> SyntaxWanted(std::string_view accept, fhir::Syntax either) {
  if (accept.empty()) return either;
  Wish json = WishFor(ToAbsl(accept), fhir::Syntax::kJson);
  Wish xml = WishFor(ToAbsl(accept), fhir::Syntax::kXml);
  if (json.weight == 0 && xml.weight == 0) return std::nullopt;
  if (json == xml) return either;
  return xml > json ? fhir::Syntax::kXml : fhir::Syntax::kJson;
}

}  // namespace schotvrij::http
