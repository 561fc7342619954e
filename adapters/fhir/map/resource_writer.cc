#include "adapters/fhir/map/resource_writer.h"

#include <array>

#include "absl/strings/str_cat.h"
#include "adapters/fhir/map/code_list.h"
#include "adapters/fhir/map/name_writer.h"
#include "adapters/fhir/map/systems.h"
#include "google/protobuf/message.h"
#include "policy/disclosure/step.h"
#include "schemas/base/strings.h"
#include "schemas/base/table.h"

namespace schotvrij::fhir {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

std::string ContentOf(const v1::Exchange& exchange) {
  const auto* oneof = v1::Exchange::descriptor()->FindOneofByName("content");
  const FieldDescriptor* field = exchange.GetReflection()->GetOneofFieldDescriptor(exchange, oneof);
  return field == nullptr ? "" : field->name();
}

// Whether the leaf at `path` ("client.name.own_name") has a value; below a list, in each of its messages.
bool Has(const Message& root, std::string_view path) {
  const Message* at = &root;
  while (true) {
    const size_t dot = path.find('.');
    const FieldDescriptor* field = at->GetDescriptor()->FindFieldByName(std::string(path.substr(0, dot)));
    if (field == nullptr) return false;
    const auto* reflection = at->GetReflection();
    const std::string_view below = dot == path.npos ? "" : path.substr(dot + 1);
    if (field->is_repeated()) {
      for (int i = 0; i < reflection->FieldSize(*at, field); ++i) {
        if (!below.empty() && !Has(reflection->GetRepeatedMessage(*at, field, i), below)) return false;
      }
      return reflection->FieldSize(*at, field) > 0;
    }
    if (!reflection->HasField(*at, field)) return false;
    if (below.empty()) return true;
    at = &reflection->GetMessage(*at, field);
    path = below;
  }
}

struct ReceiptStatus {
  v1::ReceiptState state;
  std::string_view task_status;
};
constexpr std::array<ReceiptStatus, 4> kReceiptStatuses = {{
    {v1::ACCEPTED, "accepted"},
    {v1::REJECTED, "rejected"},
    {v1::UNDELIVERABLE, "failed"},
    {v1::WITHHELD, "failed"},
}};

std::string_view TaskStatus(const v1::Exchange& exchange, const ItemState& state) {
  for (const ReceiptStatus& row : kReceiptStatuses) {
    if (exchange.has_receipt() && row.state == exchange.receipt().state()) return row.task_status;
  }
  return state.answered ? "completed" : state.acknowledged ? "received" : "requested";
}

// What it asks; null for an answer.
const CodeList::Entry* TaskCode(const v1::Exchange& exchange) {
  if (exchange.has_trial()) return CodeList::Named("trial").FindWord("trial");
  return CodeList::Named("task").FindWord(v1::RegistrationStep_Name(policy::StepOf(exchange)));
}

std::string_view BusinessStatus(const ItemState& state) {
  return state.answered ? "answered" : state.acknowledged ? "acknowledged" : "waiting";
}

void WriteIdentifier(std::string_view system, std::string_view value, JsonWriter* json) {
  json->Object().Member("system", system).Member("value", value).End();
}

void WriteCodeableConcept(std::string_view element, std::string_view system, std::string_view code, JsonWriter* json) {
  json->ObjectIn(element).ArrayIn("coding").Object().Member("system", system).Member("code", code).End().End().End();
}

// A reference to an organisation or message by its key.
void WriteLogicalReference(std::string_view element, std::string_view type, std::string_view system,
                           std::string_view value, JsonWriter* json) {
  if (value.empty()) return;
  json->ObjectIn(element).Member("type", type).Key("identifier");
  WriteIdentifier(system, value, json);
  json->End();
}

void WriteReceipt(const v1::Receipt& receipt, JsonWriter* json) {
  if (!receipt.reason().empty()) WriteCodeableConcept("statusReason", kAnswerReasonSystem, receipt.reason(), json);
  WriteLogicalReference("focus", "Task", kMessageSystem, receipt.about(), json);
  if (!receipt.answered_on().empty()) json->Member("lastModified", receipt.answered_on());
}

void WriteRegistration(const v1::Registration& registration, JsonWriter* json) {
  if (!registration.about().empty()) {
    json->ArrayIn("basedOn").Object().Member("type", "Task").Key("identifier");
    WriteIdentifier(kMessageSystem, registration.about(), json);
    json->End().End();
  }
  const CodeList::Entry* reason = CodeList::Named("end-reason").FindWord(v1::EndReason_Name(registration.end_reason()));
  if (reason != nullptr) WriteCodeableConcept("reasonCode", reason->system, reason->code, json);
  if (registration.start_date().empty() && registration.end_date().empty()) return;
  json->ObjectIn("executionPeriod");
  if (!registration.start_date().empty()) json->Member("start", registration.start_date());
  if (!registration.end_date().empty()) json->Member("end", registration.end_date());
  json->End();
}

void WriteBsn(const policy::Disclosure& disclosure, JsonWriter* json) {
  const std::string& bsn = disclosure.exchange().client().bsn();
  switch (SharedAs(disclosure, "client.bsn")) {
    case policy::v1::PRESENT:
      // nl-core: a masked identifier keeps its system and says that the value is withheld.
      json->Object().Member("system", kBsnSystem).ObjectIn("_value").ArrayIn("extension").Object();
      json->Member("url", kDataAbsentReasonUrl).Member("valueCode", "masked").End().End().End().End();
      break;
    case policy::v1::PSEUDONYM:
      WriteIdentifier(kPseudonymSystem, bsn, json);
      break;
    default:
      WriteIdentifier(kBsnSystem, bsn, json);
  }
}

void WriteClientIdentifiers(const policy::Disclosure& disclosure, const ItemState& state, JsonWriter* json) {
  const bool has_bsn = !disclosure.exchange().client().bsn().empty();
  if (!has_bsn && state.client_key.empty()) return;
  json->ArrayIn("identifier");
  if (has_bsn) WriteBsn(disclosure, json);
  if (!state.client_key.empty()) WriteIdentifier(kClientSystem, state.client_key, json);
  json->End();
}

// Whom it is about: the Patient beside it, and the client by the key that all of this client have.
void WriteFor(const v1::Exchange& exchange, const ItemState& state, std::string_view patient, JsonWriter* json) {
  if (!exchange.has_client() && state.client_key.empty()) return;
  json->ObjectIn("for");
  if (exchange.has_client()) json->Member("reference", patient);
  if (!state.client_key.empty()) {
    json->Key("identifier");
    WriteIdentifier(kClientSystem, state.client_key, json);
  }
  json->End();
}

}  // namespace

absl::Status CheckComplete(const policy::Disclosure& disclosure, std::string_view table) {
  const std::string content = ContentOf(disclosure.exchange());
  const std::string& step = v1::RegistrationStep_Name(policy::StepOf(disclosure.exchange()));
  bool known = false;
  for (const Table::Row& row : Table::Embedded(table).rows()) {
    if (row["content_type"] != content) continue;
    known = true;
    if (!HoldsWord(row["step"], step)) continue;
    if (!Has(disclosure.exchange(), row["path"])) {
      return absl::FailedPreconditionError(absl::StrCat("FHIR needs ", ToAbsl(row["path"]), ", which is not disclosed"));
    }
  }
  return known ? absl::OkStatus()
               : absl::FailedPreconditionError(absl::StrCat("content ", content, " does not go as FHIR"));
}

std::string FullUrl(std::string_view kind, const policy::Disclosure& disclosure) {
  return absl::StrCat("urn:schotvrij:", ToAbsl(kind), ":", disclosure.exchange().envelope().message_id());
}

policy::v1::As SharedAs(const policy::Disclosure& disclosure, std::string_view path) {
  for (const policy::SharedField& field : disclosure.evidence().fields) {
    if (field.path == path) return field.as;
  }
  return policy::v1::ITSELF;
}

void WriteMeta(bool pseudonymised, JsonWriter* json) {
  json->ObjectIn("meta").ArrayIn("security");
  json->Object().Member("system", kObservationValueSystem).Member("code", "REDACTED").End();
  if (pseudonymised) json->Object().Member("system", kObservationValueSystem).Member("code", "PSEUDED").End();
  json->End().End();
}

void WriteTask(const policy::Disclosure& disclosure, const ItemState& state, std::string_view patient, JsonWriter* json) {
  const v1::Exchange& exchange = disclosure.exchange();
  const v1::Envelope& envelope = exchange.envelope();
  json->Object().Member("resourceType", "Task").Member("id", envelope.message_id());
  WriteMeta(false, json);
  if (!exchange.receipt().request_key().empty()) {
    json->ArrayIn("identifier");
    WriteIdentifier(kRequestSystem, exchange.receipt().request_key(), json);
    json->End();
  }
  if (!envelope.network().empty()) {
    json->Key("groupIdentifier");
    WriteIdentifier(kNetworkSystem, envelope.network(), json);
  }
  json->Member("status", TaskStatus(exchange, state));
  json->ObjectIn("businessStatus").Member("text", BusinessStatus(state)).End().Member("intent", "order");
  const CodeList::Entry* code = TaskCode(exchange);
  if (code != nullptr) WriteCodeableConcept("code", code->system, code->code, json);
  WriteFor(exchange, state, patient, json);
  WriteRegistration(exchange.registration(), json);
  if (!envelope.sent_on().empty()) json->Member("authoredOn", envelope.sent_on());
  WriteLogicalReference("requester", "Organization", kParticipantSystem, envelope.sender(), json);
  WriteLogicalReference("owner", "Organization", kParticipantSystem, envelope.recipient(), json);
  if (exchange.has_receipt()) WriteReceipt(exchange.receipt(), json);
  json->End();
}

void WritePatient(const policy::Disclosure& disclosure, const ItemState& state, JsonWriter* json) {
  const v1::Client& client = disclosure.exchange().client();
  json->Object().Member("resourceType", "Patient").Member("id", disclosure.exchange().envelope().message_id());
  WriteMeta(SharedAs(disclosure, "client.bsn") == policy::v1::PSEUDONYM, json);
  WriteClientIdentifiers(disclosure, state, json);
  if (state.takes_part.has_value()) json->Key("active").Boolean(*state.takes_part);
  WriteNames(disclosure, json);
  const CodeList::Entry* gender = CodeList::Named("gender").FindWord(v1::AdministrativeGender_Name(client.gender()));
  if (gender != nullptr) json->Member("gender", gender->code);
  const policy::v1::As birth_date = SharedAs(disclosure, "client.birth_date");
  if (!client.birth_date().empty() && birth_date != policy::v1::PRESENT && birth_date != policy::v1::PSEUDONYM) {
    json->Member("birthDate", client.birth_date());
  }
  if (client.birth_date_use() == v1::ALL_UNKNOWN && client.birth_date().empty()) {
    json->ObjectIn("_birthDate").ArrayIn("extension").Object().Member("url", kDataAbsentReasonUrl).Member("valueCode", "unknown");
    json->End().End().End();
  }
  json->End();
}

}  // namespace schotvrij::fhir
