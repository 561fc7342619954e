#include "policy/unknown_value.h"

#include <string>

#include "schemas/base/table.h"

namespace schotvrij::policy {

UnknownValue UnknownValueOf(const google::protobuf::FieldDescriptor& field) {
  const Table::Row* const row = Table::Embedded("schemas/codes/unknown.csv").Find("field", field.full_name());
  if (row == nullptr) return {};
  const auto* const says = field.containing_type()->FindFieldByName(std::string((*row)["says"]));
  return {says, says->enum_type()->FindValueByName(std::string((*row)["value"]))->number()};
}

}  // namespace schotvrij::policy
