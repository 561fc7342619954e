#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/policy/ede.h"

namespace schotvrij::policy {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using namespace test;

std::vector<Fault> Check(const std::string& ede, const std::vector<PartyFormat>& parties) {
  return CheckFormats(*Load({{"ede.txtpb", ede}}), parties);
}

TEST(CheckFormats, TheShippedDocumentCanBeBuiltInEveryFormatThatIsThere) {
  EXPECT_THAT(Check(EdeText(), {{"gemeente-ede", "mail"},
                                {"gemeente-ede", "fhir-json"},
                                {"gemeente-ede", "canonical"},
                                {"opella", "fhir-json"},
                                {"opella", "canonical"}}),
              IsEmpty());
}

TEST(CheckFormats, ALeafTheFormatCannotDoWithoutIsAFaultOfTheRuleInItsFile) {
  const auto faults = Check(Replace(EdeText(), "      leaf { path: \"client.bsn\" }\n", ""),
                            {{"gemeente-ede", "mail"}});
  ASSERT_THAT(faults, SizeIs(4)) << "for each version, the rule of the first step and that of its changes";
  EXPECT_THAT(faults,
              Each(AllOf(Field(&Fault::rule, "POLICY-FORMAT-LEAF"),
                         Field(&Fault::file, "ede.txtpb"), Field(&Fault::line, ::testing::Gt(0)),
                         Field(&Fault::text, HasSubstr("client.bsn")))));
  EXPECT_EQ(faults[0].path, "network.agreement[0].rule[0]");
}

TEST(CheckFormats, ACoarserFormOfARequiredLeafIsNotTheLeaf) {
  const auto faults = Check(Replace(EdeText(), "leaf { path: \"client.bsn\" }",
                                    "leaf { path: \"client.bsn\" as: PSEUDONYM }"),
                            {{"gemeente-ede", "mail"}});
  EXPECT_THAT(faults, Each(Field(&Fault::rule, "POLICY-FORMAT-LEAF")));
  EXPECT_THAT(faults, SizeIs(4));
}

TEST(CheckFormats, AFormatThatDoesNotCarryTheContentIsAFault) {
  const std::string text = Replace(EdeText(), "role: \"insurer\"", "role: \"provider\"");
  EXPECT_THAT(Check(text, {{"menzis", "codes"}}),
              ElementsAre(Field(&Fault::rule, "POLICY-FORMAT-UNKNOWN")));
  EXPECT_THAT(Check(text, {{"menzis", "mail"}}), IsEmpty());
}

TEST(CheckFormats, APartyThatNoRuleAddressesNeedsNoFormat) {
  EXPECT_THAT(
      Check(Replace(EdeText(), "      leaf { path: \"client.bsn\" }\n", ""), {{"menzis", "mail"}}),
      IsEmpty());
  EXPECT_THAT(Check(EdeText(), {{"gemeente-ede", "pigeon"}}),
              ElementsAre(Field(&Fault::rule, "POLICY-FORMAT-UNKNOWN")));
}

// A content that no format carries yet: a rule about it would never produce a message.
TEST(CheckFormats, AContentWithoutRowsInTheFormatsTableIsAFault) {
  const std::string rule = R"(
rule {
  id: "national-consent"
  explanation: "a consent passed on"
  purpose: REGISTRATION
  content: "consent"
  from: "provider"
  to: "municipality"
  grounds {
    article_6: PUBLIC_TASK article_6_basis: "x" no_health_shown: "x"
    secrecy: NO_SECRECY secrecy_basis: "x"
  }
  leaf { path: "consent.state" }
})";
  std::string national = std::string(EmbeddedText("policy/documents/national.txtpb")) + rule;
  std::string network_rule = Replace(
      Replace(rule, "\"national-consent\"", "\"ede-consent\" narrows: \"national-consent\""),
      "\nrule {", "    rule {");
  std::string ede = EdeText();
  ede.insert(ede.find("    rule {"), network_rule + "\n");
  const auto rules = Load({{"national.txtpb", national}, {"ede.txtpb", ede}});
  ASSERT_NE(rules, nullptr);
  const std::vector<PartyFormat> parties = {{"gemeente-ede", "mail"}};
  EXPECT_THAT(CheckFormats(*rules, parties),
              ElementsAre(AllOf(Field(&Fault::rule, "POLICY-FORMAT-CONTENT"),
                                Field(&Fault::text, HasSubstr("gemeente-ede by mail")))));
  const std::vector<PartyFormat> beside = {{"gemeente-ede", "mail", /*beside_another=*/true}};
  EXPECT_THAT(CheckFormats(*rules, beside), IsEmpty()) << "it reads it elsewhere";
}

}  // namespace
}  // namespace schotvrij::policy
