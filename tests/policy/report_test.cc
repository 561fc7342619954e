#include "policy/report.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/policy/ede.h"

namespace schotvrij::policy {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using namespace test;

LoadResult Loaded(const std::string& text = EdeText()) {
  return LoadRuleSet(std::vector<PolicyFile>{{"ede.txtpb", text}});
}

TEST(RenderCheck, SaysWhoIsMissingAndWhatNobodyHasVerified) {
  const std::vector<std::string> enrolled = {"opella"};
  EXPECT_THAT(
      RenderCheck(Loaded(), &enrolled, Day(kToday)),
      AllOf(HasSubstr(" loads\n"),
            HasSubstr("network ede (Domeinoverstijgend samenwerken Ede): inactive, not enrolled: "
                      "gemeente-ede\n"),
            HasSubstr("version 2021: 2021-01-01 to 2023-12-31\n"),
            HasSubstr("version 2024: 2024-01-01 to open, in force\n"),
            HasSubstr("grounds that nobody has verified yet:\n  policy/documents/national.txtpb:"),
            HasSubstr("  ede.txtpb:66:5: ede-registration: AVG 6(1)(e)"),
            HasSubstr("national-registration: AVG")));
  const std::vector<std::string> all = {"opella", "gemeente-ede"};
  EXPECT_THAT(RenderCheck(Loaded(), &all, Day(kToday)), HasSubstr("Ede): active\n"));
  EXPECT_THAT(RenderCheck(Loaded(), nullptr, Day("2020-01-01")),
              AllOf(HasSubstr("Ede)\n"), HasSubstr("no version is in force on 2020-01-01")));
}

TEST(RenderCheck, OfASetThatDoesNotLoadNamesTheFaultsAndTheirNumber) {
  const std::string text = Replace(EdeText(), "\"client.bsn\"", "\"client.birth_date\"");
  EXPECT_THAT(RenderCheck(Loaded(text), nullptr, Day(kToday)),
              AllOf(HasSubstr("[POLICY-WIDENS-LEAF]\n"), HasSubstr("does not load: 4 faults\n"),
                    Not(HasSubstr(" loads\n"))));
}

TEST(RenderFaults, MarksWarnings) {
  Fault fault;
  fault.warning = true;
  fault.file = "a.txtpb";
  fault.line = 3;
  fault.column = 5;
  fault.path = "network.key";
  fault.rule = "POLICY-X";
  fault.text = "what";
  const std::vector<Fault> faults = {fault};
  EXPECT_EQ(RenderFaults(faults), "warning: a.txtpb:3:5: network.key: what [POLICY-X]\n");
}

TEST(RenderShow, SaysWhoGetsWhichLeafOnWhatGround) {
  EXPECT_THAT(RenderShow(*Loaded().rules),
              AllOf(HasSubstr("coordinator (netwerkcoördinator, evaluator): no BSN\n"),
                    HasSubstr("insurer (zorgverzekeraar), payer: BSN under Zvw"),
                    HasSubstr("menzis (Menzis (zorgverzekeraar en zorgkantoor)): care_office, "
                              "2021-01-01 to open\n"),
                    HasSubstr("registration from provider to municipality, for registration\n"),
                    HasSubstr("registration.start_date, only on a written need\n"),
                    HasSubstr("attested, versions ede-2024, at most 90 days old\n"),
                    HasSubstr("secrecy lifted by consent: toestemming van de cliënt, BW 7:457"),
                    HasSubstr("mandate: De arrangeur beslist")));
}

TEST(RenderShow, SaysWhoFollowsUpAPartyR11) {
  const LoadResult loaded = Loaded(FollowedUpEde());
  ASSERT_NE(loaded.rules, nullptr);
  EXPECT_THAT(RenderShow(*loaded.rules),
              HasSubstr("  gemeente-ede: followed up by gemeente-veld from 2026-01-01 (made up for tests)\n"));
}

}  // namespace
}  // namespace schotvrij::policy
