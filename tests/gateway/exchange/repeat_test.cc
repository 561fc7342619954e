// R56: a repeat by id or period keeps the original ids, is marked, shows no more than any read would, and has no effect.
#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "schemas/base/limits.h"
#include "tests/gateway/exchange/consent_world.h"

namespace schotvrij::exchange::repeats {
namespace {

using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::IsEmpty;

constexpr const char* kEde = "gemeente-ede";
constexpr const char* kClient = "999900006";  // of the example
constexpr const char* kClients[] = {"999900006", "999900018", "999900031", "999900043", "999900055"};

v1::RepeatRequest ById(const std::vector<std::string>& ids) {
  v1::RepeatRequest asked;
  asked.mutable_delivery_ids()->Add(ids.begin(), ids.end());
  return asked;
}
v1::RepeatRequest Of(const std::string& from, const std::string& until = "") {
  v1::RepeatRequest asked;
  asked.set_from(from);
  asked.set_until(until);
  return asked;
}

// Its own for each client.
std::string ConsentOf(const std::string& bsn) { return "consent-" + bsn.substr(6); }

// Ids of what is shown; one that is not marked as a repeat has a star.
std::vector<std::string> Shown(const Road::MailboxPage& page) {
  std::vector<std::string> ids;
  for (const MailboxItem& item : page.items) {
    if (std::holds_alternative<policy::Disclosure>(item.content)) ids.push_back(item.delivery_id + (item.repeat ? "" : "*"));
  }
  return ids;
}
std::vector<std::string> Told(const Road::MailboxPage& page) {
  std::vector<std::string> told;
  for (const Issue& issue : page.issues) told.push_back(absl::StrCat(issue.rule, " ", issue.path));
  return told;
}

class Repeats : public ConsentWorld {
 protected:
  std::string Register(const std::string& bsn = kClient, const std::string& step = "register") {
    const std::string key = absl::StrCat("key-", ++keys_);
    const policy::Answer answer = world.Register(absl::StrReplaceAll(world.Example(), {{"ede-2026-000001", key},
                                                                                       {kClient, bsn},
                                                                                       {"consent-2026-000001", ConsentOf(bsn)},
                                                                                       {R"("code": "register")", R"("code": ")" + step + "\""}}));
    EXPECT_EQ(answer.state, kReceived) << exchange::Told(answer);
    return world.Read(kEde).items.back().delivery_id;
  }
  std::string AcknowledgedOf(const std::string& bsn = kClient, const std::string& step = "register") {
    const std::string delivery = Register(bsn, step);
    EXPECT_EQ(world.Acknowledge(kEde, {delivery}), 1u);
    return delivery;
  }
  std::vector<std::string> Again(const v1::RepeatRequest& asked, size_t most = 100) {
    const Road::MailboxPage page = world.Repeat(kEde, asked, most);
    EXPECT_THAT(Told(page), IsEmpty());
    return Shown(page);
  }
  std::vector<std::string> Refused(const v1::RepeatRequest& asked, const std::string& participant = kEde) {
    const Road::MailboxPage page = world.Repeat(participant, asked);
    EXPECT_THAT(page.items, IsEmpty());
    return Told(page);
  }

 private:
  int keys_ = 0;
};

TEST_F(Repeats, R56_WhatWasAcknowledgedComesAgainUnderItsIdsMarkedAndAsItWas) {
  const std::string first = Register(kClients[0]), second = Register(kClients[1]), third = Register(kClients[2]);
  std::map<std::string, std::string> seen;
  for (const MailboxItem& item : world.Read(kEde).items) {
    EXPECT_FALSE(item.repeat);
    seen[item.delivery_id] = std::get<policy::Disclosure>(item.content).exchange().SerializeAsString();
  }
  ASSERT_EQ(world.Acknowledge(kEde, {first, second}), 2u);
  EXPECT_THAT(Again(Of(Today())), ElementsAre(first, second)) << "what waits still is no repeat";
  EXPECT_THAT(Again(ById({third, second, third, first})), ElementsAre(third + "*", second, first)) << "in the order asked, each once";
  for (const MailboxItem& item : world.Repeat(kEde, ById({first, second, third})).items) {
    EXPECT_EQ(std::get<policy::Disclosure>(item.content).exchange().SerializeAsString(), seen[item.delivery_id]);
  }
}

TEST_F(Repeats, R56_APeriodIsOfDaysInTheNetherlands) {
  world.clock.now = Instant{StartInAmsterdam(*CivilDate::Parse("2026-11-21")).us - 1000};
  const std::string before = AcknowledgedOf(kClients[0]);
  world.PassUs(1000);
  const std::string after = AcknowledgedOf(kClients[1]);
  EXPECT_THAT(Again(Of("2026-11-20")), ElementsAre(before, after));
  EXPECT_THAT(Again(Of("2026-11-20", "2026-11-20")), ElementsAre(before));
  EXPECT_THAT(Again(Of("2026-11-21")), ElementsAre(after));
  EXPECT_THAT(Again(Of("2026-10-22")), ElementsAre(before, after)) << "31 days";
  EXPECT_THAT(Again(Of("2026-11-01", "2026-11-19")), IsEmpty());
}

// What was put behind the others, because a hold was lifted, comes behind them again.
TEST_F(Repeats, R56_OfAPeriodInTheOrderInWhichItCame) {
  const std::string other = AcknowledgedOf(kClients[1]);
  ASSERT_EQ(world.Receive("opella", World::Hold("active", "stop-1", kClient)).state, kReceived);
  ASSERT_EQ(world.Register(world.Example()).state, kReceived);
  const std::string between = AcknowledgedOf(kClients[2]);
  ASSERT_EQ(world.Receive("opella", World::Hold("inactive", "stop-2", kClient)).state, kReceived);
  const std::string late = world.Read(kEde).items.at(0).delivery_id;
  ASSERT_EQ(world.Acknowledge(kEde, {late}), 1u);
  for (const size_t most : {1, 2, 3, 100}) EXPECT_THAT(Again(Of(Today()), most), ElementsAre(other, between, late)) << most;
}

TEST_F(Repeats, R56_ItChangesNothingAndIsAnEventEach) {
  const std::string delivery = AcknowledgedOf();
  world.Answer(kEde, delivery, "accepted");
  const store::Delivery before = **world.store->DeliveryById(delivery);
  const size_t outgoing = world.Read("opella", false).items.size();
  const size_t reads = world.CountEvents(v1::AUDIT_READ);
  for (const v1::RepeatRequest& asked : {ById({delivery}), Of(Today())}) {
    const Road::MailboxPage page = world.Repeat(kEde, asked);
    ASSERT_EQ(page.items.size(), 1u);
    EXPECT_TRUE(page.items[0].acknowledged && page.items[0].answered && page.items[0].repeat);
  }
  EXPECT_EQ(world.CountEvents(v1::AUDIT_REPEAT), 2u);
  EXPECT_EQ(world.CountEvents(v1::AUDIT_READ), reads);
  const v1::AuditEvent event = world.Events().back();
  EXPECT_EQ(event.code(), v1::AUDIT_REPEAT);
  EXPECT_FALSE(event.fields().empty()) << "what left";
  const store::Delivery after = **world.store->DeliveryById(delivery);
  EXPECT_EQ(after.state, before.state);
  EXPECT_EQ(after.answered, before.answered);
  EXPECT_EQ(after.frozen.bytes, before.frozen.bytes);
  EXPECT_EQ(world.Read("opella", false).items.size(), outgoing);
  EXPECT_THAT(world.Read(kEde).items, IsEmpty());
}

TEST_F(Repeats, R56_TheDaySheetCountsItAsARepeatAndTheSidesStillTie) {
  const std::string first = AcknowledgedOf(kClients[0]), second = AcknowledgedOf(kClients[1]);
  const std::string waits = Register(kClients[2]);
  const std::string sent = world.DaySheet("opella").sheet.SerializeAsString();
  v1::DaySheetReply received = world.DaySheet(kEde).sheet;
  Again(Of(Today()));
  Again(ById({first, waits}));
  ASSERT_EQ(received.lines_size(), 1);
  EXPECT_EQ(received.lines(0).repeats(), 0u);
  received.mutable_lines(0)->set_repeats(3);
  EXPECT_EQ(world.DaySheet(kEde).sheet.SerializeAsString(), received.SerializeAsString());
  EXPECT_EQ(world.DaySheet("opella").sheet.SerializeAsString(), sent);
  world.PassUs(kDayUs);
  Again(ById({second}));
  EXPECT_THAT(world.DaySheet(kEde).sheet.lines(), IsEmpty()) << "no message of this day";
  EXPECT_EQ(world.DaySheet(kEde, "2026-11-20").sheet.lines(0).repeats(), 4u);
}

TEST_F(Repeats, R3_R56_WhatMayNotBeShownAnyMoreIsNotRepeated) {
  const std::string kept = AcknowledgedOf(kClients[0]), withdrawn = AcknowledgedOf(kClients[1]), error = AcknowledgedOf(kClients[2]),
                    foreign = AcknowledgedOf(kClients[3]);
  ASSERT_EQ(world.Receive("opella", absl::StrReplaceAll(Body(Withdrawn()), {{"consent-2026-000001", ConsentOf(kClients[1])},
                                                                             {kClient, kClients[1]}}))
                .state,
            kReceived);
  const std::string withdrawal = AcknowledgedOf(kClients[2], "withdraw");
  ASSERT_EQ(world.Answer(kEde, foreign, "rejected", "not-resident").state, kReceived);
  const std::vector<std::string> of_day = Again(Of(Today()));
  EXPECT_THAT(of_day, testing::IsSupersetOf({kept, withdrawal}));
  for (const std::string& gone : {withdrawn, error, foreign}) EXPECT_THAT(of_day, testing::Not(testing::Contains(gone)));
  EXPECT_THAT(Again(ById({withdrawn, error, kept, foreign})), ElementsAre(kept));
  EXPECT_EQ(world.DaySheet(kEde).sheet.lines(0).repeats(), of_day.size() + 1) << "of what was given";

  world.LoadPolicy(absl::StrReplaceAll(
      DocumentOfMore(), {{"name: \"Gemeente Ede\"\n    membership { role: \"municipality\" from: \"2021-01-01\"",
                          "name: \"Gemeente Ede\"\n    membership { role: \"municipality\" from: \"2021-01-01\" until: \"2026-11-19\""}}));
  EXPECT_THAT(Again(ById({kept})), IsEmpty()) << "it takes no part any more";
}

TEST_F(Repeats, R24_R56_ASafetyHoldDoesNotShowInARepeat) {
  const std::string known = AcknowledgedOf();
  const Road::MailboxPage before = world.Repeat(kEde, Of(Today()));
  ASSERT_EQ(world.Receive("opella", World::Hold("active", "stop-1", kClient)).state, kReceived);
  ASSERT_EQ(Step("amend", "step").state, kReceived);
  EXPECT_EQ(Shown(world.Repeat(kEde, Of(Today()))), Shown(before));
  std::vector<std::string> hidden;
  const std::vector<store::Delivery> open = *world.store->OpenDeliveriesOf((*world.store->DeliveryById(known))->client_id);
  for (const store::Delivery& each : open) {
    if (each.recipient == kEde) hidden.push_back(each.delivery_id);
  }
  ASSERT_EQ(hidden.size(), 1u);
  EXPECT_THAT(Refused(ById(hidden)), ElementsAre("NOT-FOUND delivery_ids[0]")) << "as an id that is none";
}

TEST_F(Repeats, R56_WhoIsSuspendedOrAnotherIsGivenNothing) {
  const std::string delivery = AcknowledgedOf();
  for (const char* other : {"opella", "gemeente-veld", "menzis"}) {
    EXPECT_THAT(Refused(ById({delivery}), other), ElementsAre("NOT-FOUND delivery_ids[0]")) << other;
    EXPECT_THAT(Shown(world.Repeat(other, Of(Today()))), IsEmpty()) << other;
  }
  v1::RepeatRequest asked = Of(Today());
  asked.mutable_participant()->set_system("cbs");
  asked.mutable_participant()->set_value("0228");
  EXPECT_THAT(Refused(asked, "gemeente-veld"), ElementsAre("CALLER-NOT-FOR envelope.sender"));
  config::v1::Enrolment parties = More(MunicipalityBy::kMailbox);
  for (config::v1::Participant& each : *parties.mutable_participant()) each.set_suspended(each.key() == kEde);
  world.enrolment = *identity::Enrolment::Create(parties);
  EXPECT_THAT(Refused(Of(Today())), ElementsAre("CALLER-SUSPENDED envelope.sender"));
  EXPECT_EQ(world.CountEvents(v1::AUDIT_REPEAT), 0u);
}

TEST_F(Repeats, R56_WhatCannotBeAskedIsRefused) {
  const std::string mine = AcknowledgedOf();
  v1::RepeatRequest both = ById({mine});
  both.set_from(Today());
  v1::RepeatRequest only_until;
  only_until.set_until(Today());
  EXPECT_THAT(Refused({}), ElementsAre("REPEAT-WHAT delivery_ids"));
  EXPECT_THAT(Refused(both), ElementsAre("REPEAT-WHAT delivery_ids"));
  EXPECT_THAT(Refused(only_until), ElementsAre("DATE-FORM from"));
  EXPECT_THAT(Refused(Of("gisteren")), ElementsAre("DATE-FORM from"));
  EXPECT_THAT(Refused(Of(Today(), "2026-02-30")), ElementsAre("DATE-FORM until"));
  EXPECT_THAT(Refused(Of("2026-11-21")), ElementsAre("DAY-TO-COME from"));
  EXPECT_THAT(Refused(Of(Today(), "2026-11-21")), ElementsAre("DAY-TO-COME until"));
  EXPECT_THAT(Refused(Of("2026-11-20", "2026-11-19")), ElementsAre("REPEAT-PERIOD until"));
  EXPECT_THAT(Refused(Of("2026-10-20", "2026-11-20")), ElementsAre("REPEAT-PERIOD until")) << "32 days";
  EXPECT_THAT(Refused(ById({mine, std::string(32, '0')})), ElementsAre("NOT-FOUND delivery_ids[1]"));
}

// Behind more than is looked at in one go, whatever the page.
TEST_F(Repeats, R56_AMailboxOfManyIsLookedThroughWhole) {
  const std::string first = AcknowledgedOf(kClients[0]);
  store::Unit unit;
  for (size_t i = 0; i < limits::kRepeatLook + 1; ++i) {
    const std::string id = absl::StrCat("old", i);
    store::Delivery& delivery = unit.deliveries.emplace_back();
    delivery = {id, id, "", kEde, "ede", "registration", store::DeliveryState::kDelivered, world.clock.now, 0, false, {1, "sealed"}, ""};
  }
  ASSERT_TRUE(world.store->Commit(std::move(unit), &world.executor, [](auto) {}).ok());
  world.Drive();
  const std::string last = AcknowledgedOf(kClients[1]);
  for (const size_t most : {1, 2, 128}) EXPECT_THAT(Again(Of(Today()), most), ElementsAre(first, last)) << most;
}

// After any course of events a repeat is what was acknowledged, in the order in which it was read first.
TEST_F(Repeats, R56_AfterAnyCourseARepeatIsWhatWasAcknowledgedInItsOrder) {
  struct One {
    std::string delivery, day;
    bool acknowledged = false;
  };
  std::mt19937 chance(56);
  const auto below = [&](size_t bound) { return chance() % bound; };
  std::vector<One> sent;
  std::map<std::string, bool> registered;
  for (int step = 0; step < 80; ++step) {
    const size_t what = below(5);
    const std::string bsn = kClients[below(std::size(kClients))];
    if (what < 2 || sent.empty()) {
      sent.push_back({Register(bsn, registered[bsn] ? "amend" : "register"), Today()});
      registered[bsn] = true;
    } else if (what == 2) {
      One& one = sent[below(sent.size())];
      world.Acknowledge(kEde, {one.delivery});
      one.acknowledged = true;
    } else if (what == 3) {
      world.PassUs(3'600'000'000 * static_cast<int64_t>(1 + below(20)));
    }
    const std::string from = CivilDate::Parse(Today())->PlusDays(-static_cast<int64_t>(below(5))).ToString();
    std::vector<std::string> of_period, by_id, asked;
    for (const One& one : sent) {
      if (one.acknowledged && one.day >= from) of_period.push_back(one.delivery);
      if (below(3) == 0) asked.push_back(one.delivery);
      if (!asked.empty() && asked.back() == one.delivery) by_id.push_back(one.delivery + (one.acknowledged ? "" : "*"));
    }
    const size_t most = 1 + below(7);
    ASSERT_THAT(Again(Of(from), most), ElementsAreArray(of_period)) << step;
    if (asked.empty()) continue;
    ASSERT_THAT(Again(ById(asked), most), ElementsAreArray(by_id)) << step;
  }
}

}  // namespace
}  // namespace schotvrij::exchange::repeats
