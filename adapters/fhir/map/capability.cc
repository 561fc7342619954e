#include <string>

#include "adapters/fhir/fhir.h"
#include "adapters/fhir/wire/json_writer.h"
#include "adapters/fhir/wire/message.h"
#include "schemas/base/table.h"

namespace schotvrij::fhir {
namespace {

constexpr std::string_view kCapabilityTable = "schemas/formats/fhir/capability.csv";
constexpr std::string_view kDescription =
    "A gateway that passes on what a policy lets each party know. It is a facade, not a FHIR repository: what is sent to it is "
    "decided on and delivered, not stored as a resource; what can be read is the caller's own mailbox. Searches are made by "
    "POST only, so that no personal datum stands in a URL.";

void WriteDocumentation(const Table::Row& row, JsonWriter* json) {
  if (!row["documentation"].empty()) json->Member("documentation", row["documentation"]);
}

// The rows of one resource and kind as a list named `element`; `named_value` is the element that holds `value`, if any.
void WriteRows(std::string_view resource, std::string_view kind, std::string_view element, std::string_view name_element,
               std::string_view value_element, JsonWriter* json) {
  bool any = false;
  for (const Table::Row& row : Table::Embedded(kCapabilityTable).rows()) {
    if (row["resource"] != resource || row["kind"] != kind) continue;
    if (!any) json->ArrayIn(element);
    any = true;
    json->Object().Member(name_element, row["name"]);
    if (!value_element.empty()) json->Member(value_element, row["value"]);
    WriteDocumentation(row, json);
    json->End();
  }
  if (any) json->End();
}

void WriteResources(JsonWriter* json) {
  json->ArrayIn("resource");
  std::string_view last;
  for (const Table::Row& row : Table::Embedded(kCapabilityTable).rows()) {
    const std::string_view resource = row["resource"];
    if (resource.empty() || resource == last) continue;
    last = resource;
    json->Object().Member("type", resource);
    WriteRows(resource, "interaction", "interaction", "code", "", json);
    WriteRows(resource, "search", "searchParam", "name", "type", json);
    json->End();
  }
  json->End();
}

}  // namespace

policy::EncodedAnswer Capability(std::string_view release, std::string_view published_on, Syntax syntax) {
  JsonWriter json;
  json.Object().Member("resourceType", "CapabilityStatement").Member("status", "active").Member("date", published_on);
  json.Member("kind", "instance");
  json.ObjectIn("software").Member("name", "Schotvrij").Member("version", release).End();
  json.ObjectIn("implementation").Member("description", kDescription).End();
  json.Member("fhirVersion", "4.0.1").ArrayIn("format").String("json").String("xml").End();
  json.ArrayIn("rest").Object().Member("mode", "server").Member("documentation", kDescription);
  WriteResources(&json);
  WriteRows("", "interaction", "interaction", "code", "", &json);
  WriteRows("", "operation", "operation", "name", "definition", &json);
  json.End().End().End();
  return policy::EncodedAnswer::From({}, InSyntax(syntax, json.Take()), std::string(MediaType(syntax)));
}

}  // namespace schotvrij::fhir
