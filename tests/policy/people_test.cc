// R10: a document names per participant the pilot's own mailbox, a contact, a deputy and the staff that may handle what is exchanged.
#include "policy/people.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "policy/membership.h"
#include "tests/policy/ede.h"

namespace schotvrij::policy {
namespace {

using test::Day;
using ::testing::ElementsAre;

constexpr const char* kSystem =
    "staff { key: \"system\" function: \"systeem van de organisatie\" system: true from: \"2021-01-01\" }";

// Ede, whose parties name these staff.
std::shared_ptr<const RuleSet> WithStaff(const std::string& staff) {
  return test::Load({{"ede.txtpb", test::Replace(test::EdeText(), kSystem, staff)}});
}

bool May(const RuleSet& rules, const char* staff, const char* day) {
  return rules.MayHandle(*rules.FindNetwork("ede"), "gemeente-ede", staff, Day(day));
}

TEST(People, R10_WithoutNamedStaffWhoSpeaksForThePartyMayHandleAll) {
  const auto rules = WithStaff("");
  EXPECT_TRUE(May(*rules, "", "2026-03-02"));
  EXPECT_TRUE(May(*rules, "wmo", "2026-03-02"));
}

TEST(People, R10_OnlyNamedStaffMayHandleItFromTheFirstDayThatAnyIsNamed) {
  const auto rules = WithStaff(R"(
    staff { key: "wmo" function: "loket" from: "2026-03-02" until: "2026-03-31" }
    staff { key: "buurt" function: "wijkteam" from: "2026-04-01" until: "2026-04-30" })");
  EXPECT_TRUE(May(*rules, "", "2026-03-01")) << "nobody is named yet";
  for (const char* nobody : {"", "wm", "buurt", "system"}) EXPECT_FALSE(May(*rules, nobody, "2026-03-02")) << nobody;
  EXPECT_TRUE(May(*rules, "wmo", "2026-03-02"));
  EXPECT_TRUE(May(*rules, "wmo", "2026-03-31"));
  EXPECT_FALSE(May(*rules, "wmo", "2026-04-01"));
  EXPECT_TRUE(May(*rules, "buurt", "2026-04-01"));
  for (const char* staff : {"", "wmo", "buurt"}) {
    EXPECT_FALSE(May(*rules, staff, "2026-05-01")) << "the last has gone, and the door does not open by itself";
  }
}

TEST(People, R10_TheOrganisationsSystemIsStaffByItsMarkAndNotByItsKey) {
  const auto rules = WithStaff(kSystem);
  EXPECT_TRUE(May(*rules, "", "2026-03-02"));
  EXPECT_FALSE(May(*rules, "system", "2026-03-02"));
}

TEST(People, R10_WhatHasEndedIsNotShownAndWhatIsToComeIsAnnounced) {
  const auto rules = test::Load({{"ede.txtpb", test::Replace(test::EdeText(),
                                                             R"(mail: "pilot@menzis.example" from: "2021-01-01" })",
                                                             R"(mail: "pilot@menzis.example" from: "2021-01-01" until: "2026-03-02" }
    contact { function: "opvolger" mail: "op@menzis.example" telephone: "0318 000000" from: "2026-03-03" })")}});
  const v1::Party& party = *FindParty(*rules->FindNetwork("ede"), "menzis");
  const auto contacts = [&](const char* today) {
    std::vector<std::string> lines;
    for (const PartyEntry& entry : EntriesFrom(party, Day(today))) {
      if (entry.what == "contact") lines.push_back(Line(entry, Day(today)));
    }
    return lines;
  };
  const std::string first = "contact: contactpersoon van de pilot, pilot@menzis.example, 2021-01-01 to 2026-03-02";
  const std::string next = "contact: opvolger, op@menzis.example, 0318 000000, 2026-03-03 to open";
  EXPECT_THAT(contacts("2026-03-02"), ElementsAre(first, next + ", announced"));
  EXPECT_THAT(contacts("2026-03-03"), ElementsAre(next));
  EXPECT_EQ(OnDay(party.contact(), Day("2026-03-02"))->mail(), "pilot@menzis.example");
  EXPECT_EQ(OnDay(party.contact(), Day("2026-03-03"))->mail(), "op@menzis.example");
  EXPECT_EQ(OnDay(party.contact(), Day("2020-12-31")), nullptr);
}

}  // namespace
}  // namespace schotvrij::policy
