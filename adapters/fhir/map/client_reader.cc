#include "adapters/fhir/map/client_reader.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "adapters/fhir/map/name_reader.h"
#include "adapters/fhir/map/systems.h"
#include "schemas/base/strings.h"

namespace schotvrij::fhir {

Node ClientReader::Read(Node referred, bool surname_required, v1::Client* client) {
  std::vector<Node> patients = resources_->OfType("Patient");
  if (patients.empty()) return Node();
  const auto main = std::find(patients.begin(), patients.end(), referred);
  if (main != patients.end()) std::iter_swap(patients.begin(), main);
  for (Node patient : patients) {
    v1::Client other;
    v1::Client* target = patient == patients.front() ? client : &other;
    parts_->Read(Part::kPatient, patient, target);
    if (!target->bsn().empty() && !client->bsn().empty() && target->bsn() != client->bsn()) {
      findings_->Add("CLIENT-TWO-PERSONS", patient);
      return patients.front();
    }
  }
  ReadName(patients, surname_required, findings_, client->mutable_name());
  return patients.front();
}

void ClientReader::ReadBsnOf(Node resource, std::string_view element, v1::Client* client) {
  const Node identifier = resource.Child(element).Child("identifier");
  const Node value = identifier.Child("value");
  if (identifier.Child("system").value() != kBsnSystem || !value) {
    return findings_->Add("BSN-MISSING", resource, absl::StrCat(ToAbsl(element), ".identifier"));
  }
  const std::string_view fault = BsnFault(value.value());
  if (!fault.empty()) return findings_->Add(fault, value);
  client->set_bsn(std::string(value.value()));
}

void ClientReader::CheckReferences(const std::string& bsn) {
  for (Node reference : parts_->client_references()) CheckReference(reference, bsn);
  for (Node related : resources_->OfType("RelatedPerson")) {
    if (const Node patient = related.Child("patient")) CheckReference(patient, bsn);
  }
}

void ClientReader::CheckReference(Node reference, const std::string& bsn) {
  const Node identifier = reference.Child("identifier");
  const Node value = identifier.Child("value");
  const bool has_bsn = identifier.Child("system").value() == kBsnSystem && value;
  if (has_bsn) {
    const std::string_view fault = BsnFault(value.value());
    if (!fault.empty()) {
      findings_->Add(fault, value);
    } else if (!bsn.empty() && value.value() != bsn) {
      findings_->Add("BSN-DIFFERENT", value);
    }
  }
  if (const Node literal = reference.Child("reference")) {
    if (ResourceType(resources_->Resolve(reference)) != "Patient") findings_->Add("FHIR-REFERENCE", literal);
  } else if (!has_bsn && !IsIdentifierOfPatient(identifier)) {
    findings_->Add("FHIR-REFERENCE", reference);
  }
}

bool ClientReader::IsIdentifierOfPatient(Node identifier) const {
  const std::string_view value = identifier.Child("value").value();
  if (value.empty()) return false;
  for (Node patient : resources_->OfType("Patient")) {
    for (Node own : patient.Children("identifier")) {
      if (own.Child("value").value() == value && own.Child("system").value() == identifier.Child("system").value()) {
        return true;
      }
    }
  }
  return false;
}

}  // namespace schotvrij::fhir
