// A consent that ends: what rested on it ends with it, and who has it is told.
#include "absl/strings/str_replace.h"
#include "schemas/base/limits.h"
#include "tests/gateway/exchange/consent_world.h"

namespace schotvrij::exchange {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr DeliveryOutcome kRefusedForNow{DeliveryOutcome::Kind::kTransient, "smtp-451"};

class ConsentEnds : public ConsentWorld {
 protected:
  using ConsentWorld::ConsentWorld;
};

class ConsentEndsByMail : public ConsentEnds {
 protected:
  ConsentEndsByMail() : ConsentEnds(MunicipalityBy::kMail) {}
};

TEST_F(ConsentEnds, OneThatIsWithdrawnEndsWhatWasTakenOver) {
  const std::string delivery = TakenOver();
  ASSERT_EQ(Say(Withdrawn()).state, kReceived);
  EXPECT_TRUE(IsHidden(delivery));
  ExpectEnd(delivery);
  EXPECT_THAT(Rules(Step("amend", "ede-2026-000002")), ElementsAre("NOT-REGISTERED"));
  EXPECT_THAT(Rules(Step("reopen", "ede-2026-000002")), ElementsAre("CONSENT-WITHDRAWN"));
  EXPECT_THAT(Waiting("opella"), IsEmpty()) << "it said so itself";
}

TEST_F(ConsentEnds, OneThatIsDeniedEndsWhatWasTakenOver) {
  const std::string delivery = TakenOver();
  ASSERT_EQ(Say({.type = "deny"}).state, kReceived);
  ExpectEnd(delivery);
}

TEST_F(ConsentEnds, OneThatIsNarrowedToAnotherEndsWhatWasTakenOver) {
  const std::string delivery = TakenOver();
  ASSERT_EQ(Say({.number = kVeld}).state, kReceived);
  EXPECT_TRUE(IsHidden(delivery));
  ExpectEnd(delivery);
}

TEST_F(ConsentEnds, WhatEndedMayBeReopenedWithANewConsent) {
  TakenOver();
  ASSERT_EQ(Say(Withdrawn()).state, kReceived);
  world.PassUs(kDayUs);
  const policy::Answer reopened = Step("reopen", "ede-2026-000002");
  EXPECT_EQ(reopened.state, kReceived) << Told(reopened);
  const std::vector<v1::Exchange> waiting = Waiting();
  ASSERT_THAT(waiting, SizeIs(2));
  EXPECT_EQ(waiting[0].registration().step(), v1::END);
  EXPECT_EQ(waiting[1].registration().step(), v1::REOPEN);
}

TEST_F(ConsentEnds, AfterTheEndTheClientMayBeRegisteredAgain) {
  TakenOver();
  ASSERT_EQ(Say(Withdrawn()).state, kReceived);
  world.PassUs(kDayUs);
  const policy::Answer again = Step("register", "ede-2026-000002");
  EXPECT_EQ(again.state, kReceived) << Told(again);
}

TEST_F(ConsentEnds, NothingEndsWhileAnotherConsentPermits) {
  const std::string delivery = TakenOver();
  ASSERT_EQ(Say({.id = "consent-2", .number = kVeld}).state, kReceived);
  EXPECT_THAT(Waiting(), IsEmpty()) << "a consent for another";
  ASSERT_EQ(Say({.id = "consent-3", .number = "0228"}).state, kReceived);
  ASSERT_EQ(Say({.number = kVeld}).state, kReceived);
  EXPECT_FALSE(IsHidden(delivery));
  EXPECT_THAT(Waiting(), IsEmpty());
  ASSERT_EQ(Say({.id = "consent-3", .status = "inactive", .number = "0228"}).state, kReceived);
  ExpectEnd(delivery);
}

TEST_F(ConsentEnds, WhatRanOutIsNotEndedByAWordAboutAnother) {
  const std::string delivery = TakenOver();
  world.clock.now.us += 400 * kDayUs;
  EXPECT_TRUE(IsHidden(delivery));
  ASSERT_EQ(Say({.id = "consent-2", .number = kVeld}).state, kReceived);
  EXPECT_THAT(Waiting(), IsEmpty());
  ASSERT_EQ(Say(Withdrawn()).state, kReceived);
  ExpectEnd(delivery);
}

TEST_F(ConsentEnds, WhatWasNotTakenOverIsFoundWithheldInstead) {
  ASSERT_EQ(world.Register(world.Example()).state, kReceived);
  ASSERT_EQ(Say(Withdrawn()).state, kReceived);
  ASSERT_THAT(Waiting(), SizeIs(1));
  EXPECT_THAT(Waiting(), IsEmpty());
  const std::vector<v1::Exchange> told = Waiting("opella");
  ASSERT_THAT(told, SizeIs(1));
  EXPECT_EQ(told[0].receipt().state(), v1::WITHHELD);
}

TEST_F(ConsentEnds, AllThatWasNotTakenOverOfOneClientIsFoundWithheldInOneRead) {
  ASSERT_EQ(world.Register(world.Example()).state, kReceived);
  ASSERT_EQ(Step("amend", "ede-2026-000002").state, kReceived);
  ASSERT_EQ(Say(Withdrawn()).state, kReceived);
  const std::vector<MailboxItem> gone = world.Read("gemeente-ede").items;
  ASSERT_THAT(gone, SizeIs(2));
  EXPECT_EQ(world.Acknowledge("gemeente-ede", {gone[0].delivery_id, gone[1].delivery_id}), 0u);
  const std::vector<v1::Exchange> told = Waiting("opella");
  ASSERT_THAT(told, SizeIs(2));
  for (const v1::Exchange& each : told) EXPECT_EQ(each.receipt().state(), v1::WITHHELD);
}

TEST_F(ConsentEnds, WhatIsTakenOverInTheSameFlushEnds) {
  ASSERT_EQ(world.Register(world.Example()).state, kReceived);
  const std::string delivery = world.Read("gemeente-ede").items.at(0).delivery_id;
  uint32_t taken = 0;
  world.road->Acknowledge({World::As("gemeente-ede"), {}, {delivery}, "trace"},
                          [&](Road::Acknowledged acknowledged) { taken = acknowledged.count; });
  ASSERT_EQ(Say(Withdrawn()).state, kReceived);
  EXPECT_EQ(taken, 1u);
  ExpectEnd(delivery);
}

TEST_F(ConsentEnds, ASecondWithdrawalDoesNotEndTwice) {
  const std::string delivery = TakenOver();
  const std::string first = Say(Withdrawn()).message_id;
  EXPECT_EQ(Say(Withdrawn()).message_id, first);
  world.PassUs(kDayUs);
  EXPECT_NE(Say(Withdrawn()).message_id, first);
  const std::vector<v1::Exchange> waiting = Waiting();
  ASSERT_THAT(waiting, SizeIs(1));
  EXPECT_EQ(waiting[0].registration().about(), delivery);
}

TEST_F(ConsentEnds, WhatBecomesOfTheEndIsToldUnderTheKeyOfTheConsent) {
  TakenOver();
  ASSERT_EQ(Say(Withdrawn()).state, kReceived);
  const std::string end = world.Read("gemeente-ede").items.at(0).delivery_id;
  ASSERT_EQ(world.Answer("gemeente-ede", end, "accepted").state, kReceived);
  const std::vector<v1::Exchange> told = Waiting("opella");
  ASSERT_THAT(told, SizeIs(1));
  EXPECT_EQ(told[0].receipt().state(), v1::ACCEPTED);
  EXPECT_THAT(told[0].receipt().request_key(), testing::StartsWith("consent:"));
}

TEST_F(ConsentEnds, AnotherProvidersRegistrationIsHiddenAndNotEnded) {
  const std::string delivery = TakenOver();
  ASSERT_EQ(Say({.id = "elsewhere", .status = "inactive"}, "zorgpunt").state, kReceived);
  EXPECT_TRUE(IsHidden(delivery));
  EXPECT_THAT(Waiting(), IsEmpty());
  EXPECT_THAT(Waiting("opella"), IsEmpty());
  // Nor does its own word about another consent end it: what zorgpunt passed on would show in that.
  ASSERT_EQ(Say({.id = "consent-2", .number = kVeld}).state, kReceived);
  EXPECT_THAT(Waiting(), IsEmpty());
  ASSERT_EQ(Say(Withdrawn()).state, kReceived);
  ExpectEnd(delivery);
}

TEST_F(ConsentEnds, AnAgreementWithoutARuleForEndingsTakesTheConsentAllTheSame) {
  const std::string delivery = TakenOver();
  world.LoadPolicy(absl::StrReplaceAll(DocumentOfMore(), {{"      registration_step: END\n", ""},
                                                          {"      leaf { path: \"registration.end_date\" }\n", ""}}));
  ASSERT_EQ(Say(Withdrawn()).state, kReceived);
  EXPECT_TRUE(IsHidden(delivery));
  EXPECT_THAT(Waiting(), IsEmpty());
}

TEST_F(ConsentEnds, WhatIsLeftOfAnAmendmentEndsWithItsRegistration) {
  ASSERT_EQ(world.Register(world.Example()).state, kReceived);
  const std::string delivery = world.Read("gemeente-ede").items.at(0).delivery_id;
  ASSERT_EQ(Step("amend", "ede-2026-000002").state, kReceived);
  const std::string amendment = world.Read("gemeente-ede").items.at(1).delivery_id;
  ASSERT_EQ(world.Acknowledge("gemeente-ede", {amendment}), 1u);
  ASSERT_EQ(Say(Withdrawn()).state, kReceived);
  Waiting();  // the registration, withheld
  ExpectEnd(delivery);
}

TEST_F(ConsentEndsByMail, WhatMayHaveArrivedEndsBehindIt) {
  ASSERT_EQ(world.Register(world.Example()).state, kReceived);
  ASSERT_THAT(world.outbound.attempts, SizeIs(1));
  const std::string delivery = world.outbound.attempts[0].frozen.message_id();
  ASSERT_EQ(Say(Withdrawn()).state, kReceived);
  EXPECT_THAT(world.outbound.attempts, SizeIs(1)) << "the first is still under way";
  world.MailEnds({DeliveryOutcome::Kind::kAccepted, ""});
  ASSERT_THAT(world.outbound.attempts, SizeIs(2));
  EXPECT_NE(world.outbound.attempts[1].encoded.bytes().find(delivery), std::string::npos);
  EXPECT_EQ(world.outbound.attempts[1].encoded.bytes().find("999900006"), std::string::npos);
}

TEST_F(ConsentEndsByMail, WhatIsNotSentAgainEndsAllTheSame) {
  ASSERT_EQ(world.Register(world.Example()).state, kReceived);
  const std::string delivery = world.outbound.attempts.at(0).frozen.message_id();
  world.MailEnds(kRefusedForNow);
  ASSERT_EQ(Say(Withdrawn()).state, kReceived);
  world.PassUs(60'000'000);
  ASSERT_THAT(world.outbound.attempts, SizeIs(2));
  EXPECT_NE(world.outbound.attempts[1].encoded.bytes().find(delivery), std::string::npos);
  const std::vector<v1::Exchange> told = Waiting("opella");
  ASSERT_THAT(told, SizeIs(1));
  EXPECT_EQ(told[0].receipt().state(), v1::WITHHELD);
}

TEST_F(ConsentEndsByMail, AnAttemptThatBeginsInTheSameFlushIsSeen) {
  world.road->Receive({World::As("opella"), Format::kFhirJson, "fhir-https", world.Example(), "trace", ""}, [](policy::Answer) {});
  world.store->Flush();
  world.executor.Run();  // the attempt waits to be written
  ASSERT_THAT(world.outbound.attempts, IsEmpty());
  ASSERT_EQ(Say(Withdrawn()).state, kReceived);
  ASSERT_THAT(world.outbound.attempts, SizeIs(1));
  world.MailEnds({DeliveryOutcome::Kind::kAccepted, ""});
  EXPECT_THAT(world.outbound.attempts, SizeIs(2));
}

// A second network of the same parties: one provider has two registrations of one client.
class ConsentEndsInTwoNetworks : public ConsentEnds {
 protected:
  ConsentEndsInTwoNetworks()
      : ConsentEnds(MunicipalityBy::kMailbox, {{"ede.txtpb", DocumentOfMore()}, {"veld.txtpb", DocumentOfVeld()}}) {}

  static std::string DocumentOfVeld() {
    return absl::StrReplaceAll(DocumentOfMore(), {{"  key: \"ede\"", "  key: \"veld\""}, {"id: \"ede-", "id: \"veld-"}});
  }

  // The example to the other municipality, with a consent for that one alone: under the same id, if nothing else is said.
  std::string InVeld(const std::string& consent_id = "consent-2026-000001") const {
    return absl::StrReplaceAll(world.Example(), {{"\"value\": \"ede\"", "\"value\": \"veld\""},
                                                 {"0228", kVeld},
                                                 {"ede-2026-000001", "veld-2026-000001"},
                                                 {"consent-2026-000001", consent_id}});
  }
  policy::Answer RegisterInVeld(const std::string& consent_id = "consent-2026-000001") { return world.Register(InVeld(consent_id)); }
};

TEST_F(ConsentEndsInTwoNetworks, AConsentInARegistrationNarrowsAsOneByItselfDoes) {
  const std::string delivery = TakenOver();
  const policy::Answer registered = RegisterInVeld();
  ASSERT_EQ(registered.state, kReceived) << Told(registered);
  EXPECT_TRUE(IsHidden(delivery));
  ExpectEnd(delivery);
  EXPECT_THAT(Waiting("gemeente-veld"), SizeIs(1));
  EXPECT_THAT(Waiting("opella"), IsEmpty()) << "it said so itself";
}

TEST_F(ConsentEndsInTwoNetworks, SoDoesOneInABatchSoonAfterThatIsInEffect) {
  const std::string delivery = TakenOver();
  std::shared_ptr<BatchIntake> intake;
  world.batches->Open({World::As("opella"), "grpc", "batch-1", {}, "trace"},
                      [&](BatchDesk::Opened opened) { intake = std::move(opened.intake); });
  world.Drive();
  intake->Bundle(0, R"({"resourceType":"Bundle","type":"collection","entry":[{"resource":)" + InVeld() + "}]}",
                 [](const BatchProgress&) {});
  world.Drive();
  intake->End(1, [](const BatchProgress&) {});
  world.Drive();
  EXPECT_THAT(Waiting("gemeente-veld"), SizeIs(1));
  EXPECT_TRUE(IsHidden(delivery));
  world.PassUs(limits::kTimerRoundUs);
  ExpectEnd(delivery);
}

TEST_F(ConsentEndsInTwoNetworks, AConsentOfItsOwnInARegistrationEndsNothing) {
  const std::string delivery = TakenOver();
  ASSERT_EQ(RegisterInVeld("consent-2").state, kReceived);
  EXPECT_FALSE(IsHidden(delivery));
  EXPECT_THAT(Waiting(), IsEmpty());
}

TEST_F(ConsentEndsInTwoNetworks, WhatAnEndingSaysOfItsOwnConsentEndsItOnceAndNoOther) {
  const std::string delivery = TakenOver();
  ASSERT_EQ(RegisterInVeld("consent-2").state, kReceived);
  const std::string in_veld = world.Read("gemeente-veld").items.at(0).delivery_id;
  ASSERT_EQ(world.Acknowledge("gemeente-veld", {in_veld}), 1u);
  const policy::Answer ended = world.Register(absl::StrReplaceAll(
      world.Example(), {{R"("code": "register")", R"("code": "end")"},
                        {R"("intent": "order",)", R"("intent": "order", "executionPeriod": { "end": ")" + Today() + R"(" },)"},
                        {"ede-2026-000001", "ede-2026-000002"},
                        {R"("status": "active")", R"("status": "inactive")"}}));
  ASSERT_EQ(ended.state, kReceived) << Told(ended);
  ExpectEnd(delivery);
  EXPECT_THAT(Waiting("gemeente-veld"), IsEmpty());
}

TEST_F(ConsentEnds, AnAmendmentWhoseConsentDoesNotCarryItIsRefusedAndTakesNothingBack) {
  const std::string delivery = TakenOver();
  const policy::Answer amended = world.Register(absl::StrReplaceAll(
      world.Example(), {{R"("code": "register")", R"("code": "amend")"},
                        {"ede-2026-000001", "ede-2026-000002"},
                        {R"("status": "active")", R"("status": "inactive")"}}));
  EXPECT_THAT(Rules(amended), ElementsAre("CONSENT-WITHDRAWN"));
  EXPECT_FALSE(IsHidden(delivery));
  EXPECT_THAT(Waiting(), IsEmpty());
}

}  // namespace
}  // namespace schotvrij::exchange
