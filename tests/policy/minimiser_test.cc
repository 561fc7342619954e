#include "policy/minimiser.h"

#include <limits>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "policy/shared_value.h"
#include "tests/policy/ede.h"

namespace schotvrij::policy {
namespace {

using schotvrij::v1::Exchange;
using ::testing::ElementsAre;
using namespace test;

MinimiserPlan PlanOf(const std::string& leaves) {
  return MinimiserPlan::Compile(*Exchange::descriptor(), Parse<v1::Rule>(leaves).leaf());
}

std::string Pseudonym(std::string_view value) { return "p" + std::to_string(value.size()); }

Exchange CopyOf(const MinimiserPlan& plan, const Exchange& from) {
  Exchange to;
  plan.Copy(from, plan.All(), Pseudonym, to);
  return to;
}

Exchange Measured() {
  return Parse<Exchange>(R"(registration {
    start_date: "2026-03-01"
    assessments { instrument: "gfi" score: 7 assessed_on: "2026-02-01"
                  items { item: "a" score: 3 } items { score: 4 } }
    assessments { instrument: "mmse" score: 22 assessed_on: "2026-02-02" }
    assessments { instrument: "gfi" score: 0 } })");
}

TEST(Copy, AConditionLetsOnlyItsOwnElementsThroughAndTheOthersLeaveNoTrace) {
  const Exchange out = CopyOf(PlanOf("leaf { path: \"registration.assessments.assessed_on\" where "
                                     "{ sibling: \"instrument\" equals: \"mmse\" } }"),
                              Measured());
  EXPECT_EQ(out.SerializeAsString(),
            Parse<Exchange>("registration { assessments { assessed_on: \"2026-02-02\" } }")
                .SerializeAsString());
}

TEST(Copy, OnePathMayGoInTwoFormsOnTwoConditions) {
  const Exchange out = CopyOf(PlanOf(R"(
      leaf { path: "registration.assessments.score" as: GROUP group_width: 5
             where { sibling: "instrument" equals: "gfi" } }
      leaf { path: "registration.assessments.score"
             where { sibling: "instrument" equals: "mmse" } })"),
                              Measured());
  ASSERT_EQ(out.registration().assessments_size(), 3);
  EXPECT_EQ(out.registration().assessments(0).score(), 5);
  EXPECT_EQ(out.registration().assessments(1).score(), 22);
  EXPECT_TRUE(out.registration().assessments(2).has_score()) << "zero is a score, absent is none";
}

TEST(Copy, AConditionOnAnEnumComparesItsValue) {
  const MinimiserPlan plan =
      PlanOf("leaf { path: \"receipt.reason\" where { sibling: \"state\" equals: \"REJECTED\" } }");
  EXPECT_EQ(CopyOf(plan, Parse<Exchange>("receipt { state: REJECTED reason: \"other\" }"))
                .receipt()
                .reason(),
            "other");
  EXPECT_FALSE(
      CopyOf(plan, Parse<Exchange>("receipt { state: WITHHELD reason: \"other\" }")).has_receipt());
}

TEST(Copy, EachFormTellsNoMoreThanItSays) {
  const Exchange out = CopyOf(PlanOf(R"(
      leaf { path: "client.bsn" as: PSEUDONYM }
      leaf { path: "client.birth_date" as: YEAR }
      leaf { path: "registration.start_date" as: MONTH }
      leaf { path: "client.name.initials" as: PRESENT }
      leaf { path: "client.name.call_name" as: PRESENT })"),
                              EdeRegistration());
  EXPECT_EQ(out.SerializeAsString(), Parse<Exchange>(R"(
      client { bsn: "p9" birth_date: "1941" name { initials: "present" } }
      registration { start_date: "2026-03" })")
                                         .SerializeAsString());
}

TEST(Copy, WhatCannotBeMadeCoarserIsWithheld) {
  const MinimiserPlan plan = PlanOf("leaf { path: \"client.birth_date\" as: MONTH }");
  for (const char* date :
       {"soon", "1941-13-01", "1941-05-06T10", "05-06-1941", "19410506", "1941-00"}) {
    EXPECT_FALSE(
        CopyOf(plan, Parse<Exchange>("client { birth_date: \"" + std::string(date) + "\" }"))
            .has_client())
        << date;
  }
  EXPECT_EQ(CopyOf(plan, Parse<Exchange>("client { birth_date: \"1941\" }")).client().birth_date(),
            "1941");
  Exchange to;
  const MinimiserPlan bsn = PlanOf("leaf { path: \"client.bsn\" as: PSEUDONYM }");
  EXPECT_THAT(bsn.Copy(EdeRegistration(), bsn.All(), nullptr, to), ElementsAre(false));
  EXPECT_FALSE(to.has_client()) << "no way to make pseudonyms";
}

TEST(Copy, BandsGoDownBelowZeroAndAtTheEdges) {
  auto band = [](int score, int width) {
    Exchange from;
    from.mutable_registration()->add_assessments()->set_score(score);
    return CopyOf(PlanOf("leaf { path: \"registration.assessments.score\" as: GROUP group_width: " +
                         std::to_string(width) + " }"),
                  from)
        .registration()
        .assessments(0)
        .score();
  };
  EXPECT_EQ(band(9, 5), 5);
  EXPECT_EQ(band(10, 5), 10);
  EXPECT_EQ(band(-1, 5), -5);
  EXPECT_EQ(band(-5, 5), -5);
  EXPECT_EQ(band(std::numeric_limits<int>::min(), 7), std::numeric_limits<int>::min());
  EXPECT_EQ(band(std::numeric_limits<int>::max(), 1000000), 2147000000);
}

TEST(Copy, SaysWhichLeavesHadAValue) {
  const MinimiserPlan plan =
      PlanOf("leaf { path: \"client.bsn\" } leaf { path: \"client.name.call_name\" }");
  Exchange to;
  EXPECT_THAT(plan.Copy(EdeRegistration(), plan.All(), nullptr, to), ElementsAre(true, false));
}

TEST(Copy, ListsOfTextsGoWhole) {
  Exchange from;
  for (const char* key : {"a", "b"}) from.mutable_consent()->add_recipients(key);
  for (auto purpose : {schotvrij::v1::CARE, schotvrij::v1::TASK}) {
    from.mutable_consent()->add_purposes(purpose);
  }
  const Exchange out = CopyOf(
      PlanOf("leaf { path: \"consent.recipients\" } leaf { path: \"consent.purposes\" }"), from);
  EXPECT_EQ(out.SerializeAsString(), from.SerializeAsString());
}

std::vector<bool> AtMost(const std::string& leaf, const std::string& key) {
  const std::vector<std::string> keys = {key};
  return PlanOf("leaf { " + leaf + " }").AtMost(keys);
}

TEST(AtMost, TheSameOrACoarserFormOnTheSameConditionIsCovered) {
  const std::string date = "path: \"client.birth_date\" ";
  EXPECT_THAT(AtMost(date, "client.birth_date"), ElementsAre(true));
  EXPECT_THAT(AtMost(date + "as: YEAR", "client.birth_date as MONTH"), ElementsAre(true));
  EXPECT_THAT(AtMost(date + "as: MONTH", "client.birth_date as YEAR"), ElementsAre(false));
  EXPECT_THAT(AtMost(date, "client.birth_date as YEAR"), ElementsAre(false));
  EXPECT_THAT(AtMost(date, "client"), ElementsAre(false));
  EXPECT_THAT(AtMost("path: \"client.name.own_name\"", "client.name.own_name_and_more"),
              ElementsAre(false));
  EXPECT_THAT(AtMost(date, "client.birth_date as NONSENSE"), ElementsAre(false));
}

TEST(AtMost, AConditionIsNeverDropped) {
  const std::string score = "path: \"registration.assessments.score\" ";
  const std::string gfi = "where { sibling: \"instrument\" equals: \"gfi\" } ";
  const std::string key = "registration.assessments.score where instrument = gfi";
  EXPECT_THAT(AtMost(score + gfi, key), ElementsAre(true));
  EXPECT_THAT(AtMost(score + gfi, "registration.assessments.score"), ElementsAre(true));
  EXPECT_THAT(AtMost(score, key), ElementsAre(false));
  EXPECT_THAT(AtMost(score + gfi + "as: GROUP group_width: 10", key + " as GROUP 5"),
              ElementsAre(true));
  EXPECT_THAT(AtMost(score + gfi + "as: GROUP group_width: 5", key + " as GROUP 10"),
              ElementsAre(false));
  EXPECT_THAT(AtMost(score + gfi + "as: GROUP group_width: 5", key + " as GROUP"),
              ElementsAre(false));
  EXPECT_THAT(AtMost(score + gfi + "as: GROUP group_width: 5", key + " as GROUP x"),
              ElementsAre(false));
}

TEST(AtMost, AKeyCoversTheLeafItWasMadeFrom) {
  const MinimiserPlan plan = PlanOf(R"(
      leaf { path: "client.bsn" as: PSEUDONYM }
      leaf { path: "registration.start_date" as: MONTH }
      leaf { path: "client.gender" }
      leaf { path: "registration.assessments.score" as: GROUP group_width: 5
             where { sibling: "instrument" equals: "gfi" } })");
  std::vector<std::string> keys;
  for (const auto& leaf : plan.leaves()) keys.push_back(leaf.key);
  EXPECT_THAT(
      keys,
      ElementsAre("client.bsn as PSEUDONYM", "registration.start_date as MONTH", "client.gender",
                  "registration.assessments.score where instrument = gfi as GROUP 5"));
  EXPECT_EQ(plan.AtMost(keys), plan.All());
}

TEST(Cut, KeepsTheUnionOfWhatEachPlanShares) {
  const MinimiserPlan scores = PlanOf(
      "leaf { path: \"registration.assessments.score\" where { sibling: \"instrument\" equals: "
      "\"mmse\" } }");
  const MinimiserPlan codes = PlanOf(
      "leaf { path: \"registration.assessments.instrument\" where { sibling: \"instrument\" "
      "equals: \"gfi\" } }");
  Exchange exchange = Measured();
  const MinimiserPlan* plans[] = {&scores, &codes};
  MinimiserPlan::Cut(plans, exchange, exchange);
  EXPECT_EQ(exchange.SerializeAsString(), Parse<Exchange>(R"(registration {
      assessments { instrument: "gfi" }
      assessments { score: 22 }
      assessments { instrument: "gfi" } })")
                                              .SerializeAsString());
}

TEST(Cut, WithoutAPlanNothingIsLeft) {
  Exchange exchange = EdeRegistration();
  MinimiserPlan::Cut({}, exchange, exchange);
  EXPECT_EQ(exchange.ByteSizeLong(), 0u);
}

}  // namespace
}  // namespace schotvrij::policy
