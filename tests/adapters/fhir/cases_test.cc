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

// What only JSON can get wrong so, and what is told of it in XML; where nothing is, XML says it soundly.
const std::map<std::string_view, std::vector<std::string>>& OtherwiseInXml() {
  static const auto* cases = new std::map<std::string_view, std::vector<std::string>>({
      {"no resource type", {"XML-SYNTAX@"}},
      {"modifier extension on a name", {"FHIR-MODIFIER@Bundle.entry[1].resource.name[0].modifierExtension"}},
      {"task key with control character", {}},
      {"task status as a list", {"XML-ORDER@Bundle.entry[0].resource.status"}},
      {"bsn as a number", {}},
      {"verdict as text", {}},
      {"score as text", {}},
      {"surname with control character", {}},
  });
  return *cases;
}

TEST_P(BadInput, IsToldTheSameInXml) {
  const Table::Row& row = Cases().rows()[GetParam()];
  SCOPED_TRACE(row["name"]);
  const Decoded decoded = DecodeXml(AsXml(Edited(Valid(std::string(row["base"])), Listed(row["edits"]))));
  const auto otherwise = OtherwiseInXml().find(row["name"]);
  const auto expected = otherwise != OtherwiseInXml().end() ? otherwise->second : Listed(row["findings"]);
  EXPECT_THAT(decoded.Told(), testing::ElementsAreArray(expected));
  EXPECT_EQ(decoded.exchanges.empty(), !expected.empty());
}

INSTANTIATE_TEST_SUITE_P(Cases, BadInput, testing::Range<size_t>(0, Cases().rows().size()));

TEST(ValidInput, EachFileOfTheFolderIsTaken) {
  for (const std::string name : {"example", "answer", "task", "consent", "collection", "message", "stop", "order",
                                  "request", "change", "request_answer", "claim", "claim_answer"}) {
    SCOPED_TRACE(name);
    DecodeSound(Valid(name), "beside");
  }
}

TEST(ValidInput, MeansTheSameInXml) {
  for (const std::string name : {"example", "answer", "task", "consent", "collection", "message", "stop", "order",
                                  "request", "change", "request_answer", "claim", "claim_answer"}) {
    SCOPED_TRACE(name);
    const Decoded json = Decode(Valid(name), "beside");
    for (const std::string& text : {ValidXml(name), AsXml(Valid(name))}) {
      const Decoded xml = DecodeXml(text, "beside");
      EXPECT_EQ(xml.Told(), std::vector<std::string>());
      ASSERT_EQ(xml.exchanges.size(), 1u);
      EXPECT_EQ(xml.exchanges[0].SerializeAsString(), json.exchanges.at(0).SerializeAsString());
      EXPECT_EQ(xml.shape, json.shape);
    }
  }
}

}  // namespace
}  // namespace schotvrij::fhir::test
