// The messages that keep and break the rules of level 2, to canonical and back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/adapters/iwmo/carried_text.h"
#include "tests/adapters/iwmo/messages.h"
#include "tests/adapters/iwmo/rule_pairs.h"
#include "tests/adapters/iwmo/written_again.h"

namespace schotvrij::iwmo {
namespace {

// A 325 is written from the 323 that it answers; what the schema refuses is not read.
bool IsWritten(const Table::Row& row) { return row["message"] != "325" && row["schema"] != "refused"; }

// What breaks it is not carried: parts of a birth date that are unknown, and a total, which the encoder comes to itself.
bool BreaksWhatIsNotCarried(const Table::Row& row) {
  return row["rule"] == "CS139" || row["also"] == "CS139" || row["rule"] == "TR358" || row["at"].starts_with("TotaalIngediendBedrag");
}

std::string CarriedOf(const std::string& document) {
  static const std::vector<const Table::Row*> rows = RowsBut(nullptr);
  const ReadTrees read = ReadDocument(document);
  EXPECT_EQ(TextOf(read.issues), "");
  std::string text;
  for (const Tree& part : read.parts) text += CarriedText(part, rows).Write();
  for (const Tree& whole : read.whole) text += CarriedText(whole, rows).Write();
  return text;
}

TEST(IwmoRuleTrip, WhatKeepsARuleComesBackAsItWas) {
  int written = 0;
  for (const Table::Row& row : Pairs().rows()) {
    if (row["keep"].empty() || !IsWritten(row)) continue;
    SCOPED_TRACE("pairs.csv:" + std::to_string(row.line()));
    const std::string document = MessageOf(row, row["keep"]).Document();
    const Said said = Decoded(document);
    if (!said.issues.empty()) {
      for (const Issue& issue : said.issues) EXPECT_EQ(issue.rule, "IWMO-NO-COUNTERPART") << issue.path;
      continue;
    }
    const auto again = WrittenAgain(said.exchanges);
    ASSERT_TRUE(again.ok()) << again.status();
    EXPECT_EQ(CarriedOf(*again), CarriedOf(document));
    ++written;
  }
  EXPECT_GT(written, 50);
}

TEST(IwmoRuleTrip, WhatBreaksARuleGivesNothingToTakeAsGood) {
  for (const Table::Row& row : Pairs().rows()) {
    if (row["break"].empty()) continue;
    SCOPED_TRACE("pairs.csv:" + std::to_string(row.line()));
    const Said said = Decoded(MessageOf(row, row["break"]).Document());
    EXPECT_FALSE(said.issues.empty());
    EXPECT_THAT(said.order, testing::Not(testing::HasSubstr("trailer")));
    const bool is_batch = row["message"] == "323" || row["message"] == "325";
    EXPECT_TRUE(is_batch || said.exchanges.empty());
  }
}

TEST(IwmoRuleTrip, WhatBreaksARuleIsNotWritten) {
  for (const Table::Row& row : Pairs().rows()) {
    if (row["break"].empty() || !IsWritten(row) || BreaksWhatIsNotCarried(row)) continue;
    SCOPED_TRACE("pairs.csv:" + std::to_string(row.line()));
    const Said said = Decoded(MessageOf(row, row["break"]).Document(), /*level=*/1);
    if (said.exchanges.empty()) {
      EXPECT_THAT(TextOf(said.issues), testing::HasSubstr("IWMO-NO-COUNTERPART"));
      continue;
    }
    EXPECT_FALSE(WrittenAgain(said.exchanges).ok());
  }
}

}  // namespace
}  // namespace schotvrij::iwmo
