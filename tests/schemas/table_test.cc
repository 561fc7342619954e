#include "schemas/base/table.h"

#include <set>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "schemas/base/embedded.h"
#include "schemas/base/issue.h"

namespace schotvrij {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(Table, ReadsCellsByColumn) {
  Table table = *Table::Parse("t", "a,b\n1,2\n3,4\n");
  ASSERT_THAT(table.rows(), SizeIs(2));
  EXPECT_EQ(table.rows()[0]["a"], "1");
  EXPECT_EQ(table.rows()[1]["b"], "4");
  EXPECT_EQ(table.Find("a", "3"), &table.rows()[1]);
  EXPECT_EQ(table.Find("a", "4"), nullptr);
}

TEST(Table, QuotedCellsHoldCommasQuotesAndLineEnds) {
  Table table = *Table::Parse("t", "a,b\n\"1,\"\"x\"\"\",\"two\nlines\"\nnext,row\n");
  EXPECT_EQ(table.rows()[0]["a"], "1,\"x\"");
  EXPECT_EQ(table.rows()[0]["b"], "two\nlines");
  EXPECT_EQ(table.rows()[1].line(), 4);
}

TEST(Table, CommentsEmptyLinesAndCarriageReturnsAreNoCells) {
  Table table = *Table::Parse("t", "# what it is\r\na,b\r\n\r\n# more, with a comma\r\n1,2\r\n3,");
  ASSERT_THAT(table.rows(), SizeIs(2));
  EXPECT_EQ(table.rows()[0]["b"], "2");
  EXPECT_EQ(table.rows()[1]["b"], "");
  EXPECT_EQ(table.rows()[0].line(), 5);
}

TEST(Table, ARowOfAnotherWidthIsRefusedWithFileAndLine) {
  for (const char* bad : {"a,b\n1,2\n3\n", "a,b\n1,2\n3,4,5\n"}) {
    absl::Status status = Table::Parse("codes.csv", bad).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(status.message()), HasSubstr("codes.csv:3: "));
  }
}

TEST(Table, StaysWholeWhenMoved) {
  Table table = *Table::Parse("t", "a,b\n1,2\n");
  Table moved(std::move(table));
  EXPECT_EQ(moved.rows()[0]["b"], "2");
}

TEST(TableDeathTest, AColumnThatIsNotThereEndsTheProgram) {
  Table table = *Table::Parse("t", "a\n1\n");
  EXPECT_DEATH((void)table.rows()[0]["b"], "no column: b");
  EXPECT_DEATH(Table::Embedded("none.csv"), "no compiled-in file: none.csv");
}

TEST(Embedded, EveryTableParses) {
  size_t tables = 0;
  for (const EmbeddedFile& file : EmbeddedFiles()) {
    if (!file.path.ends_with(".csv")) continue;
    ++tables;
    EXPECT_THAT(Table::Embedded(file.path).rows(), testing::Not(IsEmpty())) << file.path;
  }
  EXPECT_GE(tables, 4);
}

TEST(IssueTable, EveryRuleIsCompleteUniqueAndCanBeMade) {
  std::set<std::string> seen;
  for (const Table::Row& row : Table::Embedded("schemas/codes/issue.csv").rows()) {
    std::string rule(row["rule"]);
    EXPECT_TRUE(seen.insert(rule).second) << rule << " stands twice";
    EXPECT_EQ(rule.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-"), rule.npos) << rule;
    EXPECT_TRUE(row["text"].ends_with('.')) << rule;
    EXPECT_TRUE(row["remedy"].ends_with('.')) << rule;
    Issue issue = MakeIssue(rule, "a.path", "detail");
    EXPECT_EQ(Name(issue.severity), row["severity"]) << rule;
    EXPECT_EQ(Name(issue.code), row["code"]) << rule;
    EXPECT_EQ(issue.path, "a.path");
    EXPECT_THAT(issue.text, testing::AllOf(HasSubstr(std::string(row["text"])), testing::EndsWith("(detail)"))) << rule;
  }
}

TEST(Issue, OnlyErrorsRefuse) {
  std::vector<Issue> issues(2);
  issues[0].severity = Severity::kInformation;
  issues[1].severity = Severity::kWarning;
  EXPECT_FALSE(HasError(issues));
  issues[1].severity = Severity::kError;
  EXPECT_TRUE(HasError(issues));
  EXPECT_FALSE(HasError({}));
}

TEST(IssueDeathTest, ARuleThatIsNotInTheTableEndsTheProgram) {
  EXPECT_DEATH(MakeIssue("NO-SUCH-RULE", ""), "rule NO-SUCH-RULE is not in issue.csv");
}

}  // namespace
}  // namespace schotvrij
