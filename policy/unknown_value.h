// The standards' own value for "unknown" (schemas/codes/unknown.csv), which a rule may put in the place of what it withholds.
#pragma once

#include "google/protobuf/descriptor.h"

namespace schotvrij::policy {

struct UnknownValue {
  const google::protobuf::FieldDescriptor* says = nullptr;  // field of the same message, an enum; null: there is no such value
  int number = 0;
};
UnknownValue UnknownValueOf(const google::protobuf::FieldDescriptor& field);

}  // namespace schotvrij::policy
