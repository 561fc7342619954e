// The README of the adapter has the table not_carried.csv.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>

#include "schemas/base/table.h"

namespace schotvrij::iwmo {
namespace {

TEST(IwmoNotCarried, StandsInTheReadmeAsItIs) {
  std::string table = "| in | element | why, and what is written in its place |\n|---|---|---|\n";
  for (const Table::Row& row : Table::Embedded("schemas/formats/iwmo/not_carried.csv").rows()) {
    for (const char* column : {"in", "element", "reason"}) table.append("| ").append(row[column]).append(" ");
    table += "|\n";
  }
  std::ifstream file(SOURCE_DIR "/adapters/iwmo/README.md");
  std::stringstream readme;
  readme << file.rdbuf();
  EXPECT_NE(readme.str().find("\n\n" + table + "\n"), std::string::npos) << "the README must have:\n" << table;
}

}  // namespace
}  // namespace schotvrij::iwmo
