// The Ketenbureau's own examples go to canonical and come back as they were. They are not ours to publish, so that this skips without them.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>

#include "tests/adapters/iwmo/messages.h"
#include "tests/adapters/iwmo/written_again.h"
#include "tests/support/iwmo/oracle.h"

namespace schotvrij::iwmo {
namespace {

std::string ExampleOf(const std::string& message) {
  std::ifstream file(test::OfficialFolder(SOURCE_DIR) + "/examples/" + message + ".xml", std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// Free text is shared with nobody.
std::string WithoutRemarks(const std::string& document) {
  std::stringstream lines(document);
  std::string kept;
  for (std::string line; std::getline(lines, line);) {
    if (line.find("Commentaar>") == line.npos) kept += line + "\n";
  }
  return kept;
}

std::string AgainFrom(const std::string& document) {
  const Said said = Decoded(document);
  EXPECT_EQ(TextOf(said.issues), "");
  const auto again = WrittenAgain(said.exchanges);
  EXPECT_TRUE(again.ok()) << again.status();
  return again.value_or("");
}

TEST(IwmoOfficialExamples, ComeBackAsTheyWere) {
  for (const char* message : {"WMO301", "WMO305", "WMO323"}) {
    const std::string document = ExampleOf(message);
    if (document.empty()) GTEST_SKIP() << "the files of the standard are not beside this repository";
    EXPECT_EQ(test::Canonical(AgainFrom(document)), test::Canonical(WithoutRemarks(document))) << message;
  }
}

}  // namespace
}  // namespace schotvrij::iwmo
