// For every rule of level 2 messages that keep it and messages that break it: tests/adapters/iwmo/rules/pairs.csv.
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "adapters/iwmo/rules/rules.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "schemas/base/strings.h"
#include "schemas/base/table.h"
#include "tests/adapters/iwmo/rule_pairs.h"
#include "tests/adapters/iwmo/support.h"

namespace schotvrij::iwmo {
namespace {

std::vector<Issue> Check(const Grammar& grammar, const Tree& frame, const std::vector<Tree>& parts) {
  std::vector<Issue> issues;
  Checker checker(grammar);
  if (grammar.part() != kNoElement) checker.Head(frame);
  for (const Tree& part : parts) checker.Part(part, &issues);
  checker.End(frame, &issues);
  return issues;
}

// By the reader, so that what is checked keeps to the schema; from the trees where the row says that it does not.
std::vector<Issue> Check(const Table::Row& row, const EditedMessage& message) {
  const Grammar& grammar = Grammar::Of("WMO" + std::string(row["message"]));
  const ReadTrees read = ReadDocument(message.Document());
  if (!read.issues.empty()) {
    EXPECT_EQ(row["schema"], "refused") << read.issues.front().rule << " " << read.issues.front().path;
    return Check(grammar, message.Frame(), message.Parts());
  }
  return Check(grammar, read.whole.at(0), read.parts);
}

std::set<std::string> RulesOf(const std::vector<Issue>& issues) {
  std::set<std::string> rules;
  for (const Issue& issue : issues) rules.insert(issue.rule);
  return rules;
}

std::string PlacesOf(const std::vector<Issue>& issues) {
  std::string places;
  for (const Issue& issue : issues) places += issue.rule + " " + issue.path + "\n";
  return places;
}

bool IsAt(const Issue& issue, std::string_view end) {
  const std::string path = issue.path.substr(0, issue.path.find(", line"));
  return path.ends_with("/" + std::string(end));
}

TEST(IwmoRules, WhatKeepsARuleBreaksNone) {
  for (const Table::Row& row : Pairs().rows()) {
    if (row["keep"].empty()) continue;
    SCOPED_TRACE("pairs.csv:" + std::to_string(row.line()));
    const std::vector<Issue> issues = Check(row, MessageOf(row, row["keep"]));
    EXPECT_TRUE(issues.empty()) << PlacesOf(issues);
  }
}

TEST(IwmoRules, WhatBreaksARuleBreaksThatAtItsClassWithItsReturnCode) {
  for (const Table::Row& row : Pairs().rows()) {
    if (row["break"].empty()) continue;
    SCOPED_TRACE("pairs.csv:" + std::to_string(row.line()));
    const std::vector<Issue> issues = Check(row, MessageOf(row, row["break"]));
    std::set<std::string> expected = {std::string(row["rule"])};
    if (!row["also"].empty()) expected.insert(std::string(row["also"]));
    EXPECT_EQ(RulesOf(issues), expected) << PlacesOf(issues);
    bool at_place = false;
    for (const Issue& issue : issues) {
      EXPECT_EQ(issue.severity, Severity::kError);
      const RuleInfo* rule = FindRule(issue.rule);
      ASSERT_NE(rule, nullptr);
      EXPECT_EQ(rule->return_code, "0001");
      at_place |= issue.rule == row["rule"] && IsAt(issue, row["at"]);
    }
    EXPECT_TRUE(at_place) << PlacesOf(issues);
  }
}

// Of each rule and message that it is checked in; of a rule that holds in all messages, one of them.
TEST(IwmoRules, EveryRuleHasMessagesThatKeepItAndThatBreakIt) {
  std::set<std::pair<std::string, std::string>> kept, broken;
  for (const Table::Row& row : Pairs().rows()) {
    for (const std::string_view message : {row["message"], std::string_view()}) {
      const std::pair key = {std::string(row["rule"]), std::string(message)};
      if (!row["keep"].empty()) kept.insert(key);
      if (!row["break"].empty()) broken.insert(key);
    }
  }
  for (const Table::Row& row : Table::Embedded("schemas/formats/iwmo/rules.csv").rows()) {
    EXPECT_TRUE(kept.contains({std::string(row["rule"]), ""})) << row["rule"];
    EXPECT_TRUE(broken.contains({std::string(row["rule"]), ""})) << row["rule"];
  }
  for (const Table::Row& row : Table::Embedded("schemas/formats/iwmo/rule_checks.csv").rows()) {
    if (HoldsWord(row["in"], "302")) continue;
    for (const Grammar* grammar : Grammar::All()) {
      const std::string message(grammar->message().substr(3));
      if (!HoldsWord(row["in"], message)) continue;
      EXPECT_TRUE(kept.contains({std::string(row["rule"]), message})) << row["rule"] << " in " << message;
      EXPECT_TRUE(broken.contains({std::string(row["rule"]), message})) << row["rule"] << " in " << message;
    }
  }
}

TEST(IwmoRules, EveryRuleIsCheckedSomewhereAndEveryCheckIsOfARule) {
  const Table& rules = Table::Embedded("schemas/formats/iwmo/rules.csv");
  const Table& checks = Table::Embedded("schemas/formats/iwmo/rule_checks.csv");
  std::set<std::string> seen;
  for (const Table::Row& row : rules.rows()) {
    EXPECT_TRUE(seen.insert(std::string(row["rule"])).second) << row["rule"];
    EXPECT_NE(checks.Find("rule", row["rule"]), nullptr) << row["rule"];
  }
  for (const Table::Row& row : checks.rows()) {
    EXPECT_NE(FindRule(row["rule"]), nullptr) << row["rule"];
    EXPECT_THAT(std::string(row["basis"]), testing::AnyOf("seen", "text"));
  }
  EXPECT_EQ(FindRule("TR999"), nullptr);
}

// Returns too: of them it is all that is checked.
TEST(IwmoRules, EveryMessageSaysItsVersion_CS015_CS025) {
  for (const Grammar* grammar : Grammar::All()) {
    for (const bool right : {true, false}) {
      Tree tree(*grammar);
      tree.Open(0);
      tree.Open(grammar->Find("Header"));
      tree.Leaf(grammar->Find("Header/BerichtVersie"), right ? "3" : "2");
      tree.Leaf(grammar->Find("Header/BerichtSubversie"), right ? "2" : "3");
      tree.Close();
      tree.Close();
      const std::set<std::string> rules = RulesOf(Check(*grammar, tree, {}));
      EXPECT_EQ(rules, right ? std::set<std::string>{} : (std::set<std::string>{"CS015", "CS025"})) << grammar->message();
    }
  }
}

TEST(IwmoRules, AnIssueSaysWhatIsWrongAndHowToMendItButNoValue) {
  const Table::Row& row = *Pairs().Find("rule", "CS002");
  const std::vector<Issue> issues = Check(row, MessageOf(row, row["break"]));
  ASSERT_EQ(issues.size(), 1u);
  EXPECT_EQ(issues[0].text, "A Bsn does not pass the eleven-test. Correct the Bsn.");
  EXPECT_EQ(issues[0].code, IssueCode::kValue);
  EXPECT_THAT(issues[0].path, testing::StartsWith("Bericht/Client/Bsn, line "));
}

}  // namespace
}  // namespace schotvrij::iwmo
