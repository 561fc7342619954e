// A consent that runs out: what rested on it ends by itself, and who has it is told.
#include "schemas/base/limits.h"
#include "tests/gateway/exchange/consent_world.h"

namespace schotvrij::exchange {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

constexpr int64_t kValidDays = 365;  // of the example

class ConsentRunsOut : public ConsentWorld {
 protected:
  using ConsentWorld::ConsentWorld;

  // Whatever ran out, what is written in the open names nobody.
  void TearDown() override {
    std::string open = world.log.str() + world.ledger->Metrics();
    for (const v1::AuditEvent& event : world.Events()) open += event.SerializeAsString();
    for (const char* word : {"999900006", "Testmeer", "Voorbeeld", "Proefje", "1941-03-07"}) {
      EXPECT_EQ(open.find(word), std::string::npos) << word;
    }
  }

  // The gateway slept until `days` later.
  void Later(int64_t days) {
    world.clock.now.us += days * kDayUs;
    world.PassUs(limits::kTimerRoundUs);
  }
  std::vector<v1::AuditEvent> EndsOfConsents() {
    std::vector<v1::AuditEvent> ends = world.Events();
    std::erase_if(ends, [](const v1::AuditEvent& event) { return event.code() != v1::AUDIT_CONSENT_ENDED; });
    return ends;
  }
  bool NothingIsDue() { return world.store->DueTimers("consent", world.clock.now, 1)->empty(); }
};

class ConsentRunsOutByMail : public ConsentRunsOut {
 protected:
  ConsentRunsOutByMail() : ConsentRunsOut(MunicipalityBy::kMail) {}
};

TEST_F(ConsentRunsOut, WhatWasTakenOverEnds) {
  const std::string delivery = TakenOver();
  Later(kValidDays + 1);
  EXPECT_TRUE(IsHidden(delivery));
  ExpectEnd(delivery);
  const std::vector<v1::AuditEvent> ends = EndsOfConsents();
  ASSERT_THAT(ends, SizeIs(1));
  EXPECT_EQ(ends[0].users(0).id(), "gateway.example") << "nobody sent anything";
  EXPECT_THAT(ends[0].rules(), testing::ElementsAre("CONSENT-EXPIRED"));
  EXPECT_THAT(Rules(Step("amend", "ede-2026-000002")), testing::ElementsAre("NOT-REGISTERED"));
  const policy::Answer reopened = Step("reopen", "ede-2026-000002");
  EXPECT_EQ(reopened.state, kReceived) << Told(reopened);
}

TEST_F(ConsentRunsOut, ItHoldsUntilTheLastMinuteOfItsLastDay) {
  const std::string delivery = TakenOver();
  const CivilDate first_without = TodayInAmsterdam(world.clock.now).PlusDays(kValidDays + 1);
  world.clock.now.us = StartInAmsterdam(first_without).us - limits::kTimerRoundUs - 1;
  world.PassUs(limits::kTimerRoundUs);
  EXPECT_FALSE(IsHidden(delivery));
  EXPECT_THAT(Waiting(), IsEmpty());
  world.PassUs(limits::kTimerRoundUs);
  ExpectEnd(delivery);
}

TEST_F(ConsentRunsOut, OneThatWasRenewedEndsNothing) {
  const std::string delivery = TakenOver();
  ASSERT_EQ(Say({}).state, kReceived) << "the same consent, without an end";
  Later(kValidDays + 1);
  EXPECT_FALSE(IsHidden(delivery));
  EXPECT_THAT(Waiting(), IsEmpty());
  EXPECT_THAT(EndsOfConsents(), IsEmpty());
  EXPECT_TRUE(NothingIsDue());
}

TEST_F(ConsentRunsOut, AnotherConsentCarriesIt) {
  const std::string delivery = TakenOver();
  ASSERT_EQ(Say({.id = "consent-2", .number = "0228"}).state, kReceived);
  Later(kValidDays + 1);
  EXPECT_FALSE(IsHidden(delivery));
  EXPECT_THAT(Waiting(), IsEmpty());
  ASSERT_EQ(Say({.id = "consent-2", .status = "inactive", .number = "0228"}).state, kReceived);
  ExpectEnd(delivery);
}

TEST_F(ConsentRunsOut, WhatAnotherProviderPassedOnCarriesAndEndsNothing) {
  ASSERT_EQ(Say({.id = "elsewhere"}, "zorgpunt").state, kReceived);
  const std::string delivery = TakenOver();
  Later(kValidDays + 1);
  ExpectEnd(delivery);
}

TEST_F(ConsentRunsOut, AMessageBetweenMidnightAndTheRoundDoesNotHideIt) {
  const std::string delivery = TakenOver();
  world.clock.now.us += (kValidDays + 1) * kDayUs;
  ASSERT_EQ(Say({.id = "consent-2", .number = kVeld}).state, kReceived);  // writes the client's facts
  EXPECT_THAT(Waiting(), IsEmpty());
  world.PassUs(limits::kTimerRoundUs);
  ExpectEnd(delivery);
}

TEST_F(ConsentRunsOut, ItEndsOnceWhereverTheGatewayDies) {
  const std::string delivery = TakenOver();
  world.clock.now.us += (kValidDays + 1) * kDayUs;
  world.executor.Advance(limits::kTimerRoundUs);
  world.store->Flush();  // written, and nobody in memory was told
  world.RestartConsentExpiry();
  world.Drive();
  ExpectEnd(delivery);
  world.RestartConsentExpiry();
  Later(1);
  EXPECT_THAT(Waiting(), SizeIs(1)) << "the same";
  EXPECT_THAT(EndsOfConsents(), SizeIs(1));
  EXPECT_TRUE(NothingIsDue());
}

TEST_F(ConsentRunsOut, WhatWasNotTakenOverIsFoundWithheldInstead) {
  ASSERT_EQ(world.Register(world.Example()).state, kReceived);
  Later(kValidDays + 1);
  EXPECT_THAT(EndsOfConsents(), IsEmpty());
  ASSERT_THAT(Waiting(), SizeIs(1));
  const std::vector<v1::Exchange> told = Waiting("opella");
  ASSERT_THAT(told, SizeIs(1));
  EXPECT_EQ(told[0].receipt().state(), v1::WITHHELD);
}

TEST_F(ConsentRunsOut, WhatIsTakenOverInTheSameFlushEnds) {
  ASSERT_EQ(world.Register(world.Example()).state, kReceived);
  const std::string delivery = world.Read("gemeente-ede").items.at(0).delivery_id;
  world.clock.now.us += (kValidDays + 1) * kDayUs - 1;
  world.road->Acknowledge({World::As("gemeente-ede"), {}, {delivery}, "trace"}, [](const Road::Acknowledged&) {});
  world.PassUs(limits::kTimerRoundUs);
  EXPECT_TRUE(IsHidden(delivery));
  ExpectEnd(delivery);
}

TEST_F(ConsentRunsOut, AnAgreementWithoutARuleForEndingsTellsNobodyAndIsDone) {
  const std::string delivery = TakenOver();
  world.LoadPolicy(absl::StrReplaceAll(DocumentOfMore(), {{"      registration_step: END\n", ""},
                                                          {"      leaf { path: \"registration.end_date\" }\n", ""}}));
  Later(kValidDays + 1);
  EXPECT_TRUE(IsHidden(delivery));
  EXPECT_THAT(Waiting(), IsEmpty());
  EXPECT_TRUE(NothingIsDue());
}

TEST_F(ConsentRunsOut, AClientThatDoesNotOpenHoldsUpNobody) {
  store::Unit unit;
  unit.clients = {{"broken", "no key"}};
  unit.timers = {{"consent/broken/2026-11-20", "consent", "broken", Instant{1}},
                 {"consent/nobody/2026-11-20", "consent", "nobody", Instant{1}}};
  ASSERT_TRUE(world.store->Commit(unit, &world.executor, [](const absl::StatusOr<store::CommitResult>&) {}).ok());
  const std::string delivery = TakenOver();
  Later(kValidDays + 1);
  ExpectEnd(delivery);
  EXPECT_TRUE(NothingIsDue());
  EXPECT_NE(world.log.str().find("consent-expiry"), std::string::npos) << "the operator is told";
  EXPECT_THAT(*world.store->DueTimers("consent", {world.clock.now.us + limits::kTimerRetryUs}, 9), SizeIs(1));
}

TEST_F(ConsentRunsOut, WhatBecomesOfTheEndIsToldUnderTheKeyOfTheRegistration) {
  TakenOver();
  Later(kValidDays + 1);
  const std::string end = world.Read("gemeente-ede").items.at(0).delivery_id;
  ASSERT_EQ(world.Answer("gemeente-ede", end, "accepted").state, kReceived);
  const std::vector<v1::Exchange> told = Waiting("opella");
  ASSERT_THAT(told, SizeIs(1));
  EXPECT_EQ(told[0].receipt().request_key(), "ede-2026-000001");
}

TEST_F(ConsentRunsOutByMail, TheEndIsSent) {
  ASSERT_EQ(world.Register(world.Example()).state, kReceived);
  const std::string delivery = world.outbound.attempts.at(0).frozen.message_id();
  world.MailEnds({DeliveryOutcome::Kind::kAccepted, ""});
  Later(kValidDays + 1);
  ASSERT_THAT(world.outbound.attempts, SizeIs(2));
  EXPECT_NE(world.outbound.attempts[1].encoded.bytes().find(delivery), std::string::npos);
  EXPECT_EQ(world.outbound.attempts[1].encoded.bytes().find("999900006"), std::string::npos);
}

}  // namespace
}  // namespace schotvrij::exchange
