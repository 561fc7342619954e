// R54: a test round trip, with no person in it.
#include "gateway/exchange/trial.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/gateway/exchange/world.h"

namespace schotvrij::exchange::trials {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using Stage = TrialState::Stage;

constexpr const char* kCity = "gemeente-ede";
constexpr const char* kAddress = "wmo@ede.example";

class Trials : public testing::Test {
 protected:
  explicit Trials(MunicipalityBy route = MunicipalityBy::kMailbox) : world(route) {}

  const config::v1::Participant& City() const { return *world.enrolment->Find(kCity); }
  TrialState State() { return *ReadTrial(*world.store, City()); }
  std::string Begin() {
    absl::Status begun = absl::UnknownError("");
    BeginTrial(world.parts(), City(), [&](absl::Status how) { begun = std::move(how); });
    world.Drive();
    EXPECT_TRUE(begun.ok()) << begun;
    return State().delivery_id;
  }
  Road::Returned ComesBack(const std::string& message_id) {
    std::optional<Road::Returned> given;
    world.road->MailReturned({message_id, kAddress, "trace"}, [&](Road::Returned how) { given = how; });
    world.Drive();
    return *given;
  }

  World world;
};

class TrialsByMail : public Trials {
 protected:
  TrialsByMail() : Trials(MunicipalityBy::kMail) {}
};

TEST_F(Trials, R54_InAMailboxItIsBackOnceItWasAcknowledged) {
  EXPECT_EQ(State().stage, Stage::kNone);
  const std::string id = Begin();
  EXPECT_EQ(State().stage, Stage::kUnderWay);
  const Road::MailboxPage page = world.Read(kCity);
  ASSERT_THAT(page.items, SizeIs(1));
  const v1::Exchange& exchange = std::get<policy::Disclosure>(page.items[0].content).exchange();
  EXPECT_TRUE(exchange.has_trial());
  EXPECT_FALSE(exchange.has_client());
  EXPECT_EQ(world.Acknowledge("opella", {id}), 0u) << "it is another's";
  EXPECT_EQ(State().stage, Stage::kUnderWay);
  EXPECT_EQ(world.Acknowledge(kCity, {id}), 1u);
  EXPECT_EQ(State().stage, Stage::kComplete);
  config::v1::Participant moved = City();
  moved.mutable_route()->mutable_mail()->set_address(kAddress);
  EXPECT_EQ(ReadTrial(*world.store, moved)->stage, Stage::kNone) << "by another route it is to be shown anew";
}

TEST_F(Trials, R54_AnAnswerIsOneAndMayBeRepeated) {
  const std::string id = Begin();
  EXPECT_EQ(world.Answer("opella", id, "accepted").state, policy::Answer::State::kRefused);
  EXPECT_EQ(State().stage, Stage::kUnderWay);
  for (int i = 0; i < 2; ++i) EXPECT_EQ(world.Answer(kCity, id, "accepted").state, policy::Answer::State::kReceived);
  EXPECT_EQ(State().stage, Stage::kComplete);
  EXPECT_THAT(world.Read("opella").items, IsEmpty()) << "nobody sent it, so nobody is told";
}

TEST_F(Trials, R54_BesideWhatIsRealEachIsReadAsWhatItIs) {
  Begin();
  ASSERT_EQ(world.Register(world.Example()).state, policy::Answer::State::kReceived);
  Begin();
  std::vector<bool> trial;
  for (const MailboxItem& item : world.Read(kCity).items) {
    trial.push_back(std::get<policy::Disclosure>(item.content).exchange().has_trial());
  }
  EXPECT_THAT(trial, testing::ElementsAre(true, false, true));
}

TEST_F(Trials, R54_WhoHasNoRouteCannotBeReached) {
  config::v1::Participant nowhere = City();
  nowhere.clear_route();
  absl::Status begun;
  BeginTrial(world.parts(), nowhere, [&](absl::Status how) { begun = std::move(how); });
  EXPECT_TRUE(absl::IsFailedPrecondition(begun)) << begun;
}

TEST_F(TrialsByMail, R54_ByMailItIsBackOnceItWasAnsweredAndNotWhenTheServerTookIt) {
  const std::string id = Begin();
  ASSERT_THAT(world.outbound.attempts, SizeIs(1));
  const std::string letter = world.outbound.attempts[0].encoded.bytes();
  EXPECT_THAT(letter, HasSubstr(id));
  EXPECT_THAT(letter, Not(HasSubstr("BSN")));
  world.MailEnds({DeliveryOutcome::Kind::kTransient, "smtp-451"});
  world.PassUs(2'000'000);
  ASSERT_THAT(world.outbound.attempts, SizeIs(2)) << "it is tried again";
  EXPECT_EQ(world.outbound.attempts[1].frozen.mail_message_id(), id + "@gateway.example");
  EXPECT_EQ(world.outbound.attempts[1].frozen.sent_at_us(), world.outbound.attempts[0].frozen.sent_at_us());
  world.MailEnds({DeliveryOutcome::Kind::kAccepted, ""});
  EXPECT_EQ(State().stage, Stage::kUnderWay);
  EXPECT_EQ(world.Answer(kCity, id, "accepted").state, policy::Answer::State::kReceived);
  EXPECT_EQ(State().stage, Stage::kComplete);
}

TEST_F(TrialsByMail, R54_WhatIsRefusedOrComesBackHasFailedAndAnotherMayFollow) {
  Begin();
  world.MailEnds({DeliveryOutcome::Kind::kPermanent, "smtp-550"});
  EXPECT_EQ(State().stage, Stage::kFailed);
  world.PassUs(2000);
  const std::string id = Begin();
  EXPECT_EQ(State().stage, Stage::kUnderWay);
  EXPECT_EQ(ComesBack(id + "@gateway.example"), Road::Returned::kLater) << "it is not noted as sent";
  world.MailEnds({DeliveryOutcome::Kind::kAccepted, ""});
  EXPECT_EQ(ComesBack(id + "@elsewhere.example"), Road::Returned::kUnknown);
  EXPECT_EQ(State().stage, Stage::kUnderWay);
  EXPECT_EQ(ComesBack(id + "@gateway.example"), Road::Returned::kEnded);
  EXPECT_EQ(State().stage, Stage::kFailed);
}

}  // namespace
}  // namespace schotvrij::exchange::trials
