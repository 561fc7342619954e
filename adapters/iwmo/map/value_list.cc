#include "adapters/iwmo/map/value_list.h"

#include <string>

#include "adapters/iwmo/map/table_fault.h"
#include "schemas/base/table.h"

namespace schotvrij::iwmo {
namespace {

constexpr std::string_view kValues = "schemas/formats/iwmo/values.csv";

}  // namespace

std::optional<ValueList> ValueList::Of(std::string_view list, const google::protobuf::EnumDescriptor& values) {
  ValueList made;
  for (const Table::Row& row : Table::Embedded(kValues).rows()) {
    if (row["list"] != list || row["ours"].empty()) continue;
    const auto* value = values.FindValueByName(std::string(row["ours"]));
    if (value == nullptr) TableFault(kValues, row.line());
    made.write_.emplace_back(row["code"], value->number());
    if (row["way"].empty()) made.read_.push_back(made.write_.back());
  }
  if (made.write_.empty()) return std::nullopt;
  return made;
}

std::optional<int> ValueList::NumberOf(std::string_view code) const {
  for (const auto& [each, number] : read_) {
    if (each == code) return number;
  }
  return std::nullopt;
}

std::string_view ValueList::CodeOf(int number) const {
  for (const auto& [code, each] : write_) {
    if (each == number) return code;
  }
  return {};
}

}  // namespace schotvrij::iwmo
