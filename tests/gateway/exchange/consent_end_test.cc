// A consent that ends: what rested on it ends with it, and who has it is told.
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/gateway/exchange/world.h"

namespace schotvrij::exchange {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr int64_t kDayUs = 86'400'000'000;
constexpr const char* kVeld = "0229";
constexpr DeliveryOutcome kRefusedForNow{DeliveryOutcome::Kind::kTransient, "smtp-451"};

std::string DocumentOfMore() {
  return absl::StrReplaceAll(World::EdeDocument(), {{"  party {\n    key: \"menzis\"", R"(  party {
    key: "zorgpunt"
    name: "Zorgpunt"
    membership { role: "provider" from: "2021-01-01" }
  }
  party {
    key: "gemeente-veld"
    name: "Gemeente Veld"
    membership { role: "municipality" from: "2021-01-01" }
  }
  party {
    key: "menzis")"}});
}

config::v1::Enrolment More(MunicipalityBy route) {
  config::v1::Enrolment document;
  Enrol("opella", "agb", "00000001", "", &document);
  Enrol("zorgpunt", "agb", "00000002", "", &document);
  Enrol("gemeente-ede", "cbs", "0228", route == MunicipalityBy::kMail ? "wmo@ede.example" : "", &document);
  Enrol("gemeente-veld", "cbs", kVeld, "", &document);
  Enrol("menzis", "uzovi", "0000", "", &document);
  return document;
}

struct Word {
  std::string id = "consent-2026-000001";  // of the example
  std::string status = "active";
  std::string type = "permit";
  std::string number;  // of the municipality it names; empty: of none
};

class ConsentEnds : public testing::Test {
 protected:
  explicit ConsentEnds(MunicipalityBy route = MunicipalityBy::kMailbox)
      : world(More(route), LoadRules({{"ede.txtpb", DocumentOfMore()}})) {}

  std::string Today() const { return TodayInAmsterdam(world.clock.now).ToString(); }

  policy::Answer Say(const Word& word, const std::string& provider = "opella") {
    return world.Receive(provider, Body(word));
  }
  std::string Body(const Word& word) const {
    const std::string actor =
        word.number.empty() ? "" : absl::StrReplaceAll(R"("actor":[{"role":{"coding":[{"system":
            "http://terminology.hl7.org/CodeSystem/v3-ParticipationType","code":"IRCP"}]},"reference":{"type":"Organization",
            "identifier":{"system":"urn:schotvrij:identifier:cbs-gemeente","value":"NUMBER"}}}],)", {{"NUMBER", word.number}});
    return absl::StrReplaceAll(
        R"({"resourceType":"Consent","identifier":[{"system":"urn:example:provider:consents","value":"ID"}],
        "status":"STATUS","scope":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/consentscope",
        "code":"patient-privacy"}]},"category":[{"coding":[{"system":"http://loinc.org","code":"59284-0"}]}],
        "patient":{"identifier":{"system":"http://fhir.nl/fhir/NamingSystem/bsn","value":"999900006"}},
        "dateTime":"TODAY","performer":[{"type":"Patient","identifier":{"system":"http://fhir.nl/fhir/NamingSystem/bsn",
        "value":"999900006"}}],"policy":[{"uri":"urn:example:provider:consent-text:2026-1"}],
        "provision":{"type":"TYPE",ACTOR"purpose":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActReason",
        "code":"HOPERAT"}]}})",
        {{"ID", word.id}, {"TODAY", Today()}, {"STATUS", word.status}, {"TYPE", word.type}, {"ACTOR", actor}});
  }
  static Word Withdrawn() { return {.status = "inactive"}; }

  // A step of the registration of the example, under a key of its own.
  policy::Answer Step(const std::string& code, const std::string& key) {
    return world.Register(absl::StrReplaceAll(world.Example(), {{R"("code": "register")", R"("code": ")" + code + "\""},
                                                                {"ede-2026-000001", key}}));
  }

  // The example is registered, read and taken over; the id it is known by.
  std::string TakenOver() {
    EXPECT_EQ(world.Register(world.Example()).state, policy::Answer::State::kReceived);
    const std::string delivery = world.Read("gemeente-ede").items.at(0).delivery_id;
    EXPECT_EQ(world.Acknowledge("gemeente-ede", {delivery}), 1u);
    return delivery;
  }

  // What the desk has to do.
  std::vector<v1::Exchange> Waiting(const std::string& participant = "gemeente-ede") {
    std::vector<v1::Exchange> waiting;
    for (const MailboxItem& item : world.Read(participant).items) {
      const auto* shown = std::get_if<policy::Disclosure>(&item.content);
      waiting.push_back(shown == nullptr ? v1::Exchange() : shown->exchange());
    }
    return waiting;
  }
  // That nothing but the end of `delivery` waits, and that it names nobody.
  void ExpectEnd(const std::string& delivery) {
    const std::vector<v1::Exchange> waiting = Waiting();
    ASSERT_THAT(waiting, SizeIs(1));
    EXPECT_EQ(waiting[0].registration().step(), v1::END);
    EXPECT_EQ(waiting[0].registration().about(), delivery);
    EXPECT_EQ(waiting[0].registration().end_date(), Today());
    EXPECT_EQ(waiting[0].registration().end_reason(), v1::END_REASON_UNSPECIFIED);
    EXPECT_FALSE(waiting[0].has_client());
  }
  bool IsHidden(const std::string& delivery) {
    return std::holds_alternative<policy::Withheld>(world.Read("gemeente-ede", false, delivery).items.at(0).content);
  }

  World world;
};

class ConsentEndsByMail : public ConsentEnds {
 protected:
  ConsentEndsByMail() : ConsentEnds(MunicipalityBy::kMail) {}
};

constexpr auto kReceived = policy::Answer::State::kReceived;

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

}  // namespace
}  // namespace schotvrij::exchange
