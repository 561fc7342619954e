// A message of messages.csv as a Bundle: MessageHeader, the heads, and the Patient where more of the client is disclosed than its BSN.
#pragma once

#include "adapters/fhir/map/care_table.h"
#include "adapters/fhir/wire/json_writer.h"
#include "policy/disclosure/disclosure.h"

namespace schotvrij::fhir {

void WriteCareMessage(const CareMessage& message, const policy::Disclosure& disclosure, JsonWriter* json);

}  // namespace schotvrij::fhir
