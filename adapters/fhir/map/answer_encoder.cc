#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "adapters/fhir/fhir.h"
#include "adapters/fhir/map/code_list.h"
#include "adapters/fhir/map/shape.h"
#include "adapters/fhir/map/systems.h"
#include "adapters/fhir/wire/json_writer.h"
#include "adapters/fhir/wire/message.h"
#include "schemas/base/strings.h"
#include "schemas/base/table.h"

namespace schotvrij::fhir {
namespace {

using policy::Answer;
using policy::EncodedAnswer;

constexpr int kOk = 200;
constexpr int kCreated = 201;
constexpr int kFailed = 500;
constexpr std::string_view kNotStored = "Taken into account; not stored as a resource.";

// Row of issue_status.csv for an issue: that of its rule, else that of its code; and its place, which is its weight.
struct Status {
  size_t place = 0;
  int http = kFailed;
  std::string fhir;
};

struct StatusRow {
  std::string code;
  std::string rule;
  Status status;
};

const std::vector<StatusRow>& StatusRows() {
  static const auto* rows = new std::vector<StatusRow>([] {
    std::vector<StatusRow> read;
    for (const Table::Row& row : Table::Embedded("schemas/codes/issue_status.csv").rows()) {
      read.push_back({std::string(row["code"]), std::string(row["rule"]),
                      {read.size(), std::stoi(std::string(row["http"])), std::string(row["fhir"])}});
    }
    return read;
  }());
  return *rows;
}

const Status& StatusOf(const Issue& issue) {
  static const Status failed{0, kFailed, "exception"};
  const Status* of_code = nullptr;
  for (const StatusRow& row : StatusRows()) {
    if (row.rule == issue.rule) return row.status;
    if (row.rule.empty() && row.code == Name(issue.code)) of_code = &row.status;
  }
  return of_code == nullptr ? failed : *of_code;
}

void WriteIssue(const Issue& issue, const Shape& shape, JsonWriter* json) {
  json->Object().Member("severity", Name(issue.severity)).Member("code", StatusOf(issue).fhir);
  json->ObjectIn("details").ArrayIn("coding").Object().Member("system", kIssueSystem).Member("code", issue.rule);
  json->End().End().End();
  json->Member("diagnostics", issue.text);
  const std::string path = PathInFhir(issue.path, shape);
  if (!path.empty()) json->ArrayIn("expression").String(path).End();
  json->End();
}

void WriteNote(std::string_view text, JsonWriter* json) {
  json->Object().Member("severity", "information").Member("code", "informational").Member("diagnostics", text).End();
}

// An OperationOutcome must hold an issue: when there is none, `note` says how it went.
void WriteOutcome(const Answer& answer, const Shape& shape, std::string_view note, JsonWriter* json) {
  json->Object().Member("resourceType", "OperationOutcome").ArrayIn("issue");
  if (!note.empty()) WriteNote(note, json);
  for (const Issue& issue : answer.issues) WriteIssue(issue, shape, json);
  if (note.empty() && answer.issues.empty()) WriteNote("Refused.", json);
  json->End().End();
}

std::string ReceivedNote(const Answer& answer) { return absl::StrCat("Received as message ", answer.message_id, "."); }

// One entry for each of the request, in its order (FHIR R4 §3.1.0.11.2). That of the Task says what became of the message; without a
// Task the first does.
void WriteTransactionResponse(const Answer& answer, const Shape& shape, JsonWriter* json) {
  json->Object().Member("resourceType", "Bundle").Member("type", "transaction-response").ArrayIn("entry");
  const size_t first_task = shape.entries.find('T');
  for (size_t i = 0; i < shape.entries.size(); ++i) {
    const bool task = first_task == shape.entries.npos ? i == 0 : shape.entries[i] == 'T';
    json->Object().ObjectIn("response").Member("status", task ? "201 Created" : "202 Accepted");
    if (task) json->Member("location", absl::StrCat("Task/", answer.message_id));
    json->Key("outcome");
    if (task) {
      WriteOutcome(answer, shape, ReceivedNote(answer), json);
    } else {
      WriteOutcome({}, shape, kNotStored, json);
    }
    json->End().End();
  }
  json->End().End();
}

// 32 hexadecimal digits as urn:uuid; any other id under a name of our own.
std::string UrnOf(const std::string& id) {
  constexpr size_t kHexDigits = 32;
  const bool hex = id.size() == kHexDigits && id.find_first_not_of("0123456789abcdef") == id.npos;
  if (!hex) return absl::StrCat("urn:schotvrij:message:", id);
  return absl::StrCat("urn:uuid:", id.substr(0, 8), "-", id.substr(8, 4), "-", id.substr(12, 4), "-", id.substr(16, 4), "-",
                      id.substr(20));
}

void WriteMessageResponse(const Answer& answer, const Shape& shape, JsonWriter* json) {
  const std::string& request = shape.header_id.empty() ? answer.message_id : shape.header_id;
  json->Object().Member("resourceType", "Bundle").Member("type", "message").ArrayIn("entry");
  json->Object().Member("fullUrl", UrnOf(answer.message_id)).ObjectIn("resource");
  json->Member("resourceType", "MessageHeader").Member("id", answer.message_id);
  const bool registers = shape.event.empty();
  json->ObjectIn("eventCoding").Member("system", registers ? kTaskSystem : CodeList::Named("message").First().system);
  json->Member("code", registers ? "register" : shape.event).End();
  json->ObjectIn("source").Member("endpoint", kGatewayEndpoint).End();
  json->ObjectIn("response").Member("identifier", request).Member("code", "ok").End().End().End();
  json->Object().Member("fullUrl", absl::StrCat("urn:schotvrij:outcome:", answer.message_id)).Key("resource");
  WriteOutcome(answer, shape, ReceivedNote(answer), json);
  json->End().End().End();
}

}  // namespace

EncodedAnswer EncodeAnswer(const Answer& answer, Syntax syntax) {
  const Shape shape = Shape::FromText(answer.shape);
  JsonWriter json;
  if (answer.state != Answer::State::kReceived) {
    WriteOutcome(answer, shape, "", &json);
  } else if (shape.kind == MessageKind::kTransaction) {
    WriteTransactionResponse(answer, shape, &json);
  } else if (shape.kind == MessageKind::kMessage) {
    WriteMessageResponse(answer, shape, &json);
  } else {
    WriteOutcome(answer, shape, ReceivedNote(answer), &json);
  }
  return EncodedAnswer::From(answer, InSyntax(syntax, json.Take()), std::string(MediaType(syntax)));
}

int HttpStatus(const Answer& answer) {
  if (answer.state == Answer::State::kReceived) {
    const MessageKind kind = Shape::FromText(answer.shape).kind;
    const bool created = kind == MessageKind::kTask || kind == MessageKind::kConsent || kind == MessageKind::kFlag ||
                         kind == MessageKind::kCare;
    return created ? kCreated : kOk;
  }
  const Status* heaviest = nullptr;
  for (const Issue& issue : answer.issues) {
    if (issue.severity != Severity::kError) continue;
    const Status& status = StatusOf(issue);
    if (heaviest == nullptr || status.place < heaviest->place) heaviest = &status;
  }
  return heaviest == nullptr ? kFailed : heaviest->http;
}

}  // namespace schotvrij::fhir
