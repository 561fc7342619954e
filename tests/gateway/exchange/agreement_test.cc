// Agreements with dates (R11): the version of the case's day judges it; parties come, leave and are followed up.
#include "gateway/exchange/hand_over.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "gateway/exchange/waiting.h"
#include "tests/gateway/exchange/world.h"

namespace schotvrij::exchange {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

config::v1::Enrolment Parties(const std::string& veld_by_mail = "") {
  config::v1::Enrolment document;
  Enrol("opella", "agb", "00000001", "", &document);
  Enrol("zorgpunt", "agb", "00000002", "", &document);
  Enrol("gemeente-ede", "cbs", "0228", "", &document);
  Enrol("gemeente-veld", "cbs", "0229", veld_by_mail, &document);
  Enrol("menzis", "uzovi", "0000", "", &document);
  return document;
}

std::string Party(const std::string& key, const std::string& role) {
  return "party { key: \"" + key + "\" name: \"" + key + "\" membership { role: \"" + role + "\" from: \"2021-01-01\" } }\n";
}

// Ede with another provider and another municipality beside it.
std::string Together() {
  return absl::StrReplaceAll(World::EdeDocument(), {{"  party {\n    key: \"menzis\"",
                                                     Party("zorgpunt", "provider") + Party("gemeente-veld", "municipality") +
                                                         "  party {\n    key: \"menzis\""}});
}

// The network comes to an end after today.
std::string Ended() { return absl::StrReplaceAll(Together(), {{"from: \"2024-01-01\"\n", "from: \"2024-01-01\" until: \"2026-11-20\"\n"}}); }

// `party`, which holds `role`, is out after today, and `successor` has its place if one is named.
std::string Out(const std::string& party, const std::string& role, const std::string& successor = "") {
  const std::string held = "membership { role: \"" + role + "\" from: \"2021-01-01\" }";
  std::string out = "membership { role: \"" + role + "\" from: \"2021-01-01\" until: \"2026-11-20\" }";
  if (!successor.empty()) {
    out += " succession { party: \"" + successor + "\" from: \"2026-11-21\" source: \"made up for tests\" }";
  }
  std::string document = Together();
  const size_t at = document.find(held, document.find("key: \"" + party + "\""));
  return document.replace(at, held.size(), out);
}

class Agreements : public testing::Test {
 protected:
  static constexpr auto kReceived = policy::Answer::State::kReceived;
  static constexpr int64_t kDayUs = 86'400'000'000;
  static constexpr const char* kEde = "0228";
  static constexpr const char* kVeld = "0229";
  static constexpr const char* kAnother = "999900018";  // client

  explicit Agreements(const std::string& veld_by_mail = "") : world(Parties(veld_by_mail), LoadRules({{"ede.txtpb", Together()}})) {}

  struct Said {
    std::string step = "register";
    std::string key = "ede-2026-000001";  // of the example
    std::string to = kEde;
    std::string first_day;
    std::string last_day;
    std::string criteria = "ede-2024";
    std::string bsn = "999900006";
  };
  policy::Answer Say(const Said& said, const std::string& provider = "opella") {
    std::string period;
    if (!said.first_day.empty()) period = "\"start\": \"" + said.first_day + "\"";
    if (!said.last_day.empty()) period = "\"end\": \"" + said.last_day + "\"";
    if (!period.empty()) period = "\"executionPeriod\": {" + period + "},";
    return world.Receive(
        provider, absl::StrReplaceAll(world.Example(), {{R"("code": "register")", "\"code\": \"" + said.step + "\""},
                                                        {"ede-2026-000001", said.key},
                                                        {"\"value\": \"0228\"", "\"value\": \"" + said.to + "\""},
                                                        {"\"value\": \"00000001\"", provider == "opella" ? "\"value\": \"00000001\""
                                                                                                        : "\"value\": \"00000002\""},
                                                        {"ede-2024", said.criteria},
                                                        {"999900006", said.bsn},
                                                        {R"("intent": "order",)", R"("intent": "order",)" + period}}));
  }
  policy::Answer End(const std::string& to = kEde, const std::string& provider = "opella") {
    return Say({.step = "end", .key = "end", .to = to, .last_day = TodayInAmsterdam(world.clock.now).ToString()}, provider);
  }
  void NextDay(const std::string& document) {
    world.clock.now.us += kDayUs;
    world.LoadPolicy(document);
  }

  std::vector<v1::Exchange> Waiting(const std::string& participant) {
    std::vector<v1::Exchange> waiting;
    for (const MailboxItem& item : world.Read(participant).items) {
      const auto* shown = std::get_if<policy::Disclosure>(&item.content);
      waiting.push_back(shown == nullptr ? v1::Exchange() : shown->exchange());
    }
    return waiting;
  }
  std::string OnlyItem(const std::string& participant) {
    const Road::MailboxPage page = world.Read(participant);
    EXPECT_THAT(page.items, SizeIs(1));
    return page.items.empty() ? "" : page.items[0].delivery_id;
  }
  void HandOverNow() {
    HandOver hand_over(world.parts());
    hand_over.Look();
    world.Drive();
  }

  World world;
};

TEST_F(Agreements, ARegistrationIsJudgedByTheVersionOfItsDateR11) {
  EXPECT_THAT(Rules(Say({.first_day = "2023-06-01"})), ElementsAre("VERDICT-VERSION"));
  EXPECT_THAT(Rules(Say({.key = "now", .criteria = "ede-2021"})), ElementsAre("VERDICT-VERSION"));
  EXPECT_THAT(Rules(Say({.key = "before", .first_day = "2020-12-31", .criteria = "ede-2021"})), ElementsAre("SENDER-NOT-MEMBER"));
  EXPECT_EQ(Say({.key = "old", .first_day = "2023-06-01", .criteria = "ede-2021"}).state, kReceived);
  const std::vector<v1::Exchange> waiting = Waiting("gemeente-ede");
  ASSERT_THAT(waiting, SizeIs(1));
  EXPECT_EQ(waiting[0].client().bsn(), "999900006");
}

TEST_F(Agreements, WhatWasRegisteredIsPutRightEndedAndAnsweredAfterTheAgreementR11) {
  ASSERT_EQ(Say({}).state, kReceived);
  const std::string registration = OnlyItem("gemeente-ede");
  ASSERT_EQ(world.Acknowledge("gemeente-ede", {registration}), 1u);
  NextDay(Ended());
  EXPECT_THAT(Rules(Say({.key = "new", .first_day = "2026-11-20", .bsn = kAnother})), ElementsAre("AGREEMENT-NOT-IN-FORCE"));
  EXPECT_THAT(Rules(Say({.step = "amend", .key = "amend"})), ElementsAre("AGREEMENT-NOT-IN-FORCE"));
  EXPECT_EQ(world.Answer("gemeente-ede", registration, "accepted").state, kReceived);
  EXPECT_EQ(End().state, kReceived);
  const std::vector<v1::Exchange> waiting = Waiting("gemeente-ede");
  ASSERT_THAT(waiting, SizeIs(1));
  EXPECT_EQ(waiting[0].registration().step(), v1::END);
  EXPECT_EQ(waiting[0].registration().about(), registration);
  EXPECT_EQ(world.Answer("gemeente-ede", OnlyItem("gemeente-ede"), "accepted").state, kReceived);
  EXPECT_THAT(Waiting("opella"), SizeIs(2)) << "both answers";
  EXPECT_THAT(Rules(Say({.step = "reopen", .key = "reopen"})), ElementsAre("AGREEMENT-NOT-IN-FORCE"));
}

TEST_F(Agreements, OneThatLeftEndsWhatItBroughtInAndBringsInNothingR11) {
  ASSERT_EQ(Say({}).state, kReceived);
  ASSERT_EQ(world.Acknowledge("gemeente-ede", {OnlyItem("gemeente-ede")}), 1u);
  NextDay(Out("opella", "provider"));
  EXPECT_THAT(Rules(Say({.key = "new", .bsn = kAnother})), ElementsAre("SENDER-NOT-MEMBER"));
  EXPECT_THAT(Rules(Say({.step = "amend", .key = "amend"})), ElementsAre("SENDER-NOT-MEMBER"));
  EXPECT_EQ(End().state, kReceived);
  EXPECT_EQ(world.Answer("gemeente-ede", OnlyItem("gemeente-ede"), "accepted").state, kReceived);
  EXPECT_THAT(Waiting("opella"), SizeIs(1));
}

TEST_F(Agreements, WhatAMunicipalityThatLeftDidNotTakeOverIsShownNoMoreAndItHearsOfTheEndR11) {
  ASSERT_EQ(Say({}).state, kReceived);
  NextDay(Out("gemeente-ede", "municipality"));
  const Road::MailboxPage page = world.Read("gemeente-ede");
  ASSERT_THAT(page.items, SizeIs(1));
  EXPECT_TRUE(std::holds_alternative<policy::Withheld>(page.items[0].content));
  EXPECT_THAT(Waiting("opella"), SizeIs(1)) << "its sender is told";
}

TEST_F(Agreements, AMergerMovesClientsByOneRecordR11) {
  ASSERT_EQ(Say({}).state, kReceived);
  const std::string registration = OnlyItem("gemeente-ede");
  NextDay(Out("gemeente-ede", "municipality", "gemeente-veld"));
  HandOverNow();
  EXPECT_THAT(world.Read("gemeente-ede").items, IsEmpty());
  EXPECT_THAT(world.Read("gemeente-ede", false, registration).items, IsEmpty());
  EXPECT_THAT(Rules(world.Answer("gemeente-ede", registration, "accepted")), ElementsAre("ANSWER-UNKNOWN"));
  const std::vector<v1::Exchange> waiting = Waiting("gemeente-veld");
  ASSERT_THAT(waiting, SizeIs(1));
  EXPECT_EQ(waiting[0].client().bsn(), "999900006");
  EXPECT_EQ(world.Answer("gemeente-veld", registration, "accepted").state, kReceived);
  const std::vector<v1::Exchange> answers = Waiting("opella");
  ASSERT_THAT(answers, SizeIs(1));
  EXPECT_EQ(answers[0].envelope().sender(), "gemeente-veld");
  EXPECT_EQ(world.CountEvents(v1::AUDIT_HANDED_OVER), 1u);
  EXPECT_EQ(End(kEde).state, kReceived) << "the old code, about what is of an old day";
  EXPECT_THAT(Waiting("gemeente-veld"), SizeIs(1));
}

TEST_F(Agreements, TheNewCodeMayEndWhatWasSentToTheOldR11) {
  ASSERT_EQ(Say({}).state, kReceived);
  ASSERT_EQ(world.Acknowledge("gemeente-ede", {OnlyItem("gemeente-ede")}), 1u);
  NextDay(Out("gemeente-ede", "municipality", "gemeente-veld"));
  HandOverNow();
  EXPECT_EQ(End(kVeld).state, kReceived);
  EXPECT_THAT(Waiting("gemeente-veld"), SizeIs(1));
}

TEST_F(Agreements, AnOldCodeHoldsForOldDatesR11) {
  NextDay(Out("gemeente-ede", "municipality", "gemeente-veld"));
  EXPECT_THAT(Rules(Say({})), ElementsAre("RECIPIENT-SUCCEEDED"));
  EXPECT_EQ(Say({.key = "old", .first_day = "2026-11-20"}).state, kReceived);
  EXPECT_THAT(Waiting("gemeente-veld"), SizeIs(1));
}

TEST_F(Agreements, TheNewCodeHoldsForOldDatesAsWellR11) {
  NextDay(Out("gemeente-ede", "municipality", "gemeente-veld"));
  EXPECT_EQ(Say({.to = kVeld, .first_day = "2026-11-20"}).state, kReceived);
  EXPECT_THAT(Waiting("gemeente-veld"), SizeIs(1));
}

TEST_F(Agreements, AProviderThatTookAnotherOverGoesOnWithItsRegistrationsR11) {
  ASSERT_EQ(Say({}).state, kReceived);
  const std::string registration = OnlyItem("gemeente-ede");
  ASSERT_EQ(world.Acknowledge("gemeente-ede", {registration}), 1u);
  NextDay(Out("opella", "provider", "zorgpunt"));
  HandOverNow();
  EXPECT_THAT(Rules(End(kEde, "opella")), ElementsAre("SENDER-SUCCEEDED"));
  EXPECT_THAT(Rules(Say({.key = "again"}, "zorgpunt")), ElementsAre("ALREADY-REGISTERED"));
  EXPECT_EQ(world.Answer("gemeente-ede", registration, "accepted").state, kReceived);
  EXPECT_THAT(Waiting("opella"), IsEmpty());
  EXPECT_THAT(Waiting("zorgpunt"), SizeIs(1));
  EXPECT_EQ(End(kEde, "zorgpunt").state, kReceived);
  const std::vector<v1::Exchange> waiting = Waiting("gemeente-ede");
  ASSERT_THAT(waiting, SizeIs(1));
  EXPECT_EQ(waiting[0].registration().about(), registration);
}

TEST_F(Agreements, TheSuccessorOfItsSetterLiftsAHoldR11) {
  const auto hold = [&](const std::string& state, const std::string& number, const std::string& key) {
    return absl::StrReplaceAll(R"(envelope { request_key: "KEY" sender_identifier { system: "agb" value: "NUMBER" } }
                                  client { bsn: "999900006" } safety_hold { state: STATE })",
                               {{"KEY", key}, {"NUMBER", number}, {"STATE", state}});
  };
  const auto say = [&](const std::string& provider, const std::string& text) {
    v1::Exchange exchange;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &exchange));
    return world.Receive(provider, exchange.SerializeAsString(), Format::kCanonical);
  };
  ASSERT_EQ(Told(say("opella", hold("HOLD_SET", "00000001", "set"))), "");
  NextDay(Out("opella", "provider", "zorgpunt"));
  EXPECT_THAT(Rules(say("opella", hold("HOLD_LIFTED", "00000001", "lift"))), ElementsAre("SENDER-SUCCEEDED"));
  EXPECT_EQ(Told(say("zorgpunt", hold("HOLD_LIFTED", "00000002", "lift"))), "");
  EXPECT_THAT(*world.store->OwnersIn(kHoldSpace), IsEmpty());
}

TEST_F(Agreements, AHundredAndMoreAreHandedOverInOrderAndWhatIsOfAnotherNetworkStaysR11) {
  std::vector<std::string> ids;
  store::Unit unit;
  for (int i = 0; i < 250; ++i) {
    store::Delivery delivery;
    delivery.delivery_id = absl::StrCat("delivery-", 1000 + i);
    delivery.exchange_id = delivery.delivery_id;
    delivery.recipient = "gemeente-ede";
    delivery.network = i % 10 == 0 ? "elders" : "ede";
    delivery.content_type = "registration";
    delivery.state = i % 3 == 0 ? store::DeliveryState::kDelivered : store::DeliveryState::kAvailable;
    if (delivery.network == "ede") ids.push_back(delivery.delivery_id);
    unit.deliveries.push_back(delivery);
  }
  ASSERT_TRUE(world.store->Commit(std::move(unit), &world.executor, [](auto result) { ASSERT_TRUE(result.ok()); }).ok());
  world.Drive();
  NextDay(Out("gemeente-ede", "municipality", "gemeente-veld"));
  HandOverNow();
  std::vector<std::string> moved;
  const std::vector<store::Delivery> veld = *world.store->Mailbox({"gemeente-veld", false, "", "", "", 1000});
  for (const store::Delivery& each : veld) moved.push_back(each.delivery_id);
  EXPECT_EQ(moved, ids);
  EXPECT_THAT(*world.store->Mailbox({"gemeente-ede", false, "", "", "", 1000}), SizeIs(25));
  EXPECT_EQ(world.CountEvents(v1::AUDIT_HANDED_OVER), ids.size());
}

// The successor is reached by mail.
class AgreementsByMail : public Agreements {
 protected:
  AgreementsByMail() : Agreements("wmo@veld.example") {}
};

TEST_F(AgreementsByMail, WhatLayInAMailboxIsMailedToTheSuccessorR11) {
  ASSERT_EQ(Say({}).state, kReceived);
  NextDay(Out("gemeente-ede", "municipality", "gemeente-veld"));
  HandOverNow();
  world.PassUs(2'000'000);
  ASSERT_THAT(world.outbound.attempts, SizeIs(1));
  EXPECT_EQ(world.outbound.attempts[0].recipient, "gemeente-veld");
}

TEST_F(AgreementsByMail, WhatWasDueByMailIsPutIntoTheMailboxOfTheSuccessorR11) {
  ASSERT_EQ(Say({.to = kVeld}).state, kReceived);
  ASSERT_THAT(world.outbound.attempts, SizeIs(1));
  world.MailEnds({DeliveryOutcome::Kind::kTransient, "smtp-451"});
  NextDay(Out("gemeente-veld", "municipality", "gemeente-ede"));
  world.PassUs(10'000'000);
  EXPECT_THAT(world.outbound.attempts, SizeIs(1)) << "the old desk gets nothing more";
  const std::vector<v1::Exchange> waiting = Waiting("gemeente-ede");
  ASSERT_THAT(waiting, SizeIs(1));
  EXPECT_EQ(waiting[0].client().bsn(), "999900006");
}

TEST_F(AgreementsByMail, ANetworkThatIsInactiveForAWhileLosesNothingR11) {
  ASSERT_EQ(Say({.to = kVeld}).state, kReceived);
  ASSERT_THAT(world.outbound.attempts, SizeIs(1));
  world.MailEnds({DeliveryOutcome::Kind::kTransient, "smtp-451"});
  const std::shared_ptr<const identity::Enrolment> whole = world.enrolment;
  config::v1::Enrolment without_ede = Parties("wmo@veld.example");
  without_ede.mutable_participant()->DeleteSubrange(2, 1);
  world.enrolment = *identity::Enrolment::Create(without_ede);
  world.PassUs(30'000'000);
  EXPECT_THAT(world.outbound.attempts, SizeIs(1)) << "nothing is sent while a party is missing";
  EXPECT_THAT(Rules(Say({.key = "new", .to = kVeld})), ElementsAre("NETWORK-INACTIVE"));
  world.enrolment = whole;
  world.PassUs(10'000'000);
  ASSERT_THAT(world.outbound.attempts, SizeIs(2));
  world.MailEnds({DeliveryOutcome::Kind::kAccepted, ""});
  EXPECT_THAT(Waiting("opella"), IsEmpty()) << "nothing came to nothing";
}

}  // namespace
}  // namespace schotvrij::exchange
