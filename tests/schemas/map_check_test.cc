// The checker finds each kind of fault: a small model and a small map without one, and what it says
// when either is broken.
#include "tests/schemas/map_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "google/protobuf/descriptor.pb.h"
#include "google/protobuf/text_format.h"

namespace schotvrij::maps {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kModel[] = R"(
name: "proef.proto" syntax: "proto3"
message_type { name: "Bericht"
  field { name: "naam" number: 1 type: TYPE_STRING label: LABEL_OPTIONAL
          options { [schotvrij.v1.term]: "naam" [schotvrij.v1.max_length]: 10 } }
  field { name: "bedrag" number: 2 type: TYPE_INT64 label: LABEL_OPTIONAL proto3_optional: true oneof_index: 1
          options { [schotvrij.v1.term]: "bedrag" [schotvrij.v1.unit]: "cent" } }
  field { name: "aantal" number: 3 type: TYPE_INT32 label: LABEL_OPTIONAL proto3_optional: true oneof_index: 0
          options { [schotvrij.v1.term]: "aantal" [schotvrij.v1.unit]: "1" } }
  field { name: "soort" number: 4 type: TYPE_STRING label: LABEL_OPTIONAL
          options { [schotvrij.v1.form]: CODE [schotvrij.v1.term]: "soort" [schotvrij.v1.code_list]: "ONZE" } }
  field { name: "agb" number: 5 type: TYPE_STRING label: LABEL_OPTIONAL
          options { [schotvrij.v1.form]: REFERENCE [schotvrij.v1.term]: "agb" [schotvrij.v1.max_length]: 8 } }
  field { name: "deel" number: 6 type: TYPE_MESSAGE type_name: ".Deel" label: LABEL_REPEATED }
  field { name: "eigen" number: 7 type: TYPE_STRING label: LABEL_OPTIONAL
          options { [schotvrij.v1.term]: "eigen" [schotvrij.v1.internal]: "made here" } }
  oneof_decl { name: "_aantal" } oneof_decl { name: "_bedrag" }
}
message_type { name: "Deel"
  field { name: "dag" number: 1 type: TYPE_STRING label: LABEL_OPTIONAL
          options { [schotvrij.v1.form]: DATE [schotvrij.v1.term]: "dag" } }
}
)";

constexpr char kMap[] = R"(in,element,type,length,code_list,path,reason,note
1,Naam,T,10,,naam,,
1,Bedrag,B,8,,bedrag,,
1,Aantal,N,9,,aantal,,
1,Soort,C,2,HUN,soort,,
1,Uitvoerder,T,8,,agb,,
1,Deel,K,,,deel,,
1,Deel/Dag,D,,,deel.dag,,
2,Ander/Dag,D,,,deel.dag,,
2,Leeg,T,3,,,filler,
2,Geheim,T,3,,,never NEED,
)";

constexpr char kTypes[] =
    "standard,type,kind\nproef,T,text\nproef,B,amount\nproef,N,number\nproef,C,code\nproef,K,"
    "class\nproef,D,date\n";
constexpr char kLists[] = "list,standard,theirs\nONZE,proef,HUN\n";
constexpr char kNever[] = "rule,why\nNEED,Nobody needs it.\n";

Table Parse(const std::string& text) { return *Table::Parse("proef", text); }

Findings CheckTexts(const std::string& model, const std::string& map,
                    const std::string& types = kTypes, const std::string& lists = kLists,
                    const std::string& never = kNever) {
  google::protobuf::FileDescriptorProto file;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(model, &file));
  google::protobuf::DescriptorPool pool;
  EXPECT_NE(pool.BuildFile(file), nullptr);
  MapSet set{{}, Parse(types), Parse(lists), Parse(never)};
  set.standards.push_back({"proef", "element", Parse(map)});
  return Check(*pool.FindMessageTypeByName("Bericht"), set);
}

std::string Replaced(std::string text, const std::string& from, const std::string& to) {
  const size_t at = text.find(from);
  EXPECT_NE(at, text.npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(MapCheck, AWholeMapHasNoFindings) { EXPECT_THAT(CheckTexts(kModel, kMap), IsEmpty()); }

struct Case {
  std::string name;
  std::string from;  // of the map, or where it is not there, of the model
  std::string to;
  std::string finding;
};
void PrintTo(const Case& test_case, std::ostream* out) { *out << test_case.name; }

class MapCheckTest : public ::testing::TestWithParam<Case> {};

TEST_P(MapCheckTest, SaysWhatIsWrongAndNothingElse) {
  const Case& test_case = GetParam();
  const bool of_map = std::string(kMap).find(test_case.from) != std::string::npos;
  EXPECT_THAT(of_map ? CheckTexts(kModel, Replaced(kMap, test_case.from, test_case.to))
                     : CheckTexts(Replaced(kModel, test_case.from, test_case.to), kMap),
              ElementsAre(HasSubstr(test_case.finding)));
}

const Case kCases[] = {
    {"RowWithoutPathAndReason", ",filler,", ",,", "proef.csv:10: unmapped"},
    {"RowWithPathAndReason", "2,Ander/Dag,D,,,deel.dag,,", "2,Ander/Dag,D,,,deel.dag,derived,",
     "has a path and a reason"},
    {"UnknownReason", ",filler,", ",later,", "no such reason: later"},
    {"UnknownRule", "2,Leeg,T,3,,,filler", "2,Leeg,T,3,,,never MIND", "no such reason: never MIND"},
    {"UnknownType", "2,Leeg,T", "2,Leeg,X", "type not in types.csv: X"},
    {"PathThatLeadsNowhere", "2,Ander/Dag,D,,,deel.dag", "2,Ander/Dag,D,,,deel.uur",
     "no such path: deel.uur"},
    {"PathBeyondALeaf", "2,Ander/Dag,D,,,deel.dag", "2,Ander/Dag,D,,,naam.dag",
     "no such path: naam.dag"},
    {"LeafThatEndsAtAMessage", "2,Ander/Dag,D,,,deel.dag", "2,Ander/Dag,D,,,deel",
     "Bericht.deel holds no date"},
    {"ClassThatEndsAtALeaf", "2,Leeg,T,3,,,filler", "2,Leeg,K,,,naam,",
     "Bericht.naam holds no class"},
    {"TextInADate", "2,Leeg,T,3,,,filler", "2,Leeg,T,3,,deel.dag,", "Deel.dag holds no text"},
    {"NumberInAText", "2,Leeg,T,3,,,filler", "2,Leeg,N,3,,naam,", "Bericht.naam holds no number"},
    {"AmountInANumberWithoutCents", "2,Leeg,T,3,,,filler", "2,Leeg,B,3,,aantal,",
     "Bericht.aantal holds no amount"},
    {"CodeInAText", "2,Leeg,T,3,,,filler", "2,Leeg,C,3,,naam,", "Bericht.naam holds no code"},
    {"MoreDigitsThanTheNumberHas", "N,9", "N,10", "no room for 10 digits"},
    {"LongerThanTheTextHas", "T,10", "T,11",
     "Bericht.naam: max_length is 10, the longest element has 11"},
    {"ShorterThanTheTextSays", "T,10", "T,9",
     "Bericht.naam: max_length is 10, the longest element has 9"},
    {"NumberOfAnotherLength", "T,8", "T,7", "Bericht.agb: max_length is 8"},
    {"OtherCodeList", "2,Leeg,T,3,,,filler", "2,Leeg,C,3,ANDER,soort,", "list ONZE is not ANDER"},
    {"NoCodeList", "2,Leeg,T,3,,,filler", "2,Leeg,C,3,,soort,",
     "no code list for a field with list ONZE"},
    {"OneElementInTwoPlaces", "2,Leeg,T,3", "1,Naam,T,3", "a second place for Naam"},
    {"OneRowTwice", "2,Ander/Dag", "1,Deel/Dag", "the same row twice: Deel/Dag"},
    {"OneNameWithTwoMeanings", "2,Leeg,T,3,,,filler", "2,Ander/Naam,T,8,,agb,",
     "Naam means agb here and naam elsewhere"},
    {"FieldThatNoMapUses", "1,Aantal,N,9,,aantal,,", "1,Aantal,N,9,,,derived,",
     "Bericht.aantal: no map uses it"},
    {"LeafWithoutATerm", "[schotvrij.v1.term]: \"aantal\"", "", "Bericht.aantal: no term"},
    {"TwoFieldsOfOneMeaning", "[schotvrij.v1.term]: \"agb\"", "[schotvrij.v1.term]: \"naam\"",
     "both mean naam"},
    {"NumberWithoutUnit", "[schotvrij.v1.unit]: \"1\"", "",
     "Bericht.aantal: a number without unit"},
};

INSTANTIATE_TEST_SUITE_P(Cases, MapCheckTest, ::testing::ValuesIn(kCases),
                         [](const auto& info) { return info.param.name; });

TEST(MapCheck, AnInternalNoteOnAFieldThatAMapUsesIsStale) {
  EXPECT_THAT(
      CheckTexts(Replaced(kModel, "[schotvrij.v1.term]: \"aantal\"",
                          "[schotvrij.v1.term]: \"aantal\" [schotvrij.v1.internal]: \"made here\""),
                 kMap),
      ElementsAre(HasSubstr("Bericht.aantal: a map uses it, yet it says it is internal")));
}

TEST(MapCheck, AnInternalNoteCoversWhatIsBelowItAndNowhereElse) {
  const std::string without =
      Replaced(Replaced(kMap, "deel.dag,,", ",derived,"), "deel.dag,,", ",derived,");
  EXPECT_THAT(CheckTexts(kModel, without), ElementsAre(HasSubstr("Deel.dag: no map uses it")));
  const std::string noted =
      Replaced(kModel, "label: LABEL_REPEATED }",
               "label: LABEL_REPEATED options { [schotvrij.v1.internal]: \"made here\" } }");
  EXPECT_THAT(CheckTexts(noted, Replaced(without, "deel,,", ",derived,")), IsEmpty());
  const std::string twice = Replaced(
      noted, "message_type { name: \"Deel\"",
      "message_type { name: \"Deel\" field { name: \"dieper\" number: 2 type: TYPE_MESSAGE "
      "type_name: \".Deel\" label: LABEL_OPTIONAL }");
  EXPECT_THAT(CheckTexts(twice, Replaced(without, "deel,,", ",derived,")), IsEmpty())
      << "ends on a model that loops";
}

TEST(MapCheck, ANumberThatIsNeverAbsentWouldSayZero) {
  const std::string plain = Replaced(Replaced(kModel, " proto3_optional: true oneof_index: 1", ""),
                                     "oneof_decl { name: \"_bedrag\" }", "");
  EXPECT_THAT(CheckTexts(plain, kMap),
              ElementsAre(HasSubstr("Bericht.bedrag: absent would be zero")));
}

TEST(MapCheck, ANoteExcusesASecondPlaceAndASecondMeaning) {
  EXPECT_THAT(
      CheckTexts(kModel, Replaced(kMap, "2,Leeg,T,3,,,filler,", "1,Naam,T,8,,agb,,of the other")),
      IsEmpty());
  EXPECT_THAT(
      CheckTexts(kModel, Replaced(kMap, "2,Leeg,T,3,,,filler,", "2,Leeg,T,3,,aantal,,digits")),
      IsEmpty());
}

TEST(MapCheck, RowsOfTheTablesBesideTheMapsAreUsed) {
  EXPECT_THAT(CheckTexts(kModel, kMap, std::string(kTypes) + "proef,Z,text\n"),
              ElementsAre(HasSubstr("types.csv")));
  EXPECT_THAT(CheckTexts(kModel, kMap, kTypes, std::string(kLists) + "ONZE,proef,X\n"),
              ElementsAre(HasSubstr("code_lists.csv")));
  EXPECT_THAT(CheckTexts(kModel, kMap, kTypes, kLists, std::string(kNever) + "MIND,No.\n"),
              ElementsAre(HasSubstr("never.csv")));
}

}  // namespace
}  // namespace schotvrij::maps
