#include "gmock/gmock.h"
#include "google/protobuf/util/message_differencer.h"
#include "tests/adapters/fhir/support.h"

namespace schotvrij::fhir::test {
namespace {

using ::testing::ElementsAre;
using google::protobuf::util::MessageDifferencer;

TEST(Registration, TransactionCarriesEveryFieldThatTheTableNames) {
  const v1::Exchange exchange = DecodeSound(Valid("example"));
  const v1::Envelope& envelope = exchange.envelope();
  EXPECT_EQ(envelope.request_key(), "ede-2026-000001");
  EXPECT_EQ(envelope.network(), "ede");
  EXPECT_EQ(envelope.recipient_identifier().system(), "cbs");
  EXPECT_EQ(envelope.recipient_identifier().value(), "0228");
  EXPECT_EQ(envelope.sender_identifier().system(), "agb");
  EXPECT_EQ(envelope.sender_identifier().value(), "00000001");
  EXPECT_EQ(exchange.client().bsn(), "999900006");
  EXPECT_EQ(exchange.client().birth_date(), "1941-03-07");
  EXPECT_EQ(exchange.client().gender(), v1::FEMALE);
  const v1::Registration& registration = exchange.registration();
  EXPECT_EQ(registration.step(), v1::REGISTER);
  ASSERT_EQ(registration.attestations_size(), 1);
  const v1::Attestation& attestation = registration.attestations(0);
  EXPECT_EQ(attestation.criterion(), "target-group");
  EXPECT_EQ(attestation.verdict(), v1::MET);
  EXPECT_EQ(attestation.criteria_version(), "ede-2024");
  EXPECT_EQ(attestation.checked_on(), "2026-11-16");
  EXPECT_EQ(attestation.checker_function(), "30.000");
}

TEST(Registration, ConsentSaysWhoMayKnowWhatForAndHowLong) {
  const v1::Exchange exchange = DecodeSound(Valid("example"));
  ASSERT_EQ(exchange.registration().consents_size(), 1);
  const v1::Consent& consent = exchange.registration().consents(0);
  EXPECT_EQ(consent.consent_id(), "consent-2026-000001");
  EXPECT_EQ(consent.scope(), v1::PRIVACY);
  EXPECT_EQ(consent.state(), v1::CONSENT_ACTIVE);
  EXPECT_EQ(consent.decision(), v1::PERMIT);
  EXPECT_EQ(consent.given_on(), "2026-11-16");
  EXPECT_EQ(consent.valid_from(), "2026-11-16");
  EXPECT_EQ(consent.valid_until(), "2027-11-15");
  EXPECT_EQ(consent.given_by(), v1::CLIENT_SELF);
  EXPECT_THAT(consent.purposes(), ElementsAre(v1::REGISTRATION));
  EXPECT_THAT(consent.recipients(), ElementsAre("cbs|0228"));
  EXPECT_EQ(consent.text_shown(), "urn:example:provider:consent-text:2026-1");
}

TEST(Registration, ScoresComeWithTheirItemsAndTheCriterionTheyAnswer) {
  const v1::Exchange exchange = DecodeSound(Valid("collection"));
  ASSERT_EQ(exchange.registration().assessments_size(), 2);
  const v1::Assessment& gfi = exchange.registration().assessments(0);
  EXPECT_EQ(gfi.instrument(), "gfi");
  EXPECT_EQ(gfi.criterion(), "frail");
  EXPECT_EQ(gfi.score(), 5);
  EXPECT_EQ(gfi.assessed_on(), "2026-11-16");
  ASSERT_EQ(gfi.items_size(), 2);
  EXPECT_EQ(gfi.items(0).item(), "gfi-1");
  EXPECT_EQ(gfi.items(0).score(), 3);
  EXPECT_EQ(exchange.registration().assessments(1).instrument(), "mmse");
}

TEST(Registration, ZeroIsAScore) {
  const v1::Exchange exchange = DecodeSound(
      Edited(Valid("collection"), {"set /entry/3/resource/valueInteger 0", "del /entry/3/resource/component"}));
  ASSERT_EQ(exchange.registration().assessments_size(), 2);
  EXPECT_TRUE(exchange.registration().assessments(0).has_score());
}

TEST(Registration, TaskWithContainedResourcesSaysTheSameAsTheBundle) {
  EXPECT_TRUE(MessageDifferencer::Equals(DecodeSound(Valid("task")), DecodeSound(Valid("example"))));
}

TEST(Registration, ContainedClientOfABundlesTaskIsTheClient) {
  const v1::Exchange exchange = DecodeSound(Edited(
      Valid("example"),
      {"set /entry/0/resource/contained [{\"resourceType\":\"Patient\",\"id\":\"p\",\"identifier\":[{\"system\":"
       "\"http://fhir.nl/fhir/NamingSystem/bsn\",\"value\":\"999900006\"}],\"name\":[{\"use\":\"official\",\"family\":"
       "\"van der Testmeer-Voorbeeld\"}]}]",
       "set /entry/0/resource/for {\"reference\":\"#p\"}"}));
  EXPECT_EQ(exchange.client().name().own_name(), "Testmeer");
}

TEST(Registration, TheDayOfAnInstantIsThatOfAmsterdam) {
  const v1::Exchange exchange = DecodeSound(
      Edited(Valid("example"), {"set /entry/3/resource/effectiveDateTime \"2026-06-30T22:30:00.5Z\""}));
  EXPECT_EQ(exchange.registration().attestations(0).checked_on(), "2026-07-01");
}

TEST(Registration, StartDateIsThatOfTheTasksExecution) {
  const v1::Exchange exchange =
      DecodeSound(Edited(Valid("example"), {"set /entry/0/resource/executionPeriod {\"start\":\"2026-12-01\"}"}));
  EXPECT_EQ(exchange.registration().start_date(), "2026-12-01");
}

TEST(Registration, NetworkAndRequesterMayBeAbsent) {
  const v1::Exchange exchange = DecodeSound(
      Edited(Valid("example"), {"del /entry/0/resource/groupIdentifier", "del /entry/0/resource/requester"}));
  EXPECT_EQ(exchange.envelope().network(), "");
  EXPECT_FALSE(exchange.envelope().has_sender_identifier());
}

TEST(Registration, OwnerMayBeAnOrganizationInTheMessage) {
  const v1::Exchange exchange = DecodeSound(Edited(
      Valid("task"), {"add /contained {\"resourceType\":\"Organization\",\"id\":\"ede\",\"identifier\":[{\"system\":"
                      "\"urn:schotvrij:identifier:cbs-gemeente\",\"value\":\"0228\"}]}",
                      "set /owner {\"reference\":\"#ede\"}"}));
  EXPECT_EQ(exchange.envelope().recipient_identifier().value(), "0228");
}

TEST(Registration, ARepresentativeMayHaveGivenTheConsent) {
  const v1::Exchange exchange = DecodeSound(Edited(
      Valid("example"), {"set /entry/2/resource/performer [{\"type\":\"RelatedPerson\",\"display\":\"mentor\"}]"}));
  EXPECT_EQ(exchange.registration().consents(0).given_by(), v1::REPRESENTATIVE);
}

// The consent of the example, given by a RelatedPerson who is so related to the client.
v1::Consent GivenBy(const std::string& relationships) {
  const std::string person =
      R"({"resourceType":"RelatedPerson","id":"mentor","name":[{"family":"Geheimnaam"}],)"
      R"("birthDate":"1960-02-03","period":{"start":"2025-01-01","end":"2027-01-01T00:00:00+01:00"},"relationship":[)" +
      relationships + "]}";
  const std::string body = Edited(Valid("consent"), {"set /performer [{\"reference\":\"#mentor\"}]",
                                                     "set /contained [" + person + "]"});
  return DecodeSound(body).consent();
}

std::string Coded(const std::string& system, const std::string& code) {
  return R"({"coding":[{"system":")" + system + R"(","code":")" + code + R"("}]})";
}

constexpr const char* kCod472 = "urn:oid:2.16.840.1.113883.2.4.3.11.22.472";
constexpr const char* kRoleCode = "http://terminology.hl7.org/CodeSystem/v3-RoleCode";

TEST(Registration, OfARepresentativeTheCapacityAndItsDatesAreReadAndNothingElse_R45) {
  const v1::Consent consent = GivenBy(Coded(kCod472, "15"));
  EXPECT_EQ(consent.given_by(), v1::REPRESENTATIVE);
  EXPECT_EQ(consent.representation().kind(), v1::AS_MENTOR);
  EXPECT_EQ(consent.representation().valid_from(), "2025-01-01");
  EXPECT_EQ(consent.representation().valid_until(), "2027-01-01");
  EXPECT_EQ(consent.SerializeAsString().find("Geheimnaam"), std::string::npos);
  EXPECT_EQ(consent.SerializeAsString().find("1960"), std::string::npos);
}

TEST(Registration, WhoIsMoreThanOneToTheClientSpeaksInTheFirstCapacity_R45) {
  EXPECT_EQ(GivenBy(Coded(kRoleCode, "SIB") + "," + Coded(kCod472, "03")).representation().kind(), v1::AS_CURATOR);
  EXPECT_EQ(GivenBy(Coded(kCod472, "01") + "," + Coded(kRoleCode, "HPOWATT")).representation().kind(), v1::AS_PROXY);
  EXPECT_EQ(GivenBy(Coded("urn:schotvrij:codesystem:representation", "parent-with-authority")).representation().kind(),
            v1::AS_PARENT_WITH_AUTHORITY);
}

TEST(Registration, WhatGivesNoCapacityIsNone_R45) {
  // First contact, administrator of property, somebody with power over money: none speaks for the client about its data.
  for (const char* code : {"01", "04", "14", "19", "99"}) {
    EXPECT_EQ(GivenBy(Coded(kCod472, code)).representation().kind(), v1::REPRESENTATION_KIND_UNSPECIFIED) << code;
  }
  EXPECT_EQ(GivenBy(Coded("urn:example:other", "15")).representation().kind(), v1::REPRESENTATION_KIND_UNSPECIFIED);
  EXPECT_EQ(GivenBy(R"({"text":"mentor"})").representation().kind(), v1::REPRESENTATION_KIND_UNSPECIFIED);
}

TEST(Registration, ADirectiveIsReadAsWhatItIsAndNoFurther) {
  const v1::Exchange exchange = DecodeSound(
      Edited(Valid("example"), {"set /entry/2/resource/scope/coding/0/code \"treatment\"", "del /entry/2/resource/dateTime",
                                "set /entry/2/resource/provision {\"code\":[{\"text\":\"reanimatie\"}]}"}));
  EXPECT_EQ(exchange.registration().consents(0).scope(), v1::TREATMENT);
  EXPECT_EQ(exchange.registration().consents(0).decision(), v1::CONSENT_DECISION_UNSPECIFIED);
}

TEST(Registration, WithdrawnConsentNeedsNoProvision) {
  const v1::Exchange exchange = DecodeSound(
      Edited(Valid("example"), {"set /entry/2/resource/status \"inactive\"", "del /entry/2/resource/provision"}));
  EXPECT_EQ(exchange.registration().consents(0).state(), v1::CONSENT_WITHDRAWN);
}

TEST(RequestKey, TaskThenBundleThenMessageHeaderThenWhatCameBeside) {
  const std::string bundle_key = "set /identifier {\"value\":\"bundle-key\"}";
  EXPECT_EQ(DecodeSound(Edited(Valid("example"), {bundle_key}), "beside").envelope().request_key(), "ede-2026-000001");
  EXPECT_EQ(DecodeSound(Edited(Valid("message"), {bundle_key}), "beside").envelope().request_key(), "bundle-key");
  EXPECT_EQ(DecodeSound(Valid("message"), "beside").envelope().request_key(), "header-1");
  const std::string no_header_id = Edited(Valid("message"), {"del /entry/0/resource/id"});
  EXPECT_EQ(DecodeSound(no_header_id, "beside").envelope().request_key(), "beside");
  EXPECT_THAT(Decode(no_header_id).Told(), ElementsAre("TASK-KEY@Bundle.entry[1].resource.identifier"));
}

TEST(SafetyFlag, R24_ActiveSetsAHoldAndAnyOtherStatusLiftsIt) {
  const v1::Exchange set = DecodeSound(Valid("flag"));
  EXPECT_EQ(set.content_case(), v1::Exchange::kSafetyHold);
  EXPECT_EQ(set.safety_hold().state(), v1::HOLD_SET);
  EXPECT_EQ(set.client().bsn(), "999900006");
  EXPECT_EQ(set.envelope().request_key(), "stop-2026-000001");
  for (const char* status : {"inactive", "entered-in-error"}) {
    const std::string lifted = Edited(Valid("flag"), {"set /status \"" + std::string(status) + "\""});
    EXPECT_EQ(DecodeSound(lifted).safety_hold().state(), v1::HOLD_LIFTED);
  }
}

TEST(SingleConsent, ClientIsNamedByBsnAlone) {
  const v1::Exchange exchange = DecodeSound(Valid("consent"));
  EXPECT_EQ(exchange.client().bsn(), "999900006");
  EXPECT_EQ(exchange.consent().decision(), v1::PERMIT);
  EXPECT_EQ(exchange.content_case(), v1::Exchange::kConsent);
}

TEST(SingleConsent, EachStateOfAConsentHasAKeyOfItsOwn) {
  const std::string given = DecodeSound(Valid("consent")).envelope().request_key();
  const std::string again = DecodeSound(Valid("consent")).envelope().request_key();
  const std::string withdrawn =
      DecodeSound(Edited(Valid("consent"), {"set /status \"inactive\""})).envelope().request_key();
  EXPECT_EQ(given, again);
  EXPECT_NE(given, withdrawn);
  EXPECT_EQ(DecodeSound(Valid("consent"), "beside").envelope().request_key(), "beside");
}

TEST(SingleConsent, PatientMayBeContained) {
  const v1::Exchange exchange = DecodeSound(Edited(
      Valid("consent"), {"set /contained [{\"resourceType\":\"Patient\",\"id\":\"p\",\"identifier\":[{\"system\":"
                         "\"http://fhir.nl/fhir/NamingSystem/bsn\",\"value\":\"999900006\"}]}]",
                         "set /patient {\"reference\":\"#p\"}"}));
  EXPECT_EQ(exchange.client().bsn(), "999900006");
}

TEST(Answer, AcceptedAndRejectedBecomeReceipts) {
  const v1::Exchange accepted = DecodeSound(Valid("answer"));
  EXPECT_EQ(accepted.receipt().about(), "put-the-delivery-id-here");
  EXPECT_EQ(accepted.receipt().state(), v1::ACCEPTED);
  EXPECT_EQ(accepted.envelope().request_key(), "answer:put-the-delivery-id-here:accepted");
  EXPECT_FALSE(accepted.has_client());
  const v1::Exchange rejected = DecodeSound(
      Edited(Valid("answer"), {"set /status \"rejected\"",
                               "set /statusReason {\"coding\":[{\"system\":\"urn:schotvrij:codesystem:answer-reason\","
                               "\"code\":\"not-resident\"}]}"}),
      "beside");
  EXPECT_EQ(rejected.receipt().state(), v1::REJECTED);
  EXPECT_EQ(rejected.receipt().reason(), "not-resident");
  EXPECT_EQ(rejected.envelope().request_key(), "beside");
}

}  // namespace
}  // namespace schotvrij::fhir::test
