// Showing canonical messages without showing people: fields that the schema marks as sensitive are masked.
// This is the only place that turns a canonical message into text; protobuf's own DebugString is banned.
#pragma once

#include <string>

#include "google/protobuf/message.h"
#include "absl/status/statusor.h"

namespace schotvrij {

// Protobuf JSON, two-space indent. Unless `reveal`, every field with option (sensitive) reads "***".
absl::StatusOr<std::string> ToJson(const google::protobuf::Message& message, bool reveal);

// Path of the first unknown field or unknown enum value in `message`, or empty. What no field names cannot cross.
std::string FindUnknown(const google::protobuf::Message& message);

}  // namespace schotvrij
