#include "gateway/exchange/mail_return.h"

#include <optional>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/gateway/exchange/world.h"

namespace schotvrij::exchange {
namespace {

using testing::IsEmpty;
using testing::SizeIs;
using Returned = Road::Returned;

constexpr const char* kCity = "wmo@ede.example";

class MailReturnTest : public testing::Test {
 protected:
  MailReturnTest() { EXPECT_EQ(world_.Register(world_.Example()).state, policy::Answer::State::kReceived); }

  const v1::FrozenDelivery& Sent() { return world_.outbound.attempts.at(0).frozen; }
  void IsDelivered() { world_.MailEnds({DeliveryOutcome::Kind::kAccepted, ""}); }

  // Begins; what comes of it is in the optional once the world was driven.
  std::shared_ptr<std::optional<Returned>> Begin(const std::string& message_id, const std::string& recipient = kCity) {
    auto given = std::make_shared<std::optional<Returned>>();
    world_.road->MailReturned({message_id, recipient, "trace"}, [given](Returned how) {
      EXPECT_FALSE(given->has_value()) << "said twice";
      *given = how;
    });
    return given;
  }
  Returned ComesBack(const std::string& message_id, const std::string& recipient = kCity) {
    auto given = Begin(message_id, recipient);
    world_.Drive();
    return given->value();
  }
  // States of the receipts that the provider has.
  std::vector<v1::ReceiptState> Told() {
    std::vector<v1::ReceiptState> states;
    for (const MailboxItem& item : world_.Read("opella", /*unacknowledged_only=*/false).items) {
      states.push_back(std::get<policy::Disclosure>(item.content).exchange().receipt().state());
    }
    return states;
  }

  World world_{MunicipalityBy::kMail};
};

TEST_F(MailReturnTest, EndsTheDeliveryOnceAndItsSenderHearsOfIt_R8) {
  IsDelivered();
  const std::string id = Sent().mail_message_id();
  EXPECT_EQ(ComesBack(id, "WMO@ede.example"), Returned::kEnded);
  EXPECT_THAT(Told(), testing::ElementsAre(v1::UNDELIVERABLE));
  EXPECT_EQ((*world_.store->DeliveryById(Sent().message_id()))->state, store::DeliveryState::kDeadLetter);
  EXPECT_EQ(ComesBack(id), Returned::kEnded) << "it had ended already";
  EXPECT_THAT(Told(), SizeIs(1));
  EXPECT_EQ(world_.CountEvents(v1::AUDIT_DELIVER), 2u) << "sent, and come back";
  EXPECT_THAT(Rules(world_.Answer("gemeente-ede", Sent().message_id(), "accepted")), testing::ElementsAre("ANSWER-UNKNOWN"));
  EXPECT_EQ(world_.Register(absl::StrReplaceAll(world_.Example(), {{"ede-2026-000001", "ede-2026-000002"}})).state,
            policy::Answer::State::kReceived);
}

TEST_F(MailReturnTest, WhatCannotBeTrueChangesNothing_R8) {
  IsDelivered();
  const std::string id = Sent().mail_message_id();
  EXPECT_EQ(ComesBack(id, "wmo@elders.example"), Returned::kUnknown);
  EXPECT_EQ(ComesBack(id, ""), Returned::kUnknown);
  EXPECT_EQ(ComesBack(Sent().message_id() + "@elders.example"), Returned::kUnknown);
  EXPECT_EQ(ComesBack(Sent().message_id()), Returned::kUnknown);
  EXPECT_EQ(ComesBack(std::string(32, '0') + "@gateway.example"), Returned::kUnknown);
  EXPECT_EQ(ComesBack(""), Returned::kUnknown);
  EXPECT_THAT(Told(), IsEmpty());
  EXPECT_EQ(world_.CountEvents(v1::AUDIT_DELIVER), 1u);
}

TEST_F(MailReturnTest, AReportThatOvertakesTheNoteThatItWasSentWaits_R8) {
  EXPECT_EQ(ComesBack(Sent().mail_message_id()), Returned::kLater);
  IsDelivered();
  EXPECT_EQ(ComesBack(Sent().mail_message_id()), Returned::kEnded);
  EXPECT_THAT(Told(), SizeIs(1));
}

TEST_F(MailReturnTest, AfterTheAnswerItChangesNothing_R8) {
  IsDelivered();
  world_.Answer("gemeente-ede", Sent().message_id(), "accepted");
  EXPECT_EQ(ComesBack(Sent().mail_message_id()), Returned::kEnded);
  EXPECT_THAT(Told(), testing::ElementsAre(v1::ACCEPTED));
}

TEST_F(MailReturnTest, AnAnswerThatIsBeingWrittenComesFirst_R8) {
  IsDelivered();
  std::optional<policy::Answer> answer;
  const std::string body = R"({"resourceType":"Task","id":")" + Sent().message_id() +
                           R"(","status":"accepted","intent":"order","code":{"coding":[)"
                           R"({"system":"urn:schotvrij:codesystem:task","code":"register"}]}})";
  world_.road->Receive({World::As("gemeente-ede"), Format::kFhirJson, "fhir-https", body, "trace", ""},
                       [&](policy::Answer given) { answer = std::move(given); });
  auto returned = Begin(Sent().mail_message_id());  // both go by what was before
  world_.Drive();
  EXPECT_EQ(answer.value().state, policy::Answer::State::kReceived);
  EXPECT_EQ(returned->value(), Returned::kEnded);
  EXPECT_THAT(Told(), testing::ElementsAre(v1::ACCEPTED));
}

TEST_F(MailReturnTest, TheSameReportTwiceAtOnceIsOne_R8) {
  IsDelivered();
  auto first = Begin(Sent().mail_message_id()), second = Begin(Sent().mail_message_id());
  world_.Drive();
  EXPECT_EQ(first->value(), Returned::kEnded);
  EXPECT_EQ(second->value(), Returned::kEnded);
  EXPECT_THAT(Told(), testing::ElementsAre(v1::UNDELIVERABLE));
}

}  // namespace
}  // namespace schotvrij::exchange
