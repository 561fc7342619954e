#include "adapters/fhir/map/part_reader.h"

#include <algorithm>
#include <charconv>
#include <string>

#include "adapters/fhir/map/amount.h"
#include "adapters/fhir/map/derived.h"
#include "adapters/fhir/map/value_form.h"
#include "schemas/base/bsn.h"

namespace schotvrij::fhir {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// The message below that of the part that has the row's field.
Message* OwnerOf(const ElementRow& row, Message* message) {
  for (const FieldDescriptor* field : row.through) message = message->GetReflection()->MutableMessage(message, field);
  return message;
}

// A canonical text or enum value by name; a list grows by it.
void SetWord(const ElementRow& row, std::string_view word, Message* part) {
  const FieldDescriptor* field = row.field;
  const auto* reflection = row.reflection;
  Message* message = OwnerOf(row, part);
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
    const auto* value = field->enum_type()->FindValueByName(std::string(word));
    field->is_repeated() ? reflection->AddEnum(message, field, value) : reflection->SetEnum(message, field, value);
  } else {
    field->is_repeated() ? reflection->AddString(message, field, std::string(word))
                         : reflection->SetString(message, field, std::string(word));
  }
}

Kind KindOf(Form form) {
  switch (form) {
    case Form::kBoolean:
      return Kind::kBoolean;
    case Form::kInteger:
      return Kind::kNumber;
    case Form::kCoding:
    case Form::kParty:
    case Form::kClient:
    case Form::kCoded:
    case Form::kMoney:
    case Form::kSigned:
    case Form::kQuantity:
    case Form::kRatio:
    case Form::kTotal:
      return Kind::kObject;
    default:
      return Kind::kString;
  }
}

// Said by an extension only ("masked", "unknown"): as if it were not there.
bool HasNoValue(Node node) { return node.kind() == Kind::kNull; }

// Characters (code points) of sound UTF-8.
size_t Length(std::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

bool HasCodingOf(const CodeList& codes, Node element) {
  for (Node coding : element.Children("coding")) {
    if (codes.FindSystem(coding.Child("system").value()) != nullptr) return true;
  }
  return false;
}

// Day and local time of a dateTime.
bool ReadMomentOf(const ElementRow& row, std::string_view text, Message* message) {
  std::optional<LocalMoment> moment = ReadMoment(text);
  if (!moment) return false;
  row.reflection->SetString(message, row.field, std::move(moment->day));
  row.reflection->SetString(message, row.beside, std::move(moment->time));
  return true;
}

// Whether a local time is the one that the moment said, which was read before it. Two local times are one moment where the clock
// passed over one of them.
bool AgreesWithMoment(const ElementRow& row, std::string_view time, const Message& message) {
  const std::string& said = row.reflection->GetString(message, row.field);
  if (said.empty() || said == time) return true;
  const FieldDescriptor* day = nullptr;
  for (const ElementRow& other : RowsOf(PartNamed(row.part))) {
    if (other.beside == row.field) day = other.field;
  }
  const std::optional<LocalMoment> moment = ReadMoment(MomentText(row.reflection->GetString(message, day), time));
  return moment && moment->time == said;
}

std::string_view OwnFault(const ElementRow& row, std::string_view text) {
  if (row.length_max != 0 && Length(text) > row.length_max) return "TEXT-SIZE";
  switch (row.form) {
    case Form::kKey:
      return IsKey(text) ? "" : "KEY-FORM";
    case Form::kId:
      return IsId(text) ? "" : "KEY-FORM";
    case Form::kText:
      return TextFault(text);
    case Form::kPartialDate:
      return IsPartialDate(text) ? "" : "DATE-FORM";
    case Form::kRemark:
      return IsRemark(text) ? "" : TextFault(text);
    default:
      return "";
  }
}

}  // namespace

std::string_view BsnFault(std::string_view text) {
  static constexpr std::string_view kRules[] = {"BSN-LENGTH", "BSN-DIGITS", "BSN-ZEROS", "BSN-ELEVEN-TEST"};
  Bsn::Fault fault;
  return Bsn::Parse(text, &fault) ? "" : kRules[static_cast<size_t>(fault)];
}

void PartReader::Read(Part part, Node resource, Message* message) {
  for (const ElementRow& row : RowsOf(part)) {
    if (Counts(row, *message)) ReadRow(row, resource, message);
  }
}

void PartReader::ReadRow(const ElementRow& row, Node resource, Message* message) {
  if (row.form == Form::kFixed || row.form == Form::kPlace) return;
  Nodes nodes = Follow(resource, row.steps);
  if (row.form != Form::kRefuse) nodes.erase(std::remove_if(nodes.begin(), nodes.end(), HasNoValue), nodes.end());
  if (nodes.empty()) {
    if (!row.missing.empty()) findings_->Add(row.missing, resource, row.path);
    return;
  }
  if (row.form == Form::kPresent) return;
  if (row.form == Form::kBsn) return ReadBsns(row, nodes, message);
  if (row.many == Many::kOne && nodes.size() > 1) return findings_->Add("FHIR-VALUE", nodes[1]);
  for (Node node : nodes) {
    ReadValue(row, node, message);
    if (row.many == Many::kFirst) break;
  }
}

bool PartReader::ReadValue(const ElementRow& row, Node node, Message* message) {
  const auto refuse = [&](std::string_view rule) {
    findings_->Add(row.wrong.empty() ? rule : row.wrong, node);
    return false;
  };
  if (row.form == Form::kRefuse) return refuse("FHIR-VALUE");
  if (node.kind() != KindOf(row.form)) return refuse("FHIR-VALUE");
  const std::string_view text = node.value();
  switch (row.form) {
    case Form::kCoding:
      return ReadCoding(row, node, message);
    case Form::kClient:
      client_references_.push_back(node);
      return true;
    case Form::kParty: {
      v1::PartyIdentifier party;
      if (!ReadParty(node, row.wrong, &party)) return false;
      if (row.field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
        row.reflection->MutableMessage(OwnerOf(row, message), row.field)->CopyFrom(party);
      } else {
        SetWord(row, party.system() + "|" + party.value(), message);
      }
      return true;
    }
    case Form::kCode:
    case Form::kBoolean: {
      const CodeList::Entry* entry = row.codes->Find("", text);
      if (entry == nullptr) return refuse("FHIR-CODE");
      if (row.field != nullptr && !entry->word.empty()) SetWord(row, entry->word, message);
      return true;
    }
    case Form::kInteger: {
      int32_t value = 0;
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
      if (error != std::errc() || end != text.data() + text.size()) return refuse("FHIR-VALUE");
      row.reflection->SetInt32(OwnerOf(row, message), row.field, value);
      return true;
    }
    case Form::kDigits: {
      const std::optional<int64_t> number = Digits(text);
      if (!number) return refuse("FHIR-VALUE");
      row.reflection->SetInt64(OwnerOf(row, message), row.field, *number);
      return true;
    }
    case Form::kMoney:
    case Form::kSigned:
    case Form::kQuantity:
    case Form::kRatio:
    case Form::kTotal:
      return ReadAmount(row, node, OwnerOf(row, message));
    case Form::kMoment:
      return ReadMomentOf(row, text, message) || refuse("DATE-FORM");
    case Form::kTime:
      if (!IsTime(text)) return refuse("TIME-FORM");
      if (!AgreesWithMoment(row, text, *message)) return refuse("FHIR-DIFFERENT");
      SetWord(row, text, message);
      return true;
    case Form::kCoded:
      return HasCodingOf(*row.codes, node) || refuse("FHIR-CODE");
    case Form::kStatus:
      if (row.codes->Find("", text) == nullptr) return refuse("FHIR-CODE");
      if (!MayBe(row.part, text, *message)) findings_->Add("FHIR-STATUS", node);
      return true;
    case Form::kDay: {
      const std::optional<std::string> day = CivilDay(text);
      if (!day) return refuse("DATE-FORM");
      SetWord(row, *day, message);
      return true;
    }
    default: {
      const std::string_view fault = OwnFault(row, text);
      if (!fault.empty()) return refuse(fault);
      SetWord(row, text, message);
      return true;
    }
  }
}

bool PartReader::ReadAmount(const ElementRow& row, Node node, Message* owner) {
  if (row.form == Form::kMoney || row.form == Form::kSigned) {
    const std::optional<int64_t> cents = ReadMoney(node, findings_);
    const bool is_allowed = cents && (*cents >= 0 || row.form == Form::kSigned);
    if (cents && !is_allowed) findings_->Add("FHIR-AMOUNT", node, "value");
    if (!is_allowed) return false;
    row.reflection->SetInt64(owner, row.field, *cents < 0 ? -*cents : *cents);
    if (row.beside != nullptr) row.reflection->SetEnumValue(owner, row.beside, *cents < 0 ? v1::CREDIT : v1::DEBIT);
    return true;
  }
  v1::Volume volume;
  const bool sound = row.form == Form::kRatio ? ReadRatio(node, findings_, &volume) : ReadQuantity(node, findings_, &volume);
  if (!sound) return false;
  if (row.form == Form::kTotal) volume.set_frequency(std::string(kWholePeriod));
  row.reflection->MutableMessage(owner, row.field)->CopyFrom(volume);
  return true;
}

// `node` is a Coding, or a CodeableConcept of which the first coding in the list counts.
bool PartReader::ReadCoding(const ElementRow& row, Node node, Message* message) {
  Nodes codings;
  for (Node coding : node.Children("coding")) codings.push_back(coding);
  if (codings.empty()) codings.push_back(node);
  for (Node coding : codings) {
    const std::string_view code = coding.Child("code").value();
    const CodeList::Entry* entry = row.codes->Find(coding.Child("system").value(), code);
    if (entry == nullptr) continue;
    if (row.field != nullptr) SetWord(row, entry->is_pattern ? code : entry->word, message);
    return true;
  }
  findings_->Add(row.wrong.empty() ? "FHIR-CODE" : row.wrong, node);
  return false;
}

void PartReader::ReadBsns(const ElementRow& row, std::span<const Node> nodes, Message* message) {
  std::string_view first;
  for (Node node : nodes) {
    const std::string_view fault = node.kind() == Kind::kString ? BsnFault(node.value()) : "BSN-DIGITS";
    if (!fault.empty()) {
      findings_->Add(fault, node);
    } else if (first.empty()) {
      first = node.value();
      SetWord(row, first, message);
    } else if (node.value() != first) {
      findings_->Add("BSN-DIFFERENT", node);
    }
  }
}

bool PartReader::ReadParty(Node reference, std::string_view wrong, v1::PartyIdentifier* party) {
  Nodes identifiers;
  if (const Node own = reference.Child("identifier")) identifiers.push_back(own);
  const Node target = resources_->Resolve(reference);
  if (identifiers.empty() && ResourceType(target) == "Organization") {
    for (Node identifier : target.Children("identifier")) identifiers.push_back(identifier);
  }
  if (identifiers.empty()) {
    findings_->Add(wrong, reference);
    return false;
  }
  static const CodeList& systems = CodeList::Named("party");
  for (Node identifier : identifiers) {
    const auto* system = systems.FindSystem(identifier.Child("system").value());
    if (system == nullptr) continue;
    const Node value = identifier.Child("value");
    if (!IsKey(value.value())) {
      findings_->Add("KEY-FORM", identifier, "value");
      return false;
    }
    party->set_system(system->word);
    party->set_value(std::string(value.value()));
    return true;
  }
  findings_->Add("FHIR-UNKNOWN-SYSTEM", identifiers.front(), "system");
  return false;
}

}  // namespace schotvrij::fhir
