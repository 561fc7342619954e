// One Consent: what elements.csv says of it, who gave it, and that every actor of its provision is one we understand.
#pragma once

#include "adapters/fhir/map/findings.h"
#include "adapters/fhir/map/part_reader.h"
#include "adapters/fhir/map/resources.h"
#include "schotvrij/v1/consent.pb.h"

namespace schotvrij::fhir {

v1::Consent ReadConsent(Node consent, const Resources* resources, Findings* findings, PartReader* parts);

}  // namespace schotvrij::fhir
