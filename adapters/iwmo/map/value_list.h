// ValueList: the codes of one list of iWmo and the enum values they are, as schemas/formats/iwmo/values.csv has them.
//
//   const auto gender = ValueList::Of("COD046", *v1::AdministrativeGender_descriptor());
//   gender->NumberOf("2") == v1::FEMALE
#pragma once

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "google/protobuf/descriptor.h"

namespace schotvrij::iwmo {

class ValueList {
 public:
  // Nullopt: the table has no such list. Ends the program where the table names a value that `values` does not have.
  static std::optional<ValueList> Of(std::string_view list, const google::protobuf::EnumDescriptor& values);

  // Nullopt: we have no value for this code.
  std::optional<int> NumberOf(std::string_view code) const;
  // Empty: the list has no code for this value.
  std::string_view CodeOf(int number) const;

 private:
  std::vector<std::pair<std::string_view, int>> read_, write_;
};

}  // namespace schotvrij::iwmo
