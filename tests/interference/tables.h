// Tables and messages of this suite, read from its folder.
#pragma once

#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <utility>

#include "gtest/gtest.h"
#include "schemas/base/table.h"

namespace schotvrij::interference {

// `path` is below the source tree.
inline std::string ReadSource(const std::string& path) {
  std::ifstream file(std::string(SOURCE_DIR) + "/" + path, std::ios::binary);
  EXPECT_TRUE(file.good()) << path;
  return {std::istreambuf_iterator<char>(file), {}};
}

// A table of this folder, read once.
inline const Table& ReadTable(const std::string& name) {
  static auto* tables = new std::map<std::string, Table>();
  auto found = tables->find(name);
  if (found == tables->end()) {
    absl::StatusOr<Table> table = Table::Parse(name, ReadSource("tests/interference/" + name));
    EXPECT_TRUE(table.ok()) << table.status();
    found = tables->emplace(name, *std::move(table)).first;
  }
  return found->second;
}

}  // namespace schotvrij::interference
