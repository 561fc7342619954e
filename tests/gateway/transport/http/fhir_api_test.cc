// The FHIR facade on a road that only remembers: what a request asks of the road, and what its
// outcome becomes in HTTP.
#include "gateway/transport/http/fhir_api.h"

#include <deque>
#include <optional>

#include "absl/strings/str_cat.h"
#include "adapters/fhir/fhir.h"
#include "gateway/transport/http/form.h"
#include "gateway/transport/http/media_type.h"
#include "gateway/transport/http/search.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "schemas/base/limits.h"
#include "schemas/base/strings.h"
#include "schemas/base/table.h"
#include "tests/support/disclosures.h"
#include "tests/support/executors.h"

namespace schotvrij::http {
namespace {

using exchange::MailboxItem;
using exchange::Road;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kId[] = "0123456789abcdef0123456789abcdef";
constexpr char kBsn[] = "999900006";
constexpr char kBsnToken[] = "http%3A%2F%2Ffhir.nl%2Ffhir%2FNamingSystem%2Fbsn%7C999900006";

class FakeRoad final : public Road {
 public:
  struct Received {
    std::string caller, edge, body, trace_id, fallback_key;
    exchange::Format format;
  };

  void NoteRefusal(const identity::Caller&, std::span<const Issue> issues,
                   std::string_view) override {
    for (const Issue& issue : issues) noted.push_back(issue.rule);
  }
  void Receive(const exchange::Inbound& inbound, AnswerDone done) override {
    received.push_back({inbound.caller.peer, inbound.edge, std::string(inbound.body),
                        inbound.trace_id, inbound.fallback_key, inbound.format});
    done(answer);
  }
  void MailReturned(ReturnedMail, absl::AnyInvocable<void(Returned)> done) override { done(Returned::kUnknown); }
  void ReadMailbox(MailboxRequest request, absl::AnyInvocable<void(MailboxPage)> done) override {
    reads.push_back(request);
    MailboxPage page;
    page.issues = issues;
    for (const MailboxItem& item : items) {
      if (request.delivery_id.empty() || item.delivery_id == request.delivery_id)
        page.items.push_back(item);
    }
    if (!page.items.empty()) page.last = page.items.back().delivery_id;
    page.more = page.items.size() == request.most;
    done(std::move(page));
  }
  void Acknowledge(AcknowledgeRequest request,
                   absl::AnyInvocable<void(Acknowledged)> done) override {
    acknowledged.push_back(request);
    done({issues, 1});
  }
  void ReadDaySheet(DaySheetRequest, absl::AnyInvocable<void(DaySheetRead)> done) override { done({}); }
  std::unique_ptr<Watch> OnMail(std::string, absl::AnyInvocable<void()>) override {
    return nullptr;
  }

  policy::Answer answer;
  std::vector<Issue> issues;
  std::vector<MailboxItem> items;
  std::vector<Received> received;
  std::vector<MailboxRequest> reads;
  std::vector<AcknowledgeRequest> acknowledged;
  std::vector<std::string> noted;  // rules of refusals that never became a message
};

class CountingRandom final : public Random {
 public:
  void Fill(std::span<uint8_t> out) override {
    for (uint8_t& byte : out) byte = next_++;
  }

 private:
  uint8_t next_ = 1;
};

class FhirApiTest : public ::testing::Test {
 protected:
  FhirApiTest() : api_({&road_, &random_, &executor_, "0.1.0", "2026-11-01"}) {}

  Request Make(const std::string& method, const std::string& target, const std::string& body = "",
               std::vector<Field> fields = {}) {
    Request request;
    request.method = method;
    size_t mark = target.find('?');
    request.path = target.substr(0, mark);
    if (mark != std::string::npos) request.query = target.substr(mark + 1);
    request.fields = std::move(fields);
    request.body = body;
    request.caller = {"provider", {"provider"}};
    return request;
  }

  Response Ask(Request request) {
    std::optional<Response> answer;
    api_.Handle(std::move(request), [&](Response response) { answer = std::move(response); });
    executor_.Run();
    EXPECT_TRUE(answer.has_value());
    return answer ? *std::move(answer) : api_.Refuse(Refusal::kFailed, {});
  }
  Response Get(const std::string& target, std::vector<Field> fields = {}) {
    return Ask(Make("GET", target, "", std::move(fields)));
  }
  Response Send(const std::string& method, const std::string& target, const std::string& body) {
    return Ask(Make(method, target, body, {{"content-type", "application/fhir+json"}}));
  }
  Response Search(const std::string& target, const std::string& form) {
    return Ask(Make("POST", target, form, {{"content-type", "application/x-www-form-urlencoded"}}));
  }

  void Have(const std::string& id, bool acknowledged = false) {
    v1::Exchange exchange;
    exchange.mutable_client()->set_bsn(kBsn);
    exchange.mutable_client()->mutable_name()->set_own_name("Proefpersoon");
    exchange.mutable_registration()->set_step(v1::REGISTER);
    road_.items.push_back({id, "registration", acknowledged, false, false, {}, test::DiscloseAll(exchange)});
  }

  static std::string Text(const Response& response) {
    return std::visit([](const auto& body) { return body.bytes(); }, response.body);
  }
  static std::string MediaTypeOf(const Response& response) {
    return std::visit([](const auto& body) { return body.media_type(); }, response.body);
  }
  static std::string Header(const Response& response, const std::string& name) {
    for (const Field& field : response.fields) {
      if (field.name == name) return field.value;
    }
    return "";
  }

  FakeRoad road_;
  CountingRandom random_;
  ManualExecutor executor_;
  FhirApi api_;
};

// Routes.

TEST_F(FhirApiTest, MetadataIsACapabilityStatement) {
  Response response = Get("/fhir/metadata?_format=json");
  EXPECT_EQ(response.status, 200);
  EXPECT_THAT(Text(response), HasSubstr("\"CapabilityStatement\""));
  EXPECT_EQ(Ask(Make("HEAD", "/fhir/metadata")).status, 200);
}

TEST_F(FhirApiTest, EverySearchParameterTheCapabilityStatementNamesIsTaken) {
  for (const Table::Row& row : Table::Embedded("schemas/formats/fhir/capability.csv").rows()) {
    if (row["kind"] != "search") continue;
    // A reference is searched by the identifier behind it.
    std::string name =
        absl::StrCat(ToAbsl(row["name"]), row["value"] == "reference" ? ":identifier" : "");
    Road::MailboxRequest request;
    for (const Issue& issue : ReadSearch(row["resource"], {{name, "x"}}, false, &request)) {
      EXPECT_NE(issue.rule, "SEARCH-PARAMETER") << row["resource"] << " " << name;
    }
  }
}

TEST_F(FhirApiTest, AMessageGoesToTheRoadAsItCame) {
  road_.answer.state = policy::Answer::State::kReceived;
  road_.answer.message_id = kId;
  for (const char* path :
       {"/fhir", "/fhir/", "/fhir/Bundle", "/fhir/$process-message", "/fhir/%24process-message",
        "/fhir/Task", "/fhir/Consent", "/fhir/Patient"}) {
    EXPECT_EQ(Send("POST", path, "{\"x\":1}").status, 200) << path;
  }
  ASSERT_EQ(road_.received.size(), 8u);
  EXPECT_EQ(road_.received[0].caller, "provider");
  EXPECT_EQ(road_.received[0].edge, "fhir-https");
  EXPECT_EQ(road_.received[0].body, "{\"x\":1}");
}

TEST_F(FhirApiTest, ACreatedTaskHasALocation) {
  road_.answer.state = policy::Answer::State::kReceived;
  road_.answer.message_id = kId;
  const std::string task = R"({"resourceType":"Task","status":"requested","intent":"order"})";
  std::unique_ptr<Decoder> decoder = fhir::NewDecoder({});
  DecodedParts parts;
  decoder->Feed(task, parts);
  decoder->Finish(parts);
  road_.answer.shape = decoder->Shape();
  Response response = Send("POST", "/fhir/Task", task);
  EXPECT_EQ(response.status, 201);
  EXPECT_EQ(Header(response, "location"), absl::StrCat("/fhir/Task/", kId));
}

TEST_F(FhirApiTest, AnUnknownPathIs404InTheEdgesOwnWords) {
  for (const char* path : {"/", "/fhir/Observation", "/fhir/Observation/1", "/metrics",
                           "/fhir/Task/1/_history", "/fhir//Task", "/fhir/%ZZ", "/FHIR/metadata"}) {
    Response response = Get(path);
    EXPECT_EQ(response.status, 404) << path;
    EXPECT_THAT(Text(response), HasSubstr("OperationOutcome"));
  }
}

TEST_F(FhirApiTest, AnotherMethodIs405WithWhatIsAllowed) {
  Response response = Ask(Make("DELETE", "/fhir/Task/1"));
  EXPECT_EQ(response.status, 405);
  EXPECT_EQ(Header(response, "allow"), "PUT, GET, HEAD");
  EXPECT_EQ(Header(Get("/fhir/Task/_search"), "allow"), "POST");
  EXPECT_EQ(Get("/fhir/Task").status, 405);
  EXPECT_EQ(Ask(Make("PATCH", "/fhir/Task/1")).status, 405);
  EXPECT_EQ(Ask(Make("get", "/fhir/metadata")).status, 405);
}

// Negotiation.

TEST_F(FhirApiTest, ABodyThatIsNotFhirIs415) {
  for (const char* type :
       {"", "text/plain", "application/fhir+turtle", "application/json; charset=latin1",
        "application/fhir+json; fhirVersion=3.0", "application/x-www-form-urlencoded"}) {
    EXPECT_EQ(Ask(Make("POST", "/fhir", "{}", {{"content-type", type}})).status, 415) << type;
  }
  EXPECT_EQ(Ask(Make("POST", "/fhir", "{}",
                     {{"content-type", "application/fhir+json"}, {"content-encoding", "gzip"}}))
                .status,
            415);
  EXPECT_EQ(
      Ask(Make("POST", "/fhir/Task/_search", "{}", {{"content-type", "application/fhir+json"}}))
          .status,
      415);
  EXPECT_TRUE(road_.received.empty());
}

TEST_F(FhirApiTest, AnAnswerNobodyTakesIs406BeforeAnyEffect) {
  EXPECT_EQ(Ask(Make("POST", "/fhir", "{}",
                     {{"content-type", "application/json"}, {"accept", "application/fhir+turtle"}}))
                .status,
            406);
  EXPECT_EQ(Send("POST", "/fhir?_format=ttl", "{}").status, 406);
  EXPECT_EQ(Search("/fhir/Task/_search", "_format=html").status, 406);
  EXPECT_TRUE(road_.received.empty());
}

TEST_F(FhirApiTest, AnAnswerIsInTheSyntaxThatIsAskedFor) {
  const std::string json = "application/fhir+json";
  const std::string xml = "application/fhir+xml";
  Have(kId);
  for (const auto& [method, path, status] : {std::tuple{"GET", "/fhir/metadata", 200},
                                             {"GET", "/fhir/Invented", 404},
                                             {"DELETE", "/fhir/Task/1", 405},
                                             {"GET", "/fhir/Task?x=y", 400},
                                             {"POST", "/fhir", 415}}) {
    const Response response = Ask(Make(method, path, "", {{"accept", xml}}));
    EXPECT_EQ(response.status, status) << path;
    EXPECT_EQ(MediaTypeOf(response), xml) << path;
    EXPECT_THAT(Text(response), HasSubstr("xmlns=\"http://hl7.org/fhir\"")) << path;
    EXPECT_EQ(MediaTypeOf(Ask(Make(method, path))), json) << path;
  }
  // _format goes before Accept, and Accept before what the body is.
  EXPECT_EQ(MediaTypeOf(Get("/fhir/metadata?_format=json", {{"accept", xml}})), json);
  EXPECT_EQ(MediaTypeOf(Get("/fhir/metadata?_format=application/fhir%2Bxml")), xml);
  EXPECT_EQ(MediaTypeOf(Ask(Make("POST", "/fhir", "<", {{"content-type", xml}}))), xml);
  EXPECT_EQ(MediaTypeOf(Ask(Make("POST", "/fhir", "<", {{"content-type", xml}, {"accept", json}}))),
            json);
  EXPECT_EQ(MediaTypeOf(Search("/fhir/Task/_search", "_format=xml")), xml);
  EXPECT_EQ(MediaTypeOf(Search("/fhir/Patient/_search?_format=text/xml", "")), xml);
  for (const char* path : {"/fhir/Task/", "/fhir/Patient/"}) {
    EXPECT_EQ(MediaTypeOf(Get(path + std::string(kId), {{"accept", xml}})), xml) << path;
  }
}

TEST_F(FhirApiTest, TheRoadIsToldWhatTheBodyIs) {
  for (const char* type : {"application/fhir+xml", "text/xml", "application/fhir+json"}) {
    Ask(Make("POST", "/fhir", "<Task/>", {{"content-type", type}, {"accept", "*/*"}}));
  }
  ASSERT_EQ(road_.received.size(), 3u);
  EXPECT_EQ(road_.received[0].format, exchange::Format::kFhirXml);
  EXPECT_EQ(road_.received[1].format, exchange::Format::kFhirXml);
  EXPECT_EQ(road_.received[2].format, exchange::Format::kFhirJson);
  EXPECT_EQ(road_.received[0].edge, road_.received[2].edge);
}

TEST_F(FhirApiTest, ATaskIsAcknowledgedAndAnsweredInXml) {
  Have(kId);
  const auto task = [](const std::string& status) {
    return absl::StrCat("<Task xmlns=\"http://hl7.org/fhir\"><id value=\"", kId,
                        "\"/><status value=\"", status, "\"/></Task>");
  };
  const std::string path = absl::StrCat("/fhir/Task/", kId);
  const std::vector<Field> xml = {{"content-type", "application/fhir+xml"}};
  EXPECT_EQ(Ask(Make("PUT", path, task("received"), xml)).status, 200);
  EXPECT_TRUE(road_.received.empty());
  Ask(Make("PUT", path, task("accepted"), xml));
  ASSERT_EQ(road_.received.size(), 1u);
  EXPECT_EQ(road_.received[0].format, exchange::Format::kFhirXml);
}

TEST_F(FhirApiTest, TheNextPageOfXmlIsXml) {
  for (const char* id : {"1", "2"}) Have(id);
  const std::string page = Text(Search("/fhir/Task/_search?_count=2&_format=xml", ""));
  EXPECT_THAT(page, HasSubstr("Task/_search?_after=2&amp;_count=2&amp;_format=xml"));
}

// What every answer has.

TEST_F(FhirApiTest, NothingIsCached) {
  EXPECT_EQ(Header(Get("/fhir/metadata"), "cache-control"), "no-store");
  EXPECT_EQ(Header(api_.Refuse(Refusal::kMalformed, {}), "cache-control"), "no-store");
}

TEST_F(FhirApiTest, TheRequestIdIsTheCallersWhenItIsAnOpaqueNumber) {
  const std::string uuid = "01234567-89ab-cdef-0123-456789abcdef";
  Response response = Get("/fhir/metadata", {{"x-request-id", uuid}});
  EXPECT_EQ(Header(response, "x-request-id"), uuid);
  const std::string trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  EXPECT_EQ(Header(Get("/fhir/metadata", {{"traceparent", trace}}), "x-request-id"),
            "0af7651916cd43dd8448eb211c80319c");
}

TEST_F(FhirApiTest, ARequestIdThatCouldHoldAPersonIsReplaced) {
  for (const std::string& id :
       {std::string(kBsn), std::string("proefpersoon"), std::string(32, ' '), std::string(500, 'a'),
        std::string("00-") + kBsn}) {
    std::string given =
        Header(Get("/fhir/metadata", {{"x-request-id", id}, {"traceparent", id}}), "x-request-id");
    EXPECT_NE(given, id);
    EXPECT_EQ(given.size(), 32u);
  }
}

TEST_F(FhirApiTest, TheRoadIsToldTheRequestIdAndTheIdempotencyKey) {
  Ask(Make("POST", "/fhir", "{}",
           {{"content-type", "application/json"},
            {"x-request-id", kId},
            {"idempotency-key", "\"key-1\""}}));
  EXPECT_EQ(road_.received.at(0).trace_id, kId);
  EXPECT_EQ(road_.received.at(0).fallback_key, "key-1");
}

TEST_F(FhirApiTest, AnIdempotencyKeyOverTheLimitIsRefused) {
  std::string key(limits::kKeyBytesMax + 1, 'k');
  EXPECT_EQ(Ask(Make("POST", "/fhir", "{}",
                     {{"content-type", "application/json"}, {"idempotency-key", key}}))
                .status,
            400);
  EXPECT_TRUE(road_.received.empty());
}

TEST_F(FhirApiTest, ARefusalIsAnOperationOutcomeWithItsStatus) {
  road_.answer = policy::Answer::Refused({MakeIssue("FHIR-LONE-PATIENT", "Patient")});
  Response response = Send("POST", "/fhir/Patient", "{}");
  EXPECT_EQ(response.status, 422);
  EXPECT_THAT(Text(response), HasSubstr("FHIR-LONE-PATIENT"));
  EXPECT_EQ(Header(response, "location"), "");
}

TEST_F(FhirApiTest, WhatMayBeTriedAgainSaysWhen) {
  road_.answer = policy::Answer::Refused({MakeIssue("BUSY", "")});
  road_.answer.retry_after_s = 7;
  Response response = Send("POST", "/fhir", "{}");
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(Header(response, "retry-after"), "7");
  road_.issues = {MakeIssue("STORE-UNAVAILABLE", "")};
  response = Get(absl::StrCat("/fhir/Task/", kId));
  EXPECT_EQ(response.status, 503);
  EXPECT_NE(Header(response, "retry-after"), "");
}

TEST_F(FhirApiTest, WhatTheServerRefusesIsAnOperationOutcomeToo) {
  for (Refusal refusal :
       {Refusal::kMalformed, Refusal::kSlow, Refusal::kBodyTooLarge, Refusal::kExpectation,
        Refusal::kHeadTooLarge, Refusal::kFailed, Refusal::kBusy}) {
    Response response = api_.Refuse(refusal, {});
    EXPECT_EQ(response.status, Status(refusal));
    EXPECT_THAT(Text(response), HasSubstr("OperationOutcome"));
  }
  road_.noted.clear();
  EXPECT_THAT(Text(api_.Refuse(Refusal::kBodyTooLarge, {})), HasSubstr("BODY-SIZE"));
  EXPECT_THAT(road_.noted, testing::ElementsAre("BODY-SIZE")) << "every refusal is an audit event";
}

// Reading.

TEST_F(FhirApiTest, ATaskIsReadByItsIdAndNotAcknowledged) {
  Have(kId);
  Response response = Get(absl::StrCat("/fhir/Task/", kId));
  EXPECT_EQ(response.status, 200);
  EXPECT_THAT(Text(response), HasSubstr("\"Task\""));
  EXPECT_TRUE(road_.acknowledged.empty());
  ASSERT_EQ(road_.reads.size(), 1u);
  EXPECT_EQ(road_.reads[0].delivery_id, kId);
  EXPECT_EQ(road_.reads[0].caller.peer, "provider");
  EXPECT_FALSE(road_.reads[0].unacknowledged_only);
}

TEST_F(FhirApiTest, APatientIsReadByTheIdOfItsDelivery) {
  Have(kId);
  Response response = Get(absl::StrCat("/fhir/Patient/", kId));
  EXPECT_EQ(response.status, 200);
  EXPECT_THAT(Text(response), HasSubstr(kBsn));
}

TEST_F(FhirApiTest, WhatIsNotThereCannotBeToldFromWhatIsAnothers) {
  std::string absent = Text(Get("/fhir/Task/absent"));
  EXPECT_EQ(Get("/fhir/Task/absent").status, 404);
  EXPECT_EQ(Text(Get(absl::StrCat("/fhir/Task/", kId))), absent);
  EXPECT_EQ(Text(Get("/fhir/Patient/absent")), absent);
  EXPECT_EQ(Text(Get("/fhir/Task/no_fhir_id")), absent);
  EXPECT_EQ(Get("/fhir/Task/no_fhir_id").status, 404);
}

TEST_F(FhirApiTest, WhatMayNotBeShownAnyMoreIs410WithTheReason) {
  road_.items.push_back(
      {kId, "registration", false, false, false, {}, policy::Withheld{{MakeIssue("CONSENT-WITHDRAWN", "")}}});
  Response response = Get(absl::StrCat("/fhir/Task/", kId));
  EXPECT_EQ(response.status, 410);
  EXPECT_THAT(Text(response), HasSubstr("GONE"));
  EXPECT_THAT(Text(response), HasSubstr("CONSENT-WITHDRAWN"));
}

TEST_F(FhirApiTest, ARefusedReadShowsNothing) {
  Have(kId);
  road_.issues = {MakeIssue("CALLER-WHICH-PARTY", "")};
  Response response = Get(absl::StrCat("/fhir/Patient/", kId));
  EXPECT_EQ(response.status, 422);
  EXPECT_THAT(Text(response), Not(HasSubstr(kBsn)));
}

// Acknowledging and answering.

std::string TaskBody(const std::string& id, const std::string& status) {
  return absl::StrCat(R"({"resourceType":"Task","id":")", id, R"(","status":")", status, R"("})");
}

TEST_F(FhirApiTest, AStatusReceivedAcknowledgesAndShowsTheTask) {
  Have(kId, /*acknowledged=*/true);
  Response response = Send("PUT", absl::StrCat("/fhir/Task/", kId), TaskBody(kId, "received"));
  EXPECT_EQ(response.status, 200);
  ASSERT_EQ(road_.acknowledged.size(), 1u);
  EXPECT_THAT(road_.acknowledged[0].delivery_ids, ElementsAre(kId));
  EXPECT_THAT(Text(response), HasSubstr("\"Task\""));
  EXPECT_TRUE(road_.received.empty());
}

TEST_F(FhirApiTest, AnAcknowledgementOfNothingIs404) {
  EXPECT_EQ(Send("PUT", "/fhir/Task/absent", TaskBody("absent", "received")).status, 404);
}

TEST_F(FhirApiTest, AVerdictGoesToTheRoadAndIsNever201) {
  road_.answer.state = policy::Answer::State::kReceived;
  for (const char* status : {"accepted", "rejected"}) {
    Response response = Send("PUT", absl::StrCat("/fhir/Task/", kId), TaskBody(kId, status));
    EXPECT_EQ(response.status, 200);
  }
  EXPECT_EQ(road_.received.size(), 2u);
}

TEST_F(FhirApiTest, TheIdInTheUrlIsTheIdInTheBody) {
  Response response =
      Send("PUT", absl::StrCat("/fhir/Task/", kId), TaskBody("another", "accepted"));
  EXPECT_EQ(response.status, 400);
  EXPECT_THAT(Text(response), HasSubstr("Task.id"));
  EXPECT_EQ(Send("PUT", "/fhir/Task/1", R"({"resourceType":"Task","status":"accepted"})").status,
            400);
  EXPECT_TRUE(road_.received.empty());
}

TEST_F(FhirApiTest, NothingButAnAnswerIsTakenByPut) {
  EXPECT_EQ(
      Send("PUT", "/fhir/Task/1", R"({"resourceType":"Bundle","id":"1","type":"transaction"})")
          .status,
      400);
  EXPECT_EQ(Send("PUT", "/fhir/Task/1", TaskBody("1", "requested")).status, 422);
  EXPECT_EQ(Send("PUT", "/fhir/Task/1", TaskBody("1", "")).status, 422);
  EXPECT_TRUE(road_.received.empty());
}

TEST_F(FhirApiTest, WhatCannotBeReadGoesToTheDecoderThatSaysWhy) {
  road_.answer = policy::Answer::Refused({MakeIssue("JSON-SYNTAX", "")});
  EXPECT_EQ(Send("PUT", "/fhir/Task/1", "{").status, 400);
  EXPECT_EQ(road_.received.size(), 1u);
}

// Searching.

TEST_F(FhirApiTest, AnythingThatCouldNameAPersonInAUrlIsRefused) {
  for (const std::string& target :
       {absl::StrCat("/fhir/Patient?identifier=", kBsnToken),
        absl::StrCat("/fhir/Task?patient.identifier=", kBsnToken),
        std::string("/fhir/Patient/1?identifier=999900006"), std::string("/fhir/metadata?x"),
        std::string("/fhir/Task?%zz"), std::string("/fhir/Task?_id=1")}) {
    Response response = Get(target);
    EXPECT_EQ(response.status, 400) << target;
    EXPECT_THAT(Text(response), HasSubstr("SEARCH-PARAMETER"));
    EXPECT_THAT(Text(response), Not(HasSubstr(kBsn)));
  }
  EXPECT_EQ(Search(absl::StrCat("/fhir/Patient/_search?identifier=", kBsnToken), "").status, 400);
  EXPECT_TRUE(road_.reads.empty());
}

TEST_F(FhirApiTest, APatientIsSearchedByBsnInTheBody) {
  Have(kId);
  Response response =
      Search("/fhir/Patient/_search", absl::StrCat("identifier=", kBsnToken, "&_count=10"));
  EXPECT_EQ(response.status, 200);
  EXPECT_THAT(Text(response), HasSubstr("searchset"));
  ASSERT_EQ(road_.reads.size(), 1u);
  EXPECT_EQ(road_.reads[0].bsn, kBsn);
  EXPECT_EQ(road_.reads[0].most, 10u);
}

TEST_F(FhirApiTest, ATaskIsSearchedByCodeStatusPatientAndOwner) {
  Response response = Search(
      "/fhir/Task/_search",
      absl::StrCat("code=urn%3Aschotvrij%3Acodesystem%3Atask%7Cregister&status=requested&patient."
                   "identifier=",
                   kBsnToken,
                   "&owner:identifier=http://fhir.nl/fhir/NamingSystem/kvk%7C12345678&_id=abc"));
  EXPECT_EQ(response.status, 200) << Text(response);
  ASSERT_EQ(road_.reads.size(), 1u);
  EXPECT_EQ(road_.reads[0].content_type, "registration");
  EXPECT_TRUE(road_.reads[0].unacknowledged_only);
  EXPECT_EQ(road_.reads[0].bsn, kBsn);
  EXPECT_EQ(road_.reads[0].participant.system(), "kvk");
  EXPECT_EQ(road_.reads[0].participant.value(), "12345678");
  EXPECT_EQ(road_.reads[0].delivery_id, "abc");
}

TEST_F(FhirApiTest, AFilterThatIsNotUnderstoodIsNeverLeftOut) {
  for (const char* form :
       {"name=x", "status=completed", "status=", "code=other", "_count=0", "_count=x", "_id=a/b",
        "_after=", "%", "_count=1&_count=2", "patient.identifier=999900006",
        "patient.identifier=http://fhir.nl/fhir/NamingSystem/bsn%7C123", "identifier=x",
        "owner:identifier=1", "_id=%00", "_sort=x", "_include=Task:patient"}) {
    Response response = Search("/fhir/Task/_search", form);
    EXPECT_EQ(response.status, 400) << form;
    EXPECT_THAT(Text(response), Not(HasSubstr("999900006")));
  }
  EXPECT_TRUE(road_.reads.empty());
}

TEST_F(FhirApiTest, AFullPageHasALinkToTheNextWithoutAnyFilter) {
  Have("a1");
  Have("b2");
  Response response =
      Search("/fhir/Task/_search", absl::StrCat("patient.identifier=", kBsnToken, "&_count=2"));
  EXPECT_THAT(Text(response), HasSubstr("Task/_search?_after=b2&_count=2"));
  Response next = Search("/fhir/Task/_search?_after=b2&_count=2",
                         absl::StrCat("patient.identifier=", kBsnToken));
  EXPECT_EQ(next.status, 200);
  EXPECT_EQ(road_.reads.back().after, "b2");
  EXPECT_EQ(road_.reads.back().most, 2u);
  EXPECT_EQ(road_.reads.back().bsn, kBsn);
}

TEST_F(FhirApiTest, OnlyWhatCanGoAsFhirIsAskedFor) {
  Search("/fhir/Task/_search", "");
  EXPECT_THAT(road_.reads.at(0).contents, testing::IsSupersetOf({"receipt", "registration", "trial"}));
  EXPECT_THAT(road_.reads.at(0).contents, Not(testing::Contains("care_plan")));
}

TEST_F(FhirApiTest, APageThatIsNotFullIsTheLast) {
  Have("a1");
  EXPECT_THAT(Text(Search("/fhir/Task/_search", "_count=2")), Not(HasSubstr("\"next\"")));
}

TEST_F(FhirApiTest, APageHoldsNoMoreThanTheLimit) {
  Search("/fhir/Task/_search", "_count=100000");
  EXPECT_EQ(road_.reads.at(0).most, limits::kSearchResultsMax);
  Search("/fhir/Task/_search", "");
  EXPECT_EQ(road_.reads.at(1).most, limits::kSearchResultsMax);
}

TEST_F(FhirApiTest, WhatMayNotBeShownIsLeftOutOfAPage) {
  Have("a1");
  road_.items.push_back(
      {"b2", "registration", false, false, false, {}, policy::Withheld{{MakeIssue("CONSENT-WITHDRAWN", "")}}});
  Response response = Search("/fhir/Task/_search", "_count=2");
  EXPECT_THAT(Text(response), HasSubstr("_after=b2"));
  EXPECT_THAT(Text(response), Not(HasSubstr("CONSENT-WITHDRAWN")));
}

TEST(Form, ParametersAreDecodedAndBounded) {
  std::optional<std::vector<Parameter>> parameters = ParseForm("a=1+2%7C&b&=c&&");
  ASSERT_TRUE(parameters.has_value());
  ASSERT_EQ(parameters->size(), 3u);
  EXPECT_EQ((*parameters)[0].value, "1 2|");
  EXPECT_EQ((*parameters)[1].name, "b");
  for (const std::string& bad :
       {std::string("a=%"), std::string("a=%4"), std::string("a=%0a"), std::string("%g0=1"),
        "a=" + std::string(limits::kTextBytesMax + 1, 'a')}) {
    EXPECT_FALSE(ParseForm(bad).has_value()) << bad.substr(0, 10);
  }
  std::string many;
  for (size_t i = 0; i <= limits::kSearchParametersMax; ++i) many += "a=1&";
  EXPECT_FALSE(ParseForm(many).has_value());
}

}  // namespace
}  // namespace schotvrij::http
