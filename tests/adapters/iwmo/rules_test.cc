// What the rules of level 2 lean on, and messages that nobody wrote.
#include "adapters/iwmo/rules/rules.h"

#include <fstream>
#include <iterator>
#include <random>
#include <set>

#include "adapters/iwmo/rules/compare.h"
#include "adapters/iwmo/rules/condition.h"
#include "adapters/iwmo/rules/key_set.h"
#include "adapters/iwmo/rules/overlap.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "schemas/base/civil_date.h"
#include "schemas/base/limits.h"
#include "tests/adapters/iwmo/support.h"
#include "tests/support/iwmo/oracle.h"
#include "tests/support/iwmo/random_document.h"

namespace schotvrij::iwmo {
namespace {

TEST(IwmoCompare, DaysSortAsTheyFollowEachOther) {
  Day before = DayOf("1899-12-31");
  for (CivilDate day = *CivilDate::Parse("1900-01-01"); day < *CivilDate::Parse("2110-01-01"); day = day.PlusDays(1)) {
    const Day now = DayOf(day.ToString());
    ASSERT_LT(before, now) << day.ToString();
    ASSERT_EQ(LastOfMonth(now) == now, day.PlusDays(1).day() == 1) << day.ToString();
    const std::optional<CivilDate> then = CivilDate::FromYmd(day.year() - 5, day.month(), day.day());
    ASSERT_EQ(YearsBefore(now, 5), then ? DayOf(then->ToString()) : DayOf(day.ToString()) - 5'0001) << day.ToString();
    before = now;
  }
  EXPECT_LT(DayOf("-0002-12-31"), DayOf("-0001-01-01"));
  EXPECT_LT(DayOf("-0001-12-31"), DayOf("0001-01-01"));
  EXPECT_LT(DayOf("9999-12-31"), DayOf("10000-01-01"));
  EXPECT_LT(DayOf("10000-01-01"), DayOf("99999999999999999999-01-01"));
  EXPECT_EQ(MonthDay(DayOf("-0044-03-15")), 315);
  EXPECT_EQ(DayOf(" 2026-01-01\n"), DayOf("2026-01-01"));
  for (const char* none : {"", "2026", "2026-1-01", "20260101", "2026-01-0x", "2026/01/01"}) EXPECT_EQ(DayOf(none), kNoDay) << none;
}

TEST(IwmoCompare, ANumberIsOneHoweverItIsWritten) {
  SimpleType integer;
  integer.base = Base::kInteger;
  for (const char* text : {"7", "+7", "007", "+0007", " 7\t", "\n+07 "}) EXPECT_EQ(PlainValue(integer, text), "7") << text;
  for (const char* text : {"0", "-0", "+0", "000", "-000"}) EXPECT_EQ(PlainValue(integer, text), "0") << text;
  const SimpleType string;
  EXPECT_EQ(PlainValue(string, " 07 "), " 07 ");
}

TEST(IwmoKeySet, KnowsWhatItWasGiven) {
  KeySet keys;
  std::set<std::string> expected;
  std::mt19937_64 random(1);
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 20'000; ++i) {
      const std::string key = std::to_string(random() % 15'000) + std::string(i % 997 == 0 ? 3000 : 0, 'x');
      ASSERT_EQ(keys.Contains(key), expected.contains(key));
      ASSERT_EQ(keys.Insert(key), expected.insert(key).second);
    }
    EXPECT_TRUE(keys.Insert(""));
    EXPECT_FALSE(keys.Insert(""));
    keys.Clear();
    expected.clear();
    EXPECT_FALSE(keys.Contains(""));
  }
}

// Two products, as the standard compares them.
bool AreSame(const ProductPeriod& a, const ProductPeriod& b) {
  if (a.category.empty() || b.category.empty()) return true;
  if (a.category != b.category) return false;
  return a.code.empty() || b.code.empty() || a.code == b.code;
}
bool ShareADay(const ProductPeriod& a, const ProductPeriod& b) {
  return (a.end == kNoDay || a.end >= b.begin) && (b.end == kNoDay || b.end >= a.begin);
}

TEST(IwmoOverlap, FindsWhatComparingEachWithEachFinds_TR302_TR386_TR410) {
  std::mt19937_64 random(2);
  constexpr std::string_view kCategories[] = {"", "02", "03"}, kCodes[] = {"", "a", "b"};
  for (int round = 0; round < 3000; ++round) {
    std::vector<ProductPeriod> periods(random() % 7);
    for (NodeIndex i = 0; i < periods.size(); ++i) {
      const std::string_view category = kCategories[random() % 3];
      const Day begin = 2026'01'01 + static_cast<Day>(random() % 28);
      periods[i] = {i, category, category.empty() ? "" : kCodes[random() % 3], begin,
                    random() % 6 == 0 ? kNoDay : begin + static_cast<Day>(random() % 8)};
    }
    std::set<NodeIndex> expected;
    for (const ProductPeriod& a : periods) {
      for (const ProductPeriod& b : periods) {
        const bool a_first = a.begin < b.begin || (a.begin == b.begin && a.node < b.node);
        if (a_first && AreSame(a, b) && ShareADay(a, b)) expected.insert(b.node);
      }
    }
    const std::vector<NodeIndex> found = FindOverlaps(periods);
    ASSERT_EQ(std::set<NodeIndex>(found.begin(), found.end()), expected) << round;
    ASSERT_EQ(found.size(), expected.size());
  }
}

TEST(IwmoConditions, AreReadOrRefused) {
  const Grammar& grammar = Grammar::Of("WMO301");
  std::vector<ElementId> frame;
  const Scope scope = {&grammar, grammar.Find("Client/ToegewezenProducten/ToegewezenProduct"), &frame};
  for (const char* right : {"", "Einddatum filled", "Einddatum not filled; Omvang/Frequentie in 2 4 | Budget filled",
                            "Einddatum from 2021-01-01", "Einddatum until /Header/BerichtIdentificatie/Dagtekening",
                            "Ingangsdatum years 5 Einddatum", "Einddatum month end of Ingangsdatum"}) {
    EXPECT_TRUE(ParseConditions(right, scope).has_value()) << right;
  }
  EXPECT_EQ(frame, std::vector<ElementId>{grammar.Find("Header/BerichtIdentificatie/Dagtekening")});
  for (const char* wrong : {"Einddatum", "Nowhere filled", "Einddatum filled now", "Einddatum in", "Einddatum before Ingangsdatum",
                            "Einddatum from", "Einddatum from Nowhere", "Einddatum from /Nowhere", "Einddatum equals", "Einddatum years Ingangsdatum",
                            "Einddatum inside 2", "; Einddatum filled"}) {
    EXPECT_FALSE(ParseConditions(wrong, scope).has_value()) << wrong;
  }
  const Scope client = {&grammar, grammar.Find("Client"), &frame};
  EXPECT_FALSE(ParseConditions("Contactgegevens/Contact/Soort equals Bsn", client).has_value());  // which of them?
  EXPECT_FALSE(ParseConditions("Bsn equals Contactgegevens/Contact/Soort", client).has_value());
}

struct CheckedDocument final : TreeSink {
  explicit CheckedDocument(const Grammar& grammar) : checker(grammar) {}
  void OnHead(const Tree& head) override { checker.Head(head); }
  void OnPart(const Tree& part) override { checker.Part(part, &issues); }
  void OnEnd(const Tree& whole) override { checker.End(whole, &issues); }
  void OnIssue(Issue issue) override { ADD_FAILURE() << issue.rule << " " << issue.path; }

  Checker checker;
  std::vector<Issue> issues;
};

TEST(IwmoRules, OfAnyMessageThatTheSchemaTakesIssuesNameRulesAndPlaces) {
  std::mt19937_64 random(3);
  std::set<std::string> seen;
  for (const Grammar* grammar : Grammar::All()) {
    for (int i = 0; i < 60; ++i) {
      CheckedDocument checked(*grammar);
      Reader reader;
      ASSERT_TRUE(reader.Feed(test::RandomDocument(*grammar, random), checked));
      reader.Finish(checked);
      for (const Issue& issue : checked.issues) {
        EXPECT_NE(FindRule(issue.rule), nullptr) << issue.rule;
        EXPECT_THAT(issue.path, testing::StartsWith("Bericht"));
        EXPECT_TRUE(grammar->answers().empty() || grammar->message() == "WMO325") << grammar->message() << " " << issue.rule;
        seen.insert(issue.rule);
      }
    }
  }
  EXPECT_GT(seen.size(), 25u);
}

TEST(IwmoRules, TheExamplesOfTheStandardBreakNone) {
  for (const std::string message : {"WMO301", "WMO305", "WMO323"}) {
    std::ifstream file(test::OfficialFolder(SOURCE_DIR) + "/examples/" + message + ".xml", std::ios::binary);
    if (!file.is_open()) GTEST_SKIP() << "the examples are not beside the repository";
    const std::string document((std::istreambuf_iterator<char>(file)), {});
    CheckedDocument checked(Grammar::Of(message));
    Reader reader;
    ASSERT_TRUE(reader.Feed(document, checked));
    reader.Finish(checked);
    EXPECT_TRUE(checked.issues.empty()) << message << " " << checked.issues.front().rule << " " << checked.issues.front().path;
  }
}

TEST(IwmoRules, OfAMessageNoMoreIssuesThanOneAnswerHolds) {
  const Grammar& grammar = Grammar::Of("WMO323");
  Tree client(grammar);
  client.Open(grammar.part());
  client.Leaf(grammar.Find("Declaratie/Clienten/Client/Bsn"), "999900007");
  client.Close();
  std::vector<Issue> issues;
  Checker checker(grammar);
  for (size_t i = 0; i < 2 * limits::kIssuesMax; ++i) checker.Part(client, &issues);
  EXPECT_EQ(issues.size(), limits::kIssuesMax);
}

}  // namespace
}  // namespace schotvrij::iwmo
