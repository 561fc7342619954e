// Which step may follow which, and what the recipient's word makes of it.
#include "gateway/casefile/life_cycle.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace schotvrij::casefile {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class LifeCycle : public ::testing::Test {
 protected:
  static v1::Exchange Step(v1::RegistrationStep step, const std::string& about = "") {
    v1::Exchange exchange;
    exchange.mutable_envelope()->set_network("ede");
    exchange.mutable_envelope()->set_sender("aanbieder");
    exchange.mutable_envelope()->set_recipient("gemeente");
    exchange.mutable_envelope()->set_request_key("sleutel");
    exchange.mutable_envelope()->set_judged_on("2026-03-01");
    exchange.mutable_registration()->set_step(step);
    exchange.mutable_registration()->set_about(about);
    if (step == v1::END) exchange.mutable_registration()->set_end_date("2026-04-01");
    return exchange;
  }
  std::vector<std::string> Wrong(const v1::Exchange& exchange) const {
    std::vector<std::string> rules;
    for (const Issue& issue : Check(exchange, facts_)) rules.push_back(issue.rule);
    return rules;
  }
  // Takes the step under the delivery's id `delivery`.
  void Take(v1::RegistrationStep step, const std::string& delivery) {
    ASSERT_THAT(Wrong(Step(step)), IsEmpty()) << v1::RegistrationStep_Name(step);
    facts_ = Apply(facts_, Step(step), {"exchange-" + delivery, delivery, "2024"});
  }
  std::vector<std::string> Answer(const std::string& delivery, v1::ReceiptState state) {
    v1::Exchange answer;
    answer.mutable_envelope()->set_sender("gemeente");
    answer.mutable_receipt()->set_about(delivery);
    answer.mutable_receipt()->set_state(state);
    if (state == v1::REJECTED) answer.mutable_receipt()->set_reason("other");
    std::vector<std::string> wrong = Wrong(answer);
    if (!wrong.empty()) return wrong;
    answer.mutable_receipt()->set_about(FindByDelivery(facts_, delivery)->exchange_id);
    facts_ = Apply(facts_, answer, {"answer", "", ""});
    return {};
  }
  v1::RegistrationState State(int index = 0) const { return facts_.registrations(index).state(); }

  v1::Facts facts_;
};

TEST_F(LifeCycle, EachStepFollowsWhatItMay) {
  for (const v1::RegistrationStep step : {v1::AMEND, v1::WITHDRAW, v1::END, v1::REOPEN}) {
    EXPECT_THAT(Wrong(Step(step)), ElementsAre("NOT-REGISTERED"));
  }
  Take(v1::REGISTER, "1");
  EXPECT_THAT(Wrong(Step(v1::REOPEN)), ElementsAre("NOT-REGISTERED"));
  Take(v1::AMEND, "2");
  Take(v1::END, "3");
  EXPECT_EQ(State(), v1::REGISTRATION_ENDED);
  EXPECT_EQ(facts_.registrations(0).end_date(), "2026-04-01");
  for (const v1::RegistrationStep step : {v1::AMEND, v1::END}) EXPECT_THAT(Wrong(Step(step)), ElementsAre("NOT-REGISTERED"));
  Take(v1::REOPEN, "4");
  EXPECT_EQ(State(), v1::REGISTERED);
  EXPECT_EQ(facts_.registrations(0).end_date(), "");
  Take(v1::END, "5");
  Take(v1::WITHDRAW, "6");
  EXPECT_EQ(State(), v1::REGISTRATION_WITHDRAWN);
  for (const v1::RegistrationStep step : {v1::AMEND, v1::WITHDRAW, v1::END, v1::REOPEN}) {
    EXPECT_THAT(Wrong(Step(step)), ElementsAre("NOT-REGISTERED"));
  }
  Take(v1::REGISTER, "7");
  EXPECT_EQ(facts_.registrations_size(), 2);
}

TEST_F(LifeCycle, AStepNamesItsRegistrationByKeyOrIdOrNotAtAll) {
  Take(v1::REGISTER, "1");
  for (const char* about : {"", "sleutel", "exchange-1"}) EXPECT_THAT(Wrong(Step(v1::END, about)), IsEmpty()) << about;
  EXPECT_THAT(Wrong(Step(v1::END, "1")), ElementsAre("ABOUT-UNKNOWN")) << "the recipient's id is not its sender's";
  EXPECT_THAT(Wrong(Step(v1::REGISTER, "sleutel")), ElementsAre("ABOUT-UNKNOWN", "ALREADY-REGISTERED"));
}

TEST_F(LifeCycle, NobodyMovesAnothersRegistration) {
  Take(v1::REGISTER, "1");
  for (const auto set : {&v1::Envelope::set_sender<const char*>, &v1::Envelope::set_recipient<const char*>,
                         &v1::Envelope::set_network<const char*>}) {
    v1::Exchange step = Step(v1::WITHDRAW);
    (step.mutable_envelope()->*set)("andere");
    EXPECT_THAT(Wrong(step), ElementsAre("NOT-REGISTERED"));
  }
}

TEST_F(LifeCycle, AnEndingIsNotBeforeTheBeginning) {
  Take(v1::REGISTER, "1");
  v1::Exchange end = Step(v1::END);
  end.mutable_registration()->set_end_date("2026-02-28");
  EXPECT_THAT(Wrong(end), ElementsAre("END-DATE"));
  end.mutable_registration()->set_end_date("2026-03-01");
  EXPECT_THAT(Wrong(end), IsEmpty());
}

TEST_F(LifeCycle, OnlyAnEndingHasAnEnd) {
  for (const v1::RegistrationStep step : {v1::REGISTER, v1::AMEND, v1::WITHDRAW, v1::REOPEN}) {
    v1::Exchange exchange = Step(step);
    exchange.mutable_registration()->set_end_date("2026-04-01");
    exchange.mutable_registration()->set_end_reason(v1::END_DIED);
    EXPECT_THAT(Wrong(exchange), testing::IsSupersetOf({"END-ONLY", "END-ONLY"})) << v1::RegistrationStep_Name(step);
  }
}

TEST_F(LifeCycle, WhoShouldNeverHaveHadItRejectsAllOfIt_R6) {
  Take(v1::REGISTER, "1");
  Take(v1::AMEND, "2");
  v1::Receipt answer;
  answer.set_state(v1::REJECTED);
  answer.set_reason("not-resident");
  EXPECT_TRUE(Erases(answer));
  EXPECT_THAT(DeliveriesOf(facts_, "2"), ElementsAre("1", "2"));
  v1::Exchange receipt;
  *receipt.mutable_receipt() = answer;
  receipt.mutable_receipt()->set_about("exchange-2");
  facts_ = Apply(facts_, receipt, {"answer", "", ""});
  EXPECT_EQ(State(), v1::REGISTRATION_REJECTED);
  EXPECT_TRUE(IsGone(facts_, "1"));
  EXPECT_TRUE(IsGone(facts_, "2"));
  EXPECT_THAT(Wrong(Step(v1::REOPEN)), ElementsAre("NOT-REGISTERED"));
  answer.set_reason("other");
  EXPECT_FALSE(Erases(answer));
}

TEST_F(LifeCycle, OfAnErrorOnlyItsWithdrawalIsShown_R6) {
  Take(v1::REGISTER, "1");
  Take(v1::AMEND, "2");
  Take(v1::END, "3");
  for (const char* delivery : {"1", "2", "3", "unknown"}) EXPECT_FALSE(IsGone(facts_, delivery));
  Take(v1::WITHDRAW, "4");
  for (const char* delivery : {"1", "2", "3"}) EXPECT_TRUE(IsGone(facts_, delivery));
  EXPECT_FALSE(IsGone(facts_, "4"));
  Take(v1::REGISTER, "5");
  EXPECT_FALSE(IsGone(facts_, "5"));
  EXPECT_TRUE(IsGone(facts_, "1"));
}

TEST_F(LifeCycle, AReopeningThatIsRejectedEndsItAgainAlsoWithAnAmendmentBehindIt) {
  for (const v1::ReceiptState state : {v1::REJECTED, v1::UNDELIVERABLE}) {
    facts_ = {};
    Take(v1::REGISTER, "1");
    Take(v1::END, "2");
    Take(v1::REOPEN, "3");
    Take(v1::AMEND, "4");
    v1::Exchange receipt;
    receipt.mutable_receipt()->set_about("exchange-3");
    receipt.mutable_receipt()->set_state(state);
    facts_ = Apply(facts_, receipt, {"answer", "", ""});
    EXPECT_EQ(State(), v1::REGISTRATION_ENDED);
    EXPECT_THAT(Wrong(Step(v1::END)), ElementsAre("NOT-REGISTERED"));
    EXPECT_THAT(Wrong(Step(v1::REOPEN)), IsEmpty());
  }
}

TEST_F(LifeCycle, WhoShouldNeverHaveHadItDoesNotTakeItBackByAcceptingAReopening_R6) {
  Take(v1::REGISTER, "1");
  Take(v1::END, "2");
  Take(v1::REOPEN, "3");
  v1::Exchange receipt;
  receipt.mutable_receipt()->set_about("exchange-1");
  receipt.mutable_receipt()->set_state(v1::REJECTED);
  receipt.mutable_receipt()->set_reason("not-resident");
  facts_ = Apply(facts_, receipt, {"answer", "", ""});
  receipt.mutable_receipt()->set_about("exchange-3");
  receipt.mutable_receipt()->set_state(v1::ACCEPTED);
  receipt.mutable_receipt()->clear_reason();
  facts_ = Apply(facts_, receipt, {"answer", "", ""});
  EXPECT_EQ(State(), v1::REGISTRATION_REJECTED);
}

TEST_F(LifeCycle, AReopeningThatIsRejectedOrLostEndsItAgain) {
  Take(v1::REGISTER, "1");
  Take(v1::END, "2");
  Take(v1::REOPEN, "3");
  EXPECT_THAT(Answer("3", v1::REJECTED), IsEmpty());
  EXPECT_EQ(State(), v1::REGISTRATION_ENDED);
  EXPECT_THAT(Answer("3", v1::ACCEPTED), ElementsAre("ANSWER-TWICE"));
  Take(v1::REOPEN, "4");
  Take(v1::END, "5");
  Take(v1::REOPEN, "6");
  EXPECT_THAT(Answer("4", v1::REJECTED), IsEmpty());
  EXPECT_EQ(State(), v1::REGISTERED) << "what came behind it decides";
  EXPECT_THAT(Answer("6", v1::ACCEPTED), IsEmpty());
  EXPECT_EQ(State(), v1::REGISTRATION_ACCEPTED);
}

TEST_F(LifeCycle, AWithdrawalOrEndingIsNotAsked) {
  Take(v1::REGISTER, "1");
  Take(v1::END, "2");
  EXPECT_THAT(Answer("2", v1::REJECTED), ElementsAre("ANSWER-STEP"));
  EXPECT_THAT(Answer("2", v1::ACCEPTED), IsEmpty());
  EXPECT_EQ(State(), v1::REGISTRATION_ENDED);
}

TEST_F(LifeCycle, TheRegistrationIsAnsweredOnceAlsoAfterItEnded) {
  Take(v1::REGISTER, "1");
  Take(v1::END, "2");
  EXPECT_THAT(Answer("1", v1::ACCEPTED), IsEmpty());
  EXPECT_EQ(State(), v1::REGISTRATION_ENDED);
  EXPECT_THAT(Answer("1", v1::REJECTED), ElementsAre("ANSWER-TWICE"));
}

TEST_F(LifeCycle, WhatWasReopenedStandsByTheAnswerToThat) {
  Take(v1::REGISTER, "1");
  Take(v1::END, "2");
  Take(v1::REOPEN, "3");
  EXPECT_THAT(Answer("1", v1::REJECTED), IsEmpty());
  EXPECT_EQ(State(), v1::REGISTERED);
  EXPECT_THAT(Answer("3", v1::ACCEPTED), IsEmpty());
  EXPECT_EQ(State(), v1::REGISTRATION_ACCEPTED);
}

}  // namespace
}  // namespace schotvrij::casefile
