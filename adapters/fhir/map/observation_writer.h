// Attestations and scores as Observations, in the shape the reader takes, for networks whose rules share them.
#pragma once

#include <string_view>

#include "adapters/fhir/wire/json_writer.h"
#include "schotvrij/v1/registration.pb.h"

namespace schotvrij::fhir {

// One Bundle entry for each attestation and score of a minimised registration; `patient` is Observation.subject's reference.
void WriteObservationEntries(const v1::Registration& registration, std::string_view patient, JsonWriter* json);

}  // namespace schotvrij::fhir
