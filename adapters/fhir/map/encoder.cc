#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "adapters/fhir/fhir.h"
#include "adapters/fhir/map/care_check.h"
#include "adapters/fhir/map/care_writer.h"
#include "adapters/fhir/map/observation_writer.h"
#include "adapters/fhir/map/part_writer.h"
#include "adapters/fhir/map/resource_writer.h"
#include "adapters/fhir/wire/draft.h"
#include "adapters/fhir/wire/json_writer.h"
#include "adapters/fhir/wire/message.h"
#include "schemas/base/status.h"

namespace schotvrij::fhir {
namespace {

using policy::Disclosure;
using policy::Encoded;

std::string PatientReference(const Disclosure& disclosure) {
  return absl::StrCat("Patient/", disclosure.exchange().envelope().message_id());
}

void BeginBundle(std::string_view type, JsonWriter* json) {
  json->Object().Member("resourceType", "Bundle").Member("type", type);
}

// Searches are made by POST, so that a page cannot be asked again by its link alone; `self` says what was searched.
void BeginSearchset(std::string_view self, std::string_view next, JsonWriter* json) {
  BeginBundle("searchset", json);
  json->ArrayIn("link").Object().Member("relation", "self").Member("url", self).End();
  if (!next.empty()) json->Object().Member("relation", "next").Member("url", next).End();
  json->End();
}

// What a standard's return says of the message that the receipt is about.
void WriteFindings(const Disclosure& disclosure, JsonWriter* json) {
  const v1::Receipt& receipt = disclosure.exchange().receipt();
  if (receipt.findings().empty()) return;
  Draft outcome("OperationOutcome");
  for (const v1::ReceiptFinding& finding : receipt.findings()) {
    DraftElement& issue = outcome.root().Add("issue");
    issue.Set("severity", receipt.state() == v1::ACCEPTED ? "information" : "error");
    issue.Set("code", "business-rule");
    PartWriter(disclosure, "").Write(Part::kFinding, "receipt.findings", finding, {&issue, &outcome.root()});
  }
  json->Object().Member("fullUrl", FullUrl("outcome", disclosure)).Key("resource");
  outcome.Write(json);
  json->End();
}

template <typename Write>
absl::StatusOr<Encoded> EncodeSearch(std::span<const Disclosure> disclosures, std::string_view self,
                                     std::string_view next, Syntax syntax, Write write) {
  JsonWriter json;
  BeginSearchset(self, next, &json);
  if (!disclosures.empty()) json.ArrayIn("entry");
  for (size_t i = 0; i < disclosures.size(); ++i) {
    RETURN_IF_ERROR(CheckComplete(disclosures[i]));
    json.Object().Key("resource");
    write(i, &json);
    json.ObjectIn("search").Member("mode", "match").End().End();
  }
  if (!disclosures.empty()) json.End();
  json.End();
  return Encoded::From(disclosures, InSyntax(syntax, json.Take()), std::string(MediaType(syntax)));
}

absl::Status CheckInStep(std::span<const Disclosure> disclosures, std::span<const ItemState> states) {
  return states.size() == disclosures.size() ? absl::OkStatus() : absl::InternalError("a search result without its state");
}

}  // namespace

absl::StatusOr<Encoded> Encode(const Disclosure& disclosure, Syntax syntax) {
  JsonWriter json;
  if (const CareMessage* care = FindCareMessage(disclosure.exchange())) {
    RETURN_IF_ERROR(CheckComplete(disclosure, kMessagesRequired));
    RETURN_IF_ERROR(CheckCarried(*care, disclosure));
    WriteCareMessage(*care, disclosure, &json);
    return Encoded::From(disclosure, InSyntax(syntax, json.Take()), std::string(MediaType(syntax)));
  }
  RETURN_IF_ERROR(CheckComplete(disclosure));
  const std::string patient = FullUrl("patient", disclosure);
  BeginBundle("collection", &json);
  json.ArrayIn("entry").Object().Member("fullUrl", FullUrl("task", disclosure)).Key("resource");
  WriteTask(disclosure, {}, patient, &json);
  json.End();
  if (disclosure.exchange().has_client()) {
    json.Object().Member("fullUrl", patient).Key("resource");
    WritePatient(disclosure, {}, &json);
    json.End();
  }
  WriteFindings(disclosure, &json);
  WriteObservationEntries(disclosure.exchange().registration(), patient, &json);
  json.End().End();
  return Encoded::From(disclosure, InSyntax(syntax, json.Take()), std::string(MediaType(syntax)));
}

absl::StatusOr<Encoded> EncodeTask(const Disclosure& disclosure, const ItemState& state, Syntax syntax) {
  RETURN_IF_ERROR(CheckComplete(disclosure));
  JsonWriter json;
  WriteTask(disclosure, state, PatientReference(disclosure), &json);
  return Encoded::From(disclosure, InSyntax(syntax, json.Take()), std::string(MediaType(syntax)));
}

absl::StatusOr<Encoded> EncodePatient(const Disclosure& disclosure, const ItemState& state, Syntax syntax) {
  RETURN_IF_ERROR(CheckComplete(disclosure));
  JsonWriter json;
  WritePatient(disclosure, state, &json);
  return Encoded::From(disclosure, InSyntax(syntax, json.Take()), std::string(MediaType(syntax)));
}

absl::StatusOr<Encoded> EncodeTaskSearch(std::span<const Disclosure> disclosures, std::span<const ItemState> states,
                                         std::string_view next_link, Syntax syntax) {
  RETURN_IF_ERROR(CheckInStep(disclosures, states));
  return EncodeSearch(disclosures, "Task/_search", next_link, syntax, [&](size_t i, JsonWriter* json) {
    WriteTask(disclosures[i], states[i], PatientReference(disclosures[i]), json);
  });
}

absl::StatusOr<Encoded> EncodePatientSearch(std::span<const Disclosure> disclosures, std::span<const ItemState> states,
                                            std::string_view next_link, Syntax syntax) {
  RETURN_IF_ERROR(CheckInStep(disclosures, states));
  return EncodeSearch(disclosures, "Patient/_search", next_link, syntax,
                      [&](size_t i, JsonWriter* json) { WritePatient(disclosures[i], states[i], json); });
}

}  // namespace schotvrij::fhir
