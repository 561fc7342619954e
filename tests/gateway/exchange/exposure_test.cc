// R6, R47: what was withdrawn as an error, and what its recipient should never have had, opens one breach record at once, in the Unit
// that takes it back; it says where the data went, and what is contained.
#include "gateway/exchange/exposure.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "schemas/base/strings.h"
#include "tests/gateway/exchange/world.h"

namespace schotvrij::exchange {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class Breaches : public testing::Test {
 protected:
  static constexpr auto kTaken = policy::Answer::State::kReceived;
  static constexpr const char* kEde = "gemeente-ede";
  static constexpr int64_t kMinuteUs = 60'000'000;

  explicit Breaches(MunicipalityBy route = MunicipalityBy::kMailbox) : world(route) {}

  policy::Answer Step(const std::string& code, const std::string& bsn = "999900006") {
    return world.Register(absl::StrReplaceAll(world.Example(), {{R"("code": "register")", R"("code": ")" + code + "\""},
                                                                {"ede-2026-000001", absl::StrCat("key-", ++keys_)},
                                                                {"999900006", bsn}}));
  }
  std::string Lies(size_t item = 0) { return world.Read(kEde).items.at(item).delivery_id; }

  std::vector<store::Breach> Records() { return *world.store->Breaches(/*open_only=*/false, 100); }
  store::Breach Only() {
    std::vector<store::Breach> records = Records();
    EXPECT_THAT(records, SizeIs(1));
    return records.empty() ? store::Breach() : records.front();
  }
  static v1::BreachRecord Said(const store::Breach& breach) {
    v1::BreachRecord record;
    EXPECT_TRUE(record.ParseFromString(breach.record.bytes));
    return record;
  }
  // "mailed open" for each place.
  static std::vector<std::string> Places(const store::Breach& breach) {
    std::vector<std::string> places;
    const v1::BreachRecord record = Said(breach);
    for (int i = 0; i < record.places_size(); ++i) {
      places.push_back(absl::StrCat(ToAbsl(BreachCode(v1::BreachExposure_Name(record.places(i).exposure()))),
                                    breach.places.at(static_cast<size_t>(i)).contained ? " contained" : " open"));
    }
    return places;
  }

  World world;

 private:
  int keys_ = 0;
};

class BreachesByMail : public Breaches {
 protected:
  BreachesByMail() : Breaches(MunicipalityBy::kMail) {}
  void Arrives() { world.MailEnds({DeliveryOutcome::Kind::kAccepted, ""}); }
};

TEST_F(Breaches, R6_AWithdrawalOpensOneAndContainsWhatWasNotTakenOver) {
  ASSERT_EQ(Step("register").state, kTaken);
  ASSERT_EQ(Step("amend").state, kTaken);
  const Instant sent = world.clock.now;
  Lies();  // both are read
  world.PassUs(kMinuteUs);
  ASSERT_EQ(Step("withdraw").state, kTaken);
  const store::Breach breach = Only();
  const v1::BreachRecord record = Said(breach);
  EXPECT_EQ(record.cause(), v1::BREACH_WRONG_PERSON);
  EXPECT_EQ(record.sender(), "opella");
  EXPECT_EQ(record.network(), "ede");
  EXPECT_EQ(record.persons(), 1u);
  EXPECT_EQ(record.discovered_us(), world.clock.now.us);
  EXPECT_EQ(record.places(0).recipient(), kEde);
  EXPECT_EQ(record.places(0).sent_us(), sent.us);
  EXPECT_EQ(record.places(0).exchange_id(), record.exchange_id());
  EXPECT_TRUE(world.store->ExchangeById(record.discovered_by())->has_value());
  EXPECT_THAT(Places(breach), ElementsAre("read contained", "read contained"));
  EXPECT_FALSE(breach.closed.has_value());
  EXPECT_EQ(world.CountEvents(v1::AUDIT_BREACH_OPENED), 1u);
}

TEST_F(Breaches, R47_ItNamesTheFieldsThatWereSentAndNoValue) {
  ASSERT_EQ(Step("register").state, kTaken);
  ASSERT_EQ(Step("withdraw").state, kTaken);
  const store::Breach breach = Only();
  const v1::BreachRecord record = Said(breach);
  const std::vector<std::string> paths(record.places(0).paths().begin(), record.places(0).paths().end());
  EXPECT_THAT(paths, Contains("client.bsn"));
  EXPECT_THAT(paths, Contains("client.name.own_name"));
  EXPECT_THAT(paths, Not(Contains("client.birth_date"))) << "is not shared";
  for (const char* value : {"999900006", "Testmeer", "Proefje"}) {
    EXPECT_THAT(breach.record.bytes, Not(HasSubstr(value)));
    EXPECT_THAT(world.log.str(), Not(HasSubstr(value)));
  }
  EXPECT_THAT(world.log.str(), HasSubstr(R"("event":"breach-opened")"));
  EXPECT_THAT(world.log.str(), HasSubstr(R"("cause":"wrong-person","network":"ede","sender":"opella")"));
}

TEST_F(Breaches, R47_WhatTheRecipientTookOverIsOpenUntilItTakesTheWithdrawalOver) {
  ASSERT_EQ(Step("register").state, kTaken);
  ASSERT_EQ(world.Acknowledge(kEde, {Lies()}), 1u);
  ASSERT_EQ(Step("amend").state, kTaken);
  ASSERT_EQ(Step("withdraw").state, kTaken);
  EXPECT_THAT(Places(Only()), ElementsAre("taken-over open", "unread contained"));
  world.PassUs(kMinuteUs);
  const std::string withdrawal = Lies(1);  // behind the amendment, which is found gone
  EXPECT_THAT(Places(Only()), Contains("taken-over open")) << "that it was read says nothing of its own system";
  ASSERT_EQ(world.Acknowledge(kEde, {withdrawal}), 1u);
  EXPECT_THAT(Places(Only()), ElementsAre("taken-over contained", "unread contained"));
  EXPECT_EQ(Only().places[0].contained, world.clock.now);
  const Instant then = world.clock.now;
  world.PassUs(kMinuteUs);
  ASSERT_EQ(world.Answer(kEde, withdrawal, "accepted").state, kTaken);
  EXPECT_EQ(Only().places[0].contained, then) << "it was contained before";
}

TEST_F(Breaches, R47_AnAnswerToTheWithdrawalContainsToo) {
  ASSERT_EQ(Step("register").state, kTaken);
  ASSERT_EQ(world.Acknowledge(kEde, {Lies()}), 1u);
  ASSERT_EQ(Step("withdraw").state, kTaken);
  ASSERT_EQ(world.Answer(kEde, Lies(), "accepted").state, kTaken);
  EXPECT_THAT(Places(Only()), ElementsAre("taken-over contained"));
}

TEST_F(Breaches, R6_NotOursOpensOneAndStaysOpenWhereTheRecipientTookItOver) {
  ASSERT_EQ(Step("register").state, kTaken);
  ASSERT_EQ(Step("amend").state, kTaken);
  const std::string amended = Lies(1);
  ASSERT_EQ(world.Acknowledge(kEde, {Lies()}), 1u);
  ASSERT_EQ(world.Answer(kEde, amended, "rejected", "not-resident").state, kTaken);
  const store::Breach breach = Only();
  EXPECT_EQ(Said(breach).cause(), v1::BREACH_WRONG_RECIPIENT);
  EXPECT_EQ(Said(breach).sender(), "opella");
  EXPECT_THAT(Places(breach), ElementsAre("taken-over open", "read contained"));
  EXPECT_EQ(world.CountEvents(v1::AUDIT_BREACH_OPENED), 1u);
  EXPECT_THAT(world.log.str(), HasSubstr("wrong-recipient"));
}

TEST_F(Breaches, R6_WhatWasFoundOutBeforeOpensNoSecond) {
  ASSERT_EQ(Step("register").state, kTaken);
  const std::string id = Lies();
  ASSERT_EQ(world.Acknowledge(kEde, {id}), 1u);
  ASSERT_EQ(Step("withdraw").state, kTaken);
  ASSERT_EQ(world.Answer(kEde, id, "rejected", "not-resident").state, kTaken);
  EXPECT_EQ(Said(Only()).cause(), v1::BREACH_WRONG_PERSON);
  EXPECT_EQ(world.CountEvents(v1::AUDIT_BREACH_OPENED), 1u);
}

TEST_F(Breaches, R6_TheSameWithdrawalAgainOpensNoSecond) {
  ASSERT_EQ(Step("register").state, kTaken);
  const std::string withdrawal = absl::StrReplaceAll(
      world.Example(), {{R"("code": "register")", R"("code": "withdraw")"}, {"ede-2026-000001", "weg"}});
  ASSERT_EQ(world.Register(withdrawal).state, kTaken);
  ASSERT_EQ(world.Register(withdrawal).state, kTaken);
  EXPECT_THAT(Records(), SizeIs(1));
  EXPECT_EQ(world.CountEvents(v1::AUDIT_BREACH_OPENED), 1u);
}

TEST_F(Breaches, R6_NoOtherStepAndNoOtherAnswerOpensOne) {
  ASSERT_EQ(Step("register").state, kTaken);
  ASSERT_EQ(Step("amend").state, kTaken);
  ASSERT_EQ(world.Answer(kEde, Lies(1), "accepted").state, kTaken);
  ASSERT_EQ(world.Answer(kEde, Lies(), "rejected", "already-known").state, kTaken);
  EXPECT_THAT(Rules(Step("withdraw")), ElementsAre("NOT-REGISTERED"));
  EXPECT_THAT(Records(), IsEmpty());
}

TEST_F(Breaches, R6_WhatWaitedForAHoldGotToNobody) {
  ASSERT_EQ(world.Receive("opella", World::Hold("active", "stop", "999900006")).state, kTaken);
  ASSERT_EQ(Step("register").state, kTaken);
  ASSERT_EQ(Step("withdraw").state, kTaken);
  EXPECT_THAT(Records(), IsEmpty());
}

TEST_F(BreachesByMail, R47_AMailIsOpenUntilTheWithdrawalIsMailed) {
  ASSERT_EQ(Step("register").state, kTaken);
  Arrives();
  ASSERT_EQ(Step("withdraw").state, kTaken);
  EXPECT_THAT(Places(Only()), ElementsAre("mailed open"));
  Arrives();
  EXPECT_THAT(Places(Only()), ElementsAre("mailed contained"));
}

TEST_F(BreachesByMail, R47_AWithdrawalThatComesBackContainsNothing) {
  ASSERT_EQ(Step("register").state, kTaken);
  Arrives();
  ASSERT_EQ(Step("withdraw").state, kTaken);
  Arrives();
  Road::ReturnedMail returned{world.outbound.attempts.back().frozen.mail_message_id(), "wmo@ede.example", "trace"};
  world.road->MailReturned(std::move(returned), [](Road::Returned) {});
  world.Drive();
  EXPECT_THAT(Places(Only()), ElementsAre("mailed open"));
}

TEST_F(BreachesByMail, R47_ATriedMailMayHaveArrived) {
  ASSERT_EQ(Step("register").state, kTaken);
  world.MailEnds({DeliveryOutcome::Kind::kTransient, "smtp-451"});
  ASSERT_EQ(Step("withdraw").state, kTaken);
  EXPECT_THAT(Places(Only()), ElementsAre("mailed open"));
}

TEST_F(BreachesByMail, R6_NotOursByMailIsContainedByNobody) {
  ASSERT_EQ(Step("register").state, kTaken);
  const std::string id = world.outbound.attempts.at(0).frozen.message_id();
  Arrives();
  ASSERT_EQ(world.Answer(kEde, id, "rejected", "not-resident").state, kTaken);
  EXPECT_THAT(Places(Only()), ElementsAre("mailed open"));
  world.PassUs(10 * kMinuteUs);
  EXPECT_THAT(Places(Only()), ElementsAre("mailed open"));
}

}  // namespace
}  // namespace schotvrij::exchange
