#include "adapters/fhir/map/derived.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "schemas/base/table.h"

namespace schotvrij::fhir {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

struct Condition {
  std::string field;
  bool is_negated = false;
  std::string value;  // empty: any
};

struct DerivedRow {
  std::string_view of;
  std::string_view value;
  std::vector<Condition> when;
};

// "field", "!field", "field=value" or "field!=value".
Condition ParseCondition(std::string_view text) {
  Condition condition;
  condition.is_negated = text.find('!') != text.npos;
  if (text.starts_with('!')) text.remove_prefix(1);
  const size_t equals = text.find('=');
  condition.field = text.substr(0, text.find_first_of("!="));
  if (equals != text.npos) condition.value = text.substr(equals + 1);
  return condition;
}

const std::vector<DerivedRow>& DerivedRows() {
  static const auto* rows = new std::vector<DerivedRow>([] {
    std::vector<DerivedRow> read;
    for (const Table::Row& cells : Table::Embedded("schemas/formats/fhir/derived.csv").rows()) {
      DerivedRow row{cells["of"], cells["value"], {}};
      std::string_view when = cells["when"];
      while (!when.empty()) {
        const std::string_view condition = when.substr(0, when.find(' '));
        row.when.push_back(ParseCondition(condition));
        when.remove_prefix(std::min(condition.size() + 1, when.size()));
      }
      read.push_back(std::move(row));
    }
    return read;
  }());
  return *rows;
}

// Text or name of the enum value; empty: the field says nothing.
std::string ValueOf(const Message& message, const std::string& name) {
  const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName(name);
  if (field == nullptr) {
    std::fprintf(stderr, "schotvrij: derived.csv: no field %s\n", name.c_str());
    std::abort();
  }
  const auto* reflection = message.GetReflection();
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) return reflection->GetString(message, field);
  return reflection->GetEnumValue(message, field) == 0 ? "" : reflection->GetEnum(message, field)->name();
}

bool Holds(const Condition& condition, const Message& message) {
  const std::string value = ValueOf(message, condition.field);
  return (condition.value.empty() ? !value.empty() : value == condition.value) != condition.is_negated;
}

bool AllHold(const DerivedRow& row, const Message& message) {
  return std::all_of(row.when.begin(), row.when.end(), [&](const Condition& condition) { return Holds(condition, message); });
}

}  // namespace

std::string_view DerivedValue(std::string_view of, const Message& message) {
  for (const DerivedRow& row : DerivedRows()) {
    if (row.of == of && AllHold(row, message)) return row.value;
  }
  return "";
}

bool MayBe(std::string_view of, std::string_view value, const Message& message) {
  return std::any_of(DerivedRows().begin(), DerivedRows().end(), [&](const DerivedRow& row) {
    return row.of == of && row.value == value && AllHold(row, message);
  });
}

}  // namespace schotvrij::fhir
