#include "adapters/fhir/map/part_writer.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "adapters/fhir/map/amount.h"
#include "adapters/fhir/map/derived.h"
#include "adapters/fhir/map/resource_writer.h"
#include "adapters/fhir/map/systems.h"
#include "adapters/fhir/map/value_form.h"
#include "schemas/base/strings.h"

namespace schotvrij::fhir {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// The message below that of the part that has the row's field; null: it is not there.
const Message* OwnerOf(const ElementRow& row, const Message& part) {
  const Message* message = &part;
  for (const FieldDescriptor* field : row.through) {
    if (!message->GetReflection()->HasField(*message, field)) return nullptr;
    message = &message->GetReflection()->GetMessage(*message, field);
  }
  return message;
}

// What a coarser form of a leaf may still be written as: a date is one of fewer digits, anything else would be taken for itself.
bool IsWritable(policy::v1::As as, Form form) {
  return as == policy::v1::ITSELF || (form == Form::kDay && (as == policy::v1::YEAR || as == policy::v1::MONTH));
}

// The values of the row's field, as texts and names of enum values.
std::vector<std::string> ValuesOf(const ElementRow& row, const Message& message) {
  const FieldDescriptor* field = row.field;
  const auto* reflection = row.reflection;
  std::vector<std::string> values;
  const int size = field->is_repeated() ? reflection->FieldSize(message, field) : reflection->HasField(message, field);
  for (int i = 0; i < size; ++i) {
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_ENUM:
        values.push_back(field->is_repeated() ? reflection->GetRepeatedEnum(message, field, i)->name()
                                              : reflection->GetEnum(message, field)->name());
        break;
      case FieldDescriptor::CPPTYPE_STRING:
        values.push_back(field->is_repeated() ? reflection->GetRepeatedString(message, field, i)
                                              : reflection->GetString(message, field));
        break;
      default:
        values.push_back(absl::StrCat(reflection->GetInt64(message, field)));
    }
  }
  return values;
}

// Whether `element` says that it is `step.which`.
bool IsMarked(DraftElement& element, const Step& step) {
  std::string_view mark = MarkOf(step);
  DraftElement* at = &element;
  for (; at != nullptr && !mark.empty(); mark.remove_prefix(std::min(mark.find('.'), mark.size() - 1) + 1)) {
    at = at->Find(mark.substr(0, mark.find('.')));
  }
  if (at == nullptr || at->name() != "coding") return at != nullptr && at->value() == step.which;
  return absl::StrCat(ToAbsl(at->Child("system").value()), "|", ToAbsl(at->Child("code").value())) == step.which;
}

void Mark(const Step& step, DraftElement* element) {
  std::string_view mark = MarkOf(step);
  DraftElement* at = element;
  for (; !mark.empty(); mark.remove_prefix(std::min(mark.find('.'), mark.size() - 1) + 1)) {
    at = &at->Child(mark.substr(0, mark.find('.')));
  }
  if (at->name() != "coding") return at->Set(step.which);
  const size_t bar = step.which.find('|');
  at->Set("system", std::string_view(step.which).substr(0, bar));
  at->Set("code", std::string_view(step.which).substr(bar + 1));
}

DraftElement* FindKept(DraftElement* element, const Step& step) {
  for (auto child = element->children().rbegin(); child != element->children().rend(); ++child) {
    if (child->name() == step.name && (step.which.empty() || IsMarked(*child, step))) return &*child;
  }
  return nullptr;
}

DraftElement& AddKept(DraftElement* element, const Step& step) {
  DraftElement& added = element->Add(step.name);
  if (!step.which.empty()) Mark(step, &added);
  return added;
}

bool IsList(const DraftElement& element, std::string_view child) {
  const Slot* slot = element.type().Find(child);
  return slot != nullptr && slot->list;
}

// The element that the steps lead to, made where it is missing. What a step says of its child it holds from the start.
// `is_another`: the first list on the way gets one more, as it had another value of the same field.
DraftElement& Reach(const std::vector<Step>& steps, const DraftTarget& target, bool is_another = false) {
  DraftElement* at = target.element;
  for (size_t i = 0; i < steps.size(); ++i) {
    if (steps[i].joins) {
      const std::string sequence = std::to_string(target.resource->Count(steps[i + 1].name) + 1);
      at->Add(steps[i].name).Set(sequence);
      at = &AddKept(target.resource, steps[++i]);
      at->Set("sequence", sequence);
      continue;
    }
    const bool adds = is_another && IsList(*at, steps[i].name);
    if (adds) is_another = false;
    DraftElement* found = adds ? nullptr : FindKept(at, steps[i]);
    at = found == nullptr ? &AddKept(at, steps[i]) : found;
  }
  return *at;
}

// `element` is a Coding or a CodeableConcept.
void SetCoding(std::string_view system, std::string_view code, DraftElement* element) {
  DraftElement& coding = element->type().name == "Coding" ? *element : element->Add("coding");
  coding.Set("system", system);
  coding.Set("code", code);
}

// Its number under a national system where that is known, else its key.
void SetParty(const v1::PartyIdentifier& party, std::string_view participant, DraftElement* reference) {
  const CodeList::Entry* system = CodeList::Named("party").FindWord(party.system());
  reference->Set("type", "Organization");
  DraftElement& identifier = reference->Child("identifier");
  identifier.Set("system", system == nullptr ? kParticipantSystem : std::string_view(system->system));
  identifier.Set("value", system == nullptr ? participant : std::string_view(party.value()));
}

void WriteParty(const ElementRow& row, const v1::Envelope& envelope, const DraftTarget& target) {
  const bool is_sender = row.field->number() == v1::Envelope::kSenderIdentifierFieldNumber;
  const v1::PartyIdentifier& party = is_sender ? envelope.sender_identifier() : envelope.recipient_identifier();
  const std::string& participant = is_sender ? envelope.sender() : envelope.recipient();
  if (party.value().empty() && participant.empty()) return;
  SetParty(party, participant, &Reach(row.steps, target));
}

// What follows from other fields, or is always the same.
std::string_view ConstantOf(const ElementRow& row, const Message& message) {
  if (row.form == Form::kStatus) return DerivedValue(row.part, message);
  const bool has_code = row.form == Form::kCode || row.form == Form::kCoding || row.form == Form::kFixed;
  return has_code && row.field == nullptr ? std::string_view(row.codes->First().word) : std::string_view();
}

// A word for which the list has no code is not written as another.
void WriteWord(const ElementRow& row, std::string_view word, const DraftTarget& target, bool is_another = false) {
  if (row.codes == nullptr) return Reach(row.steps, target, is_another).Set(word);
  const CodeList::Entry* entry = row.codes->FindWord(word);
  if (entry == nullptr) return;
  const std::string_view code = entry->is_pattern ? word : std::string_view(entry->code);
  DraftElement& element = Reach(row.steps, target, is_another);
  element.type().kind == Kind::kObject ? SetCoding(entry->system, code, &element) : element.Set(code);
}

bool IsVolume(Form form) { return form == Form::kQuantity || form == Form::kRatio || form == Form::kTotal; }

void WriteCents(const ElementRow& row, const Message& owner, const DraftTarget& target) {
  int64_t cents = row.reflection->GetInt64(owner, row.field);
  if (row.form == Form::kSigned) {
    const int side = row.reflection->GetEnumValue(owner, row.beside);
    // Without its side nobody could tell who owes whom.
    if (side == v1::LEDGER_SIDE_UNSPECIFIED) return;
    if (side == v1::CREDIT) cents = -cents;
  }
  WriteMoney(cents, &Reach(row.steps, target));
}

void WriteVolume(const ElementRow& row, const v1::Volume& volume, const DraftTarget& target) {
  if (row.form == Form::kRatio) {
    if (IsRatio(volume)) WriteRatio(volume, &Reach(row.steps, target));
  } else if (IsQuantity(volume) && (row.form == Form::kQuantity || volume.frequency() == kWholePeriod)) {
    WriteQuantity(volume, &Reach(row.steps, target));
  }
}

void WriteMoment(const ElementRow& row, const Message& owner, const DraftTarget& target) {
  const std::string day = row.reflection->GetString(owner, row.field);
  if (!day.empty()) Reach(row.steps, target).Set(MomentText(day, row.reflection->GetString(owner, row.beside)));
}

void WriteField(const ElementRow& row, const Message& owner, const DraftTarget& target) {
  if (row.form == Form::kMoment) return WriteMoment(row, owner, target);
  if (IsVolume(row.form) && row.reflection->HasField(owner, row.field)) {
    return WriteVolume(row, dynamic_cast<const v1::Volume&>(row.reflection->GetMessage(owner, row.field)), target);
  }
  if ((row.form == Form::kMoney || row.form == Form::kSigned) && row.reflection->HasField(owner, row.field)) {
    return WriteCents(row, owner, target);
  }
  if (IsVolume(row.form) || row.form == Form::kMoney || row.form == Form::kSigned) return;
  bool is_another = false;
  for (const std::string& word : ValuesOf(row, owner)) WriteWord(row, word, target, std::exchange(is_another, true));
}

}  // namespace

void PartWriter::Write(Part part, std::string_view path, const Message& message, const DraftTarget& target) const {
  for (const ElementRow& row : RowsOf(part)) {
    if (!row.is_read_only && Counts(row, message)) WriteRow(row, path, message, target);
  }
}

void PartWriter::WriteRow(const ElementRow& row, std::string_view path, const Message& message, const DraftTarget& target) const {
  if (row.form == Form::kClient) return WriteClient(&Reach(row.steps, target));
  if (row.form == Form::kPlace) return Reach(row.steps, target).Set(std::to_string(target.place + 1));
  if (row.form == Form::kParty) return WriteParty(row, dynamic_cast<const v1::Envelope&>(message), target);
  if (const std::string_view constant = ConstantOf(row, message); !constant.empty()) return WriteWord(row, constant, target);
  const Message* owner = row.field == nullptr ? nullptr : OwnerOf(row, message);
  if (owner == nullptr) return;
  const std::string_view leaf = IsVolume(row.form) ? ".amount" : "";
  if (!IsWritable(SharedAs(disclosure_, absl::StrCat(ToAbsl(path), ".", row.field_path, ToAbsl(leaf))), row.form)) return;
  WriteField(row, *owner, target);
}

void PartWriter::WriteClient(DraftElement* reference) const {
  const v1::Client& client = disclosure_.exchange().client();
  if (!patient_.empty()) return reference->Set("reference", patient_);
  const policy::v1::As as = SharedAs(disclosure_, "client.bsn");
  DraftElement& identifier = reference->Child("identifier");
  identifier.Set("system", as == policy::v1::PSEUDONYM ? kPseudonymSystem : kBsnSystem);
  if (as != policy::v1::PRESENT) identifier.Set("value", client.bsn());
}

}  // namespace schotvrij::fhir
