#include "adapters/fhir/map/shape.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "adapters/fhir/map/element_table.h"
#include "schemas/base/strings.h"
#include "schemas/base/table.h"

namespace schotvrij::fhir {
namespace {

constexpr char kFieldEnd = ';';
constexpr char kItemEnd = ',';
constexpr size_t kFields = 10;
constexpr size_t kFieldsOfRegistration = 8;
constexpr std::string_view kKinds = "-tmcrpfao";

std::vector<std::string> Split(std::string_view text, char end) {
  if (text.empty()) return {};
  return absl::StrSplit(ToAbsl(text), end);
}

std::string Join(const std::vector<std::string>& items) { return absl::StrJoin(items, std::string(1, kItemEnd)); }

// "attestations[0].verdict" into the step's name, its index and what follows.
struct Head {
  std::string_view name;
  std::optional<size_t> index;
  std::string_view rest;
};

Head TakeHead(std::string_view path) {
  Head head;
  const size_t end = std::min(path.find('.'), path.size());
  head.rest = path.substr(std::min(end + 1, path.size()));
  std::string_view step = path.substr(0, end);
  const size_t bracket = step.find('[');
  head.name = step.substr(0, bracket);
  if (bracket != step.npos) {
    size_t index = 0;
    std::from_chars(step.data() + bracket + 1, step.data() + step.size(), index);
    head.index = index;
  }
  return head;
}

std::string WithoutIndexes(std::string_view path) {
  std::string plain;
  bool inside = false;
  for (const char c : path) {
    if (c == '[') inside = true;
    if (!inside) plain += c;
    if (c == ']') inside = false;
  }
  return plain;
}

// The element of `field` in resources of `container`, or nothing.
std::optional<std::string> ElementOf(std::string_view container, std::string_view field) {
  std::string_view part;
  for (const Table::Row& row : Table::Embedded("schemas/formats/fhir/paths.csv").rows()) {
    if (row["container"] != container) continue;
    part = row["part"];
    if (row["field"] == field) return std::string(row["element"]);
  }
  if (part.empty()) return std::nullopt;
  for (const ElementRow& row : RowsOf(PartNamed(part))) {
    if (row.field != nullptr && row.field_path == field) return row.path;
  }
  return std::nullopt;
}

// The element of the longest part of `field` that has one; empty when none has.
std::string NearestElement(std::string_view container, std::string field) {
  while (!field.empty()) {
    if (std::optional<std::string> element = ElementOf(container, field)) return *element;
    const size_t dot = field.rfind('.');
    field.resize(dot == field.npos ? 0 : dot);
  }
  return "";
}

// Where the members of a list would stand that has none there.
std::string ListPlace(const Shape& shape) {
  switch (shape.kind) {
    case MessageKind::kTask:
      return "Task.contained";
    case MessageKind::kConsent:
      return "Consent";
    default:
      return "Bundle.entry";
  }
}

struct Place {
  std::string_view container;
  std::string base;
  std::string_view rest;
};

Place PlaceInList(const Head& list, const std::vector<std::string>& bases, const Shape& shape) {
  const size_t index = list.index.value_or(bases.size());
  if (index >= bases.size()) return {list.name, ListPlace(shape), ""};
  return {list.name, bases[index], list.rest};
}

Place PlaceOf(std::string_view path, const Shape& shape) {
  const Head head = TakeHead(path);
  if (head.name == "client") return {"client", shape.client, head.rest};
  if (head.name == "safety_hold") return {head.name, "Flag", head.rest};
  if (head.name == "consent") return PlaceInList({"consents", 0, head.rest}, shape.consents, shape);
  for (const std::string_view name : {"products", "lines"}) {
    const Head list = TakeHead(head.rest);
    if (head.name == "registration" || list.name != name) continue;
    const std::string_view container = path.substr(0, head.name.size() + 1 + name.size());
    return PlaceInList({container, list.index, list.rest}, shape.products, shape);
  }
  if (head.name == "registration") {
    const Head below = TakeHead(head.rest);
    if (below.name == "consents") return PlaceInList(below, shape.consents, shape);
    if (below.name == "attestations") return PlaceInList(below, shape.attestations, shape);
    if (below.name == "assessments") return PlaceInList(below, shape.assessments, shape);
  }
  return {head.name, shape.task, head.rest};
}

}  // namespace

std::string Shape::ToText() const {
  const std::array<std::string, kFields> fields = {
      std::string(1, static_cast<char>(kind)), entries,        header_id,         task, client,
      Join(consents),                          Join(attestations), Join(assessments), Join(products), event};
  const auto last = fields.begin() + (event.empty() ? kFieldsOfRegistration : kFields);
  return absl::StrJoin(fields.begin(), last, std::string(1, kFieldEnd));
}

Shape Shape::FromText(std::string_view text) {
  const std::vector<std::string> fields = Split(text, kFieldEnd);
  Shape shape;
  if ((fields.size() != kFields && fields.size() != kFieldsOfRegistration) || fields[0].size() != 1 || kKinds.find(fields[0][0]) == kKinds.npos) return shape;
  shape.kind = static_cast<MessageKind>(fields[0][0]);
  shape.entries = fields[1];
  shape.header_id = fields[2];
  shape.task = fields[3];
  shape.client = fields[4];
  shape.consents = Split(fields[5], kItemEnd);
  shape.attestations = Split(fields[6], kItemEnd);
  shape.assessments = Split(fields[7], kItemEnd);
  if (fields.size() != kFields) return shape;
  shape.products = Split(fields[8], kItemEnd);
  shape.event = fields[9];
  return shape;
}

std::string PathInFhir(std::string_view canonical_path, const Shape& shape) {
  if (canonical_path.empty() || (canonical_path[0] >= 'A' && canonical_path[0] <= 'Z')) {
    return std::string(canonical_path);
  }
  const Place place = PlaceOf(canonical_path, shape);
  const std::string element = NearestElement(place.container, WithoutIndexes(place.rest));
  if (place.base.empty() || element.empty()) return place.base;
  return place.base + "." + element;
}

}  // namespace schotvrij::fhir
