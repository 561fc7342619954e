#include "policy/engine.h"

#include <algorithm>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "policy/minimiser.h"
#include "tests/policy/ede.h"

namespace schotvrij::policy {
namespace {

using schotvrij::v1::Exchange;
using schotvrij::v1::Facts;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAre;
using namespace test;

std::vector<std::string> PathsOf(const std::vector<SharedField>& fields) {
  std::vector<std::string> paths;
  for (const SharedField& field : fields) paths.push_back(field.path);
  return paths;
}

TEST(Decide, AnEdeRegistrationGoesToTheMunicipalityUnderTheVersionOfTheDay) {
  const Decision decision = Decide(EdeEngine(), EdeRegistration());
  ASSERT_THAT(RulesOf(decision.issues), IsEmpty());
  EXPECT_EQ(decision.agreement_version, "2024");
  EXPECT_EQ(decision.purpose, schotvrij::v1::REGISTRATION);
  EXPECT_EQ(decision.policy_set, EdeEngine().rules()->name());
  ASSERT_EQ(decision.recipients.size(), 1u);
  const Recipient& recipient = decision.recipients[0];
  EXPECT_EQ(recipient.participant, "gemeente-ede");
  EXPECT_EQ(recipient.role, "municipality");
  EXPECT_EQ(recipient.rule, "ede-registration");
  EXPECT_EQ(recipient.consent_id, "toestemming-1");
  EXPECT_THAT(recipient.paths,
              UnorderedElementsAre("client.bsn", "client.name.own_name", "client.name.own_prefix",
                                   "envelope.sender", "envelope.message_id", "envelope.sent_on"));
}

struct Refused {
  std::string name;
  std::string today;
  std::function<void(Exchange&)> change;
  std::vector<std::string> rules;
  std::string path;  // of the first issue
};

class Refusal : public ::testing::TestWithParam<Refused> {};

TEST_P(Refusal, NamesRuleAndPathAndDecidesNothing) {
  Exchange exchange = EdeRegistration();
  GetParam().change(exchange);
  const Decision decision = Decide(EdeEngine(), exchange, {}, GetParam().today);
  EXPECT_EQ(RulesOf(decision.issues), GetParam().rules);
  ASSERT_THAT(decision.issues, Not(IsEmpty()));
  EXPECT_EQ(decision.issues[0].path, GetParam().path);
  EXPECT_THAT(decision.recipients, IsEmpty());
  EXPECT_EQ(decision.agreement_version, "");
}

schotvrij::v1::Attestation& TheAttestation(Exchange& e) {
  return *e.mutable_registration()->mutable_attestations(0);
}
schotvrij::v1::Consent& TheConsent(Exchange& e) {
  return *e.mutable_registration()->mutable_consents(0);
}

INSTANTIATE_TEST_SUITE_P(
    Decide, Refusal,
    ::testing::ValuesIn(std::vector<Refused>{
        {"UnknownNetwork",
         kToday,
         [](Exchange& e) { e.mutable_envelope()->set_network("elders"); },
         {"NETWORK-UNKNOWN"},
         "envelope.network"},
        {"NoNetwork",
         kToday,
         [](Exchange& e) { e.mutable_envelope()->clear_network(); },
         {"NETWORK-UNKNOWN"},
         "envelope.network"},
        {"OutsiderIsToldNothingMore",
         kToday,
         [](Exchange& e) {
           e.mutable_envelope()->set_sender("vreemd");
           e.mutable_envelope()->set_recipient("ook-vreemd");
         },
         {"SENDER-NOT-MEMBER"},
         "envelope.sender"},
        {"BeforeMembershipBegan",
         "2020-06-01",
         [](Exchange&) {},
         {"SENDER-NOT-MEMBER"},
         "envelope.sender"},
        {"RecipientIsNoMember",
         kToday,
         [](Exchange& e) { e.mutable_envelope()->set_recipient("gemeente-dongen"); },
         {"RECIPIENT-NOT-MEMBER"},
         "envelope.recipient"},
        {"RecipientIsAPayer",
         kToday,
         [](Exchange& e) { e.mutable_envelope()->set_recipient("menzis"); },
         {"RECIPIENT-ROLE"},
         "envelope.recipient"},
        {"SenderIsTheMunicipality",
         kToday,
         [](Exchange& e) {
           e.mutable_envelope()->set_sender("gemeente-ede");
           e.mutable_envelope()->set_recipient("opella");
         },
         {"SENDER-ROLE"},
         "envelope.sender"},
        {"StepThatTheNetworkDoesNotTake",
         kToday,
         [](Exchange& e) { e.mutable_care_plan(); },
         {"STEP-NOT-IN-NETWORK"},
         "care_plan"},
        {"NoAttestation",
         kToday,
         [](Exchange& e) { e.mutable_registration()->clear_attestations(); },
         {"CRITERION-MISSING"},
         "registration.attestations"},
        {"UnknownCriterion",
         kToday,
         [](Exchange& e) { TheAttestation(e).set_criterion("gfi"); },
         {"CRITERION-UNKNOWN", "CRITERION-MISSING"},
         "registration.attestations[0].criterion"},
        {"CriterionTwice",
         kToday,
         [](Exchange& e) { *e.mutable_registration()->add_attestations() = TheAttestation(e); },
         {"CRITERION-TWICE"},
         "registration.attestations[1].criterion"},
        {"NoVerdict",
         kToday,
         [](Exchange& e) { TheAttestation(e).clear_verdict(); },
         {"VERDICT-MISSING"},
         "registration.attestations[0].verdict"},
        {"NegativeVerdict",
         kToday,
         [](Exchange& e) { TheAttestation(e).set_verdict(schotvrij::v1::NOT_MET); },
         {"VERDICT-NOT-MET"},
         "registration.attestations[0].verdict"},
        {"CriteriaOfTheFormerVersion",
         kToday,
         [](Exchange& e) { TheAttestation(e).set_criteria_version("ede-2021"); },
         {"VERDICT-VERSION"},
         "registration.attestations[0].criteria_version"},
        {"CheckTooOld",
         kToday,
         [](Exchange& e) { TheAttestation(e).set_checked_on("2025-12-01"); },
         {"VERDICT-TOO-OLD"},
         "registration.attestations[0].checked_on"},
        {"CheckInTheFuture",
         kToday,
         [](Exchange& e) { TheAttestation(e).set_checked_on("2026-03-03"); },
         {"VERDICT-TOO-OLD"},
         "registration.attestations[0].checked_on"},
        {"CheckOnNoDay",
         kToday,
         [](Exchange& e) { TheAttestation(e).clear_checked_on(); },
         {"VERDICT-TOO-OLD"},
         "registration.attestations[0].checked_on"},
        {"CheckedByNobody",
         kToday,
         [](Exchange& e) { TheAttestation(e).clear_checker_function(); },
         {"VERDICT-CHECKER"},
         "registration.attestations[0].checker_function"},
        {"NoConsent",
         kToday,
         [](Exchange& e) { e.mutable_registration()->clear_consents(); },
         {"CONSENT-MISSING"},
         "registration.consents"},
        {"DirectiveOfferedAsConsent",
         kToday,
         [](Exchange& e) { TheConsent(e).set_scope(schotvrij::v1::TREATMENT); },
         {"CONSENT-DIRECTIVE"},
         "registration.consents[0]"},
        {"NothingOfIt", kToday, [](Exchange& e) { e.clear_client(); }, {"NOTHING-TO-SHARE"}, ""},
        {"AllThatIsWrongInOneGo",
         kToday,
         [](Exchange& e) {
           e.mutable_envelope()->set_recipient("gemeente-dongen");
           TheAttestation(e).clear_checker_function();
           TheAttestation(e).set_verdict(schotvrij::v1::NOT_MET);
         },
         {"RECIPIENT-NOT-MEMBER", "VERDICT-NOT-MET", "VERDICT-CHECKER"},
         "envelope.recipient"},
    }),
    [](const auto& info) { return info.param.name; });

TEST(Decide, IsRefusedBetweenTwoVersionsOfTheAgreement) {
  const Engine engine =
      EdeEngine(Replace(EdeText(), "until: \"2023-12-31\"", "until: \"2022-12-31\""));
  EXPECT_THAT(RulesOf(Decide(engine, EdeRegistration(), {}, "2023-06-01").issues),
              ElementsAre("AGREEMENT-NOT-IN-FORCE"));
}

Exchange OfDay(const std::string& day, const std::string& criteria = "ede-2024") {
  Exchange exchange = EdeRegistration();
  exchange.mutable_envelope()->set_judged_on(day);
  TheAttestation(exchange).set_criteria_version(criteria);
  return exchange;
}

TEST(Decide, IsJudgedByTheVersionOfTheCasesDayR11) {
  const Decision decision = Decide(EdeEngine(), OfDay("2023-12-31", "ede-2021"));
  EXPECT_THAT(RulesOf(decision.issues), IsEmpty());
  EXPECT_EQ(decision.agreement_version, "2021");
  EXPECT_THAT(RulesOf(Decide(EdeEngine(), OfDay("2023-12-31")).issues), ElementsAre("VERDICT-VERSION"));
}

TEST(Decide, WhatRestsOnConsentNeedsAnAgreementInForceAndBothAsMembersTodayR11) {
  const std::string over = Replace(EdeText(), "from: \"2024-01-01\"\n", "from: \"2024-01-01\" until: \"2025-12-31\"\n");
  EXPECT_THAT(RulesOf(Decide(EdeEngine(over), OfDay("2025-12-31")).issues), ElementsAre("AGREEMENT-NOT-IN-FORCE"));
  const auto out = [](const std::string& role) {
    return Replace(EdeText(), "role: \"" + role + "\" from: \"2021-01-01\"",
                   "role: \"" + role + "\" from: \"2021-01-01\" until: \"2025-12-31\"");
  };
  EXPECT_THAT(RulesOf(Decide(EdeEngine(out("provider")), OfDay("2025-12-31")).issues), ElementsAre("SENDER-NOT-MEMBER"));
  EXPECT_THAT(RulesOf(Decide(EdeEngine(out("municipality")), OfDay("2025-12-31")).issues), ElementsAre("RECIPIENT-NOT-MEMBER"));
  Exchange end = OfDay("2025-12-31");
  end.mutable_registration()->set_step(schotvrij::v1::END);
  end.mutable_registration()->set_about("bericht-1");
  end.mutable_registration()->clear_consents();
  for (const std::string& document : {over, out("provider"), out("municipality")}) {
    EXPECT_THAT(RulesOf(Decide(EdeEngine(document), end).issues), IsEmpty()) << "who knows it hears that it ended";
  }
}

TEST(Decide, ASuccessorActsInOldCasesByTheRolesOfWhomItFollowedUpR11) {
  const Engine engine = EdeEngine(FollowedUpEde());
  Exchange old = OfDay("2025-12-31");
  EXPECT_THAT(RulesOf(Decide(engine, old).issues), ElementsAre("RECIPIENT-NOT-MEMBER"));
  old.mutable_envelope()->set_recipient("gemeente-veld");
  EXPECT_THAT(RulesOf(Decide(engine, old).issues), IsEmpty());
}

TEST(Decide, TheOldestVerdictThatTheAgreementAllowsIsAccepted) {
  Exchange exchange = EdeRegistration();
  TheAttestation(exchange).set_checked_on("2025-12-02");  // 90 days before
  EXPECT_THAT(RulesOf(Decide(EdeEngine(), exchange).issues), IsEmpty());
}

TEST(Decide, AScoreSentAnywayUnderAnAttestedCriterionIsNeitherNeededNorJudgedR2) {
  Exchange exchange = EdeRegistration();
  auto& assessment = *exchange.mutable_registration()->add_assessments();
  assessment.set_instrument("gfi");
  assessment.set_score(99);
  EXPECT_THAT(RulesOf(Decide(EdeEngine(), exchange).issues), IsEmpty());
}

TEST(Decide, IssueTextsHoldNoValueOfTheMessage) {
  Exchange exchange = EdeRegistration();
  TheAttestation(exchange).set_criterion("geheim-criterium");
  exchange.mutable_registration()->clear_consents();
  for (const Issue& issue : Decide(EdeEngine(), exchange).issues) {
    EXPECT_THAT(issue.text, Not(HasSubstr("geheim")));
    EXPECT_THAT(issue.text, Not(HasSubstr("999900006")));
  }
}

TEST(Decide, AConsentByItselfIsAcceptedAndGoesToNobody) {
  Exchange exchange;
  exchange.mutable_envelope()->set_network("ede");
  exchange.mutable_envelope()->set_sender("opella");
  *exchange.mutable_consent() = EdeConsent();
  const Decision decision = Decide(EdeEngine(), exchange);
  EXPECT_THAT(RulesOf(decision.issues), IsEmpty());
  EXPECT_THAT(decision.recipients, IsEmpty());
  EXPECT_EQ(decision.agreement_version, "2024");
  exchange.mutable_envelope()->set_recipient("gemeente-ede");
  EXPECT_TRUE(std::holds_alternative<Withheld>(Disclose(EdeEngine(), exchange)));
}

TEST(Decide, R24_ASafetyHoldComesFromWhoSendsAnythingIsNoStepOfTheAgreementAndGoesToNobody) {
  Exchange exchange;
  exchange.mutable_envelope()->set_network("ede");
  exchange.mutable_safety_hold()->set_state(schotvrij::v1::HOLD_SET);
  for (const char* member : {"opella", "gemeente-ede"}) {
    exchange.mutable_envelope()->set_sender(member);
    const Decision decision = Decide(EdeEngine(), exchange);
    EXPECT_THAT(RulesOf(decision.issues), IsEmpty());
    EXPECT_THAT(decision.recipients, IsEmpty());
  }
  exchange.mutable_envelope()->set_sender("menzis");
  EXPECT_THAT(RulesOf(Decide(EdeEngine(), exchange).issues), ElementsAre("SENDER-ROLE"));
  exchange.mutable_envelope()->set_sender("vreemd");
  EXPECT_THAT(RulesOf(Decide(EdeEngine(), exchange).issues), ElementsAre("SENDER-NOT-MEMBER"));
  exchange.mutable_envelope()->set_sender("opella");
  exchange.mutable_envelope()->set_recipient("gemeente-ede");
  EXPECT_TRUE(std::holds_alternative<Withheld>(Disclose(EdeEngine(), exchange)));
}

TEST(Decide, APermitComesFromThoseWhoseMessagesRestOnItAndAWithdrawalFromAnyMember) {
  Exchange exchange;
  exchange.mutable_envelope()->set_network("ede");
  exchange.mutable_envelope()->set_sender("menzis");
  *exchange.mutable_consent() = EdeConsent();
  EXPECT_THAT(RulesOf(Decide(EdeEngine(), exchange).issues), ElementsAre("SENDER-ROLE"));
  exchange.mutable_consent()->set_state(schotvrij::v1::CONSENT_WITHDRAWN);
  EXPECT_THAT(RulesOf(Decide(EdeEngine(), exchange).issues), IsEmpty());
  exchange.mutable_envelope()->set_sender("vreemd");
  EXPECT_THAT(RulesOf(Decide(EdeEngine(), exchange).issues), ElementsAre("SENDER-NOT-MEMBER"));
}

TEST(Disclose, TheMunicipalityGetsBsnAndSurnameAndNothingElseAboutTheClientR3) {
  auto out = Disclose(EdeEngine(), EdeRegistration());
  ASSERT_TRUE(std::holds_alternative<Disclosure>(out));
  const Disclosure& disclosure = std::get<Disclosure>(out);
  const auto expected = Parse<Exchange>(R"(
      envelope { message_id: "bezorging-1" sender: "opella" sent_on: "2026-03-02" }
      client { bsn: "999900006" name { own_name: "Proefpersoon" own_prefix: "van der" } }
      registration { })");
  EXPECT_EQ(disclosure.exchange().SerializeAsString(), expected.SerializeAsString());
  const Evidence& evidence = disclosure.evidence();
  EXPECT_EQ(evidence.disclosure_id, "bezorging-1");
  EXPECT_EQ(evidence.network, "ede");
  EXPECT_EQ(evidence.agreement_version, "2024");
  EXPECT_EQ(evidence.sender, "opella");
  EXPECT_EQ(evidence.recipient, "gemeente-ede");
  EXPECT_EQ(evidence.recipient_role, "municipality");
  EXPECT_EQ(evidence.purpose, schotvrij::v1::REGISTRATION);
  EXPECT_EQ(evidence.rule, "ede-registration");
  EXPECT_EQ(evidence.consent_id, "toestemming-1");
  EXPECT_EQ(evidence.grounds->article_6(), v1::Grounds::PUBLIC_TASK);
  EXPECT_THAT(PathsOf(evidence.fields),
              UnorderedElementsAre("client.bsn", "client.name.own_name", "client.name.own_prefix",
                                   "envelope.sender", "envelope.message_id", "envelope.sent_on"));
}

TEST(Disclose, StartDateAndNetworkGoOnlyWithTheirWrittenNeedR3) {
  const std::string leaf = "      leaf { path: \"client.bsn\" }\n";
  const Engine engine =
      EdeEngine(Replace(EdeText(), leaf,
                        leaf + "      leaf { path: \"registration.start_date\" as: MONTH "
                               "written_need: \"to count months\" }\n"
                               "      leaf { path: \"envelope.network\" written_need: \"to tell "
                               "two networks apart\" }\n"));
  auto out = Disclose(engine, EdeRegistration());
  EXPECT_EQ(std::get<Disclosure>(out).exchange().registration().start_date(), "2026-03");
  EXPECT_EQ(std::get<Disclosure>(out).exchange().envelope().network(), "ede");
}

TEST(Disclose, AReceiptTellsTheSenderOfItsOwnMessageAndNothingOfTheClient) {
  Exchange receipt = EdeReceipt("REJECTED");
  receipt.mutable_receipt()->set_reason("not-resident");
  *receipt.mutable_client() = EdeRegistration().client();
  const Decision decision = Decide(EdeEngine(), receipt);
  ASSERT_THAT(RulesOf(decision.issues), IsEmpty());
  EXPECT_EQ(decision.recipients[0].participant, "opella");
  EXPECT_EQ(decision.recipients[0].consent_id, "");
  auto out = Disclose(EdeEngine(), receipt);
  const Exchange& told = std::get<Disclosure>(out).exchange();
  EXPECT_FALSE(told.has_client());
  EXPECT_EQ(told.receipt().reason(), "not-resident");
  EXPECT_EQ(told.receipt().about(), "bericht-1");
  EXPECT_EQ(told.receipt().request_key(), "sleutel-1");
  EXPECT_EQ(told.envelope().sender(), "gemeente-ede");
}

Facts Withdrawn() {
  Facts facts;
  auto& fact = *facts.add_consents();
  *fact.mutable_consent() = EdeConsent();
  fact.mutable_consent()->set_state(schotvrij::v1::CONSENT_WITHDRAWN);
  fact.set_received_from("opella");
  fact.set_exchange_id("bericht-9");
  return facts;
}

TEST(Disclose, AWithdrawalAfterTheDecisionStopsWhatRestedOnIt) {
  auto out = Disclose(EdeEngine(), EdeRegistration(), Withdrawn());
  ASSERT_TRUE(std::holds_alternative<Withheld>(out));
  EXPECT_THAT(RulesOf(std::get<Withheld>(out).issues), ElementsAre("CONSENT-WITHDRAWN"));
}

TEST(Disclose, AWithdrawalLeavesWhatRestsOnAStatuteR1) {
  EXPECT_TRUE(std::holds_alternative<Disclosure>(Disclose(EdeEngine(), EdeReceipt(), Withdrawn())));
}

TEST(Disclose, TheConsentMayHaveRunOutSinceTheDecision) {
  Exchange exchange = EdeRegistration();
  TheConsent(exchange).set_valid_until("2026-03-31");
  EXPECT_TRUE(
      std::holds_alternative<Disclosure>(Disclose(EdeEngine(), exchange, {}, "2026-03-31")));
  EXPECT_TRUE(std::holds_alternative<Withheld>(Disclose(EdeEngine(), exchange, {}, "2026-04-01")));
}

TEST(Disclose, TheRecipientMayHaveLeftSinceTheDecision) {
  const Engine engine =
      EdeEngine(Replace(EdeText(), "role: \"municipality\" from: \"2021-01-01\"",
                        "role: \"municipality\" from: \"2021-01-01\" until: \"2026-03-02\""));
  EXPECT_TRUE(std::holds_alternative<Disclosure>(Disclose(engine, EdeRegistration())));
  auto out = Disclose(engine, EdeRegistration(), {}, "2026-03-03");
  EXPECT_THAT(RulesOf(std::get<Withheld>(out).issues), ElementsAre("RECIPIENT-NOT-MEMBER"));
}

TEST(Disclose, TheAgeOfTheVerdictIsJudgedOnceAtTheDecision) {
  EXPECT_TRUE(std::holds_alternative<Disclosure>(
      Disclose(EdeEngine(), EdeRegistration(), {}, "2027-03-02")));
}

TEST(Disclose, CanOnlyNarrowWhatWasAccepted) {
  const std::vector<std::string> at_most = {"client.bsn", "envelope.sender", "client.birth_date"};
  auto out = Disclose(EdeEngine(), EdeRegistration(), {}, kToday, &at_most);
  EXPECT_THAT(PathsOf(std::get<Disclosure>(out).evidence().fields),
              UnorderedElementsAre("client.bsn", "envelope.sender"));
  const std::vector<std::string> nothing = {"envelope.sender"};
  auto withheld = Disclose(EdeEngine(), EdeRegistration(), {}, kToday, &nothing);
  EXPECT_THAT(RulesOf(std::get<Withheld>(withheld).issues), ElementsAre("NOTHING-TO-SHARE"));
}

TEST(Disclose, AFormThatWasAcceptedCoarseNeverGoesOutFiner) {
  const std::string leaf = "      leaf { path: \"client.bsn\" }\n";
  const std::string need = "written_need: \"to count\" }\n";
  const std::string date = leaf + "      leaf { path: \"registration.start_date\" ";
  const Engine day = EdeEngine(Replace(EdeText(), leaf, date + need));
  const Engine month = EdeEngine(Replace(EdeText(), leaf, date + "as: MONTH " + need));
  auto disclosed = [&](const Engine& accepted, const Engine& now) {
    const Decision decision = Decide(accepted, EdeRegistration());
    auto out = Disclose(now, EdeRegistration(), {}, kToday, &decision.recipients[0].paths);
    return std::get<Disclosure>(out).exchange().registration().start_date();
  };
  EXPECT_EQ(disclosed(day, month), "2026-03");
  EXPECT_EQ(disclosed(month, month), "2026-03");
  EXPECT_EQ(disclosed(month, day), "");
}

TEST(Disclose, ASwappedRuleSetCountsFromTheNextCall) {
  Engine engine = EdeEngine();
  const auto held = engine.rules();
  engine.Swap(
      Load({{"ede.txtpb",
             Replace(EdeText(), "      leaf { path: \"client.name.own_prefix\" }\n", "")}}));
  EXPECT_NE(engine.rules()->name(), held->name());
  auto out = Disclose(engine, EdeRegistration());
  EXPECT_EQ(std::get<Disclosure>(out).exchange().client().name().own_prefix(), "");
}

TEST(Disclose, AssumedConsentPassesOfflineOnly) {
  Exchange exchange = EdeRegistration();
  exchange.mutable_registration()->clear_consents();
  const Facts facts;
  const Engine engine = EdeEngine();
  EXPECT_THAT(RulesOf(engine.Decide({exchange, facts, Day(kToday), true}).issues), IsEmpty());
  EXPECT_THAT(RulesOf(engine.Decide({exchange, facts, Day(kToday), false}).issues),
              ElementsAre("CONSENT-MISSING"));
}

Exchange Cut(const Engine& engine, const Exchange& exchange) {
  const Facts facts;
  const Question question{exchange, facts, Day(kToday)};
  const Decision decision = engine.Decide(question);
  EXPECT_THAT(RulesOf(decision.issues), IsEmpty());
  return engine.CutToNeed(question, decision);
}

TEST(CutToNeed, KeepsWhatMayGoAndWhatTheFactsNeedAndNoScoreR2) {
  Exchange exchange = EdeRegistration();
  auto& assessment = *exchange.mutable_registration()->add_assessments();
  assessment.set_instrument("gfi");
  assessment.set_score(7);
  assessment.set_criterion("target-group");
  Exchange expected = Parse<Exchange>(R"(
      client { bsn: "999900006" name { own_name: "Proefpersoon" own_prefix: "van der" } }
      registration { step: REGISTER start_date: "2026-03-01"
                     attestations { criterion: "target-group" criteria_version: "ede-2024" } })");
  *expected.mutable_envelope() = exchange.envelope();
  *expected.mutable_registration()->add_consents() = EdeConsent();
  EXPECT_EQ(Cut(EdeEngine(), exchange).SerializeAsString(), expected.SerializeAsString());
}

TEST(CutToNeed, TheRestStillDisclosesTheSame) {
  const Exchange kept = Cut(EdeEngine(), EdeRegistration());
  auto before = Disclose(EdeEngine(), EdeRegistration());
  auto after = Disclose(EdeEngine(), kept);
  EXPECT_EQ(std::get<Disclosure>(after).exchange().SerializeAsString(),
            std::get<Disclosure>(before).exchange().SerializeAsString());
}

TEST(CutToNeed, OfAConsentOnlyTheConsentIsKept) {
  Exchange exchange = EdeRegistration();
  exchange.clear_registration();
  *exchange.mutable_consent() = EdeConsent();
  const Exchange kept = Cut(EdeEngine(), exchange);
  EXPECT_FALSE(kept.has_client());
  EXPECT_EQ(kept.consent().SerializeAsString(), EdeConsent().SerializeAsString());
}

TEST(CutToNeed, WhatWasRefusedLeavesNothing) {
  Exchange exchange = EdeRegistration();
  exchange.mutable_registration()->clear_consents();
  const Facts facts;
  const Engine engine = EdeEngine();
  const Question question{exchange, facts, Day(kToday)};
  EXPECT_EQ(engine.CutToNeed(question, engine.Decide(question)).ByteSizeLong(), 0u);
}

// A variant of Ede that takes the score itself.
std::string ScoredEde() {
  std::string text = EdeText();
  for (const char* version : {"ede-2021", "ede-2024"}) {
    text = Replace(text,
                   "        basis: ATTESTED\n        version: \"" + std::string(version) + "\"\n",
                   "        basis: SCORED\n        instrument: \"gfi\"\n        at_least: 4\n");
  }
  return text;
}

Exchange ScoredRegistration(int score) {
  Exchange exchange = EdeRegistration();
  exchange.mutable_registration()->clear_attestations();
  auto& assessment = *exchange.mutable_registration()->add_assessments();
  assessment.set_instrument("gfi");
  assessment.set_score(score);
  assessment.set_assessed_on("2026-02-25");
  return exchange;
}

schotvrij::v1::Assessment& TheAssessment(Exchange& e) {
  return *e.mutable_registration()->mutable_assessments(0);
}

TEST(Scored, TheThresholdIsInclusive) {
  EXPECT_THAT(RulesOf(Decide(EdeEngine(ScoredEde()), ScoredRegistration(4)).issues), IsEmpty());
  EXPECT_THAT(RulesOf(Decide(EdeEngine(ScoredEde()), ScoredRegistration(3)).issues),
              ElementsAre("SCORE-BELOW"));
  EXPECT_THAT(RulesOf(Decide(EdeEngine(ScoredEde()), ScoredRegistration(15)).issues), IsEmpty());
}

TEST(Scored, BadMeasurementsAreNamed) {
  const Engine engine = EdeEngine(ScoredEde());
  EXPECT_THAT(RulesOf(Decide(engine, ScoredRegistration(16)).issues), ElementsAre("SCORE-RANGE"));
  EXPECT_THAT(RulesOf(Decide(engine, ScoredRegistration(-1)).issues), ElementsAre("SCORE-RANGE"));
  Exchange exchange = ScoredRegistration(5);
  TheAssessment(exchange).clear_score();
  EXPECT_THAT(RulesOf(Decide(engine, exchange).issues), ElementsAre("SCORE-MISSING"));
  exchange = ScoredRegistration(5);
  TheAssessment(exchange).set_criterion("target-group");
  TheAssessment(exchange).set_instrument("astrology");
  EXPECT_THAT(RulesOf(Decide(engine, exchange).issues), ElementsAre("INSTRUMENT-UNKNOWN"));
  exchange = ScoredRegistration(5);
  TheAssessment(exchange).set_assessed_on("2025-01-01");
  EXPECT_THAT(RulesOf(Decide(engine, exchange).issues), ElementsAre("VERDICT-TOO-OLD"));
  exchange = ScoredRegistration(5);
  for (int score : {2, 2}) TheAssessment(exchange).add_items()->set_score(score);
  EXPECT_THAT(RulesOf(Decide(engine, exchange).issues), ElementsAre("SCORE-SUM"));
  TheAssessment(exchange).add_items()->set_score(1);
  EXPECT_THAT(RulesOf(Decide(engine, exchange).issues), IsEmpty());
  exchange = ScoredRegistration(5);
  *exchange.mutable_registration()->add_assessments() = TheAssessment(exchange);
  EXPECT_THAT(RulesOf(Decide(engine, exchange).issues), ElementsAre("CRITERION-TWICE"));
  exchange.mutable_registration()->clear_assessments();
  EXPECT_THAT(RulesOf(Decide(engine, exchange).issues), ElementsAre("CRITERION-MISSING"));
}

TEST(Scored, TheScoreIsGoneAfterTheDecisionAndTheInstrumentStays) {
  Exchange exchange = ScoredRegistration(5);
  TheAssessment(exchange).add_items()->set_score(5);
  auto& other = *exchange.mutable_registration()->add_assessments();
  other.set_instrument("mmse");
  other.set_score(12);
  const Exchange kept = Cut(EdeEngine(ScoredEde()), exchange);
  ASSERT_EQ(kept.registration().assessments_size(), 1);
  EXPECT_EQ(kept.registration().assessments(0).SerializeAsString(),
            Parse<schotvrij::v1::Assessment>("instrument: \"gfi\"").SerializeAsString());
}

std::vector<Explanation> Explain(const Engine& engine, const Exchange& exchange) {
  const Facts facts;
  return engine.Explain({exchange, facts, Day(kToday)}, exchange.envelope().recipient());
}

auto Line(const std::string& path, bool shared, const std::string& ground) {
  return Contains(AllOf(Field(&Explanation::path, path), Field(&Explanation::shared, shared),
                        Field(&Explanation::ground, HasSubstr(ground))));
}

TEST(Explain, NamesRuleAndGroundOfEachLeafThatGoesAndTheReasonOfEachThatStays) {
  const std::vector<Explanation> lines = Explain(EdeEngine(), EdeRegistration());
  EXPECT_THAT(lines, Line("client.bsn", true, "AVG 6(1)(e)"));
  EXPECT_THAT(lines, Line("client.bsn", true, "BSN: Wmo 2015"));
  EXPECT_THAT(lines, Line("client.birth_date", false, "no rule shares it"));
  EXPECT_THAT(lines, Line("registration.start_date", false, "written need"));
  EXPECT_THAT(lines, Line("registration.attestations[0].verdict", false, "no rule shares it"));
  EXPECT_THAT(lines, Contains(Field(&Explanation::rule, "ede-registration")));
  EXPECT_EQ(std::count_if(lines.begin(), lines.end(),
                          [](const Explanation& line) { return line.shared; }),
            5);
}

TEST(Explain, R24_ASecretAddressGoesToNobodyAndTheMarkIsTheReason) {
  Exchange exchange = EdeRegistration();
  auto& contact = *exchange.mutable_client()->add_contacts();
  contact.mutable_address()->set_street("Geheimstraat");
  contact.set_email("p@example.org");
  contact.set_address_secret(true);
  const std::vector<Explanation> lines = Explain(EdeEngine(), exchange);
  EXPECT_THAT(lines, Line("client.contacts[0].address.street", false, "whatever a rule says: the message marks it (address_secret)"));
  EXPECT_THAT(lines, Line("client.contacts[0].email", false, "no rule shares it"));
  EXPECT_THAT(lines, Line("client.contacts[0].address_secret", false, "no rule shares it"));
}

TEST(Explain, WithoutConsentNothingIsSharedAndTheReasonIsConsent) {
  Exchange exchange = EdeRegistration();
  exchange.mutable_registration()->clear_consents();
  for (const Explanation& line : Explain(EdeEngine(), exchange)) {
    EXPECT_FALSE(line.shared);
    EXPECT_THAT(line.ground, HasSubstr("CONSENT-MISSING"));
  }
}

TEST(Explain, HoldsNoValueOfTheMessage) {
  for (const Explanation& line : Explain(EdeEngine(), EdeRegistration())) {
    for (const char* value : {"999900006", "Proefpersoon", "1941"}) {
      EXPECT_THAT(line.path + line.rule + line.ground, Not(HasSubstr(value)));
    }
  }
}

}  // namespace
}  // namespace schotvrij::policy
