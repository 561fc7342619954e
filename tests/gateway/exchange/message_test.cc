// Messages of the Wmo on the whole road: an allocation, a start or stop, a request, a declaration and the answers to them travel as a
// registration does, by the rules of their network.
#include <filesystem>
#include <fstream>
#include <iterator>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/gateway/exchange/world.h"

namespace schotvrij::exchange::messages {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr const char* kMunicipality = "gemeente-proef";
constexpr const char* kProvider = "aanbieder-proef";
constexpr const char* kOther = "aanbieder-anders";

std::string Source(const std::string& path) {
  std::ifstream file(std::filesystem::path(SOURCE_DIR) / path);
  EXPECT_TRUE(file.good()) << path;
  return {std::istreambuf_iterator<char>(file), {}};
}

config::v1::Enrolment Parties(const std::string& municipality_mail) {
  config::v1::Enrolment document;
  Enrol(kMunicipality, "cbs", "0228", municipality_mail, &document);
  Enrol(kProvider, "agb", "00000001", "", &document);
  Enrol(kOther, "agb", "00000002", "", &document);
  return document;
}

v1::Exchange MessageOf(const std::string& name) {
  v1::Exchange exchange;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(Source("tests/support/wmo/" + name + ".txtpb"), &exchange)) << name;
  return exchange;
}

struct Case {
  const char* name;
  const char* content;
  const char* sender;
  const char* recipient;
  bool awaited;  // a Receipt is owed
};
const Case kCases[] = {{"allocation", "allocation", kMunicipality, kProvider, true},
                       {"start", "delivery_event", kProvider, kMunicipality, true},
                       {"stop", "delivery_event", kProvider, kMunicipality, true},
                       {"request", "support_request", kProvider, kMunicipality, true},
                       {"change", "support_request", kProvider, kMunicipality, true},
                       {"request_answer", "request_answer", kMunicipality, kProvider, true},
                       {"declaration", "declaration", kProvider, kMunicipality, false},
                       {"declaration_answer", "declaration_answer", kMunicipality, kProvider, false}};

class Wmo : public testing::Test {
 protected:
  explicit Wmo(const std::string& municipality_mail = "")
      : world(Parties(municipality_mail), LoadRules({{"wmo.txtpb", Source("tests/support/wmo.txtpb")}})) {}

  policy::Answer Send(const std::string& sender, const v1::Exchange& exchange) {
    return world.Receive(sender, exchange.SerializeAsString(), Format::kCanonical);
  }
  std::string Accepted(const std::string& sender, const v1::Exchange& exchange) {
    const policy::Answer answer = Send(sender, exchange);
    EXPECT_EQ(answer.state, policy::Answer::State::kReceived) << Told(answer);
    return answer.message_id;
  }
  policy::Answer AnswerTo(const std::string& from, const std::string& delivery, v1::ReceiptState state, const std::string& reason = "",
                          const std::string& code = "") {
    v1::Exchange answer;
    answer.mutable_envelope()->set_request_key("antwoord-" + std::to_string(++keys_));
    answer.mutable_receipt()->set_about(delivery);
    answer.mutable_receipt()->set_state(state);
    answer.mutable_receipt()->set_reason(reason);
    if (!code.empty()) answer.mutable_receipt()->add_findings()->set_code(code);
    return Send(from, answer);
  }
  // What waits for `participant`, as it may see it.
  std::vector<v1::Exchange> Mailbox(const std::string& participant) {
    std::vector<v1::Exchange> shown;
    for (const MailboxItem& item : world.Read(participant).items) {
      const auto* disclosure = std::get_if<policy::Disclosure>(&item.content);
      shown.push_back(disclosure == nullptr ? v1::Exchange() : disclosure->exchange());
    }
    return shown;
  }
  std::string Newest(const std::string& participant) { return world.Read(participant).items.back().delivery_id; }

  World world;

 private:
  int keys_ = 0;
};

class WmoMessage : public Wmo, public testing::WithParamInterface<Case> {};

TEST_P(WmoMessage, TravelsFromSenderToRecipientAndItsReceiptBack) {
  const Case& each = GetParam();
  const v1::Exchange sent = MessageOf(each.name);
  const std::string message_id = Accepted(each.sender, sent);

  const std::vector<v1::Exchange> got = Mailbox(each.recipient);
  ASSERT_THAT(got, SizeIs(1));
  EXPECT_EQ(got[0].content_case(), sent.content_case());
  EXPECT_EQ(got[0].envelope().sender(), each.sender);
  EXPECT_THAT(Mailbox(each.sender), IsEmpty());
  EXPECT_THAT(Mailbox(kOther), IsEmpty());

  const std::string delivery = Newest(each.recipient);
  EXPECT_EQ(got[0].envelope().message_id(), delivery);
  EXPECT_EQ(world.Acknowledge(each.recipient, {delivery}), 1u);
  EXPECT_EQ(AnswerTo(each.recipient, delivery, v1::ACCEPTED).state, policy::Answer::State::kReceived);
  EXPECT_THAT(Rules(AnswerTo(each.recipient, delivery, v1::ACCEPTED)), ElementsAre("ANSWER-TWICE"));

  const std::vector<v1::Exchange> receipts = Mailbox(each.sender);
  ASSERT_THAT(receipts, SizeIs(1));
  EXPECT_EQ(receipts[0].receipt().about(), message_id);
  EXPECT_EQ(receipts[0].receipt().state(), v1::ACCEPTED);
  EXPECT_EQ(receipts[0].receipt().request_key(), sent.envelope().request_key());
  EXPECT_FALSE(receipts[0].has_client());
}

TEST_P(WmoMessage, ShowsNothingThatTheRecipientDoesNotNeed) {
  const Case& each = GetParam();
  Accepted(each.sender, MessageOf(each.name));
  const std::string shown = Mailbox(each.recipient).at(0).SerializeAsString();
  for (const char* withheld : {"Roodborst", "Bellen", "Proefstraat", "Proefkind", "Fries", "mantelzorg", "Voorkeur", "Valt vaak", "spoed",
                               "Huisarts", "reistijd"}) {
    EXPECT_THAT(shown, Not(HasSubstr(withheld)));
  }
}

TEST_P(WmoMessage, TheSameAgainHasOneEffectAndOtherContentUnderItsKeyNone) {
  const Case& each = GetParam();
  v1::Exchange message = MessageOf(each.name);
  const std::string id = Accepted(each.sender, message);
  EXPECT_EQ(Accepted(each.sender, message), id);
  message.mutable_client()->set_bsn("999900018");
  EXPECT_THAT(Rules(Send(each.sender, message)), ElementsAre("KEY-REUSED"));
  EXPECT_THAT(Mailbox(each.recipient), SizeIs(1));
}

TEST_P(WmoMessage, IsCountedOnTheDaySheetsOfBoth_R56) {
  const Case& each = GetParam();
  Accepted(each.sender, MessageOf(each.name));
  for (const char* party : {each.sender, each.recipient}) {
    const Road::DaySheetRead read = world.DaySheet(party);
    ASSERT_EQ(read.sheet.lines_size(), 1);
    EXPECT_EQ(read.sheet.lines(0).content_type(), each.content);
    EXPECT_EQ(read.sheet.lines(0).messages(), 1u);
  }
  world.Acknowledge(each.recipient, {Newest(each.recipient)});
  EXPECT_EQ(world.DaySheet(each.sender).sheet.lines(0).missing().empty(), !each.awaited);
}

TEST_P(WmoMessage, WaitsWhileASafetyHoldStands_R24) {
  const Case& each = GetParam();
  v1::Exchange hold;
  hold.mutable_envelope()->set_request_key("stop-1");
  hold.mutable_client()->set_bsn("999900006");
  hold.mutable_safety_hold()->set_state(v1::HOLD_SET);
  Accepted(each.sender, hold);
  Accepted(each.sender, MessageOf(each.name));
  EXPECT_THAT(Mailbox(each.recipient), IsEmpty());
  hold.mutable_envelope()->set_request_key("stop-2");
  hold.mutable_safety_hold()->set_state(v1::HOLD_LIFTED);
  Accepted(each.sender, hold);
  EXPECT_THAT(Mailbox(each.recipient), SizeIs(1));
}

TEST_P(WmoMessage, OfARoleThatNoRuleIsForIsRefusedWithAnEventAndNoEffect) {
  const Case& each = GetParam();
  const bool from_municipality = std::string(each.sender) == kMunicipality;
  v1::Exchange message = MessageOf(each.name);
  message.mutable_envelope()->mutable_recipient_identifier()->set_system(from_municipality ? "cbs" : "agb");
  message.mutable_envelope()->mutable_recipient_identifier()->set_value(from_municipality ? "0228" : "00000002");
  const size_t refused = world.CountEvents(v1::AUDIT_REFUSE);
  EXPECT_THAT(Rules(Send(each.recipient, message)), ElementsAre("SENDER-ROLE"));
  EXPECT_THAT(Rules(Send(each.sender, message)), ElementsAre("RECIPIENT-ROLE"));
  EXPECT_EQ(world.CountEvents(v1::AUDIT_REFUSE), refused + 2);
  for (const char* party : {kMunicipality, kProvider, kOther}) EXPECT_THAT(Mailbox(party), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(All, WmoMessage, testing::ValuesIn(kCases), [](const auto& info) { return std::string(info.param.name); });

TEST_F(Wmo, WhatIsWrongOfAClientComesBackWithTheCodesOfItsRecipient) {
  Accepted(kProvider, MessageOf("start"));
  EXPECT_EQ(AnswerTo(kMunicipality, Newest(kMunicipality), v1::REJECTED, "other", "9019").state, policy::Answer::State::kReceived);
  const v1::Exchange receipt = Mailbox(kProvider).at(0);
  EXPECT_EQ(receipt.receipt().state(), v1::REJECTED);
  ASSERT_EQ(receipt.receipt().findings_size(), 1);
  EXPECT_EQ(receipt.receipt().findings(0).code(), "9019");
}

TEST_F(Wmo, OnlyItsRecipientAnswers) {
  Accepted(kProvider, MessageOf("declaration"));
  const std::string delivery = Newest(kMunicipality);
  EXPECT_THAT(Rules(AnswerTo(kOther, delivery, v1::ACCEPTED)), ElementsAre("ANSWER-UNKNOWN"));
  EXPECT_THAT(Rules(AnswerTo(kProvider, delivery, v1::ACCEPTED)), ElementsAre("ANSWER-UNKNOWN"));
  EXPECT_THAT(Mailbox(kProvider), IsEmpty());
}

TEST_F(Wmo, WhatItsRecipientShouldNeverHaveHadIsGoneAndIsABreach_R6) {
  Accepted(kProvider, MessageOf("start"));
  const std::string delivery = Newest(kMunicipality);
  EXPECT_EQ(AnswerTo(kMunicipality, delivery, v1::REJECTED, "not-resident").state, policy::Answer::State::kReceived);
  EXPECT_EQ(world.CountEvents(v1::AUDIT_BREACH_OPENED), 1u);
  for (const MailboxItem& item : world.Read(kMunicipality, false, delivery).items) {
    EXPECT_TRUE(std::holds_alternative<policy::Withheld>(item.content));
  }
}

TEST_F(Wmo, OfOneClientAllComesInOrder) {
  for (const char* name : {"start", "declaration", "stop"}) Accepted(kProvider, MessageOf(name));
  const std::vector<v1::Exchange> got = Mailbox(kMunicipality);
  ASSERT_THAT(got, SizeIs(3));
  EXPECT_EQ(got[0].delivery_event().kind(), v1::DELIVERY_STARTED);
  EXPECT_TRUE(got[1].has_declaration());
  EXPECT_EQ(got[2].delivery_event().kind(), v1::DELIVERY_STOPPED);
}

// A 319 names no client: each has a file of its own, and nobody is taken for another.
TEST_F(Wmo, AnAnswerThatNamesNoClientTravelsAndIsNobodyElses) {
  v1::Exchange answer = MessageOf("request_answer");
  answer.clear_client();
  const std::string first = Accepted(kMunicipality, answer);
  answer.mutable_envelope()->set_request_key("T-000320");
  const std::string second = Accepted(kMunicipality, answer);
  const auto client = [&](const std::string& id) { return world.store->ExchangeById(id).value()->exchange.client_id; };
  EXPECT_NE(client(first), client(second));
  EXPECT_THAT(Mailbox(kProvider), SizeIs(2));
  const std::string delivery = Newest(kProvider);
  EXPECT_EQ(AnswerTo(kProvider, delivery, v1::ACCEPTED).state, policy::Answer::State::kReceived);
  EXPECT_EQ(Mailbox(kMunicipality).at(0).receipt().about(), second);
}

TEST_F(Wmo, AMessageOfAnotherNetworkIsRefused) {
  v1::Exchange message = MessageOf("start");
  message.mutable_envelope()->set_network("ede");
  EXPECT_THAT(Rules(Send(kProvider, message)), ElementsAre("NETWORK-UNKNOWN"));
}

TEST_F(Wmo, WhatAnEdgeCannotWriteIsNotThereForItAndKeepsNothingBehindItAway) {
  Accepted(kProvider, MessageOf("start"));
  Accepted(kProvider, MessageOf("declaration"));
  const auto read = [&](const std::string& id, const std::string& after) {
    Road::MailboxRequest request;
    request.caller = World::As(kMunicipality);
    request.contents = {"declaration"};
    request.delivery_id = id;
    request.after = after;
    request.most = 1;
    Road::MailboxPage page;
    world.road->ReadMailbox(std::move(request), [&](Road::MailboxPage given) { page = std::move(given); });
    world.Drive();
    return page;
  };
  const size_t seen = world.CountEvents(v1::AUDIT_READ);
  const Road::MailboxPage first = read("", "");
  EXPECT_THAT(first.items, IsEmpty());
  EXPECT_TRUE(first.more);
  EXPECT_THAT(read("", first.last).items, SizeIs(1));
  EXPECT_THAT(read(first.last, "").items, IsEmpty());
  EXPECT_EQ(world.CountEvents(v1::AUDIT_READ), seen + 1);
}

class WmoByMail : public Wmo {
 protected:
  WmoByMail() : Wmo("wmo@proef.example") {}
};

TEST_F(WmoByMail, WhatTheRecipientsFormatCannotCarryIsRefusedBeforeAnythingIsKept) {
  EXPECT_EQ(Send(kProvider, MessageOf("start")).state, policy::Answer::State::kRefused);
  EXPECT_THAT(world.outbound.attempts, IsEmpty());
  EXPECT_THAT(Mailbox(kProvider), IsEmpty());
}

}  // namespace
}  // namespace schotvrij::exchange::messages
