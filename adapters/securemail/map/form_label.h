// Labels of the form: schemas/formats/mail/form.csv.
//
//   const FormLabel* label = FindFormLabel(Fold("Einddatum"));   // path registration.end_date
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "google/protobuf/descriptor.h"

namespace schotvrij::securemail {

// Fields from v1::Exchange down to one leaf, through lists or not.
using FieldPath = std::vector<const google::protobuf::FieldDescriptor*>;

// Of a path in one of our tables; ends the program when the schema has no such field.
FieldPath ReadFieldPath(std::string_view path);

// What one line says of one leaf.
struct Setting {
  FieldPath path;
  std::string value;  // text, or name of an enum value
};

struct FormLabel {
  enum class Kind { kText, kBsn, kDate, kWord };

  std::string_view label;  // as people read it
  std::string_view path;   // "registration.end_date"
  FieldPath fields;        // the same
  Kind kind = Kind::kText;
  std::vector<Setting> also;  // what the label says beside its value
};

// Null: no such label. `folded`: map/fold.h.
const FormLabel* FindFormLabel(std::string_view folded);
// The first label of `path`, which may have indices; null: none has that path.
const FormLabel* FindFormLabelOf(std::string_view path);

}  // namespace schotvrij::securemail
