// Every case of data/cases.csv: what is wrong with a message is told whole, in the words of FHIR, and nothing comes of it.
#include "gmock/gmock.h"
#include "schemas/base/strings.h"
#include "absl/strings/str_split.h"
#include "schemas/base/table.h"
#include "tests/adapters/fhir/support.h"

namespace schotvrij::fhir::test {
namespace {

std::vector<std::string> Listed(std::string_view cell) { return absl::StrSplit(ToAbsl(cell), " & "); }

const Table& Cases() {
  static const auto* table = [] {
    const std::string name = "tests/adapters/fhir/data/cases.csv";
    absl::StatusOr<Table> parsed = Table::Parse(name, ReadSource(name));
    EXPECT_TRUE(parsed.ok()) << parsed.status().message();
    return new Table(*std::move(parsed));
  }();
  return *table;
}

class BadInput : public testing::TestWithParam<size_t> {};

TEST_P(BadInput, IsToldWholeAndHasNoEffect) {
  const Table::Row& row = Cases().rows()[GetParam()];
  SCOPED_TRACE(row["name"]);
  const Decoded decoded = Decode(Edited(Valid(std::string(row["base"])), Listed(row["edits"])));
  EXPECT_THAT(decoded.Told(), testing::ElementsAreArray(Listed(row["findings"])));
  EXPECT_TRUE(decoded.exchanges.empty());
}

TEST_P(BadInput, IsToldWithoutAValueOfTheMessage) {
  const Table::Row& row = Cases().rows()[GetParam()];
  const Decoded decoded = Decode(Edited(Valid(std::string(row["base"])), Listed(row["edits"])));
  for (const Issue& issue : decoded.issues) {
    for (const std::string_view value : {"9999000", "Testmeer", "Voorbeeld", "Proefje", "1941"}) {
      EXPECT_EQ((issue.path + issue.text).find(value), std::string::npos) << row["name"];
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Cases, BadInput, testing::Range<size_t>(0, Cases().rows().size()));

TEST(ValidInput, EachFileOfTheFolderIsTaken) {
  for (const std::string name : {"example", "answer", "task", "consent", "collection", "message"}) {
    SCOPED_TRACE(name);
    DecodeSound(Valid(name), "beside");
  }
}

}  // namespace
}  // namespace schotvrij::fhir::test
