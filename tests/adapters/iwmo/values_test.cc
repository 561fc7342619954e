// values.csv says of every code of a list that becomes an enum what it becomes, and of every value of that enum how it is written.
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include "adapters/iwmo/map/plan.h"
#include "adapters/iwmo/map/value_list.h"
#include "schemas/base/table.h"

namespace schotvrij::iwmo {
namespace {

const Table& Values() { return Table::Embedded("schemas/formats/iwmo/values.csv"); }

// The lists that leaves of the fourteen messages turn into enums, with the enum.
std::set<std::pair<std::string_view, const google::protobuf::EnumDescriptor*>> ListsOfEnums() {
  std::set<std::pair<std::string_view, const google::protobuf::EnumDescriptor*>> lists;
  for (const Grammar* grammar : Grammar::All()) {
    for (ElementId id = 1; id < grammar->elements().size(); ++id) {
      const Slot& slot = Plan::Of(*grammar).at(id);
      if (!slot.values.has_value()) continue;
      lists.emplace(grammar->at(id).type->code_list, slot.target.field->enum_type());
    }
  }
  return lists;
}

TEST(IwmoValues, HaveARowForEveryCodeOfAListThatBecomesAnEnum) {
  std::set<std::pair<std::string_view, std::string_view>> there;
  for (const Table::Row& row : Values().rows()) {
    if (row["way"].empty()) EXPECT_TRUE(there.emplace(row["list"], row["code"]).second) << row.line();
  }
  std::set<std::pair<std::string_view, std::string_view>> expected;
  for (const auto& [list, values] : ListsOfEnums()) {
    for (const Table::Row& row : Table::Embedded("schemas/formats/iwmo/codes.csv").rows()) {
      if (row["list"] == list) expected.emplace(row["list"], row["code"]);
    }
  }
  EXPECT_EQ(there, expected);
}

TEST(IwmoValues, WriteEveryValueOfTheEnum) {
  ASSERT_FALSE(ListsOfEnums().empty());
  for (const auto& [list, values] : ListsOfEnums()) {
    for (int i = 0; i < values->value_count(); ++i) {
      const auto& value = *values->value(i);
      EXPECT_EQ(ValueList::Of(list, *values)->CodeOf(value.number()).empty(), value.number() == 0) << value.full_name();
    }
  }
}

TEST(IwmoValues, ReadBackWhatTheyWroteButWhereOnlyThatIsSaid) {
  for (const auto& [list, values] : ListsOfEnums()) {
    for (const Table::Row& row : Values().rows()) {
      if (row["list"] != list || row["ours"].empty()) continue;
      const int number = values->FindValueByName(std::string(row["ours"]))->number();
      EXPECT_EQ(ValueList::Of(list, *values)->NumberOf(row["code"]) == number, row["way"].empty()) << row.line();
    }
  }
}

TEST(IwmoValues, AreTheListsThatTheMapOfListsNames) {
  std::ifstream file(SOURCE_DIR "/schemas/maps/code_lists.csv");
  std::stringstream text;
  text << file.rdbuf();
  const auto map = Table::Parse("code_lists.csv", text.str());
  ASSERT_TRUE(map.ok());
  for (const auto& [list, values] : ListsOfEnums()) {
    bool named = false;
    for (const Table::Row& row : map->rows()) {
      named = named || (row["standard"] == "iwmo" && row["theirs"] == list && row["list"] == values->name());
    }
    EXPECT_TRUE(named) << list << " " << values->name();
  }
}

}  // namespace
}  // namespace schotvrij::iwmo
