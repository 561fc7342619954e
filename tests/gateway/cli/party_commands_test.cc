#include <fstream>
#include <memory>
#include <sstream>

#include "gateway/cli/exit_code.h"
#include "gateway/cli/home.h"
#include "gateway/cli/init.h"
#include "gateway/cli/mailbox.h"
#include "gateway/cli/outcome_text.h"
#include "gateway/cli/submit.h"
#include "gateway/identity/config.h"
#include "gateway/transport/grpc/server.h"
#include "gateway/transport/http/fhir_api.h"
#include "gateway/transport/http/server.h"
#include "gateway/transport/runtime/executor.h"
#include "gateway/transport/runtime/system.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/gateway/transport/grpc/fake_road.h"
#include "tests/support/test_pki.h"

namespace schotvrij::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// Both listeners of a fresh home before a FakeRoad, as `serve` would start them.
class PartyCommands : public ::testing::Test {
 protected:
  void SetUp() override {
    InitOptions init;
    init.directory = Where();
    init.https_port = init.grpc_port = init.admin_port = 0;
    ASSERT_TRUE(MakeHome(init, random_, clock_).ok());
    auto loaded = identity::LoadConfig(Home(Where()).ConfigFile());
    ASSERT_TRUE(loaded.ok()) << loaded.status();
    enrolment_ = loaded->enrolment;
    StartHttps();
    StartGrpc(*loaded);
  }

  void StartHttps() {
    const Home home(Where());
    api_ = std::make_unique<http::FhirApi>(http::FhirApi::Parts{&road_, &random_, &executor_, "0", "2026-01-01"});
    http::ServerOptions options;
    options.address = "127.0.0.1:0";
    options.clock = &clock_;
    http::Partner partner{.tls = {home.ServerCertificateFile(), home.ServerKeyFile(), home.CaCertificateFile()},
                          .enrolment = [this] { return enrolment_; },
                          .handler = [this](http::Request request, http::Reply reply) {
                            api_->Handle(std::move(request), std::move(reply));
                          },
                          .refuser = [this](http::Refusal refusal, const identity::Caller& caller) {
                            return api_->Refuse(refusal, caller);
                          }};
    auto server = http::Server::Listen(std::move(options), std::move(partner));
    ASSERT_TRUE(server.ok()) << server.status();
    https_ = *std::move(server);
    std::ofstream(home.HttpsPortFile()) << https_->port() << "\n";
  }

  void StartGrpc(const identity::LoadedConfig& config) {
    rpc::GrpcServerOptions options;
    options.address = "127.0.0.1:0";
    options.certificate_pem = config.grpc.server.certificate_pem;
    options.key_pem = Contents(Home(Where()).ServerKeyFile());
    options.client_ca_pem = config.grpc.client_ca_pem;
    options.enrolment = [this] { return enrolment_; };
    options.road = &road_;
    options.executor = &executor_;
    options.random = &random_;
    auto server = rpc::GrpcServer::Listen(std::move(options));
    ASSERT_TRUE(server.ok()) << server.status();
    grpc_ = *std::move(server);
    std::ofstream(Home(Where()).GrpcPortFile()) << grpc_->port() << "\n";
  }

  static std::string Contents(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  std::string Where() const { return directory_.File("home"); }
  std::string WriteMessage(const std::string& text) {
    std::ofstream(directory_.File("message.json")) << text;
    return directory_.File("message.json");
  }
  SubmitOptions Submit(const std::string& text) {
    SubmitOptions options;
    options.home = Where();
    options.as = "opella";
    options.files = {WriteMessage(text)};
    return options;
  }
  MailboxOptions Mailbox() {
    MailboxOptions options;
    options.home = Where();
    options.as = "gemeente-ede";
    return options;
  }

  test::TempDir directory_;
  runtime::SystemRandom random_;
  runtime::SystemClock clock_;
  test::FakeRoad road_;
  std::shared_ptr<const identity::Enrolment> enrolment_;
  std::unique_ptr<http::FhirApi> api_;
  runtime::ThreadExecutor executor_{2};
  std::unique_ptr<http::Server> https_;
  std::unique_ptr<rpc::GrpcServer> grpc_;
  std::ostringstream out_;
  std::ostringstream err_;
};

TEST_F(PartyCommands, SubmitSaysWhatWasReceived) {
  EXPECT_EQ(RunSubmit(Submit(R"({"resourceType":"Bundle"})"), out_, err_), kGood);
  EXPECT_THAT(out_.str(), HasSubstr("200 received"));
  EXPECT_THAT(out_.str(), HasSubstr("bericht-1"));
  ASSERT_EQ(road_.received().size(), 1u);
  EXPECT_EQ(road_.received()[0].caller.peer, "opella");
}

TEST_F(PartyCommands, SubmitEndsWithOneWhenTheMessageIsAtFaultAndNamesRuleAndPlace) {
  road_.answer = policy::Answer::Refused({MakeIssue("CONSENT-MISSING", "")});
  EXPECT_EQ(RunSubmit(Submit(R"({"resourceType":"Bundle"})"), out_, err_), kMessageAtFault);
  EXPECT_THAT(out_.str(), HasSubstr("CONSENT-MISSING"));
  EXPECT_THAT(out_.str(), HasSubstr("422 refused"));
}

TEST_F(PartyCommands, SubmitEndsWithThreeWhenTheGatewayFailed) {
  road_.answer = policy::Answer::Refused({MakeIssue("STORE-UNAVAILABLE", "")});
  EXPECT_EQ(RunSubmit(Submit(R"({"resourceType":"Bundle"})"), out_, err_), kSystemFailed);
  https_.reset();
  EXPECT_EQ(RunSubmit(Submit(R"({"resourceType":"Bundle"})"), out_, err_), kSystemFailed);
}

TEST_F(PartyCommands, WrongUseEndsWithTwo) {
  SubmitOptions submit = Submit("{}");
  submit.as = "../opella";
  EXPECT_EQ(RunSubmit(submit, out_, err_), kWrongUse);
  submit = Submit("{}");
  submit.files = {directory_.File("absent.json")};
  EXPECT_EQ(RunSubmit(submit, out_, err_), kWrongUse);
  MailboxOptions mailbox = Mailbox();
  mailbox.home = directory_.File("no-home");
  EXPECT_EQ(RunMailboxList(mailbox, out_, err_), kWrongUse);
  EXPECT_EQ(out_.str(), "");
}

TEST_F(PartyCommands, SubmitForProgramsPrintsTheAnswerAsItCame) {
  SubmitOptions options = Submit(R"({"resourceType":"Bundle"})");
  options.json = true;
  EXPECT_EQ(RunSubmit(options, out_, err_), kGood);
  EXPECT_THAT(out_.str(), HasSubstr("\"status\":200,\"answer\":{"));
}

TEST_F(PartyCommands, ListMasksWhatIsSensitiveUnlessAskedToShowIt) {
  road_.Put("1", "999900006");
  EXPECT_EQ(RunMailboxList(Mailbox(), out_, err_), kGood);
  EXPECT_THAT(out_.str(), HasSubstr("delivery delivery-1"));
  EXPECT_THAT(out_.str(), Not(HasSubstr("999900006")));
  MailboxOptions reveal = Mailbox();
  reveal.reveal = true;
  reveal.json = true;
  EXPECT_EQ(RunMailboxList(reveal, out_, err_), kGood);
  EXPECT_THAT(out_.str(), HasSubstr("999900006"));
}

TEST_F(PartyCommands, WhatWasAcknowledgedIsNotListedAgain) {
  road_.Put("1", "999900006");
  MailboxOptions ack = Mailbox();
  ack.ids = {"delivery-1", "delivery-9"};
  EXPECT_EQ(RunMailboxAck(ack, out_, err_), kGood);
  EXPECT_EQ(RunMailboxList(Mailbox(), out_, err_), kGood);
  EXPECT_EQ(out_.str(), "acknowledged 1 of 2\nnothing waits\n");
}

TEST_F(PartyCommands, AnAnswerCarriesVerdictAndReason) {
  MailboxOptions answer = Mailbox();
  answer.ids = {"delivery-1"};
  answer.verdict = "rejected";
  answer.reason = "not-resident";
  EXPECT_EQ(RunMailboxAnswer(answer, out_, err_), kGood);
  EXPECT_EQ(out_.str(), "rejected: message bericht-1\n");
  ASSERT_EQ(road_.received().size(), 1u);
  EXPECT_EQ(road_.received()[0].exchange.receipt().state(), v1::REJECTED);
  EXPECT_EQ(road_.received()[0].exchange.receipt().reason(), "not-resident");
}

TEST_F(PartyCommands, ARefusedAnswerEndsWithOneAndAFailedGatewayWithThree) {
  MailboxOptions answer = Mailbox();
  answer.ids = {"delivery-1"};
  answer.verdict = "accepted";
  road_.answer = policy::Answer::Refused({MakeIssue("ANSWER-UNKNOWN", "receipt.about")});
  EXPECT_EQ(RunMailboxAnswer(answer, out_, err_), kMessageAtFault);
  EXPECT_THAT(err_.str(), HasSubstr("ANSWER-UNKNOWN delivery_id"));
  road_.answer = policy::Answer::Refused({MakeIssue("BUSY", "")});
  answer.json = true;
  EXPECT_EQ(RunMailboxAnswer(answer, out_, err_), kSystemFailed);
  EXPECT_THAT(out_.str(), HasSubstr("\"status\":\"RESOURCE_EXHAUSTED\",\"retry_after_s\":5"));
}

TEST(OutcomeText, FindsEveryOutcomeOfAnAnswerAndTakesNoOfferToCrash) {
  constexpr std::string_view kBundle = R"({"resourceType":"Bundle","entry":[
      {"response":{"outcome":{"resourceType":"OperationOutcome","issue":[
        {"severity":"error","details":{"coding":[{"code":"BSN-LENGTH"}]},"expression":["Patient"],"diagnostics":"t"}]}}},
      {"resource":{"resourceType":"OperationOutcome","issue":[{"severity":"information","diagnostics":"u"}]}}, 7]})";
  const std::vector<Issue> issues = IssuesOf(kBundle);
  ASSERT_EQ(issues.size(), 2u);
  EXPECT_EQ(issues[0].rule, "BSN-LENGTH");
  EXPECT_EQ(issues[0].path, "Patient");
  EXPECT_EQ(issues[1].severity, Severity::kInformation);
  EXPECT_TRUE(IssuesOf(std::string(1 << 20, '[')).empty());
  EXPECT_TRUE(IssuesOf("7").empty());
  EXPECT_TRUE(IssuesOf("").empty());
  EXPECT_EQ(ResourceTypeOf(R"({"resourceType":"Task"})"), "Task");
  EXPECT_EQ(ResourceTypeOf("[]"), "");
}

}  // namespace
}  // namespace schotvrij::cli
