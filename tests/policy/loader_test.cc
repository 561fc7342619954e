#include "policy/loader.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "google/protobuf/descriptor.pb.h"
#include "gtest/gtest.h"
#include "policy/rule_set.h"
#include "schemas/base/embedded.h"
#include "schemas/base/limits.h"
#include "schemas/base/table.h"
#include "schotvrij/v1/exchange.pb.h"
#include "schotvrij/v1/options.pb.h"

namespace schotvrij::policy {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;
using ::testing::UnorderedElementsAreArray;

const std::filesystem::path kDocuments =
    std::filesystem::path(SOURCE_DIR) / "tests/policy/documents";

std::string Read(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

PolicyFile TestNational() { return {"national.txtpb", Read(kDocuments / "national.txtpb")}; }

// A document whose name begins with "national_" is a national one; any other is loaded beside
// national.txtpb.
std::vector<PolicyFile> SetWith(const std::string& name) {
  std::vector<PolicyFile> files;
  if (!name.starts_with("national_")) files.push_back(TestNational());
  files.push_back({name, Read(kDocuments / name)});
  return files;
}

using RuleAndLine = std::pair<std::string, int>;

// What a document says of itself: `# FAULT rule` at the end of the line at fault, `# FAULT-FILE
// rule` for the file as a whole.
std::vector<RuleAndLine> Expected(const std::string& text) {
  static const std::regex kMark("# FAULT(-FILE)? (POLICY-[A-Z0-9-]+)");
  std::vector<RuleAndLine> expected;
  std::istringstream lines(text);
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    std::smatch match;
    if (std::regex_search(line, match, kMark)) {
      expected.emplace_back(match[2], match[1].matched ? 0 : number);
    }
  }
  return expected;
}

std::vector<std::string> CasesNamed(const std::string& ending) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(kDocuments)) {
    const std::string name = entry.path().filename().string();
    if (name.ends_with(ending)) names.push_back(name.substr(0, name.size() - ending.size()));
  }
  std::sort(names.begin(), names.end());
  return names;
}

class Pair : public ::testing::TestWithParam<std::string> {};

TEST_P(Pair, InvalidIsRefusedForThatReasonAtThatPlace) {
  const std::string name = GetParam() + ".invalid.txtpb";
  LoadResult loaded = LoadRuleSet(SetWith(name));
  std::vector<RuleAndLine> found;
  bool only_warnings = true;
  for (const Fault& fault : loaded.faults) {
    found.emplace_back(fault.rule, fault.line);
    only_warnings &= fault.warning;
    EXPECT_EQ(fault.file, name);
    EXPECT_EQ(fault.line > 0, fault.column > 0) << fault.ToString();
    EXPECT_THAT(fault.ToString(), StartsWith(name));
  }
  const std::vector<RuleAndLine> expected = Expected(Read(kDocuments / name));
  ASSERT_THAT(expected, Not(IsEmpty()));
  EXPECT_THAT(found, UnorderedElementsAreArray(expected))
      << (loaded.faults.empty() ? "" : loaded.faults[0].ToString());
  EXPECT_EQ(loaded.rules != nullptr, only_warnings);
}

TEST_P(Pair, ValidLoadsWithoutAWord) {
  LoadResult loaded = LoadRuleSet(SetWith(GetParam() + ".valid.txtpb"));
  EXPECT_NE(loaded.rules, nullptr);
  for (const Fault& fault : loaded.faults) ADD_FAILURE() << fault.ToString();
}

INSTANTIATE_TEST_SUITE_P(Loader, Pair, ::testing::ValuesIn(CasesNamed(".invalid.txtpb")),
                         [](const auto& info) { return info.param; });

// Load rules that a pair of files cannot show; each has a test of its own below or in
// format_check_test.cc.
const std::set<std::string> kShownInCode = {
    "POLICY-FILE-SIZE",      "POLICY-RULES-MAX",      "POLICY-BSN-RELATIVE",
    "POLICY-FORMAT-UNKNOWN", "POLICY-FORMAT-CONTENT", "POLICY-FORMAT-LEAF"};

TEST(Loader, EveryLoadRuleHasAPairOfDocuments) {
  std::set<std::string> shown = kShownInCode;
  for (const std::string& name : CasesNamed(".invalid.txtpb")) {
    for (const RuleAndLine& expected : Expected(Read(kDocuments / (name + ".invalid.txtpb")))) {
      shown.insert(expected.first);
    }
  }
  for (const Table::Row& row : Table::Embedded("schemas/codes/policy_fault.csv").rows()) {
    EXPECT_TRUE(shown.contains(std::string(row["rule"]))) << row["rule"];
  }
}

LoadResult LoadEde() {
  return LoadRuleSet(std::vector<PolicyFile>{
      {"ede.txtpb", std::string(EmbeddedText("policy/documents/ede.txtpb"))}});
}

TEST(Loader, TheShippedDocumentsLoadWithoutAWord) {
  LoadResult loaded = LoadEde();
  ASSERT_NE(loaded.rules, nullptr);
  for (const Fault& fault : loaded.faults) ADD_FAILURE() << fault.ToString();
  EXPECT_NE(loaded.rules->FindNationalRule("national-registration"), nullptr);
}

TEST(Loader, AFileLargerThanALimitIsRefusedUnread) {
  std::string text = "#" + std::string(limits::kPolicyFileBytesMax, 'x');
  LoadResult loaded = LoadRuleSet(std::vector<PolicyFile>{{"large.txtpb", text}});
  EXPECT_EQ(loaded.rules, nullptr);
  EXPECT_THAT(loaded.faults, ElementsAre(Field(&Fault::rule, "POLICY-FILE-SIZE")));
  text.pop_back();
  loaded = LoadRuleSet(std::vector<PolicyFile>{{"large.txtpb", text}});
  EXPECT_THAT(loaded.faults, ElementsAre(Field(&Fault::rule, "POLICY-EMPTY")));
}

TEST(Loader, MoreRulesThanTheLimitAreRefused) {
  std::string text;
  for (size_t i = 0; i <= limits::kPolicyRulesMax; ++i) text += "rule { }\n";
  LoadResult loaded = LoadRuleSet(std::vector<PolicyFile>{{"many.txtpb", text}});
  EXPECT_EQ(loaded.rules, nullptr);
  EXPECT_THAT(loaded.faults, ElementsAre(Field(&Fault::rule, "POLICY-RULES-MAX")));
}

TEST(Loader, FaultsOfAllFilesAreToldInOneGo) {
  LoadResult loaded = LoadRuleSet(
      std::vector<PolicyFile>{{"a.txtpb", "network {"},
                              {"b.txtpb", Read(kDocuments / "widens_by_a_leaf.invalid.txtpb")},
                              TestNational()});
  EXPECT_EQ(loaded.rules, nullptr);
  EXPECT_THAT(
      loaded.faults,
      ElementsAre(
          AllOf(Field(&Fault::file, "a.txtpb"), Field(&Fault::rule, "POLICY-SYNTAX")),
          AllOf(Field(&Fault::file, "b.txtpb"), Field(&Fault::rule, "POLICY-WIDENS-LEAF"))));
}

TEST(Loader, AFaultNamesFileLineColumnPathAndId) {
  LoadResult loaded = LoadRuleSet(SetWith("widens_by_a_leaf.invalid.txtpb"));
  ASSERT_EQ(loaded.faults.size(), 1u);
  EXPECT_EQ(loaded.faults[0].path, "network.agreement[0].rule[0].leaf[0].path");
  EXPECT_EQ(loaded.faults[0].column, 14);
  EXPECT_THAT(
      loaded.faults[0].ToString(),
      ::testing::MatchesRegex("widens_by_a_leaf.invalid.txtpb:[0-9]+:14: network.agreement.*: "
                              "client.birth_date: .*\\[POLICY-WIDENS-LEAF\\]"));
}

TEST(Loader, ASecondNetworkOfTheSameKeyOrRuleIdIsRefused) {
  const std::string text = Read(kDocuments / "widens_by_a_leaf.valid.txtpb");
  LoadResult loaded =
      LoadRuleSet(std::vector<PolicyFile>{TestNational(), {"a.txtpb", text}, {"b.txtpb", text}});
  EXPECT_THAT(loaded.faults, ElementsAre(AllOf(Field(&Fault::file, "b.txtpb"),
                                               Field(&Fault::path, "network.key"))));
  std::string other = text;
  other.replace(other.find("\"proef\""), 7, "\"ander\"");
  loaded =
      LoadRuleSet(std::vector<PolicyFile>{TestNational(), {"a.txtpb", text}, {"b.txtpb", other}});
  EXPECT_THAT(loaded.faults,
              ElementsAre(AllOf(Field(&Fault::rule, "POLICY-DOUBLE-KEY"),
                                Field(&Fault::path, "network.agreement[0].rule[0].id"))));
}

TEST(Loader, ABrokenNationalDocumentIsNotReplacedByTheCompiledInOne) {
  LoadResult loaded = LoadRuleSet(std::vector<PolicyFile>{{"n.txtpb", "role { key: \"a\\nb\" }"}});
  EXPECT_EQ(loaded.rules, nullptr);
  EXPECT_THAT(loaded.faults, ElementsAre(Field(&Fault::rule, "POLICY-TEXT")));
}

TEST(RuleSet, ItsNameIsTheHashOfTheContentsWhateverTheFilesAreCalled) {
  const std::string ede(EmbeddedText("policy/documents/ede.txtpb"));
  const std::string national(EmbeddedText("policy/documents/national.txtpb"));
  auto name = [](std::vector<PolicyFile> files) { return LoadRuleSet(files).rules->name(); };
  const std::string one = name({{"a", ede}});
  EXPECT_THAT(one, ::testing::MatchesRegex("[0-9a-f]{16}"));
  EXPECT_EQ(name({{"z", ede}, {"y", national}}), one);
  EXPECT_NE(name({{"a", ede + "\n"}}), one);
}

// The canonical model has no BSN of a relative, and is to have none: the rule is tried on a copy of
// it that has.
class FutureModel {
 public:
  FutureModel() {
    Add(*v1::Rule::descriptor()->file());  // for its imports' imports
    Add(*schotvrij::v1::Exchange::descriptor()->file());
  }
  const google::protobuf::Descriptor& exchange() const {
    return *pool_.FindMessageTypeByName("schotvrij.v1.Exchange");
  }

 private:
  void Add(const google::protobuf::FileDescriptor& file) {
    if (pool_.FindFileByName(file.name()) != nullptr) return;
    for (int i = 0; i < file.dependency_count(); ++i) Add(*file.dependency(i));
    google::protobuf::FileDescriptorProto proto;
    file.CopyTo(&proto);
    if (file.name() == "schotvrij/v1/client.proto") AddRelative(proto);
    ASSERT_NE(pool_.BuildFile(proto), nullptr);
  }

  static void AddRelative(google::protobuf::FileDescriptorProto& file) {
    auto& relative = *file.add_message_type();
    relative.set_name("Relative");
    AddText(relative, "bsn", 1, schotvrij::v1::BSN);
    for (auto& message : *file.mutable_message_type()) {
      if (message.name() != "Client") continue;
      auto& field = *message.add_field();
      field.set_name("relative");
      field.set_number(101);
      field.set_type(google::protobuf::FieldDescriptorProto::TYPE_MESSAGE);
      field.set_type_name(".schotvrij.v1.Relative");
      field.set_label(google::protobuf::FieldDescriptorProto::LABEL_OPTIONAL);
      field.mutable_options()->SetExtension(schotvrij::v1::sensitive, schotvrij::v1::RELATIVE);
    }
  }

  static void AddText(google::protobuf::DescriptorProto& message, const char* name, int number,
                      schotvrij::v1::Sensitive sensitive) {
    auto& field = *message.add_field();
    field.set_name(name);
    field.set_number(number);
    field.set_type(google::protobuf::FieldDescriptorProto::TYPE_STRING);
    field.set_label(google::protobuf::FieldDescriptorProto::LABEL_OPTIONAL);
    field.mutable_options()->SetExtension(schotvrij::v1::sensitive, sensitive);
  }

  google::protobuf::DescriptorPool pool_;
};

std::vector<std::string> RulesAgainst(const std::string& leaf) {
  static const FutureModel* model = new FutureModel();
  std::string text = TestNational().text;
  const std::string old = "leaf { path: \"client.name.own_name\" }";
  text.replace(text.find(old), old.size(), "leaf { " + leaf + " }");
  LoadResult loaded =
      LoadRuleSetFor(model->exchange(), std::vector<PolicyFile>{{"national.txtpb", text}});
  std::vector<std::string> rules;
  for (const Fault& fault : loaded.faults) rules.push_back(fault.rule);
  return rules;
}

TEST(Loader, ARelativesBsnIsSharedWithNobodyR4) {
  EXPECT_THAT(RulesAgainst("path: \"client.relative.bsn\""), ElementsAre("POLICY-BSN-RELATIVE"));
  EXPECT_THAT(RulesAgainst("path: \"client.relative.bsn\" as: PSEUDONYM"), IsEmpty());
}

TEST(Loader, EveryRoleThatR4NamesIsRefusedTheBsn) {
  for (const char* role : {"citizens_initiative", "volunteer", "housing_corporation",
                           "knowledge_party", "coordinator"}) {
    std::string text(EmbeddedText("policy/documents/national.txtpb"));
    const size_t at = text.find("may: NO", text.find("key: \"" + std::string(role) + "\""));
    text.replace(at, 7, "may: YES statute: \"x\"");
    LoadResult loaded = LoadRuleSet(std::vector<PolicyFile>{{"national.txtpb", text}});
    EXPECT_EQ(loaded.rules, nullptr);
    EXPECT_THAT(loaded.faults, ElementsAre(Field(&Fault::rule, "POLICY-BSN-NEVER"))) << role;
  }
}

TEST(Ede, VersionsAndMembershipsHaveTheirDates) {
  LoadResult loaded = LoadEde();
  const v1::Network& ede = *loaded.rules->FindNetwork("ede");
  auto version = [&](const char* day) {
    const v1::Agreement* agreement = loaded.rules->AgreementOn(ede, *CivilDate::Parse(day));
    return agreement == nullptr ? "" : agreement->version();
  };
  EXPECT_EQ(version("2020-12-31"), "");
  EXPECT_EQ(version("2021-01-01"), "2021");
  EXPECT_EQ(version("2023-12-31"), "2021");
  EXPECT_EQ(version("2024-01-01"), "2024");
  EXPECT_EQ(version("2099-01-01"), "2024");
  const CivilDate day = *CivilDate::Parse("2026-03-02");
  EXPECT_THAT(loaded.rules->RolesOn(ede, "menzis", day), ElementsAre("insurer", "care_office"));
  EXPECT_THAT(loaded.rules->RolesOn(ede, "opella", day), ElementsAre("provider"));
  EXPECT_THAT(loaded.rules->RolesOn(ede, "gemeente-ede", *CivilDate::Parse("2020-12-31")),
              IsEmpty());
  EXPECT_THAT(loaded.rules->RolesOn(ede, "nobody", day), IsEmpty());
  EXPECT_EQ(loaded.rules->FindNetwork("nowhere"), nullptr);
}

TEST(Ede, IsInactiveUntilEverybodyItsRulesAddressIsEnrolled) {
  LoadResult loaded = LoadEde();
  const v1::Network& ede = *loaded.rules->FindNetwork("ede");
  auto missing = [&](std::vector<std::string> enrolled) {
    return loaded.rules->MissingParties(ede, enrolled, *CivilDate::Parse("2026-03-02"));
  };
  EXPECT_THAT(missing({}), ElementsAre("gemeente-ede", "opella"));
  EXPECT_THAT(missing({"opella", "menzis"}), ElementsAre("gemeente-ede"));
  EXPECT_THAT(missing({"opella", "gemeente-ede"}), IsEmpty()) << "no rule addresses Menzis";
}

TEST(RuleSet, AMemberThatLeftIsNotMissed) {
  LoadResult loaded = LoadRuleSet(SetWith("no_such_day.valid.txtpb"));
  const v1::Network& network = *loaded.rules->FindNetwork("proef");
  const std::vector<std::string> nobody;
  EXPECT_THAT(loaded.rules->MissingParties(network, nobody, *CivilDate::Parse("2024-06-01")),
              ElementsAre("gemeente"));
  EXPECT_THAT(loaded.rules->MissingParties(network, nobody, *CivilDate::Parse("2025-01-01")),
              IsEmpty())
      << "the version of 2025 has no rules";
}

TEST(National, EveryRoleOfTheSeedsIsThereAndSaysWhetherItMayHaveTheBsnR20) {
  LoadResult loaded = LoadEde();
  for (const char* role :
       {"municipality", "insurer", "care_office", "provider", "gp", "hospital", "ciz", "cak",
        "welfare_organisation", "carers_centre", "citizens_initiative", "housing_corporation",
        "client_organisation", "knowledge_party", "coordinator", "volunteer", "municipal_finance",
        "arranger"}) {
    ASSERT_NE(loaded.rules->FindRole(role), nullptr) << role;
  }
  EXPECT_EQ(loaded.rules->FindRole("wizard"), nullptr);
}

}  // namespace
}  // namespace schotvrij::policy
