#include "gmock/gmock.h"
#include "schemas/base/table.h"
#include "tests/adapters/fhir/support.h"

namespace schotvrij::fhir::test {
namespace {

using policy::Answer;
using ::testing::HasSubstr;
using ::testing::Not;

rapidjson::Document Parsed(const policy::EncodedAnswer& answer) {
  EXPECT_EQ(answer.media_type(), kJsonMediaType);
  rapidjson::Document document;
  document.Parse(answer.bytes().c_str());
  EXPECT_FALSE(document.HasParseError());
  return document;
}

std::string At(const rapidjson::Document& document, const char* pointer) {
  const rapidjson::Value* value = rapidjson::Pointer(pointer).Get(document);
  return value != nullptr && value->IsString() ? value->GetString() : "(none)";
}

Answer Received(const std::string& message) {
  Answer answer;
  answer.state = Answer::State::kReceived;
  answer.message_id = "0123456789abcdef0123456789abcdef";
  answer.shape = Decode(Valid(message), "beside").shape;
  return answer;
}

TEST(EncodeAnswer, TransactionIsAnsweredEntryByEntry) {
  const rapidjson::Document bundle = Parsed(EncodeAnswer(Received("example")));
  EXPECT_EQ(At(bundle, "/type"), "transaction-response");
  EXPECT_EQ(bundle["entry"].Size(), 4u);
  EXPECT_EQ(At(bundle, "/entry/0/response/status"), "201 Created");
  EXPECT_EQ(At(bundle, "/entry/0/response/location"), "Task/0123456789abcdef0123456789abcdef");
  EXPECT_EQ(At(bundle, "/entry/1/response/status"), "202 Accepted");
  EXPECT_EQ(At(bundle, "/entry/1/response/location"), "(none)");
  EXPECT_EQ(HttpStatus(Received("example")), 200);
}

TEST(EncodeAnswer, MessageIsAnsweredByAMessage) {
  const rapidjson::Document bundle = Parsed(EncodeAnswer(Received("message")));
  EXPECT_EQ(At(bundle, "/type"), "message");
  EXPECT_EQ(At(bundle, "/entry/0/fullUrl"), "urn:uuid:01234567-89ab-cdef-0123-456789abcdef");
  EXPECT_EQ(At(bundle, "/entry/0/resource/response/identifier"), "header-1");
  EXPECT_EQ(At(bundle, "/entry/0/resource/response/code"), "ok");
  EXPECT_EQ(At(bundle, "/entry/1/resource/resourceType"), "OperationOutcome");
  EXPECT_EQ(HttpStatus(Received("message")), 200);
}

TEST(EncodeAnswer, OtherMessagesAreAnsweredByAnOutcome) {
  for (const auto& [message, status] :
       {std::pair{"task", 201}, std::pair{"consent", 201}, std::pair{"collection", 200}, std::pair{"answer", 200}}) {
    const rapidjson::Document outcome = Parsed(EncodeAnswer(Received(message)));
    EXPECT_EQ(At(outcome, "/resourceType"), "OperationOutcome");
    EXPECT_EQ(At(outcome, "/issue/0/severity"), "information");
    EXPECT_EQ(HttpStatus(Received(message)), status) << message;
  }
}

TEST(EncodeAnswer, RefusalSaysRulePlaceAndRemedyInFhirsWords) {
  Answer answer = Answer::Refused({MakeIssue("VERDICT-TOO-OLD", "registration.attestations[0].checked_on"),
                                   MakeIssue("BSN-LENGTH", "Bundle.entry[1].resource.identifier[0].value")});
  answer.shape = Decode(Valid("example")).shape;
  const rapidjson::Document outcome = Parsed(EncodeAnswer(answer));
  EXPECT_EQ(At(outcome, "/resourceType"), "OperationOutcome");
  EXPECT_EQ(At(outcome, "/issue/0/severity"), "error");
  EXPECT_EQ(At(outcome, "/issue/0/code"), "business-rule");
  EXPECT_EQ(At(outcome, "/issue/0/details/coding/0/system"), "urn:schotvrij:codesystem:issue");
  EXPECT_EQ(At(outcome, "/issue/0/details/coding/0/code"), "VERDICT-TOO-OLD");
  EXPECT_EQ(At(outcome, "/issue/0/expression/0"), "Bundle.entry[3].resource.effectiveDateTime");
  EXPECT_THAT(At(outcome, "/issue/0/diagnostics"), HasSubstr("Check the criteria again"));
  EXPECT_EQ(At(outcome, "/issue/1/expression/0"), "Bundle.entry[1].resource.identifier[0].value");
}

TEST(EncodeAnswer, HoldsNothingPersonal) {
  for (const std::string message : {"example", "task", "consent", "answer", "collection", "message"}) {
    const std::string bytes = EncodeAnswer(Received(message)).bytes();
    for (const std::string_view value : {"999900006", "Testmeer", "Voorbeeld", "Proefje", "1941"}) {
      EXPECT_THAT(bytes, Not(HasSubstr(std::string(value))));
    }
  }
}

TEST(HttpStatus, EveryErrorHasOne) {
  for (const Table::Row& row : Table::Embedded("schemas/codes/issue.csv").rows()) {
    if (row["severity"] != "error") continue;
    const int status = HttpStatus(Answer::Refused({MakeIssue(row["rule"], "")}));
    EXPECT_GE(status, 400) << row["rule"];
    EXPECT_NE(status, 500) << row["rule"];
  }
}

TEST(HttpStatus, FollowsTheHeaviestError) {
  const auto status = [](std::vector<std::string> rules) {
    std::vector<Issue> issues;
    for (const std::string& rule : rules) issues.push_back(MakeIssue(rule, ""));
    return HttpStatus(Answer::Refused(std::move(issues)));
  };
  EXPECT_EQ(status({"JSON-SYNTAX"}), 400);
  EXPECT_EQ(status({"CALLER-UNKNOWN-PARTY"}), 401);
  EXPECT_EQ(status({"SENDER-NOT-MEMBER"}), 403);
  EXPECT_EQ(status({"NOT-FOUND"}), 404);
  EXPECT_EQ(status({"METHOD"}), 405);
  EXPECT_EQ(status({"ALREADY-REGISTERED"}), 409);
  EXPECT_EQ(status({"GONE"}), 410);
  EXPECT_EQ(status({"BODY-SIZE"}), 413);
  EXPECT_EQ(status({"MEDIA-TYPE"}), 415);
  EXPECT_EQ(status({"BSN-ELEVEN-TEST"}), 422);
  EXPECT_EQ(status({"FHIR-LONE-PATIENT"}), 422);
  EXPECT_EQ(status({"STORE-UNAVAILABLE"}), 503);
  EXPECT_EQ(status({"BSN-LENGTH", "BSN-DIFFERENT"}), 422);
  EXPECT_EQ(status({"SURNAME-MISSING", "SENDER-NOT-MEMBER", "FHIR-VALUE"}), 403);
}

TEST(Capability, SaysWhatThisEdgeDoesAndNoMore) {
  const rapidjson::Document statement = Parsed(Capability("0.1.0", "2026-11-22"));
  EXPECT_EQ(At(statement, "/kind"), "instance");
  EXPECT_EQ(At(statement, "/fhirVersion"), "4.0.1");
  EXPECT_EQ(At(statement, "/software/version"), "0.1.0");
  EXPECT_THAT(At(statement, "/implementation/description"), HasSubstr("facade, not a FHIR repository"));
  std::vector<std::string> says;
  for (const auto& interaction : statement["rest"][0]["interaction"].GetArray()) {
    says.push_back(std::string("system ") + interaction["code"].GetString());
  }
  for (const auto& resource : statement["rest"][0]["resource"].GetArray()) {
    for (const auto& interaction : resource["interaction"].GetArray()) {
      says.push_back(std::string(resource["type"].GetString()) + " " + interaction["code"].GetString());
    }
  }
  EXPECT_THAT(says, testing::UnorderedElementsAre("system transaction", "Bundle create", "Task create", "Task read",
                                                  "Task update", "Task search-type", "Patient read", "Patient search-type",
                                                  "Consent create", "Flag create"));
}

}  // namespace
}  // namespace schotvrij::fhir::test
