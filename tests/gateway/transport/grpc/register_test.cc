#include "tests/gateway/transport/grpc/edge_fixture.h"

namespace schotvrij::test {
namespace {

using ::testing::ElementsAre;
using RegisterTest = EdgeTest;

TEST_F(RegisterTest, ARegistrationGoesOnTheRoadAsACanonicalExchange) {
  EXPECT_EQ(Foreign("proefaanbieder", "register"), "registered bericht-1 proefnetwerk\n");
  ASSERT_EQ(road_.received().size(), 1u);
  const FakeRoad::Received received = road_.received()[0];
  EXPECT_EQ(received.caller.peer, "proefaanbieder");
  EXPECT_EQ(received.format, exchange::Format::kCanonical);
  EXPECT_EQ(received.edge, "grpc");
  EXPECT_EQ(received.exchange.envelope().request_key(), "aanmelding-1");
  EXPECT_EQ(received.exchange.envelope().network(), "proefnetwerk");
  EXPECT_EQ(received.exchange.envelope().recipient_identifier().value(), "0228");
  EXPECT_FALSE(received.exchange.envelope().has_sender_identifier());
  EXPECT_EQ(received.exchange.client().bsn(), "999900006");
  EXPECT_EQ(received.exchange.registration().step(), v1::REGISTER);
}

TEST_F(RegisterTest, AMessageOfAnyContentGoesOnTheRoadAsItIs) {
  EXPECT_EQ(Foreign("proefgemeente", "send"), "sent bericht-1 proefnetwerk\n");
  ASSERT_EQ(road_.received().size(), 1u);
  const FakeRoad::Received received = road_.received()[0];
  EXPECT_EQ(received.format, exchange::Format::kCanonical);
  EXPECT_EQ(received.exchange.envelope().request_key(), "T-000001");
  EXPECT_EQ(received.exchange.allocation().products(0).allocation_number(), 100234);
}

TEST_F(RegisterTest, WhatIsWrongWithItIsToldByItsPlaceInTheRequest) {
  road_.answer = policy::Answer::Refused({MakeIssue("FIELD-MISSING", "allocation.products[0].allocated_on"),
                                          MakeIssue("RECIPIENT-UNKNOWN", "envelope.recipient"), MakeIssue("BUSY", "")});
  EXPECT_EQ(Foreign("proefgemeente", "send"),
            "RESOURCE_EXHAUSTED\n"
            "violation exchange.allocation.products[0].allocated_on FIELD-MISSING True\n"
            "violation exchange.envelope.recipient_identifier RECIPIENT-UNKNOWN True\n"
            "violation exchange BUSY True\n"
            "info schotvrij BUSY\nretry 5\n");
}

TEST_F(RegisterTest, OnlyAWellFormedTraceIdIsTakenOver) {
  EXPECT_EQ(Foreign("proefaanbieder", "register_with_trace"), "");
  ASSERT_EQ(road_.received().size(), 2u);
  EXPECT_EQ(road_.received()[0].trace_id, "0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(road_.received()[1].trace_id.size(), 32u);
  EXPECT_EQ(road_.received()[1].trace_id.find("999900006"), std::string::npos);
}

TEST_F(RegisterTest, TheRoadsIssuesReachAForeignClientAsGoogleRpcDetails) {
  road_.answer = policy::Answer::Refused(
      {MakeIssue("BSN-ELEVEN-TEST", "client.bsn"), MakeIssue("KEY-FORM", "envelope.request_key")});
  EXPECT_EQ(Foreign("proefaanbieder", "register"),
            "INVALID_ARGUMENT\n"
            "violation client.bsn BSN-ELEVEN-TEST True\n"
            "violation request_id KEY-FORM True\n"
            "info schotvrij BSN-ELEVEN-TEST\n");
}

TEST_F(RegisterTest, WhatMayBeTriedAgainSaysWhen) {
  road_.answer = policy::Answer::Refused({MakeIssue("BUSY", "")});
  road_.answer.retry_after_s = 7;
  EXPECT_EQ(Foreign("proefaanbieder", "register"),
            "RESOURCE_EXHAUSTED\nviolation - BUSY True\ninfo schotvrij BUSY\nretry 7\n");
}

// One row: what a caller does wrong, and what it is told before anything reaches the road.
struct Refusal {
  const char* scenario;
  const char* told;
};
class RefusedAtTheEdge : public EdgeTest, public ::testing::WithParamInterface<Refusal> {};

TEST_P(RefusedAtTheEdge, HasNoEffect) {
  EXPECT_EQ(Foreign("proefaanbieder", GetParam().scenario), GetParam().told);
  EXPECT_TRUE(road_.received().empty());
}

INSTANTIATE_TEST_SUITE_P(
    Rules, RefusedAtTheEdge,
    ::testing::Values(
        Refusal{"register_unknown_field",
                "INVALID_ARGUMENT\nviolation #99 UNKNOWN-FIELD True\ninfo schotvrij UNKNOWN-FIELD\n"},
        Refusal{"register_unknown_inside",
                "INVALID_ARGUMENT\nviolation client.#99 UNKNOWN-FIELD True\ninfo schotvrij UNKNOWN-FIELD\n"},
        Refusal{"register_not_utf8", "INVALID_ARGUMENT\nviolation - PROTO-SYNTAX True\ninfo schotvrij PROTO-SYNTAX\n"},
        Refusal{"register_cut_short", "INVALID_ARGUMENT\nviolation - PROTO-SYNTAX True\ninfo schotvrij PROTO-SYNTAX\n"},
        Refusal{"register_without_key",
                "INVALID_ARGUMENT\nviolation request_id KEY-FORM True\ninfo schotvrij KEY-FORM\n"},
        Refusal{"send_without_key",
                "INVALID_ARGUMENT\nviolation exchange.envelope.request_key KEY-FORM True\ninfo schotvrij KEY-FORM\n"},
        Refusal{"register_long_key", "INVALID_ARGUMENT\nviolation request_id KEY-FORM True\ninfo schotvrij KEY-FORM\n"},
        Refusal{"register_oversize", "INVALID_ARGUMENT\nviolation - BODY-SIZE True\ninfo schotvrij BODY-SIZE\n"},
        Refusal{"register_beyond_all_frames", "RESOURCE_EXHAUSTED\nno details\n"},
        Refusal{"register_compressed", "UNIMPLEMENTED\nno details\n"},
        Refusal{"register_large_metadata", "RESOURCE_EXHAUSTED\nno details\n"},
        Refusal{"reflect", "UNIMPLEMENTED\nno details, no text\n"},
        Refusal{"health", "UNIMPLEMENTED\nno details, no text\n"},
        Refusal{"acknowledge_too_many",
                "INVALID_ARGUMENT\nviolation delivery_ids LIST-SIZE True\ninfo schotvrij LIST-SIZE\n"},
        Refusal{"acknowledge_empty_id",
                "INVALID_ARGUMENT\nviolation delivery_ids[1] KEY-FORM True\ninfo schotvrij KEY-FORM\n"},
        Refusal{"answer_undeliverable",
                "INVALID_ARGUMENT\nviolation state ANSWER-STATE True\ninfo schotvrij ANSWER-STATE\n"},
        Refusal{"answer_about_nothing",
                "INVALID_ARGUMENT\nviolation delivery_id KEY-FORM True\ninfo schotvrij KEY-FORM\n"},
        Refusal{"watch_for_another",
                "PERMISSION_DENIED\nviolation participant CALLER-NOT-FOR True\ninfo schotvrij CALLER-NOT-FOR\n"}),
    [](const auto& info) { return std::string(info.param.scenario); });

TEST_F(RegisterTest, SixtyFourCallsAtOnceOnOneConnectionAreAllAnswered) {
  EXPECT_EQ(Foreign("proefaanbieder", "register_64_at_once"), "registered 1 id for 64 calls\n");
  EXPECT_EQ(road_.received().size(), 64u);
}

TEST_F(RegisterTest, AnAnswerIsAReceiptAboutTheDeliveryWithAKeyOfItsOwn) {
  EXPECT_EQ(Foreign("proefgemeente", "answer"), "answered bericht-1\nanswered bericht-1\n");
  ASSERT_EQ(road_.received().size(), 2u);
  const v1::Exchange accepted = road_.received()[0].exchange;
  EXPECT_EQ(accepted.envelope().request_key(), "answer:bezorging-1:accepted");
  EXPECT_EQ(accepted.receipt().about(), "bezorging-1");
  EXPECT_EQ(accepted.receipt().state(), v1::ACCEPTED);
  const v1::Exchange rejected = road_.received()[1].exchange;
  EXPECT_EQ(rejected.envelope().request_key(), "mijn-sleutel");
  EXPECT_EQ(rejected.envelope().sender_identifier().value(), "0228");
  EXPECT_EQ(rejected.receipt().reason(), "not-resident");
}

TEST_F(RegisterTest, AnAcknowledgementThatTheRoadRefusesIsAnEvent) {
  road_.acknowledge_issues = {MakeIssue("CALLER-NOT-FOR", "participant")};
  rpc::GrpcClient client(ClientOptions("proefgemeente"));
  v1::AcknowledgeRequest request;
  request.add_delivery_ids("delivery-1");
  const rpc::Outcome<v1::AcknowledgeResponse> refused = client.Acknowledge(request);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.refusal().status, "PERMISSION_DENIED");
  EXPECT_EQ(road_.refusals_noted, 1u);
}

TEST_F(RegisterTest, OurOwnClientReadsWhatAForeignOneReads) {
  rpc::GrpcClient client(ClientOptions("proefaanbieder"));
  v1::RegisterRequest request;
  request.set_request_id("k");
  EXPECT_EQ(client.Register(request).value().message_id(), "bericht-1");

  road_.answer = policy::Answer::Refused({MakeIssue("CONSENT-MISSING", "registration.consents")});
  const rpc::Outcome<v1::RegisterResponse> refused = client.Register(request);
  ASSERT_FALSE(refused.ok());
  EXPECT_TRUE(refused.refusal().at_fault);
  EXPECT_EQ(refused.refusal().status, "FAILED_PRECONDITION");
  ASSERT_EQ(refused.refusal().violations.size(), 1u);
  EXPECT_EQ(refused.refusal().violations[0].rule, "CONSENT-MISSING");
  EXPECT_EQ(refused.refusal().violations[0].path, "registration.consents");

  road_.answer = policy::Answer::Refused({MakeIssue("STORE-UNAVAILABLE", "")});
  const rpc::Outcome<v1::RegisterResponse> failed = client.Register(request);
  EXPECT_FALSE(failed.refusal().at_fault);
  EXPECT_GT(failed.refusal().retry_after_s, 0);
}

}  // namespace
}  // namespace schotvrij::test
