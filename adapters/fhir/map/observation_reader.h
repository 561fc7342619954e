// Observations: an attestation (the verdict on a criterion) or a score of an instrument.
#pragma once

#include "adapters/fhir/map/findings.h"
#include "adapters/fhir/map/part_reader.h"
#include "schotvrij/v1/assessment.pb.h"
#include "schotvrij/v1/registration.pb.h"

namespace schotvrij::fhir {

// Whether its code is a criterion's key in the local system of attestations.
bool IsAttestation(Node observation);

v1::Attestation ReadAttestation(Node observation, PartReader* parts);
// Also holds the score against the range of its instrument (SCORE-RANGE) and the sum of its items (SCORE-SUM).
v1::Assessment ReadScore(Node observation, Findings* findings, PartReader* parts);

}  // namespace schotvrij::fhir
