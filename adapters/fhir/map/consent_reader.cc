#include "adapters/fhir/map/consent_reader.h"

#include <algorithm>

#include "adapters/fhir/map/code_list.h"
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

// The first of RepresentationKind that one of the codings says; unspecified: what somebody is to the client, but not as whom it speaks.
v1::RepresentationKind CapacityOf(Node representative) {
  static const CodeList& capacities = CodeList::Named("representation");
  v1::RepresentationKind first = v1::REPRESENTATION_KIND_UNSPECIFIED;
  for (Node relationship : representative.Children("relationship")) {
    for (Node coding : relationship.Children("coding")) {
      const CodeList::Entry* entry = capacities.Find(coding.Child("system").value(), coding.Child("code").value());
      v1::RepresentationKind said;
      if (entry == nullptr || !v1::RepresentationKind_Parse(entry->word, &said)) continue;
      first = first == v1::REPRESENTATION_KIND_UNSPECIFIED ? said : std::min(first, said);
    }
  }
  return first;
}

// Of several who gave it together, the first counts.
void ReadRepresentative(Node reference, const Resources& resources, PartReader* parts, v1::Consent* read) {
  read->set_given_by(v1::REPRESENTATIVE);
  const Node representative = resources.Resolve(reference);
  if (!representative || read->has_representation()) return;
  v1::Representation& representation = *read->mutable_representation();
  parts->Read(Part::kRepresentative, representative, &representation);
  representation.set_kind(CapacityOf(representative));
}

void ReadGivers(Node consent, const Resources& resources, Findings* findings, PartReader* parts, v1::Consent* read) {
  for (Node performer : consent.Children("performer")) {
    const std::string_view type = ReferredType(performer, resources);
    if (type == "Patient") {
      parts->AddClientReference(performer);
      if (read->given_by() == v1::CONSENT_GIVER_UNSPECIFIED) read->set_given_by(v1::CLIENT_SELF);
    } else if (type == "RelatedPerson") {
      ReadRepresentative(performer, resources, parts, read);
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
