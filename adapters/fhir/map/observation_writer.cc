#include "adapters/fhir/map/observation_writer.h"

#include "adapters/fhir/map/code_list.h"
#include "adapters/fhir/map/resource_writer.h"
#include "adapters/fhir/map/systems.h"

namespace schotvrij::fhir {
namespace {

void WriteConcept(std::string_view element, std::string_view system, std::string_view code, JsonWriter* json) {
  json->ObjectIn(element).ArrayIn("coding").Object().Member("system", system).Member("code", code).End().End().End();
}

void BeginObservation(std::string_view patient, JsonWriter* json) {
  json->Object().ObjectIn("resource").Member("resourceType", "Observation");
  WriteMeta(false, json);
  json->Member("status", "final");
  json->ObjectIn("subject").Member("reference", patient).End();
}

// The function of the checker under the system its code is of.
void WriteFunction(std::string_view function, JsonWriter* json) {
  if (function.empty()) return;
  json->Object();
  WriteConcept("code", kAttestationComponentSystem, "checker-function", json);
  for (const std::string_view system : {kUziRoleSystem, kCheckerFunctionSystem}) {
    if (CodeList::Named("checker-function").Find(system, function) == nullptr) continue;
    WriteConcept("valueCodeableConcept", system, function, json);
    break;
  }
  json->End();
}

void WriteAttestation(const v1::Attestation& attestation, std::string_view patient, JsonWriter* json) {
  BeginObservation(patient, json);
  WriteConcept("code", kAttestationSystem, attestation.criterion(), json);
  if (!attestation.checked_on().empty()) json->Member("effectiveDateTime", attestation.checked_on());
  if (attestation.verdict() != v1::VERDICT_UNSPECIFIED) json->Key("valueBoolean").Boolean(attestation.verdict() == v1::MET);
  if (!attestation.criteria_version().empty() || !attestation.checker_function().empty()) {
    json->ArrayIn("component");
    if (!attestation.criteria_version().empty()) {
      json->Object();
      WriteConcept("code", kAttestationComponentSystem, "criteria-version", json);
      json->Member("valueString", attestation.criteria_version()).End();
    }
    WriteFunction(attestation.checker_function(), json);
    json->End();
  }
  json->End().End();
}

void WriteItems(const v1::Assessment& score, std::string_view system, JsonWriter* json) {
  if (score.items().empty() && score.assessor_function().empty()) return;
  json->ArrayIn("component");
  for (const v1::AssessmentItem& item : score.items()) {
    json->Object();
    WriteConcept("code", system, item.item(), json);
    if (item.has_score()) json->Key("valueInteger").Integer(item.score());
    json->End();
  }
  WriteFunction(score.assessor_function(), json);
  json->End();
}

void WriteScore(const v1::Assessment& score, std::string_view patient, JsonWriter* json) {
  const CodeList::Entry* instrument = CodeList::Named("instrument").FindWord(score.instrument());
  if (instrument == nullptr) return;
  BeginObservation(patient, json);
  if (!score.criterion().empty()) {
    json->ArrayIn("category").Object().ArrayIn("coding");
    json->Object().Member("system", kCriterionSystem).Member("code", score.criterion()).End().End().End().End();
  }
  WriteConcept("code", instrument->system, instrument->code, json);
  if (!score.assessed_on().empty()) json->Member("effectiveDateTime", score.assessed_on());
  if (score.has_score()) json->Key("valueInteger").Integer(score.score());
  WriteItems(score, instrument->system, json);
  json->End().End();
}

}  // namespace

void WriteObservationEntries(const v1::Registration& registration, std::string_view patient, JsonWriter* json) {
  for (const v1::Attestation& attestation : registration.attestations()) {
    // Without its criterion nobody can tell what was attested.
    if (!attestation.criterion().empty()) WriteAttestation(attestation, patient, json);
  }
  for (const v1::Assessment& score : registration.assessments()) WriteScore(score, patient, json);
}

}  // namespace schotvrij::fhir
