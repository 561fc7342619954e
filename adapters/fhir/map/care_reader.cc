#include "adapters/fhir/map/care_reader.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "adapters/fhir/map/amount.h"
#include "adapters/fhir/map/care_total.h"
#include "adapters/fhir/map/client_reader.h"
#include "adapters/fhir/map/code_list.h"
#include "adapters/fhir/map/derived.h"
#include "adapters/fhir/map/systems.h"

namespace schotvrij::fhir {
namespace {

using google::protobuf::Message;

// What a birth date of that form leaves open (COD170). One that is not there is unknown only where it says so.
v1::BirthDateUse BirthDateUseOf(Node birth_date) {
  constexpr size_t kYear = 4;
  constexpr size_t kMonth = 7;
  if (birth_date.kind() == Kind::kString && birth_date.value().size() == kMonth) return v1::DAY_UNKNOWN;
  if (birth_date.kind() == Kind::kString && birth_date.value().size() == kYear) return v1::DAY_AND_MONTH_UNKNOWN;
  for (Node extension : birth_date.Children("extension")) {
    if (extension.Child("url").value() != kDataAbsentReasonUrl) continue;
    if (extension.Child("valueCode").value() == "unknown") return v1::ALL_UNKNOWN;
  }
  return v1::BIRTH_DATE_USE_UNSPECIFIED;
}

// Whether an item by itself says more than what is asked.
bool SaysWhich(const Message& item) {
  std::vector<const google::protobuf::FieldDescriptor*> said;
  item.GetReflection()->ListFields(item, &said);
  return said.size() > 1;
}

}  // namespace

void CareReader::Read(const CareMessage& message, Node root, v1::Exchange* exchange, Shape* shape) {
  v1::Envelope& envelope = *exchange->mutable_envelope();
  if (ResourceType(root) == "Bundle") parts_->Read(Part::kBundle, root, &envelope);
  for (Node header : resources_->OfType("MessageHeader")) parts_->Read(Part::kHeader, header, &envelope);
  Message& content = *exchange->GetReflection()->MutableMessage(exchange, message.content);
  const std::vector<Node> heads = resources_->OfType(message.head());
  for (Node head : heads) ReadParties(message.parties, head, &envelope);
  if (message.frame_part) {
    if (heads.size() > 1) findings_->Add("FHIR-TWICE", heads[1]);
    shape->task = heads.front().Path();
    parts_->Read(*message.frame_part, heads.front(), &content);
    for (Node item : heads.front().Children(message.item)) {
      if (message.list != nullptr) ReadItem(message, item, &content, shape);
    }
    CheckReferred(message);
  } else {
    for (Node head : heads) ReadItem(message, head, &content, shape);
  }
  if (exchange->has_delivery_event()) ReadKind(heads, exchange->mutable_delivery_event());
  if (exchange->has_declaration()) CheckTotal(heads.front(), exchange->declaration());
  CheckEvent(message, content);
  shape->event = DerivedValue(message.name(), content);
  ReadClient(exchange, shape);
}

void CareReader::ReadItem(const CareMessage& message, Node item, Message* content, Shape* shape) {
  Message* canonical = content->GetReflection()->AddMessage(content, message.list);
  parts_->Read(*message.item_part, item, canonical);
  Node place = item;
  if (message.referred_part) {
    const Node reference = item.Child("valueReference");
    const Node referred = resources_->Resolve(reference);
    if (ResourceType(referred) == message.referred) {
      parts_->Read(*message.referred_part, referred, canonical);
      referred_.push_back(referred);
      place = referred;
    } else if (reference.Child("reference")) {
      findings_->Add("FHIR-REFERENCE", reference, "reference");
    } else if (!SaysWhich(*canonical)) {
      findings_->Add("FHIR-REFERENCE", item, "valueReference");
    }
  }
  shape->products.push_back(place.Path());
}

// Each is said of one item: what none points to would be taken and not acted on.
void CareReader::CheckReferred(const CareMessage& message) {
  if (!message.referred_part) return;
  for (Node resource : resources_->OfType(message.referred)) {
    if (std::count(referred_.begin(), referred_.end(), resource) != 1) findings_->Add("FHIR-REFERENCE", resource);
  }
}

// Where a Claim tells its total, it is that of its lines.
void CareReader::CheckTotal(Node claim, const v1::Declaration& declaration) {
  const Node total = claim.Child("total");
  const std::optional<int64_t> cents = total ? ReadMoney(total, findings_) : std::nullopt;
  if (cents && *cents != TotalOf(declaration)) findings_->Add("FHIR-DIFFERENT", total, "value");
}

void CareReader::ReadParties(Part part, Node head, v1::Envelope* envelope) {
  v1::Envelope said;
  parts_->Read(part, head, &said);
  if (said.has_sender_identifier()) ReadParty(head, said.sender_identifier(), envelope->mutable_sender_identifier());
  if (said.has_recipient_identifier()) ReadParty(head, said.recipient_identifier(), envelope->mutable_recipient_identifier());
}

// Header and heads may each name a party, and then the same one.
void CareReader::ReadParty(Node head, const v1::PartyIdentifier& said, v1::PartyIdentifier* party) {
  if (party->value().empty()) {
    *party = said;
  } else if (party->system() != said.system() || party->value() != said.value()) {
    findings_->Add("FHIR-DIFFERENT", head);
  }
}

void CareReader::ReadClient(v1::Exchange* exchange, Shape* shape) {
  if (parts_->client_references().empty()) return;
  const Node reference = parts_->client_references().front();
  ClientReader clients(resources_, findings_, parts_);
  v1::Client& client = *exchange->mutable_client();
  const Node patient = clients.Read(resources_->Resolve(reference), /*surname_required=*/false, &client);
  if (patient) {
    client.set_birth_date_use(BirthDateUseOf(patient.Child("birthDate")));
  } else {
    clients.ReadBsnOf(reference.Parent(), reference.name(), &client);
  }
  shape->client = patient ? patient.Path() : reference.Path();
  clients.CheckReferences(client.bsn());
}

// A message tells of starts or of stops.
void CareReader::ReadKind(const std::vector<Node>& heads, v1::DeliveryEvent* event) {
  const bool stopped = !event->products(0).until().empty();
  event->set_kind(stopped ? v1::DELIVERY_STOPPED : v1::DELIVERY_STARTED);
  for (size_t i = 1; i < heads.size(); ++i) {
    if (event->products(static_cast<int>(i)).until().empty() == stopped) findings_->Add("FHIR-DIFFERENT", heads[i], "period.end");
  }
}

void CareReader::CheckEvent(const CareMessage& message, const Message& content) {
  static const std::string& system = CodeList::Named("message").First().system;
  for (Node header : resources_->OfType("MessageHeader")) {
    const Node event = header.Child("eventCoding");
    if (event.Child("system").value() != system) continue;
    if (!MayBe(message.name(), event.Child("code").value(), content)) findings_->Add("FHIR-DIFFERENT", event, "code");
  }
}

}  // namespace schotvrij::fhir
