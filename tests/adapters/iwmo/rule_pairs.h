// tests/adapters/iwmo/rules/pairs.csv and the messages that its rows edit.
#pragma once

#include <fstream>
#include <sstream>
#include <string>
#include <string_view>

#include "gtest/gtest.h"
#include "schemas/base/table.h"
#include "tests/adapters/iwmo/edited_message.h"

namespace schotvrij::iwmo {

inline std::string PairFile(const std::string& name) {
  std::ifstream file(std::string(SOURCE_DIR) + "/tests/adapters/iwmo/rules/" + name, std::ios::binary);
  EXPECT_TRUE(file.is_open()) << name;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

inline const Table& Pairs() {
  static const Table& pairs = *new Table(*Table::Parse("pairs.csv", PairFile("pairs.csv")));
  return pairs;
}

inline EditedMessage MessageOf(const Table::Row& row, std::string_view edits) {
  const std::string message = "WMO" + std::string(row["message"]);
  EditedMessage edited(Grammar::Of(message), PairFile(message + ".xml"));
  if (edits != "(none)") edited.Edit(edits);
  return edited;
}

}  // namespace schotvrij::iwmo
