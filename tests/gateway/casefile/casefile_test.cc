#include "gateway/casefile/casefile.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "schemas/base/limits.h"

namespace schotvrij::casefile {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

v1::Exchange Registration(const std::string& network, const std::string& sender) {
  v1::Exchange exchange;
  exchange.mutable_envelope()->set_network(network);
  exchange.mutable_envelope()->set_sender(sender);
  exchange.mutable_envelope()->set_recipient("gemeente");
  exchange.mutable_envelope()->set_judged_on("2026-03-01");
  exchange.mutable_registration()->set_step(v1::REGISTER);
  return exchange;
}

v1::Exchange AnswerFrom(const std::string& sender, const std::string& about, v1::ReceiptState state,
                        const std::string& reason = "") {
  v1::Exchange exchange;
  exchange.mutable_envelope()->set_sender(sender);
  exchange.mutable_receipt()->set_about(about);
  exchange.mutable_receipt()->set_state(state);
  exchange.mutable_receipt()->set_reason(reason);
  return exchange;
}

v1::Facts Registered() { return Apply({}, Registration("ede", "aanbieder"), {"exchange-1", "delivery-1", "2024"}); }

std::vector<std::string> Rules(const std::vector<Issue>& issues) {
  std::vector<std::string> rules;
  for (const Issue& issue : issues) rules.push_back(issue.rule);
  return rules;
}

TEST(Casefile, OneOpenRegistrationPerNetworkAndSender) {
  const v1::Facts facts = Registered();
  EXPECT_THAT(Rules(Check(Registration("ede", "aanbieder"), facts)), testing::ElementsAre("ALREADY-REGISTERED"));
  EXPECT_THAT(Check(Registration("ede", "andere"), facts), IsEmpty());
  EXPECT_THAT(Check(Registration("dongen", "aanbieder"), facts), IsEmpty());
}

v1::Exchange Hold(const std::string& setter, v1::SafetyHoldState state) {
  v1::Exchange exchange;
  exchange.mutable_envelope()->set_sender(setter);
  exchange.mutable_safety_hold()->set_state(state);
  return exchange;
}

TEST(Casefile, R24_AHoldStandsUntilEachSetterLiftedItsOwn) {
  v1::Facts facts = Registered();
  EXPECT_FALSE(IsHeld(facts));
  EXPECT_THAT(Rules(Check(Hold("aanbieder", v1::HOLD_LIFTED), facts)), testing::ElementsAre("HOLD-UNKNOWN"));
  for (const char* setter : {"aanbieder", "gemeente"}) {
    EXPECT_THAT(Check(Hold(setter, v1::HOLD_SET), facts), IsEmpty());
    facts = Apply(facts, Hold(setter, v1::HOLD_SET), {"exchange-2", "", ""});
    EXPECT_THAT(Rules(Check(Hold(setter, v1::HOLD_SET), facts)), testing::ElementsAre("HOLD-STANDS"));
  }
  facts = Apply(facts, Hold("aanbieder", v1::HOLD_LIFTED), {"exchange-3", "", ""});
  EXPECT_TRUE(IsHeld(facts));
  facts = Apply(facts, Hold("gemeente", v1::HOLD_LIFTED), {"exchange-4", "", ""});
  EXPECT_FALSE(IsHeld(facts));
}

TEST(Casefile, R24_OneWhoseFactsAreFullStillSetsAHold) {
  v1::Facts facts;
  while (facts.consents_size() < static_cast<int>(limits::kFactsItemsMax)) facts.add_consents()->set_received_from("aanbieder");
  EXPECT_THAT(Check(Hold("aanbieder", v1::HOLD_SET), facts), IsEmpty());
}

TEST(Casefile, WhatOneSenderAddsToTheFactsOfAClientIsBounded) {
  v1::Facts facts;
  facts.add_registrations()->set_sender("aanbieder");
  facts.mutable_registrations(0)->set_state(v1::REGISTRATION_REJECTED);
  while (facts.consents_size() < limits::kFactsItemsMax - 2) facts.add_consents()->set_received_from("aanbieder");
  EXPECT_THAT(Check(Registration("ede", "aanbieder"), facts), IsEmpty());
  facts.add_consents()->set_received_from("aanbieder");
  EXPECT_THAT(Rules(Check(Registration("ede", "aanbieder"), facts)), testing::ElementsAre("LIST-SIZE"));
}

TEST(Casefile, WhatOthersAddedIsNoSendersToSee) {
  v1::Facts facts;
  while (facts.consents_size() < limits::kFactsItemsMax) facts.add_consents()->set_received_from("andere");
  EXPECT_THAT(Check(Registration("ede", "aanbieder"), facts), IsEmpty());
  EXPECT_THAT(Rules(Check(Registration("ede", "andere"), facts)), testing::ElementsAre("LIST-SIZE"));
}

TEST(Casefile, StartDateIsTheDayOfReceiptWhereTheSenderNamesNone) {
  EXPECT_EQ(Registered().registrations(0).start_date(), "2026-03-01");
  v1::Exchange named = Registration("ede", "aanbieder");
  named.mutable_registration()->set_start_date("2026-02-01");
  EXPECT_EQ(Apply({}, named, {}).registrations(0).start_date(), "2026-02-01");
}

TEST(Casefile, OnlyTheRecipientOfTheDeliveryAnswersIt) {
  const v1::Facts facts = Registered();
  EXPECT_THAT(Rules(Check(AnswerFrom("ander", "delivery-1", v1::ACCEPTED), facts)),
              testing::ElementsAre("ANSWER-UNKNOWN"));
  EXPECT_THAT(Rules(Check(AnswerFrom("gemeente", "delivery-2", v1::ACCEPTED), facts)),
              testing::ElementsAre("ANSWER-UNKNOWN"));
  EXPECT_THAT(Check(AnswerFrom("gemeente", "delivery-1", v1::ACCEPTED), facts), IsEmpty());
}

TEST(Casefile, AnswerIsAcceptedOrRejectedWithAReasonThatRecipientsMayGive) {
  const v1::Facts facts = Registered();
  EXPECT_THAT(Rules(Check(AnswerFrom("gemeente", "delivery-1", v1::WITHHELD), facts)),
              testing::ElementsAre("ANSWER-STATE"));
  for (const char* reason : {"", "delivery-failed", "no-such-reason"}) {
    EXPECT_THAT(Rules(Check(AnswerFrom("gemeente", "delivery-1", v1::REJECTED, reason), facts)),
                testing::ElementsAre("ANSWER-REASON"))
        << reason;
  }
  EXPECT_THAT(Rules(Check(AnswerFrom("gemeente", "delivery-1", v1::ACCEPTED, "not-resident"), facts)),
              testing::ElementsAre("ANSWER-REASON"));
  EXPECT_THAT(Check(AnswerFrom("gemeente", "delivery-1", v1::REJECTED, "not-resident"), facts), IsEmpty());
}

TEST(Casefile, RejectionAndFailureCloseTheRegistration) {
  for (v1::ReceiptState state : {v1::REJECTED, v1::UNDELIVERABLE, v1::WITHHELD}) {
    const v1::Facts facts = Apply(Registered(), AnswerFrom("gemeente", "exchange-1", state, "other"), {});
    EXPECT_FALSE(IsOpen(facts.registrations(0).state()));
    EXPECT_THAT(Check(Registration("ede", "aanbieder"), facts), IsEmpty());
  }
  const v1::Facts accepted = Apply(Registered(), AnswerFrom("gemeente", "exchange-1", v1::ACCEPTED), {});
  EXPECT_TRUE(IsOpen(accepted.registrations(0).state()));
  EXPECT_THAT(Rules(Check(AnswerFrom("gemeente", "delivery-1", v1::REJECTED, "other"), accepted)),
              testing::ElementsAre("ANSWER-TWICE"));
}

v1::Exchange Declaration() {
  v1::Exchange exchange = Registration("wmo", "aanbieder");
  exchange.mutable_envelope()->set_request_key("sleutel");
  exchange.mutable_envelope()->set_sender_role("provider");
  exchange.mutable_declaration();
  return exchange;
}

v1::Facts Declared() { return Apply({}, Declaration(), {"exchange-1", "delivery-1", "2026", "municipality"}); }

TEST(Casefile, OfAMessageThatIsNoRegistrationTheFactsKeepWhereItWentAndNotWhatItSays) {
  const v1::Facts facts = Declared();
  ASSERT_EQ(facts.messages_size(), 1);
  EXPECT_EQ(facts.registrations_size(), 0);
  const auto carried = FindByDelivery(facts, "delivery-1");
  ASSERT_TRUE(carried.has_value());
  EXPECT_EQ(carried->exchange_id, "exchange-1");
  EXPECT_EQ(carried->request_key, "sleutel");
  EXPECT_EQ(carried->sender, "aanbieder");
  EXPECT_EQ(carried->recipient, "gemeente");
  EXPECT_EQ(carried->start_date, "2026-03-01");
  EXPECT_EQ(carried->sender_role, "provider");
  EXPECT_EQ(carried->recipient_role, "municipality");
  EXPECT_THAT(DeliveriesOf(facts, "delivery-1"), testing::ElementsAre("delivery-1"));
  EXPECT_THAT(Check(Declaration(), facts), IsEmpty()) << "there may be many";
}

TEST(Casefile, ItsRecipientAnswersAMessageOnce) {
  const v1::Facts facts = Declared();
  EXPECT_THAT(Rules(Check(AnswerFrom("ander", "delivery-1", v1::ACCEPTED), facts)), testing::ElementsAre("ANSWER-UNKNOWN"));
  EXPECT_THAT(Check(AnswerFrom("gemeente", "delivery-1", v1::ACCEPTED), facts), IsEmpty());
  const v1::Facts accepted = Apply(facts, AnswerFrom("gemeente", "exchange-1", v1::ACCEPTED), {});
  EXPECT_THAT(Rules(Check(AnswerFrom("gemeente", "delivery-1", v1::REJECTED, "other"), accepted)),
              testing::ElementsAre("ANSWER-TWICE"));
  for (v1::ReceiptState state : {v1::UNDELIVERABLE, v1::WITHHELD}) {
    const v1::Facts nothing = Apply(facts, AnswerFrom("gemeente", "exchange-1", state), {});
    EXPECT_THAT(Rules(Check(AnswerFrom("gemeente", "delivery-1", v1::ACCEPTED), nothing)), testing::ElementsAre("ANSWER-UNKNOWN"));
  }
}

TEST(Casefile, R6_AMessageThatItsRecipientShouldNeverHaveHadIsGone) {
  EXPECT_FALSE(IsGone(Declared(), "delivery-1"));
  EXPECT_FALSE(IsGone(Apply(Declared(), AnswerFrom("gemeente", "exchange-1", v1::REJECTED, "other"), {}), "delivery-1"));
  EXPECT_TRUE(IsGone(Apply(Declared(), AnswerFrom("gemeente", "exchange-1", v1::REJECTED, "not-resident"), {}), "delivery-1"));
}

TEST(Casefile, MessagesCountAmongWhatASenderAdds) {
  v1::Facts facts;
  while (facts.messages_size() < limits::kFactsItemsMax) facts.add_messages()->set_sender("aanbieder");
  EXPECT_THAT(Rules(Check(Declaration(), facts)), testing::ElementsAre("LIST-SIZE"));
  facts.mutable_messages(0)->set_sender("andere");
  EXPECT_THAT(Check(Declaration(), facts), IsEmpty());
}

TEST(Casefile, NewestWordOnAConsentReplacesTheOneWithItsIdFromTheSameParty) {
  v1::Exchange given;
  given.mutable_envelope()->set_sender("aanbieder");
  given.mutable_consent()->set_consent_id("c1");
  given.mutable_consent()->set_state(v1::CONSENT_ACTIVE);
  v1::Facts facts = Apply({}, given, {"e1", "", ""});
  v1::Exchange withdrawn = given;
  withdrawn.mutable_consent()->set_state(v1::CONSENT_WITHDRAWN);
  facts = Apply(facts, withdrawn, {"e2", "", ""});
  ASSERT_THAT(facts.consents(), SizeIs(1));
  EXPECT_EQ(facts.consents(0).consent().state(), v1::CONSENT_WITHDRAWN);
  given.mutable_envelope()->set_sender("andere");
  EXPECT_THAT(Apply(facts, given, {"e3", "", ""}).consents(), SizeIs(2));
}

TEST(Casefile, WhatWasWithdrawnStaysSoWhenTheOldConsentComesAlongWithARegistration) {
  v1::Exchange withdrawn;
  withdrawn.mutable_envelope()->set_sender("aanbieder");
  withdrawn.mutable_consent()->set_consent_id("c1");
  withdrawn.mutable_consent()->set_state(v1::CONSENT_WITHDRAWN);
  withdrawn.mutable_consent()->set_given_on("2026-02-20");
  const v1::Facts facts = Apply({}, withdrawn, {"e1", "", ""});

  v1::Exchange registration = Registration("ede", "aanbieder");
  v1::Consent& again = *registration.mutable_registration()->add_consents();
  again.set_consent_id("c1");
  again.set_state(v1::CONSENT_ACTIVE);
  again.set_decision(v1::PERMIT);
  again.set_given_on("2026-02-20");
  EXPECT_EQ(Apply(facts, registration, {"e2", "d", ""}).consents(0).consent().state(), v1::CONSENT_WITHDRAWN);
  again.set_given_on("2026-02-21");
  EXPECT_EQ(Apply(facts, registration, {"e2", "d", ""}).consents(0).consent().state(), v1::CONSENT_ACTIVE);
}

TEST(Casefile, WhatAPartOfABatchAddsIsWhatItWouldHaveAddedByItself) {
  v1::Exchange withdrawn;
  withdrawn.mutable_envelope()->set_sender("aanbieder");
  withdrawn.mutable_consent()->set_consent_id("c1");
  withdrawn.mutable_consent()->set_state(v1::CONSENT_WITHDRAWN);
  withdrawn.mutable_consent()->set_given_on("2026-02-20");
  const v1::Facts facts = Apply(Registered(), withdrawn, {"e1", "", ""});
  v1::Exchange registration = Registration("dongen", "aanbieder");
  for (const char* day : {"2026-02-20", "2026-02-21"}) {
    v1::Consent& consent = *registration.mutable_registration()->add_consents();
    consent.set_consent_id("c1");
    consent.set_state(v1::CONSENT_ACTIVE);
    consent.set_decision(v1::PERMIT);
    consent.set_given_on(day);
    const Outcome outcome{"e2", "d2", "2024"};
    EXPECT_EQ(Merge(facts, Apply({}, registration, outcome)).SerializeAsString(),
              Apply(facts, registration, outcome).SerializeAsString());
  }
}

}  // namespace
}  // namespace schotvrij::casefile
