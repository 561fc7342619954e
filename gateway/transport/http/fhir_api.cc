#include "gateway/transport/http/fhir_api.h"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "adapters/fhir/fhir.h"
#include "adapters/fhir/task_update.h"
#include "gateway/transport/http/form.h"
#include "gateway/transport/http/media_type.h"
#include "gateway/transport/http/request_id.h"
#include "gateway/transport/http/router.h"
#include "gateway/transport/http/search.h"
#include "schemas/base/limits.h"
#include "schemas/base/strings.h"
#include "schemas/base/table.h"

namespace schotvrij::http {
namespace {

using exchange::MailboxItem;
using exchange::Road;

constexpr std::string_view kEdge = "fhir-https";
constexpr int64_t kRetryAfterS = 5;  // when the road names no time

enum class BodyKind { kNone, kFhir, kForm };

// One request under way; lives until its answer.
struct FhirCall {
  const FhirApi::Parts* parts;
  Request request;
  Reply reply;
  std::string request_id;
  std::string_view resource;                  // type that the path names; empty at the root
  std::string id;                             // id that the path names
  fhir::Syntax syntax = fhir::Syntax::kJson;  // of the answer
};
using CallPtr = std::shared_ptr<FhirCall>;

void Send(const CallPtr& call, int status, PartnerBody body, std::vector<Field> fields = {}) {
  Response response(status, std::move(body));
  response.fields = std::move(fields);
  response.fields.push_back({"cache-control", "no-store"});
  response.fields.push_back({"x-request-id", call->request_id});
  std::exchange(call->reply, nullptr)(std::move(response));
}

void SendAnswer(const CallPtr& call, const policy::Answer& answer, int status,
                std::vector<Field> fields = {}) {
  int64_t retry_after_s =
      answer.retry_after_s == 0 && status == 503 ? kRetryAfterS : answer.retry_after_s;
  if (retry_after_s > 0) fields.push_back({"retry-after", absl::StrCat(retry_after_s)});
  Send(call, status, fhir::EncodeAnswer(answer, call->syntax), std::move(fields));
}

// What the road or a message is at fault for: the status follows from the issues.
void Refuse(const CallPtr& call, std::vector<Issue> issues) {
  call->parts->road->NoteRefusal(call->request.caller, issues, call->request_id);
  policy::Answer answer = policy::Answer::Refused(std::move(issues));
  SendAnswer(call, answer, fhir::HttpStatus(answer));
}

// What the request itself is at fault for: the status is HTTP's.
void Refuse(const CallPtr& call, int status, Issue issue, std::vector<Field> fields = {}) {
  call->parts->road->NoteRefusal(call->request.caller, {&issue, 1}, call->request_id);
  SendAnswer(call, policy::Answer::Refused({std::move(issue)}), status, std::move(fields));
}

void SendEncoded(const CallPtr& call, absl::StatusOr<policy::Encoded> encoded) {
  if (!encoded.ok()) return Refuse(call, {MakeIssue("INTERNAL", "")});
  Send(call, 200, *std::move(encoded));
}

// The hat (pet) that the request states; one that states two has none of them.
std::string RoleStated(const Request& request) {
  std::string role;
  for (const Field& field : request.fields) {
    if (field.name == identity::kRoleField) absl::StrAppend(&role, role.empty() ? "" : ",", field.value);
  }
  return role;
}

// Contents that can go as FHIR; a recipient reads others by gRPC.
const std::vector<std::string>& CarriedContents() {
  static const auto* contents = [] {
    std::set<std::string> names;
    for (const Table::Row& row : Table::Embedded("schemas/formats/fhir/required.csv").rows()) names.emplace(row["content_type"]);
    return new std::vector<std::string>(names.begin(), names.end());
  }();
  return *contents;
}

Road::MailboxRequest MailboxRequestOf(const CallPtr& call) {
  Road::MailboxRequest request;
  request.caller = call->request.caller;
  request.unacknowledged_only = false;
  request.trace_id = call->request_id;
  request.most = limits::kSearchResultsMax;
  request.contents = CarriedContents();
  return request;
}

void Metadata(const CallPtr& call) {
  Send(call, 200, fhir::Capability(call->parts->release, call->parts->published_on, call->syntax));
}

// Dispatch has seen that it is one of the two.
fhir::Syntax BodySyntax(const CallPtr& call) {
  return SyntaxOf(call->request.Header("content-type")).value_or(fhir::Syntax::kJson);
}

// A PUT that is taken is an update: never 201. What a create made can be named.
void SendReceived(const CallPtr& call, const policy::Answer& answer) {
  int status = fhir::HttpStatus(answer);
  if (status == 201 && call->request.method == "PUT") status = 200;
  std::vector<Field> fields;
  if (status == 201 && !answer.message_id.empty()) {
    fields.push_back(
        {"location", absl::StrCat("/fhir/", ToAbsl(call->resource), "/", answer.message_id)});
  }
  SendAnswer(call, answer, status, std::move(fields));
}

void Receive(const CallPtr& call) {
  std::string_view key = call->request.Header("idempotency-key");
  // A structured field has its text in quotes, an older client sends it bare.
  if (key.size() >= 2 && key.front() == '"' && key.back() == '"')
    key = key.substr(1, key.size() - 2);
  if (key.size() > limits::kKeyBytesMax)
    return Refuse(call, 400, MakeIssue("KEY-FORM", "Idempotency-Key"));
  exchange::Inbound inbound;
  inbound.caller = call->request.caller;
  inbound.format = BodySyntax(call) == fhir::Syntax::kXml ? exchange::Format::kFhirXml
                                                          : exchange::Format::kFhirJson;
  inbound.edge = kEdge;
  inbound.body = call->request.body;
  inbound.trace_id = call->request_id;
  inbound.fallback_key = key;
  call->parts->road->Receive(inbound,
                             [call](policy::Answer answer) { SendReceived(call, answer); });
}

// Hands the one item of that id to `show`; not there and not yours are the same answer.
void ReadOne(const CallPtr& call,
             absl::AnyInvocable<void(const MailboxItem&, const policy::Disclosure&)> show) {
  Road::MailboxRequest request = MailboxRequestOf(call);
  request.delivery_id = call->id;
  call->parts->road->ReadMailbox(
      std::move(request), [call, show = std::move(show)](Road::MailboxPage page) mutable {
        if (HasError(page.issues)) return Refuse(call, std::move(page.issues));
        if (page.items.empty()) return Refuse(call, {MakeIssue("NOT-FOUND", "")});
        MailboxItem& item = page.items.front();
        if (auto* withheld = std::get_if<policy::Withheld>(&item.content)) {
          withheld->issues.insert(withheld->issues.begin(), MakeIssue("GONE", ""));
          return SendAnswer(call, policy::Answer::Refused(std::move(withheld->issues)), 410);
        }
        show(item, std::get<policy::Disclosure>(item.content));
      });
}

fhir::ItemState StateOf(const MailboxItem& item) {
  return {item.acknowledged, item.answered, item.client.key, item.client.takes_part};
}

void ReadTask(const CallPtr& call) {
  ReadOne(call, [call](const MailboxItem& item, const policy::Disclosure& disclosure) {
    SendEncoded(call, fhir::EncodeTask(disclosure, StateOf(item), call->syntax));
  });
}

void ReadPatient(const CallPtr& call) {
  ReadOne(call, [call](const MailboxItem& item, const policy::Disclosure& disclosure) {
    if (!disclosure.exchange().has_client()) return Refuse(call, {MakeIssue("NOT-FOUND", "")});
    SendEncoded(call, fhir::EncodePatient(disclosure, StateOf(item), call->syntax));
  });
}

void AcknowledgeTask(const CallPtr& call) {
  Road::AcknowledgeRequest request;
  request.caller = call->request.caller;
  request.delivery_ids = {call->id};
  request.trace_id = call->request_id;
  call->parts->road->Acknowledge(std::move(request), [call](Road::Acknowledged done) {
    if (HasError(done.issues)) return Refuse(call, std::move(done.issues));
    ReadTask(call);
  });
}

// Acknowledged by status `received`, answered by `accepted` or `rejected`; a registration is never
// made here.
void UpdateTask(const CallPtr& call) {
  std::optional<fhir::TaskUpdate> update =
      fhir::ReadTaskUpdate(call->request.body, BodySyntax(call));
  if (!update) return Receive(call);
  if (update->resource_type != "Task")
    return Refuse(call, 400, MakeIssue("FHIR-RESOURCE-TYPE", "", "Task is what this path takes"));
  if (update->id != call->id)
    return Refuse(call, 400, MakeIssue("FHIR-VALUE", "Task.id", "the same id as in the URL"));
  if (update->status == "received") return AcknowledgeTask(call);
  if (update->status == "accepted" || update->status == "rejected") return Receive(call);
  Refuse(call, {MakeIssue("ANSWER-STATE", "Task.status")});
}

struct Page {
  std::vector<policy::Disclosure> disclosures;
  std::vector<fhir::ItemState> states;
  std::string next_link;
};

// What may not be shown any more is left out of a page; asked for by its id it says so.
Page PageOf(const FhirCall& call, Road::MailboxPage found, size_t most) {
  Page page;
  if (found.more) {
    page.next_link =
        absl::StrCat(ToAbsl(call.resource), "/_search?_after=", found.last,
                     "&_count=", most, call.syntax == fhir::Syntax::kXml ? "&_format=xml" : "");
  }
  for (MailboxItem& item : found.items) {
    auto* disclosure = std::get_if<policy::Disclosure>(&item.content);
    if (disclosure == nullptr) continue;
    if (call.resource == "Patient" && !disclosure->exchange().has_client()) continue;
    page.states.push_back(StateOf(item));
    page.disclosures.push_back(std::move(*disclosure));
  }
  return page;
}

void Search(const CallPtr& call) {
  std::optional<std::vector<Parameter>> body = ParseForm(call->request.body);
  std::optional<std::vector<Parameter>> url = ParseForm(call->request.query);
  if (!body || !url) return Refuse(call, 400, MakeIssue("SEARCH-VALUE", ""));
  Road::MailboxRequest request = MailboxRequestOf(call);
  std::vector<Issue> issues = ReadSearch(call->resource, *body, /*in_url=*/false, &request);
  std::vector<Issue> url_issues = ReadSearch(call->resource, *url, /*in_url=*/true, &request);
  issues.insert(issues.end(), url_issues.begin(), url_issues.end());
  if (!issues.empty()) {
    call->parts->road->NoteRefusal(call->request.caller, issues, call->request_id);
    return SendAnswer(call, policy::Answer::Refused(std::move(issues)), 400);
  }
  size_t most = request.most;
  call->parts->road->ReadMailbox(std::move(request), [call, most](Road::MailboxPage found) {
    if (HasError(found.issues)) return Refuse(call, std::move(found.issues));
    Page page = PageOf(*call, std::move(found), most);
    SendEncoded(
        call,
        call->resource == "Patient"
            ? fhir::EncodePatientSearch(page.disclosures, page.states, page.next_link, call->syntax)
            : fhir::EncodeTaskSearch(page.disclosures, page.states, page.next_link, call->syntax));
  });
}

struct Route {
  Pattern pattern;
  std::string_view resource;
  BodyKind body;
  void (*operation)(const CallPtr& call);
};

constexpr std::array<Route, 13> kRoutes = {{
    {{"GET", "/fhir/metadata"}, "", BodyKind::kNone, Metadata},
    {{"POST", "/fhir"}, "", BodyKind::kFhir, Receive},
    {{"POST", "/fhir/$process-message"}, "", BodyKind::kFhir, Receive},
    {{"POST", "/fhir/Bundle"}, "Bundle", BodyKind::kFhir, Receive},
    {{"POST", "/fhir/Task"}, "Task", BodyKind::kFhir, Receive},
    {{"POST", "/fhir/Consent"}, "Consent", BodyKind::kFhir, Receive},
    {{"POST", "/fhir/Flag"}, "Flag", BodyKind::kFhir, Receive},
    {{"POST", "/fhir/Patient"}, "Patient", BodyKind::kFhir, Receive},
    {{"PUT", "/fhir/Task/{id}"}, "Task", BodyKind::kFhir, UpdateTask},
    {{"GET", "/fhir/Task/{id}"}, "Task", BodyKind::kNone, ReadTask},
    {{"GET", "/fhir/Patient/{id}"}, "Patient", BodyKind::kNone, ReadPatient},
    {{"POST", "/fhir/Task/_search"}, "Task", BodyKind::kForm, Search},
    {{"POST", "/fhir/Patient/_search"}, "Patient", BodyKind::kForm, Search},
}};

constexpr auto kFhirPatterns = [] {
  std::array<Pattern, kRoutes.size()> patterns{};
  std::transform(kRoutes.begin(), kRoutes.end(), patterns.begin(),
                 [](const Route& route) { return route.pattern; });
  return patterns;
}();

// Everything but what pages or formats is refused in a URL: a BSN must never stand there.
bool QueryIsSafe(const Request& request) {
  std::optional<std::vector<Parameter>> parameters = ParseForm(request.query);
  if (!parameters) return false;
  Road::MailboxRequest unused;
  return ReadSearch("", *parameters, /*in_url=*/true, &unused).empty();
}

// FHIR R4 §3.1.0.6: a read by an id that cannot be one is a read of nothing.
bool ReadsById(std::string_view path) {
  return path.starts_with("/fhir/Task/") || path.starts_with("/fhir/Patient/");
}

bool BodyFits(const Request& request, BodyKind kind) {
  std::string_view coding = request.Header("content-encoding");
  if (!coding.empty() && !absl::EqualsIgnoreCase(ToAbsl(coding), "identity")) return false;
  std::string_view type = request.Header("content-type");
  if (kind == BodyKind::kFhir) return SyntaxOf(type).has_value();
  // A search without parameters has no body to label.
  return kind == BodyKind::kNone || IsForm(type) || (type.empty() && request.body.empty());
}

// What the answer is to be written in: as _format says, else Accept, else as the body is, else
// JSON. nullopt: as nothing is here.
std::optional<fhir::Syntax> AnswerSyntax(const Request& request) {
  std::string_view type = request.Header("content-type");
  for (std::string_view text :
       {std::string_view(request.query), IsForm(type) ? std::string_view(request.body) : ""}) {
    for (const Parameter& parameter : ParseForm(text).value_or(std::vector<Parameter>())) {
      if (parameter.name == "_format") return SyntaxNamed(parameter.value);
    }
  }
  return SyntaxWanted(request.Header("accept"), SyntaxOf(type).value_or(fhir::Syntax::kJson));
}

void Dispatch(const CallPtr& call) {
  const Request& request = call->request;
  const std::optional<fhir::Syntax> syntax = AnswerSyntax(request);
  call->syntax = syntax.value_or(fhir::Syntax::kJson);
  if (!QueryIsSafe(request)) return Refuse(call, 400, MakeIssue("SEARCH-PARAMETER", ""));
  Match match = FindRoute(kFhirPatterns, request.method, request.path);
  if (!match.pattern && !match.allowed.empty()) {
    std::string allow =
        absl::StrJoin(match.allowed, ", ",
                      [](std::string* out, std::string_view method) { out->append(method); });
    return Refuse(call, 405, MakeIssue("METHOD", ""), {{"allow", std::move(allow)}});
  }
  if (!match.pattern)
    return Refuse(call, 404,
                  MakeIssue(ReadsById(request.path) ? "NOT-FOUND" : "FHIR-RESOURCE-TYPE", ""));
  const Route& route = kRoutes[*match.pattern];
  call->resource = route.resource;
  call->id = std::move(match.id);
  if (!syntax) return Refuse(call, 406, MakeIssue("ACCEPT", ""));
  if (!BodyFits(request, route.body)) return Refuse(call, 415, MakeIssue("MEDIA-TYPE", ""));
  route.operation(call);
}

struct RefusalRule {
  Refusal refusal;
  std::string_view rule;
};
constexpr std::array<RefusalRule, 7> kRefusalRules = {{
    {Refusal::kMalformed, "HTTP-REQUEST"},
    {Refusal::kSlow, "HTTP-SLOW"},
    {Refusal::kBodyTooLarge, "BODY-SIZE"},
    {Refusal::kExpectation, "HTTP-EXPECT"},
    {Refusal::kHeadTooLarge, "HTTP-HEAD-SIZE"},
    {Refusal::kFailed, "INTERNAL"},
    {Refusal::kBusy, "BUSY"},
}};

}  // namespace

void FhirApi::Handle(Request request, Reply reply) const {
  auto call = std::make_shared<FhirCall>();
  call->parts = &parts_;
  call->request_id = RequestId(request, *parts_.random);
  call->request = std::move(request);
  call->request.caller.role = RoleStated(call->request);
  call->reply = std::move(reply);
  parts_.executor->Post([call] { Dispatch(call); });
}

Response FhirApi::Refuse(Refusal refusal, const identity::Caller& caller) const {
  auto found = std::find_if(kRefusalRules.begin(), kRefusalRules.end(),
                            [&](const RefusalRule& row) { return row.refusal == refusal; });
  const std::string request_id = NewId(*parts_.random);
  policy::Answer answer = policy::Answer::Refused({MakeIssue(found->rule, "")});
  parts_.road->NoteRefusal(caller, answer.issues, request_id);
  Response response(Status(refusal), fhir::EncodeAnswer(answer));
  response.fields.push_back({"cache-control", "no-store"});
  response.fields.push_back({"x-request-id", request_id});
  if (Status(refusal) == 503)
    response.fields.push_back({"retry-after", absl::StrCat(kRetryAfterS)});
  return response;
}

}  // namespace schotvrij::http
