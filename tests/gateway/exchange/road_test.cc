#include "gateway/exchange/road.h"

#include <map>

#include "absl/strings/str_cat.h"
#include "gateway/audit/audit.h"
#include "gateway/exchange/client_file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "schemas/base/limits.h"
#include "schemas/base/stable_bytes.h"
#include "tests/gateway/exchange/world.h"

namespace schotvrij::exchange {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using State = policy::Answer::State;

const policy::Disclosure& Shown(const MailboxItem& item) { return std::get<policy::Disclosure>(item.content); }

std::string With(std::string text, const std::string& from, const std::string& to) {
  size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

TEST(Road, MunicipalityGetsBsnAndOwnSurnameAndNothingElse_R3) {
  World world;
  policy::Answer answer = world.Register(world.Example());
  ASSERT_EQ(answer.state, State::kReceived) << Told(answer);
  EXPECT_EQ(answer.network, "ede");

  Road::MailboxPage page = world.Read("gemeente-ede");
  ASSERT_THAT(page.items, SizeIs(1));
  const v1::Exchange& got = Shown(page.items[0]).exchange();
  v1::Exchange expected;
  expected.mutable_client()->set_bsn("999900006");
  expected.mutable_client()->mutable_name()->set_own_name("Testmeer");
  expected.mutable_client()->mutable_name()->set_own_prefix("van der");
  expected.mutable_envelope()->set_sender("opella");
  expected.mutable_envelope()->set_message_id(page.items[0].delivery_id);
  expected.mutable_envelope()->set_sent_on("2026-11-20");
  expected.mutable_registration();
  EXPECT_EQ(ToBytes(got), ToBytes(expected));
  EXPECT_NE(page.items[0].delivery_id, answer.message_id) << "recipient and sender know it by ids of their own";
}

TEST(Road, SameMessageAgainGetsSameAnswerAndNoSecondDelivery) {
  World world;
  policy::Answer first = world.Register(world.Example());
  policy::Answer second = world.Register(world.Example());
  EXPECT_EQ(second.state, State::kReceived);
  EXPECT_EQ(second.message_id, first.message_id);
  EXPECT_THAT(world.Read("gemeente-ede").items, SizeIs(1));
}

TEST(Road, RepeatGetsItsAnswerAlsoAfterTheNetworkBecameInactive) {
  World world;
  policy::Answer first = world.Register(world.Example());
  config::v1::Enrolment smaller = world.enrolment->document();
  smaller.mutable_participant()->DeleteSubrange(1, 1);  // gemeente-ede
  world.enrolment = *identity::Enrolment::Create(smaller);
  EXPECT_EQ(world.Register(world.Example()).message_id, first.message_id);
  EXPECT_EQ(world.Register(With(world.Example(), "ede-2026-000001", "ede-2026-000002")).state, State::kRefused);
}

TEST(Road, SameKeyWithOtherContentIsRefused) {
  World world;
  world.Register(world.Example());
  policy::Answer answer = world.Register(With(world.Example(), "999900006", "999900018"));
  EXPECT_THAT(Rules(answer), ElementsAre("KEY-REUSED"));
  EXPECT_THAT(world.Read("gemeente-ede").items, SizeIs(1));
}

TEST(Road, SecondRegistrationOfTheSameClientUnderAnotherKeyIsToldSo) {
  World world;
  world.Register(world.Example());
  policy::Answer answer = world.Register(With(world.Example(), "ede-2026-000001", "ede-2026-000002"));
  EXPECT_THAT(Rules(answer), ElementsAre("ALREADY-REGISTERED"));
  EXPECT_THAT(world.Read("gemeente-ede").items, SizeIs(1));
}

TEST(Road, ProviderFindsTheAnswerInItsOwnMailbox) {
  World world;
  policy::Answer sent = world.Register(world.Example());
  const std::string delivery = world.Read("gemeente-ede").items.at(0).delivery_id;
  EXPECT_EQ(world.Answer("gemeente-ede", delivery, "accepted").state, State::kReceived);

  Road::MailboxPage page = world.Read("opella");
  ASSERT_THAT(page.items, SizeIs(1));
  const v1::Exchange& receipt = Shown(page.items[0]).exchange();
  EXPECT_EQ(receipt.receipt().state(), v1::ACCEPTED);
  EXPECT_EQ(receipt.receipt().about(), sent.message_id);
  EXPECT_EQ(receipt.receipt().request_key(), "ede-2026-000001");
  EXPECT_FALSE(receipt.has_client());
  EXPECT_THAT(world.Read("gemeente-ede").items, IsEmpty()) << "an answer takes the message over";
}

TEST(Road, RejectionNeedsAReasonOfTheListAndFreesTheClientForANewRegistration) {
  World world;
  world.Register(world.Example());
  const std::string delivery = world.Read("gemeente-ede").items.at(0).delivery_id;
  EXPECT_THAT(Rules(world.Answer("gemeente-ede", delivery, "rejected")), Not(IsEmpty()));
  EXPECT_EQ(world.Answer("gemeente-ede", delivery, "rejected", "not-resident").state, State::kReceived);
  EXPECT_EQ(Shown(world.Read("opella").items.at(0)).exchange().receipt().reason(), "not-resident");
  EXPECT_EQ(world.Register(With(world.Example(), "ede-2026-000001", "ede-2026-000002")).state, State::kReceived);
}

TEST(Road, OnlyTheRecipientAnswersAndOnlyOnce) {
  World world;
  world.Register(world.Example());
  const std::string delivery = world.Read("gemeente-ede").items.at(0).delivery_id;
  EXPECT_THAT(Rules(world.Answer("menzis", delivery, "accepted")), ElementsAre("ANSWER-UNKNOWN"));
  world.Answer("gemeente-ede", delivery, "accepted");
  EXPECT_EQ(world.Answer("gemeente-ede", delivery, "accepted").state, State::kReceived) << "a repeat";
  EXPECT_THAT(Rules(world.Answer("gemeente-ede", delivery, "rejected", "not-resident")), ElementsAre("ANSWER-TWICE"));
  EXPECT_THAT(world.Read("opella").items, SizeIs(1));
}

TEST(Road, ACallerForSeveralIsTakenForTheRecipientOfWhatItAnswers) {
  World world;
  world.Register(world.Example());
  const std::string delivery = world.Read("gemeente-ede").items.at(0).delivery_id;
  const identity::Caller vendor{"vendor", {"menzis", "gemeente-ede"}};
  Road::MailboxRequest request;
  request.caller = vendor;
  request.delivery_id = delivery;
  size_t found = 0;
  world.road->ReadMailbox(request, [&](Road::MailboxPage page) { found = page.items.size(); });
  world.Drive();
  EXPECT_EQ(found, 1u);
  uint32_t acknowledged = 0;
  world.road->Acknowledge({vendor, {}, {delivery}, "trace"},
                          [&](Road::Acknowledged done) { acknowledged = done.count; });
  world.Drive();
  EXPECT_EQ(acknowledged, 1u);
  const identity::Caller stranger{"stranger", {"menzis", "opella"}};
  request.caller = stranger;
  world.road->ReadMailbox(request, [&](Road::MailboxPage page) { found = page.items.size(); });
  world.Drive();
  EXPECT_EQ(found, 0u);
}

TEST(Road, NobodyFindsWhatIsNotTheirs) {
  World world;
  world.Register(world.Example());
  const std::string delivery = world.Read("gemeente-ede").items.at(0).delivery_id;
  EXPECT_THAT(world.Read("menzis").items, IsEmpty());
  EXPECT_THAT(world.Read("menzis", false, delivery).items, IsEmpty());
  EXPECT_EQ(world.Acknowledge("menzis", {delivery}), 0u);
  EXPECT_EQ(world.Acknowledge("gemeente-ede", {delivery, delivery}), 1u);
  EXPECT_THAT(world.Read("gemeente-ede").items, IsEmpty());
  EXPECT_THAT(world.Read("gemeente-ede", false).items, SizeIs(1));
}

TEST(Road, TakesABoundedNumberOfAcknowledgementsAtATime) {
  World world;
  for (size_t ids : {limits::kAcknowledgeMax, limits::kAcknowledgeMax + 1}) {
    std::optional<Road::Acknowledged> said;
    world.road->Acknowledge({World::As("opella"), {}, std::vector<std::string>(ids, "nergens"), "trace"},
                            [&](Road::Acknowledged acknowledged) { said = std::move(acknowledged); });
    world.Drive();
    ASSERT_TRUE(said.has_value());
    EXPECT_EQ(HasError(said->issues), ids > limits::kAcknowledgeMax);
  }
}

// The consent of the example, withdrawn or given again.
std::string ConsentToday(const World& world, const std::string& status) {
  return absl::StrReplaceAll(
      R"({"resourceType":"Consent","identifier":[{"system":"urn:example:provider:consents","value":"consent-2026-000001"}],
      "status":"STATUS","scope":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/consentscope",
      "code":"patient-privacy"}]},"category":[{"coding":[{"system":"http://loinc.org","code":"59284-0"}]}],
      "patient":{"identifier":{"system":"http://fhir.nl/fhir/NamingSystem/bsn","value":"999900006"}},
      "dateTime":"TODAY","performer":[{"type":"Patient","identifier":{"system":"http://fhir.nl/fhir/NamingSystem/bsn",
      "value":"999900006"}}],"policy":[{"uri":"urn:example:provider:consent-text:2026-1"}],
      "provision":{"type":"permit","purpose":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActReason",
      "code":"HOPERAT"}]}})",
      {{"TODAY", TodayInAmsterdam(world.clock.now).ToString()}, {"STATUS", status}});
}

TEST(Road, WhatIsFoundWithheldInAMailboxHasEndedAndItsSenderIsTold) {
  World world;
  policy::Answer sent = world.Register(world.Example());
  ASSERT_EQ(world.Register(ConsentToday(world, "inactive")).state, State::kReceived);
  const std::string delivery = world.Read("gemeente-ede").items.at(0).delivery_id;
  EXPECT_THAT(world.Read("gemeente-ede").items, IsEmpty());
  EXPECT_EQ(world.Acknowledge("gemeente-ede", {delivery}), 0u);
  EXPECT_THAT(Rules(world.Answer("gemeente-ede", delivery, "accepted")), ElementsAre("ANSWER-UNKNOWN"));

  Road::MailboxPage page = world.Read("opella");
  ASSERT_THAT(page.items, SizeIs(1));
  const v1::Receipt& receipt = Shown(page.items[0]).exchange().receipt();
  EXPECT_EQ(receipt.about(), sent.message_id);
  EXPECT_EQ(receipt.state(), v1::WITHHELD);
  EXPECT_EQ(receipt.reason(), "nothing-may-leave");

  // Consent given again opens the way for a new registration, not for what its sender was told came to nothing.
  world.PassUs(86'400'000'000);
  ASSERT_EQ(world.Register(ConsentToday(world, "active")).state, State::kReceived);
  page = world.Read("gemeente-ede", false, delivery);
  ASSERT_THAT(page.items, SizeIs(1));
  EXPECT_TRUE(std::holds_alternative<policy::Withheld>(page.items[0].content));
  EXPECT_EQ(world.Register(With(world.Example(), "ede-2026-000001", "ede-2026-000002")).state, State::kReceived);
}

TEST(Road, WhatWasTakenOverDoesNotEndWhenItMayBeSeenNoMore) {
  World world;
  world.Register(world.Example());
  const std::string delivery = world.Read("gemeente-ede").items.at(0).delivery_id;
  ASSERT_EQ(world.Acknowledge("gemeente-ede", {delivery}), 1u);
  ASSERT_EQ(world.Register(ConsentToday(world, "inactive")).state, State::kReceived);
  EXPECT_TRUE(std::holds_alternative<policy::Withheld>(world.Read("gemeente-ede", false, delivery).items.at(0).content));
  EXPECT_THAT(world.Read("opella").items, IsEmpty());
  EXPECT_EQ((*world.store->DeliveryById(delivery))->state, store::DeliveryState::kDelivered);
}

TEST(Road, WhySomethingIsWithheldIsNotToldToWhoReadsIt) {
  World world;
  world.Register(world.Example());
  const std::string delivery = world.Read("gemeente-ede").items.at(0).delivery_id;
  ASSERT_EQ(world.Register(ConsentToday(world, "inactive")).state, State::kReceived);
  for (int read = 0; read < 2; ++read) {
    const auto content = world.Read("gemeente-ede", false, delivery).items.at(0).content;
    EXPECT_THAT(std::get<policy::Withheld>(content).issues, ElementsAre(testing::Field(&Issue::rule, "NOTHING-TO-SHARE")));
  }
}

TEST(Road, AReadThatAWithdrawalOvertakesShowsNothing) {
  World world;
  world.Register(world.Example());
  bool withdrawn = false;
  std::optional<Road::MailboxPage> page;
  world.road->Receive({World::As("opella"), Format::kFhirJson, "fhir-https", ConsentToday(world, "inactive"), "trace", ""},
                      [&](policy::Answer answer) { withdrawn = answer.state == State::kReceived; });
  Road::MailboxRequest request;
  request.caller = World::As("gemeente-ede");
  world.road->ReadMailbox(request, [&](Road::MailboxPage read) { page = std::move(read); });
  ASSERT_FALSE(withdrawn || page.has_value()) << "both wait for the same flush, the withdrawal before the read";
  world.Drive();
  ASSERT_TRUE(withdrawn && page.has_value());
  EXPECT_TRUE(std::holds_alternative<policy::Withheld>(page->items.at(0).content));
}

TEST(Road, TwoAcknowledgementsAtOnceAreOne) {
  World world;
  world.Register(world.Example());
  const std::string delivery = world.Read("gemeente-ede").items.at(0).delivery_id;
  uint32_t counted = 0;
  for (int i = 0; i < 2; ++i) {
    world.road->Acknowledge({World::As("gemeente-ede"), {}, {delivery}, "trace"},
                            [&](Road::Acknowledged done) { counted += done.count; });
  }
  world.Drive();
  EXPECT_EQ(counted, 1u);
}

TEST(Road, ScoreSentAnywayIsInNoStoreAfterTheDecision_R2) {
  World world;
  const std::string score = R"(, {"fullUrl":"urn:uuid:7b1c4f0e-2d5a-4e0b-9c3f-1a2b3c4d5e09","resource":
      {"resourceType":"Observation","status":"final","code":{"coding":[{"system":"urn:schotvrij:codesystem:instrument",
      "code":"gfi"}]},"subject":{"reference":"urn:uuid:7b1c4f0e-2d5a-4e0b-9c3f-1a2b3c4d5e02"},
      "effectiveDateTime":"2026-11-20","valueInteger":11},"request":{"method":"POST","url":"Observation"}}])";
  std::string body = world.Example();
  const size_t end_of_entries = body.rfind(']');
  policy::Answer answer = world.Register(body.substr(0, end_of_entries) + score + body.substr(end_of_entries + 1));
  ASSERT_EQ(answer.state, State::kReceived) << Told(answer);

  // Everything that was written about the client, opened with its own key.
  std::optional<store::ClientRow> row = *world.store->ClientByIdentifier(BsnToken(*world.keys, "999900006"));
  absl::StatusOr<ClientFile> file = ClientFile::Open(*world.keys, *row);
  ASSERT_TRUE(file.ok());
  std::optional<store::ExchangeRow> stored = *world.store->ExchangeById(answer.message_id);
  absl::StatusOr<v1::Exchange> kept = file->OpenExchange(answer.message_id, stored->exchange.content);
  ASSERT_TRUE(kept.ok());
  EXPECT_THAT(kept->registration().assessments(), IsEmpty());
  for (const v1::Attestation& attestation : kept->registration().attestations()) {
    EXPECT_EQ(attestation.verdict(), v1::VERDICT_UNSPECIFIED);
  }
  EXPECT_EQ(kept->client().birth_date(), "");
  EXPECT_EQ(kept->client().name().given_names(), "");
  EXPECT_EQ(ToBytes(file->facts()).find("gfi"), std::string::npos);

  // The digest of the message does not hold it either: with another score it is the same message.
  const std::string other = With(score, "valueInteger\":11", "valueInteger\":12");
  EXPECT_EQ(world.Register(body.substr(0, end_of_entries) + other + body.substr(end_of_entries + 1)).message_id,
            answer.message_id);
}

TEST(Road, CanonicalEdgeHasTheSameSemantics) {
  World world;
  v1::Exchange exchange;
  exchange.mutable_envelope()->set_request_key("grpc-1");
  exchange.mutable_envelope()->mutable_recipient_identifier()->set_system("cbs");
  exchange.mutable_envelope()->mutable_recipient_identifier()->set_value("0228");
  exchange.mutable_client()->set_bsn("999900018");
  exchange.mutable_client()->mutable_name()->set_own_name("Proefman");
  exchange.mutable_registration()->set_step(v1::REGISTER);
  v1::Attestation& attestation = *exchange.mutable_registration()->add_attestations();
  attestation.set_criterion("target-group");
  attestation.set_verdict(v1::MET);
  attestation.set_criteria_version("ede-2024");
  attestation.set_checked_on("2026-11-19");
  attestation.set_checker_function("30.000");
  v1::Consent& consent = *exchange.mutable_registration()->add_consents();
  consent.set_consent_id("c-1");
  consent.set_scope(v1::PRIVACY);
  consent.set_state(v1::CONSENT_ACTIVE);
  consent.set_decision(v1::PERMIT);
  consent.set_given_on("2026-11-19");
  consent.set_given_by(v1::CLIENT_SELF);
  consent.add_purposes(v1::REGISTRATION);
  auto send = [&](const v1::Exchange& message) {
    policy::Answer given;
    const std::string body = message.SerializeAsString();
    world.road->Receive({World::As("opella"), Format::kCanonical, "grpc", body, "trace", ""},
                        [&](policy::Answer answer) { given = std::move(answer); });
    world.Drive();
    return given;
  };
  policy::Answer answer = send(exchange);
  ASSERT_EQ(answer.state, State::kReceived) << Told(answer);
  EXPECT_EQ(send(exchange).message_id, answer.message_id);
  EXPECT_EQ(Shown(world.Read("gemeente-ede").items.at(0)).exchange().client().bsn(), "999900018");
  exchange.mutable_registration()->mutable_attestations(0)->set_verdict(v1::NOT_MET);
  exchange.mutable_envelope()->set_request_key("grpc-2");
  exchange.mutable_client()->set_bsn("999900031");
  EXPECT_THAT(Rules(send(exchange)), ElementsAre("VERDICT-NOT-MET"));
}

TEST(Road, RefusalIsAnEventAndHasNoEffect) {
  World world;
  policy::Answer answer = world.Register(absl::StrReplaceAll(world.Example(), {{"999900006", "999900007"}}));
  EXPECT_EQ(answer.state, State::kRefused);
  EXPECT_THAT(Rules(answer), testing::Contains("BSN-ELEVEN-TEST"));
  EXPECT_EQ(world.CountEvents(v1::AUDIT_REFUSE), 1u);
  EXPECT_THAT(world.Read("gemeente-ede").items, IsEmpty());
}

TEST(Road, WhatAnEdgeRefusesByItselfIsAnEventToo) {
  World world;
  const Issue issue = MakeIssue("BODY-SIZE", "");
  world.road->NoteRefusal(World::As("opella"), {&issue, 1}, "trace");
  world.Drive();
  ASSERT_EQ(world.CountEvents(v1::AUDIT_REFUSE), 1u);
  EXPECT_THAT(audit::MissingFields(world.Events().back()), IsEmpty());
}

TEST(Road, WhatTheGatewayItselfFailsAtIsNoRefusal) {
  World world;
  for (const char* rule : {"BUSY", "STORE-UNAVAILABLE", "INTERNAL"}) {
    const Issue issue = MakeIssue(rule, "");
    world.road->NoteRefusal(World::As("opella"), {&issue, 1}, "trace");
  }
  world.Drive();
  EXPECT_EQ(world.CountEvents(v1::AUDIT_REFUSE), 0u);
}

TEST(Road, EveryEventIsCompleteAndHoldsNoPersonalDatum) {
  World world;
  world.Register(world.Example());
  world.Register(With(world.Example(), "ede-2026-000001", "ede-2026-000002"));
  world.Answer("gemeente-ede", world.Read("gemeente-ede").items.at(0).delivery_id, "accepted");
  std::vector<v1::AuditEvent> events = world.Events();
  EXPECT_GE(world.CountEvents(v1::AUDIT_RECEIVE), 2u);
  EXPECT_GE(world.CountEvents(v1::AUDIT_DECIDE), 2u);
  EXPECT_GE(world.CountEvents(v1::AUDIT_DISCLOSE), 2u);
  EXPECT_GE(world.CountEvents(v1::AUDIT_READ), 1u);
  EXPECT_EQ(world.CountEvents(v1::AUDIT_REFUSE), 1u);
  for (const v1::AuditEvent& event : events) {
    EXPECT_THAT(audit::MissingFields(event), IsEmpty());
    const std::map<std::string, std::string> roles = {
        {"opella", "provider"}, {"gemeente-ede", "municipality"}, {"gateway.example", "system"}};
    EXPECT_EQ(event.users(0).role(), roles.at(event.users(0).id()));
    const std::string bytes = ToBytes(event);
    EXPECT_EQ(bytes.find("999900006"), std::string::npos);
    EXPECT_EQ(bytes.find("Testmeer"), std::string::npos);
  }
  EXPECT_EQ(world.log.str().find("999900006"), std::string::npos);
  EXPECT_EQ(world.log.str().find("Testmeer"), std::string::npos);
}

TEST(Road, TestGatewayRefusesBsnOutsideTheTestRange_R55) {
  World world;
  EXPECT_THAT(Rules(world.Register(absl::StrReplaceAll(world.Example(), {{"999900006", "123456782"}}))),
              ElementsAre("BSN-NOT-TEST"));
}

// --- By secure mail -------------------------------------------------------------------------------------------------------

TEST(RoadByMail, SendsOnceAndTellsNobodyMoreThanTheRule) {
  World world(MunicipalityBy::kMail);
  ASSERT_EQ(world.Register(world.Example()).state, State::kReceived);
  ASSERT_THAT(world.outbound.attempts, SizeIs(1));
  world.MailEnds({DeliveryOutcome::Kind::kAccepted, ""});
  world.PassUs(60'000'000);
  EXPECT_THAT(world.outbound.attempts, SizeIs(1));
  EXPECT_EQ(world.CountEvents(v1::AUDIT_DELIVER), 1u);
  const std::string& text = world.outbound.attempts[0].encoded.bytes();
  EXPECT_EQ(text.find("Voorbeeld"), std::string::npos) << "the partner's name";
  EXPECT_EQ(text.find("dement"), std::string::npos);
}

TEST(RoadByMail, RetriesReuseTheFrozenIdsUntilTheDeadLetterAndTheSenderIsTold) {
  World world(MunicipalityBy::kMail);
  policy::Answer sent = world.Register(world.Example());
  for (int attempt = 1; attempt <= 3; ++attempt) {
    ASSERT_THAT(world.outbound.attempts, SizeIs(attempt));
    world.MailEnds({DeliveryOutcome::Kind::kTransient, "smtp-451"});
    world.PassUs(20'000'000);
  }
  EXPECT_THAT(world.outbound.attempts, SizeIs(3));
  for (const TestOutbound::Attempt& attempt : world.outbound.attempts) {
    EXPECT_EQ(ToBytes(attempt.frozen), ToBytes(world.outbound.attempts[0].frozen));
    EXPECT_EQ(attempt.encoded.bytes(), world.outbound.attempts[0].encoded.bytes());
  }
  Road::MailboxPage page = world.Read("opella");
  ASSERT_THAT(page.items, SizeIs(1));
  EXPECT_EQ(Shown(page.items[0]).exchange().receipt().state(), v1::UNDELIVERABLE);
  EXPECT_EQ(Shown(page.items[0]).exchange().receipt().about(), sent.message_id);
  EXPECT_EQ(world.Register(With(world.Example(), "ede-2026-000001", "ede-2026-000002")).state, State::kReceived)
      << "what came to nothing may be registered again";
}

TEST(RoadByMail, BackOffBeginsWhenTheAttemptEnds) {
  World world(MunicipalityBy::kMail);
  world.Register(world.Example());
  ASSERT_EQ(world.outbound.attempts.size(), 1u);
  world.PassUs(60'000'000);
  world.MailEnds({DeliveryOutcome::Kind::kTransient, "timeout"});
  EXPECT_EQ(world.outbound.attempts.size(), 1u);
  world.PassUs(499'999);
  EXPECT_EQ(world.outbound.attempts.size(), 1u);
  world.PassUs(1'000'000);
  EXPECT_EQ(world.outbound.attempts.size(), 2u);
}

TEST(RoadByMail, NothingIsSentOnceItStopped) {
  World world(MunicipalityBy::kMail);
  world.road->Receive({World::As("opella"), Format::kFhirJson, "fhir-https", world.Example(), "trace", ""},
                      [](policy::Answer) {});
  world.store->Flush();
  world.executor.Run();  // the attempt waits to be written
  world.StopDispatcher();
  world.Drive();
  EXPECT_TRUE(world.outbound.attempts.empty());
  world.PassUs(1'000'000);
  const std::vector<store::Delivery> due = *world.store->DueDeliveries(world.clock.now, 10);
  ASSERT_EQ(due.size(), 1u);
  EXPECT_EQ(due[0].attempts, 1u) << "the stop came between the attempt and its sending";
}

TEST(RoadByMail, PermanentFailureIsADeadLetterAtOnce) {
  World world(MunicipalityBy::kMail);
  world.Register(world.Example());
  world.MailEnds({DeliveryOutcome::Kind::kPermanent, "smtp-550"});
  world.PassUs(60'000'000);
  EXPECT_THAT(world.outbound.attempts, SizeIs(1));
  EXPECT_THAT(world.Read("opella").items, SizeIs(1));
}

TEST(RoadByMail, ConsentThatRanOutWhileQueuedWithholdsAndTellsTheSender) {
  World world(MunicipalityBy::kMail);
  world.Register(world.Example());
  world.MailEnds({DeliveryOutcome::Kind::kTransient, "smtp-451"});
  // The consent runs for a year.
  world.clock.now.us += int64_t{400} * 86'400 * 1'000'000;
  world.PassUs(20'000'000);
  EXPECT_THAT(world.outbound.attempts, SizeIs(1));
  Road::MailboxPage page = world.Read("opella");
  ASSERT_THAT(page.items, SizeIs(1));
  EXPECT_EQ(Shown(page.items[0]).exchange().receipt().state(), v1::WITHHELD);
  EXPECT_EQ(world.CountEvents(v1::AUDIT_WITHHOLD), 1u);
}

// Draws the shortest of all that it may.
class LowRandom final : public Random {
 public:
  void Fill(std::span<uint8_t> out) override { std::fill(out.begin(), out.end(), 0); }
};

TEST(BackOff, ByDefaultWhoIsAwayAWeekIsStillTriedR56) {
  const RetryPolicy policy;
  LowRandom random;
  int64_t tried_us = 0;
  for (uint32_t attempts = 1; attempts < policy.attempts; ++attempts) tried_us += BackOffUs(policy, attempts, random);
  EXPECT_GT(tried_us, 7 * 86'400'000'000);
}

}  // namespace
}  // namespace schotvrij::exchange
