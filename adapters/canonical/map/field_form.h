// The form of every field that is set, as the schema's own options say it: (sensitive) BSN, (form)
// DATE, TIME, CODE, REFERENCE, PARTY; sizes and characters of every text; lengths of lists; code
// lists of schemas/formats/canonical/code_lists.csv.
#pragma once

#include "adapters/canonical/map/findings.h"
#include "google/protobuf/message.h"

namespace schotvrij::canonical {

void CheckFields(const google::protobuf::Message& message, Findings& findings);

}  // namespace schotvrij::canonical
