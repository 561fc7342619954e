// Place: where in a message a walk stands. Costs nothing until its path is asked for, which only a finding does.
#pragma once

#include <string>

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"

namespace schotvrij::canonical {

struct Place {
  const Place* outer;  // of the message that has the field; null: the root
  const google::protobuf::FieldDescriptor* field;
  int index = -1;  // in a list

  // "registration.consents[0].given_on".
  std::string Path() const {
    std::string path = outer == nullptr ? field->name() : absl::StrCat(outer->Path(), ".", field->name());
    if (index >= 0) absl::StrAppend(&path, "[", index, "]");
    return path;
  }
};

}  // namespace schotvrij::canonical
