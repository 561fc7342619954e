// What the facts of a client need of a message, whoever it goes to: the rest is cut after the
// decision (R2).
#pragma once

#include <string_view>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "schotvrij/policy/v1/policy.pb.h"

namespace schotvrij::policy {

// Leaves to keep of a message with `content` under `agreement`. Of a registration: step, start
// date, which criterion was held against which version, consents; of a scored criterion which
// instrument, never the score. Verdicts are not kept. Of others what kind they are, where a rule asks.
google::protobuf::RepeatedPtrField<v1::Leaf> NeededLeaves(const google::protobuf::Descriptor& root,
                                                          const v1::Agreement& agreement,
                                                          std::string_view content);

}  // namespace schotvrij::policy
