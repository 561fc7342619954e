#include "adapters/fhir/map/consent_reader.h"

#include "adapters/fhir/map/systems.h"

namespace schotvrij::fhir {
namespace {

// The type of resource a Reference names: of what it points to, else as it says itself.
std::string_view ReferredType(Node reference, const Resources& resources) {
  if (const Node target = resources.Resolve(reference)) return ResourceType(target);
  if (const Node type = reference.Child("type")) return type.value();
  if (reference.Child("identifier").Child("system").value() == kBsnSystem) return "Patient";
  const std::string_view literal = reference.Child("reference").value();
  return literal.substr(0, literal.find('/'));
}

void ReadGivers(Node consent, const Resources& resources, Findings* findings, PartReader* parts, v1::Consent* read) {
  for (Node performer : consent.Children("performer")) {
    const std::string_view type = ReferredType(performer, resources);
    if (type == "Patient") {
      parts->AddClientReference(performer);
      if (read->given_by() == v1::CONSENT_GIVER_UNSPECIFIED) read->set_given_by(v1::CLIENT_SELF);
    } else if (type == "RelatedPerson") {
      read->set_given_by(v1::REPRESENTATIVE);
    } else {
      findings->Add("CONSENT-FORM", performer);
    }
  }
  if (!consent.Child("performer")) findings->Add("CONSENT-FORM", consent, "performer");
}

// A provision without a complete actor would hold for everybody.
void CheckActors(Node consent, Findings* findings) {
  for (Node actor : consent.Child("provision").Children("actor")) {
    if (!actor.Child("role") || !actor.Child("reference")) findings->Add("CONSENT-EXCEPTION", actor);
  }
}

}  // namespace

v1::Consent ReadConsent(Node consent, const Resources* resources, Findings* findings, PartReader* parts) {
  v1::Consent read;
  parts->Read(Part::kConsent, consent, &read);
  if (read.scope() != v1::PRIVACY) return read;
  ReadGivers(consent, *resources, findings, parts, &read);
  if (read.state() == v1::CONSENT_ACTIVE) CheckActors(consent, findings);
  return read;
}

}  // namespace schotvrij::fhir
