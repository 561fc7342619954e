// The Ketenbureau's own examples go to canonical and come back as they were. They are not ours to publish, so that this skips without them.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>

#include "tests/adapters/iwmo/messages.h"
#include "tests/support/disclosures.h"
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

std::string WrittenAgain(const std::string& document) {
  const Said said = Decoded(document);
  EXPECT_EQ(TextOf(said.issues), "");
  std::string bytes;
  if (document.find("wmo323") == document.npos) {
    const auto encoded = Encode(test::DiscloseAll(said.exchanges.at(0)), {});
    EXPECT_TRUE(encoded.ok()) << encoded.status();
    return encoded.ok() ? encoded->bytes() : "";
  }
  int64_t cents = 0;
  for (const v1::Exchange& exchange : said.exchanges) {
    for (const v1::DeclarationLine& line : exchange.declaration().lines()) {
      cents += line.side() == v1::CREDIT ? -line.amount_cents() : line.amount_cents();
    }
  }
  const std::unique_ptr<FileEncoder> file = NewFileEncoder({}, cents);
  for (const v1::Exchange& exchange : said.exchanges) {
    const auto next = file->Next(test::DiscloseAll(exchange));
    EXPECT_TRUE(next.ok()) << next.status();
    if (next.ok()) bytes += next->bytes();
  }
  const auto rest = file->Finish();
  EXPECT_TRUE(rest.ok()) << rest.status();
  return rest.ok() ? bytes + rest->bytes() : "";
}

TEST(IwmoOfficialExamples, ComeBackAsTheyWere) {
  for (const char* message : {"WMO301", "WMO305", "WMO323"}) {
    const std::string document = ExampleOf(message);
    if (document.empty()) GTEST_SKIP() << "the files of the standard are not beside this repository";
    EXPECT_EQ(test::Canonical(WrittenAgain(document)), test::Canonical(WithoutRemarks(document))) << message;
  }
}

}  // namespace
}  // namespace schotvrij::iwmo
