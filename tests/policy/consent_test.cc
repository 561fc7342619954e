#include "policy/consent.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/policy/ede.h"

namespace schotvrij::policy {
namespace {

using schotvrij::v1::Consent;
using schotvrij::v1::Exchange;
using schotvrij::v1::Facts;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using namespace test;

constexpr const char* kPermit =
    "scope: PRIVACY state: CONSENT_ACTIVE decision: PERMIT given_on: \"2026-02-20\" given_by: "
    "CLIENT_SELF purposes: REGISTRATION ";

struct Known {
  std::string consent;  // text format, added to or overriding kPermit
  std::string from = "opella";
};

Consent ConsentOf(const std::string& changes) {
  Consent consent = Parse<Consent>(kPermit);
  const Consent change = Parse<Consent>(changes);
  if (change.purposes_size() > 0) consent.clear_purposes();
  consent.MergeFrom(change);
  return consent;
}

Facts FactsOf(const std::vector<Known>& known) {
  Facts facts;
  for (const Known& each : known) {
    auto& fact = *facts.add_consents();
    *fact.mutable_consent() = ConsentOf(each.consent);
    fact.set_received_from(each.from);
  }
  return facts;
}

// "granted ID", or the reason.
std::string Ask(const Exchange& exchange, const Facts& facts) {
  const ConsentFinding finding = FindConsent(
      {exchange, facts, schotvrij::v1::REGISTRATION, "gemeente-ede", Day("2026-03-02")});
  return finding.granted ? "granted " + finding.consent_id : finding.rule;
}

std::string AskFacts(const std::vector<Known>& known) {
  Exchange exchange = EdeRegistration();
  exchange.mutable_registration()->clear_consents();
  return Ask(exchange, FactsOf(known));
}

std::string AskMessage(const std::string& changes) {
  Exchange exchange = EdeRegistration();
  *exchange.mutable_registration()->mutable_consents(0) = ConsentOf(changes);
  return Ask(exchange, {});
}

TEST(Consent, WithoutAnyTheAnswerIsNo) { EXPECT_EQ(AskFacts({}), "CONSENT-MISSING"); }

TEST(Consent, EachReasonIsNamedPrecisely) {
  EXPECT_EQ(AskMessage("consent_id: \"a\""), "granted a");
  EXPECT_EQ(AskMessage("state: CONSENT_WITHDRAWN"), "CONSENT-WITHDRAWN");
  EXPECT_EQ(AskMessage("decision: DENY"), "CONSENT-DENIED");
  EXPECT_EQ(AskMessage("valid_until: \"2026-03-01\""), "CONSENT-EXPIRED");
  EXPECT_EQ(AskMessage("valid_from: \"2026-03-03\""), "CONSENT-EXPIRED");
  EXPECT_EQ(AskMessage("given_on: \"2026-03-03\""), "CONSENT-EXPIRED");
  EXPECT_EQ(AskMessage("purposes: CARE"), "CONSENT-PURPOSE");
  EXPECT_EQ(AskMessage("recipients: \"menzis\""), "CONSENT-PURPOSE");
  EXPECT_EQ(AskMessage("network: \"dongen\""), "CONSENT-PURPOSE");
  EXPECT_EQ(AskMessage("scope: RESEARCH"), "CONSENT-PURPOSE");
  EXPECT_EQ(AskMessage("scope: TREATMENT"), "CONSENT-DIRECTIVE");
  EXPECT_EQ(AskMessage("scope: ADVANCE_DIRECTIVE"), "CONSENT-DIRECTIVE");
  EXPECT_EQ(AskMessage("state: CONSENT_DRAFT"), "CONSENT-MISSING");
}

TEST(Consent, OneThatDoesNotSayByWhomOrWhenDoesNotCount) {
  Exchange exchange = EdeRegistration();
  exchange.mutable_registration()->mutable_consents(0)->clear_given_by();
  EXPECT_EQ(Ask(exchange, {}), "CONSENT-FORM");
  exchange = EdeRegistration();
  exchange.mutable_registration()->mutable_consents(0)->set_given_on("2026-02");
  EXPECT_EQ(Ask(exchange, {}), "CONSENT-FORM");
}

// A permit of the representative who is `kind`, from the one day until the other; empty: not said.
std::string By(const std::string& kind, const std::string& from = "", const std::string& until = "") {
  std::string text = "consent_id: \"a\" given_by: REPRESENTATIVE representation {";
  if (!kind.empty()) text += " kind: " + kind;
  if (!from.empty()) text += " valid_from: \"" + from + "\"";
  if (!until.empty()) text += " valid_until: \"" + until + "\"";
  return text + " }";
}

TEST(Representation_R45, OneThatDoesNotSayInWhatCapacityDoesNotCount) {
  EXPECT_EQ(AskMessage("given_by: REPRESENTATIVE"), "CONSENT-REPRESENTATIVE");
  EXPECT_EQ(AskMessage(By("", "2026-01-01", "2026-12-31")), "CONSENT-REPRESENTATIVE");
  EXPECT_EQ(AskMessage("given_by: CLIENT_SELF representation { kind: AS_MENTOR }"), "CONSENT-REPRESENTATIVE");
}

TEST(Representation_R45, ItMustHaveHeldOnTheDayTheConsentWasGiven) {
  EXPECT_EQ(AskMessage(By("AS_MENTOR", "2026-02-21")), "CONSENT-REPRESENTED");
  EXPECT_EQ(AskMessage(By("AS_MENTOR", "", "2026-02-19")), "CONSENT-REPRESENTED");
  EXPECT_EQ(AskMessage(By("AS_MENTOR", "2026-02-21", "2026-02-19")), "CONSENT-REPRESENTED");
  EXPECT_EQ(AskMessage(By("AS_MENTOR", "2026-02-20", "2026-02-20")), "granted a");
  EXPECT_EQ(AskMessage(By("AS_MENTOR")), "granted a");
}

TEST(Representation_R45, WhateverItsDatesItIsTheDayOfGivingThatDecides) {
  const CivilDate given = Day("2026-02-20");
  for (int from = -3; from <= 3; ++from) {
    for (int until = -3; until <= 3; ++until) {
      const std::string said = AskMessage(By("AS_CURATOR", given.PlusDays(from).ToString(), given.PlusDays(until).ToString()));
      EXPECT_EQ(said, from <= 0 && until >= 0 ? "granted a" : "CONSENT-REPRESENTED") << from << " " << until;
    }
  }
}

TEST(Representation_R45, ThatItEndedLaterTakesNothingBack) {
  EXPECT_EQ(AskFacts({{By("AS_MENTOR", "2025-01-01", "2026-02-25")}}), "granted a");
}

TEST(Representation_R45, ANoIsHeardWhoeverSaysIt) {
  EXPECT_EQ(AskFacts({{"consent_id: \"b\""}, {"decision: DENY given_by: REPRESENTATIVE"}}), "CONSENT-DENIED");
  EXPECT_EQ(AskFacts({{"consent_id: \"b\""}, {"state: CONSENT_WITHDRAWN " + By("AS_MENTOR", "2027-01-01")}}), "CONSENT-WITHDRAWN");
}

TEST(Representation_R45, OfTheWgboListNotAllMayGiveTheGroundOfTheAvg) {
  const google::protobuf::EnumDescriptor& kinds = *schotvrij::v1::RepresentationKind_descriptor();
  std::vector<std::string> for_avg;
  for (int i = 1; i < kinds.value_count(); ++i) {
    Exchange exchange = EdeRegistration();
    *exchange.mutable_registration()->mutable_consents(0) = ConsentOf(By(kinds.value(i)->name()));
    EXPECT_EQ(Ask(exchange, {}), "granted a") << kinds.value(i)->name();
    const ConsentFinding finding = FindConsent(
        {exchange, Facts(), schotvrij::v1::REGISTRATION, "gemeente-ede", Day("2026-03-02"), /*avg=*/true});
    if (finding.granted) for_avg.push_back(kinds.value(i)->name());
    else EXPECT_EQ(finding.rule, "CONSENT-CAPACITY");
  }
  EXPECT_THAT(for_avg, ElementsAre("AS_CURATOR", "AS_MENTOR", "AS_PARENT_WITH_AUTHORITY", "AS_GUARDIAN"));
}

TEST(Representation_R45, TheReasonPointsAtTheRepresentation) {
  Exchange exchange = EdeRegistration();
  *exchange.mutable_registration()->mutable_consents(0) = ConsentOf(By("AS_PARTNER", "2026-03-01"));
  const ConsentFinding finding =
      FindConsent({exchange, Facts(), schotvrij::v1::REGISTRATION, "gemeente-ede", Day("2026-03-02")});
  EXPECT_EQ(finding.path, "registration.consents[0].representation.kind");
}

TEST(Consent, ItHoldsOnItsFirstAndItsLastDay) {
  EXPECT_EQ(AskMessage("consent_id: \"a\" valid_from: \"2026-03-02\" valid_until: \"2026-03-02\""),
            "granted a");
  EXPECT_EQ(AskMessage("consent_id: \"a\" given_on: \"2026-03-02\""), "granted a");
}

TEST(Consent, OneThatNamesPurposeRecipientAndNetworkCovers) {
  EXPECT_EQ(
      AskMessage("consent_id: \"a\" purposes: CARE purposes: REGISTRATION recipients: \"menzis\" "
                 "recipients: \"gemeente-ede\" network: \"ede\""),
      "granted a");
}

TEST(Consent, TheReasonPointsIntoTheMessage) {
  Exchange exchange = EdeRegistration();
  exchange.mutable_registration()->mutable_consents(0)->set_scope(schotvrij::v1::RESEARCH);
  *exchange.mutable_registration()->add_consents() =
      ConsentOf("consent_id: \"b\" valid_until: \"2026-03-01\"");
  const ConsentFinding finding = FindConsent(
      {exchange, Facts(), schotvrij::v1::REGISTRATION, "gemeente-ede", Day("2026-03-02")});
  EXPECT_EQ(finding.rule, "CONSENT-EXPIRED");
  EXPECT_EQ(finding.path, "registration.consents[1]");
}

TEST(Consent, TheLaterWordCounts) {
  EXPECT_EQ(AskFacts({{"consent_id: \"a\""},
                      {"consent_id: \"b\" decision: DENY given_on: \"2026-02-21\""}}),
            "CONSENT-DENIED");
  EXPECT_EQ(AskFacts({{"consent_id: \"b\" decision: DENY given_on: \"2026-02-19\""},
                      {"consent_id: \"a\""}}),
            "granted a");
}

TEST(Consent, OnOneDayNoBeatsYesWhateverTheOrder) {
  EXPECT_EQ(AskFacts({{"consent_id: \"a\""}, {"consent_id: \"b\" decision: DENY"}}),
            "CONSENT-DENIED");
  EXPECT_EQ(AskFacts({{"consent_id: \"b\" state: CONSENT_WITHDRAWN"}, {"consent_id: \"a\""}}),
            "CONSENT-WITHDRAWN");
}

TEST(Consent, OneThatNamesTheRecipientBeatsOneThatNamesNobody) {
  EXPECT_EQ(AskFacts({{"consent_id: \"a\" recipients: \"gemeente-ede\""},
                      {"consent_id: \"b\" decision: DENY given_on: \"2026-02-25\""}}),
            "granted a");
  EXPECT_EQ(AskFacts({{"consent_id: \"a\" given_on: \"2026-02-25\""},
                      {"consent_id: \"b\" decision: DENY recipients: \"gemeente-ede\""}}),
            "CONSENT-DENIED");
}

TEST(Consent, AWithdrawalThatNamesNobodyTakesBackWhatNamesTheRecipient) {
  const char* named = "consent_id: \"a\" recipients: \"gemeente-ede\"";
  EXPECT_EQ(AskFacts({{named}, {"state: CONSENT_WITHDRAWN given_on: \"2026-02-25\""}}),
            "CONSENT-WITHDRAWN");
  EXPECT_EQ(AskFacts({{named}, {"state: CONSENT_WITHDRAWN"}}), "CONSENT-WITHDRAWN");
  EXPECT_EQ(AskFacts({{named}, {"state: CONSENT_WITHDRAWN given_on: \"2026-02-19\""}}),
            "granted a")
      << "what was said after it stands";
  EXPECT_EQ(AskFacts({{named}, {"state: CONSENT_WITHDRAWN recipients: \"menzis\""}}), "granted a");
}

TEST(Consent, ADenialForAnotherRecipientPurposeOrNetworkDoesNotCount) {
  for (const char* other :
       {"recipients: \"menzis\"", "purposes: CARE", "network: \"dongen\"", "scope: TREATMENT"}) {
    EXPECT_EQ(AskFacts({{"consent_id: \"a\""},
                        {"consent_id: \"b\" decision: DENY given_on: \"2026-02-25\" " +
                         std::string(other)}}),
              "granted a")
        << other;
  }
}

TEST(Consent, AWithdrawalThatNamesNoPurposeIsMeantForEveryOne) {
  Facts facts = FactsOf({{"consent_id: \"a\""}, {"consent_id: \"b\" state: CONSENT_WITHDRAWN"}});
  facts.mutable_consents(1)->mutable_consent()->clear_purposes();
  facts.mutable_consents(1)->mutable_consent()->clear_given_on();
  Exchange exchange = EdeRegistration();
  exchange.mutable_registration()->clear_consents();
  EXPECT_EQ(Ask(exchange, facts), "CONSENT-WITHDRAWN");
}

TEST(Consent, ALaterRecordWithTheSameIdReplacesTheEarlier) {
  EXPECT_EQ(AskFacts({{"consent_id: \"a\""}, {"consent_id: \"a\" valid_until: \"2026-03-01\""}}),
            "CONSENT-EXPIRED");
  EXPECT_EQ(AskFacts({{"consent_id: \"a\" given_on: \"2026-02-25\""},
                      {"consent_id: \"a\" state: CONSENT_WITHDRAWN given_on: \"2026-02-20\""}}),
            "CONSENT-WITHDRAWN");
}

TEST(Consent, WhatWasWithdrawnIsNotUndoneByAnOldCopy) {
  Exchange exchange = EdeRegistration();
  *exchange.mutable_registration()->mutable_consents(0) = ConsentOf("consent_id: \"a\"");
  const Facts facts = FactsOf({{"consent_id: \"a\" state: CONSENT_WITHDRAWN"}});
  EXPECT_EQ(Ask(exchange, facts), "CONSENT-WITHDRAWN");
  exchange.mutable_registration()->mutable_consents(0)->set_given_on("2026-02-21");
  EXPECT_EQ(Ask(exchange, facts), "granted a");
}

TEST(Consent, TheMessagesOwnCopyDoesNotOutliveItsReplacementInTheFacts) {
  Exchange exchange = EdeRegistration();
  *exchange.mutable_registration()->mutable_consents(0) = ConsentOf("consent_id: \"a\"");
  Facts facts = FactsOf({{"consent_id: \"a\" valid_until: \"2026-03-01\""}});
  EXPECT_EQ(Ask(exchange, facts), "granted a")
      << "before the facts took the message over, the message is newer";
  facts.add_registrations()->set_exchange_id(exchange.envelope().message_id());
  EXPECT_EQ(Ask(exchange, facts), "CONSENT-EXPIRED");
}

TEST(Consent, AnotherPartysPermitLiftsNoSecrecyOfTheSender) {
  EXPECT_EQ(AskFacts({{"consent_id: \"a\"", "andere-aanbieder"}}), "CONSENT-MISSING");
}

TEST(Consent, AnotherPartysDenialCountsAndIsNotTold) {
  Exchange exchange = EdeRegistration();
  const Facts facts =
      FactsOf({{"consent_id: \"b\" decision: DENY given_on: \"2026-02-25\"", "andere-aanbieder"}});
  EXPECT_EQ(Ask(exchange, facts), "CONSENT-MISSING");
}

TEST(Consent, TheSameIdOfAnotherPartyIsAnotherConsent) {
  EXPECT_EQ(AskFacts({{"consent_id: \"a\""},
                      {"consent_id: \"a\" valid_until: \"2026-03-01\"", "andere-aanbieder"}}),
            "granted a");
}

std::vector<std::string> Check(const Consent& consent, const Facts& facts = {}) {
  Exchange exchange;
  exchange.mutable_envelope()->set_sender("opella");
  *exchange.mutable_consent() = consent;
  std::vector<Issue> issues;
  CheckConsent({exchange, facts, schotvrij::v1::PURPOSE_UNSPECIFIED, "", Day("2026-03-02")},
               issues);
  return RulesOf(issues);
}

TEST(ConsentByItself, IsKeptWhenItSaysWhatItIs) {
  EXPECT_THAT(Check(EdeConsent()), IsEmpty());
  EXPECT_THAT(Check(ConsentOf("scope: TREATMENT")), ElementsAre("CONSENT-DIRECTIVE"));
  EXPECT_THAT(Check(ConsentOf("scope: RESEARCH")), ElementsAre("CONSENT-PURPOSE"));
  EXPECT_THAT(Check(ConsentOf("state: CONSENT_DRAFT")), ElementsAre("CONSENT-FORM"));
  EXPECT_THAT(Check(ConsentOf("given_on: \"2026-03-03\"")), ElementsAre("CONSENT-FORM"));
  EXPECT_THAT(Check(Parse<Consent>("scope: PRIVACY")),
              ElementsAre("CONSENT-FORM", "CONSENT-FORM", "CONSENT-FORM", "CONSENT-FORM",
                          "CONSENT-PURPOSE"));
}

TEST(ConsentByItself, SaysInWhatCapacityItWasGivenForTheClient) {
  EXPECT_THAT(Check(ConsentOf(By("AS_SIBLING"))), IsEmpty());
  EXPECT_THAT(Check(ConsentOf("given_by: REPRESENTATIVE")), ElementsAre("CONSENT-REPRESENTATIVE"));
  EXPECT_THAT(Check(ConsentOf(By("AS_MENTOR", "2026-02-21"))), ElementsAre("CONSENT-REPRESENTED"));
  EXPECT_THAT(Check(ConsentOf("state: CONSENT_WITHDRAWN given_by: REPRESENTATIVE")), IsEmpty());
}

TEST(ConsentByItself, AWithdrawalIsNeverRefusedForWhatItLeavesOut) {
  EXPECT_THAT(Check(Parse<Consent>("scope: PRIVACY state: CONSENT_WITHDRAWN")), IsEmpty());
  EXPECT_THAT(Check(Parse<Consent>("scope: PRIVACY decision: DENY")), IsEmpty());
}

TEST(ConsentByItself, AnOldPermitMayNotTakeThePlaceOfItsWithdrawal) {
  const Facts facts = FactsOf({{"consent_id: \"a\" state: CONSENT_WITHDRAWN"}});
  EXPECT_THAT(Check(ConsentOf("consent_id: \"a\""), facts), ElementsAre("CONSENT-WITHDRAWN"));
  EXPECT_THAT(Check(ConsentOf("consent_id: \"a\" given_on: \"2026-02-21\""), facts), IsEmpty());
  EXPECT_THAT(Check(ConsentOf("consent_id: \"b\""), facts), IsEmpty());
}

}  // namespace
}  // namespace schotvrij::policy
