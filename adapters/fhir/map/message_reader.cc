#include "adapters/fhir/map/message_reader.h"

#include <algorithm>
#include <utility>

#include "absl/strings/escaping.h"
#include "adapters/fhir/map/care_reader.h"
#include "adapters/fhir/map/client_reader.h"
#include "adapters/fhir/map/consent_reader.h"
#include "adapters/fhir/map/findings.h"
#include "adapters/fhir/map/observation_reader.h"
#include "adapters/fhir/map/part_reader.h"
#include "adapters/fhir/map/resources.h"
#include "adapters/fhir/map/systems.h"
#include "adapters/fhir/map/value_form.h"
#include "schemas/base/audit_chain.h"
#include "schemas/base/strings.h"

namespace schotvrij::fhir {
namespace {

constexpr std::string_view kPersonalKey = "a key may not hold the BSN";

// Bundle.type, as the kinds of message this edge takes.
MessageKind BundleKind(std::string_view type) {
  if (type == "transaction") return MessageKind::kTransaction;
  if (type == "message") return MessageKind::kMessage;
  if (type == "collection") return MessageKind::kCollection;
  return MessageKind::kNone;
}

bool IsAnswer(Node task) {
  const std::string_view status = task.Child("status").value();
  if (status == "accepted" || status == "rejected") return true;
  return task.Child("id") && !task.Child("contained") && !task.Child("for") && status != "requested";
}

bool Holds(std::string_view key, const std::string& bsn) { return !bsn.empty() && key.find(bsn) != key.npos; }

// A step by which the client leaves; the recipient needs no name for it.
bool Leaves(v1::RegistrationStep step) { return step == v1::WITHDRAW || step == v1::END; }

// One message being read: what it consists of, and what is found wrong so far.
class MessageReader {
 public:
  explicit MessageReader(const std::string& fallback_key) : fallback_key_(fallback_key) {}

  // A Bundle, a Task that asks, or a resource of messages.csv: which content it is, its resources say.
  void Request(Node root, MessageKind kind);
  void SingleConsent(Node consent);
  void SafetyFlag(Node flag);
  void AnswerTask(Node task);
  void Refuse(std::string_view rule, std::string_view path = "") { findings_.AddAt(rule, path); }

  Reading Finish() &&;

 private:
  void Registration(Node root);
  void Care(const CareMessage& message, Node root);
  Node TheTask(Node root);
  void ReadTask(Node root, Node task, v1::Registration* registration);
  std::string RequestKey(Node root, Node task);
  void ReadHeader(Node root);
  template <typename Message, typename Read>
  void ReadAll(std::vector<Node> nodes, Read read, google::protobuf::RepeatedPtrField<Message>* list,
               std::vector<std::string>* places);
  void KeepBsnOutOfKeys(Node task);

  const std::string& fallback_key_;
  Findings findings_;
  Resources resources_;
  PartReader parts_{&resources_, &findings_};
  v1::Exchange exchange_;
  Shape shape_;
};

void MessageReader::Request(Node root, MessageKind kind) {
  shape_.kind = kind;
  resources_.Collect(root, &findings_);
  shape_.entries = resources_.entries();
  if (kind == MessageKind::kMessage) ReadHeader(root);
  const CareMessage* care = FindCareMessage(resources_);
  resources_.RefuseOthers(care == nullptr ? "registration" : care->name(), root, &findings_);
  care == nullptr ? Registration(root) : Care(*care, root);
}

void MessageReader::Care(const CareMessage& message, Node root) {
  CareReader(&resources_, &findings_, &parts_).Read(message, root, &exchange_, &shape_);
  exchange_.mutable_envelope()->set_request_key(RequestKey(root, Node()));
  if (Holds(exchange_.envelope().request_key(), exchange_.client().bsn())) {
    findings_.Add("KEY-FORM", root, "identifier", kPersonalKey);
  }
}

Node MessageReader::TheTask(Node root) {
  const std::vector<Node> tasks = resources_.OfType("Task");
  if (tasks.size() > 1) findings_.Add("TASK-TWICE", tasks[1]);
  if (!tasks.empty()) return tasks.front();
  const bool lone_patient = !resources_.OfType("Patient").empty() && resources_.OfType("Consent").empty() &&
                            resources_.OfType("Observation").empty();
  findings_.Add(lone_patient ? "FHIR-LONE-PATIENT" : "TASK-MISSING", root);
  return Node();
}

// Task.identifier, else the message's own identifier (Bundle.identifier), else the id of the MessageHeader, else what came beside it.
std::string MessageReader::RequestKey(Node root, Node task) {
  for (Node identifier : task.Children("identifier")) {
    if (const Node value = identifier.Child("value")) return std::string(value.value());
  }
  Node own = root.Child("identifier").Child("value");
  if (root == task) own = Node();
  if (!own && !shape_.header_id.empty()) return shape_.header_id;
  const std::string key(own ? own.value() : std::string_view(fallback_key_));
  if (!own && key.empty()) {
    findings_.Add("TASK-KEY", task ? task : root, "identifier");
  } else if (!IsKey(key)) {
    own ? findings_.Add("KEY-FORM", own) : findings_.Add("KEY-FORM", task ? task : root, "identifier");
  }
  return key;
}

void MessageReader::ReadTask(Node root, Node task, v1::Registration* registration) {
  v1::Envelope& envelope = *exchange_.mutable_envelope();
  parts_.Read(Part::kTask, task, &envelope);
  parts_.Read(Part::kRegistration, task, registration);
  const Node network_system = task.Child("groupIdentifier").Child("system");
  if (network_system && network_system.value() != kNetworkSystem) findings_.Add("FHIR-UNKNOWN-SYSTEM", network_system);
  envelope.set_request_key(RequestKey(root, task));
  shape_.task = task.Path();
}

// A message Bundle begins with its MessageHeader (FHIR R4 bdl-12).
void MessageReader::ReadHeader(Node root) {
  const Node header = root.Child("entry").Child("resource");
  if (ResourceType(header) != "MessageHeader") return findings_.Add("FHIR-VALUE", root, "entry[0].resource");
  const Node id = header.Child("id");
  if (!id) return;
  if (!IsId(id.value())) return findings_.Add("FHIR-VALUE", id);
  shape_.header_id = id.value();
}

// Reads each resource with `read` and lists the results in an order that does not hang on the order of the entries.
template <typename Message, typename Read>
void MessageReader::ReadAll(std::vector<Node> nodes, Read read, google::protobuf::RepeatedPtrField<Message>* list,
                            std::vector<std::string>* places) {
  struct Item {
    std::string bytes;
    Message message;
    Node node;
  };
  std::vector<Item> items;
  for (Node node : nodes) {
    Message message = read(node);
    std::string bytes = nodes.size() > 1 ? message.SerializeAsString() : "";
    items.push_back({std::move(bytes), std::move(message), node});
  }
  std::stable_sort(items.begin(), items.end(), [](const Item& a, const Item& b) { return a.bytes < b.bytes; });
  for (Item& item : items) {
    *list->Add() = std::move(item.message);
    places->push_back(item.node.Path());
  }
}

void MessageReader::Registration(Node root) {
  v1::Registration& registration = *exchange_.mutable_registration();
  const Node task = TheTask(root);
  if (task) ReadTask(root, task, &registration);
  ClientReader clients(&resources_, &findings_, &parts_);
  const bool leaves = Leaves(registration.step());
  const Node patient = clients.Read(resources_.Resolve(task.Child("for")), /*surname_required=*/!leaves,
                                    exchange_.mutable_client());
  if (!patient && leaves) {
    clients.ReadBsnOf(task, "for", exchange_.mutable_client());
  } else if (!patient && task) {
    findings_.Add("CLIENT-MISSING", root);
  }
  shape_.client = patient.Path();

  const auto consent = [&](Node node) { return ReadConsent(node, &resources_, &findings_, &parts_); };
  ReadAll(resources_.OfType("Consent"), consent, registration.mutable_consents(), &shape_.consents);
  std::vector<Node> attested;
  std::vector<Node> scored;
  for (Node node : resources_.OfType("Observation")) (IsAttestation(node) ? attested : scored).push_back(node);
  const auto attestation = [&](Node node) { return ReadAttestation(node, &parts_); };
  ReadAll(attested, attestation, registration.mutable_attestations(), &shape_.attestations);
  const auto score = [&](Node node) { return ReadScore(node, &findings_, &parts_); };
  ReadAll(scored, score, registration.mutable_assessments(), &shape_.assessments);

  if (patient) clients.CheckReferences(exchange_.client().bsn());
  KeepBsnOutOfKeys(task);
}

// Keys reach places where no BSN may be: the audit, receipts, other systems' logs.
void MessageReader::KeepBsnOutOfKeys(Node task) {
  const std::string& bsn = exchange_.client().bsn();
  if (task && Holds(exchange_.envelope().request_key(), bsn)) {
    findings_.Add("KEY-FORM", task, "identifier", kPersonalKey);
  }
  if (Holds(shape_.header_id, bsn)) shape_.header_id.clear();
  const auto& consents = exchange_.registration().consents();
  for (int i = 0; i < consents.size(); ++i) {
    if (Holds(consents[i].consent_id(), bsn)) {
      findings_.AddAt("KEY-FORM", shape_.consents[static_cast<size_t>(i)] + ".identifier", kPersonalKey);
    }
  }
}

void MessageReader::SingleConsent(Node consent) {
  shape_.kind = MessageKind::kConsent;
  shape_.consents = {consent.Path()};
  resources_.Collect(consent, &findings_);
  resources_.RefuseOthers("consent", consent, &findings_);
  ClientReader clients(&resources_, &findings_, &parts_);
  v1::Client& client = *exchange_.mutable_client();
  const Node patient = clients.Read(resources_.Resolve(consent.Child("patient")), /*surname_required=*/false, &client);
  shape_.client = patient ? patient.Path() : consent.Path() + ".patient";
  if (!patient) clients.ReadBsnOf(consent, "patient", &client);
  *exchange_.mutable_consent() = ReadConsent(consent, &resources_, &findings_, &parts_);
  clients.CheckReferences(client.bsn());

  const std::string& id = exchange_.consent().consent_id();
  if (Holds(id, client.bsn())) findings_.Add("KEY-FORM", consent, "identifier", kPersonalKey);
  std::string key = fallback_key_;
  if (key.empty() && !id.empty()) {
    // Each state of the same consent is a message of its own.
    const std::string version = id + '\n' + std::string(consent.Child("status").value()) + '\n' +
                                std::string(consent.Child("dateTime").value());
    key = "consent:" + absl::BytesToHexString(Sha256(version));
  }
  if (!IsKey(key)) findings_.Add("KEY-FORM", consent, "identifier");
  exchange_.mutable_envelope()->set_request_key(std::move(key));
}

void MessageReader::SafetyFlag(Node flag) {
  shape_.kind = MessageKind::kFlag;
  resources_.Collect(flag, &findings_);
  resources_.RefuseOthers("safety_hold", flag, &findings_);
  ClientReader clients(&resources_, &findings_, &parts_);
  v1::Client& client = *exchange_.mutable_client();
  const Node patient = clients.Read(resources_.Resolve(flag.Child("subject")), /*surname_required=*/false, &client);
  shape_.client = patient ? patient.Path() : flag.Path() + ".subject";
  if (!patient) clients.ReadBsnOf(flag, "subject", &client);
  parts_.Read(Part::kFlag, flag, exchange_.mutable_safety_hold());
  clients.CheckReferences(client.bsn());
  exchange_.mutable_envelope()->set_request_key(RequestKey(flag, flag));
  KeepBsnOutOfKeys(flag);
}

void MessageReader::AnswerTask(Node task) {
  shape_.kind = MessageKind::kAnswer;
  shape_.task = task.Path();
  resources_.Collect(task, &findings_);
  resources_.RefuseOthers("receipt", task, &findings_);
  v1::Receipt& receipt = *exchange_.mutable_receipt();
  parts_.Read(Part::kAnswer, task, &receipt);
  for (Node outcome : resources_.OfType("OperationOutcome")) {
    for (Node issue : outcome.Children("issue")) parts_.Read(Part::kFinding, issue, receipt.add_findings());
  }
  if (receipt.state() == v1::REJECTED && !task.Child("statusReason")) {
    findings_.Add("ANSWER-REASON", task, "statusReason");
  }
  std::string key = fallback_key_;
  if (key.empty()) key = "answer:" + receipt.about() + ":" + std::string(task.Child("status").value());
  if (findings_.empty() && !IsKey(key)) findings_.Add("KEY-FORM", task, "identifier");
  exchange_.mutable_envelope()->set_request_key(std::move(key));
}

Reading MessageReader::Finish() && {
  Reading reading;
  reading.shape = std::move(shape_);
  if (findings_.empty()) reading.exchange = std::move(exchange_);
  reading.issues = findings_.Take();
  return reading;
}

}  // namespace

Reading ReadMessage(Node root, const std::string& fallback_key) {
  MessageReader reader(fallback_key);
  const std::string_view type = ResourceType(root);
  if (type == "Bundle") {
    const MessageKind kind = BundleKind(root.Child("type").value());
    if (kind == MessageKind::kNone) {
      reader.Refuse("FHIR-BUNDLE-TYPE", "Bundle.type");
    } else {
      reader.Request(root, kind);
    }
  } else if (type == "Task") {
    IsAnswer(root) ? reader.AnswerTask(root) : reader.Request(root, MessageKind::kTask);
  } else if (type == "Consent") {
    reader.SingleConsent(root);
  } else if (type == "Flag") {
    reader.SafetyFlag(root);
  } else if (IsCareHead(type)) {
    reader.Request(root, MessageKind::kCare);
  } else {
    reader.Refuse(type == "Patient" ? "FHIR-LONE-PATIENT" : "FHIR-RESOURCE-TYPE");
  }
  return std::move(reader).Finish();
}

}  // namespace schotvrij::fhir
