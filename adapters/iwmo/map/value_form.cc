#include "adapters/iwmo/map/value_form.h"

#include <algorithm>
#include <array>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "schemas/base/civil_date.h"
#include "schemas/base/strings.h"
#include "schotvrij/v1/client.pb.h"

namespace schotvrij::iwmo {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// How much of a birth date is known by DatumGebruik, and how the rest is written (IV009, CS139).
struct Known {
  v1::BirthDateUse use;
  size_t characters;
  std::string_view rest;
};
constexpr std::array<Known, 4> kKnown = {{{v1::BIRTH_DATE_USE_UNSPECIFIED, 10, ""},
                                          {v1::DAY_UNKNOWN, 7, "-01"},
                                          {v1::DAY_AND_MONTH_UNKNOWN, 4, "-01-01"},
                                          {v1::ALL_UNKNOWN, 0, "1900-01-01"}}};

// What a date says of itself; null: it is no date, or not there.
const Known* KnownOf(std::string_view date, int use) {
  for (const Known& each : kKnown) {
    if (each.characters == date.size() && (!date.empty() || use == each.use)) return &each;
  }
  return nullptr;
}

// XML Schema strips it around all but a string.
std::string_view Stripped(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const size_t first = text.find_first_not_of(kSpace);
  return first == text.npos ? std::string_view() : text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

const std::string& TextOf(const Target& target, Field field, const Message& message, std::string* scratch) {
  return target.reflection->GetStringReference(message, field, scratch);
}

void SetText(const Target& target, std::string text, Message* message) {
  target.reflection->SetString(message, target.field, std::move(text));
}

int EnumOf(const Target& target, Field field, const Message& message) {
  return target.reflection->GetEnumValue(message, field);
}

bool ReadNumber(const Slot& slot, std::string_view text, Message* message) {
  int64_t number = 0;
  if (!absl::SimpleAtoi(ToAbsl(text), &number)) return false;
  const Target& target = slot.target;
  slot.carry == Carry::kCount ? target.reflection->SetInt32(message, target.field, static_cast<int32_t>(number))
                              : target.reflection->SetInt64(message, target.field, number);
  return true;
}

// A day outside the years 1 to 9999 is one of XML Schema and none of ours.
bool ReadDate(const Target& target, std::string_view text, Message* message) {
  text = Stripped(text);
  if (!CivilDate::Parse(text).has_value()) return false;
  SetText(target, std::string(text), message);
  return true;
}

// The same of 24:00:00, the end of a day.
bool ReadTime(const Target& target, std::string_view text, Message* message) {
  text = Stripped(text);
  if (text.starts_with("24")) return false;
  SetText(target, std::string(text), message);
  return true;
}

bool ReadEnum(const Slot& slot, std::string_view text, Message* message) {
  const std::optional<int> number = slot.values->NumberOf(text);
  if (number.has_value()) slot.target.reflection->SetEnumValue(message, slot.target.field, *number);
  return number.has_value();
}

// It stands behind the date, of which it says how much is known (OP252).
bool ReadBirthDateUse(const Slot& slot, std::string_view text, Message* message) {
  if (!ReadEnum(slot, text, message)) return false;
  std::string scratch;
  std::string date = TextOf(slot.target, slot.beside, *message, &scratch);
  date.resize(std::min(date.size(), kKnown[EnumOf(slot.target, slot.target.field, *message)].characters));
  slot.target.reflection->SetString(message, slot.beside, std::move(date));
  return true;
}

std::string WriteBirthDate(const Slot& slot, const Message& message) {
  std::string scratch;
  const std::string& date = TextOf(slot.target, slot.target.field, message, &scratch);
  const Known* known = KnownOf(date, EnumOf(slot.target, slot.beside, message));
  return known == nullptr ? date : absl::StrCat(date, ToAbsl(known->rest));
}

// Also where only the form of the date says it.
std::string WriteBirthDateUse(const Slot& slot, const Message& message) {
  std::string scratch;
  int use = EnumOf(slot.target, slot.target.field, message);
  const Known* known = KnownOf(TextOf(slot.target, slot.beside, message, &scratch), use);
  if (use == v1::BIRTH_DATE_USE_UNSPECIFIED && known != nullptr) use = known->use;
  return std::string(slot.values->CodeOf(use));
}

}  // namespace

bool ReadValue(const Slot& slot, std::string_view text, Message* message) {
  switch (slot.carry) {
    case Carry::kText:
    case Carry::kInitials:
      SetText(slot.target, std::string(text), message);
      return true;
    case Carry::kTexts:
      slot.target.reflection->AddString(message, slot.target.field, std::string(text));
      return true;
    case Carry::kCount:
    case Carry::kAmount:
      return ReadNumber(slot, text, message);
    case Carry::kDate:
    case Carry::kBirthDate:
      return ReadDate(slot.target, text, message);
    case Carry::kTime:
      return ReadTime(slot.target, text, message);
    case Carry::kEnum:
      return ReadEnum(slot, text, message);
    case Carry::kBirthDateUse:
      return ReadBirthDateUse(slot, text, message);
  }
  return false;
}

void SetImplied(const Implied& implied, Message* message) {
  const Target& target = implied.target;
  if (target.field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) return SetText(target, implied.text, message);
  target.field->enum_type() == nullptr
      ? target.reflection->SetInt64(message, target.field, implied.number)
      : target.reflection->SetEnumValue(message, target.field, static_cast<int>(implied.number));
}

bool HasValue(const Target& target, const Message& message) {
  return target.field->is_repeated() ? target.reflection->FieldSize(message, target.field) > 0
                                     : target.reflection->HasField(message, target.field);
}

std::string WriteValue(const Slot& slot, const Message& message) {
  const Target& target = slot.target;
  if (slot.carry == Carry::kBirthDate) return WriteBirthDate(slot, message);
  if (slot.carry == Carry::kBirthDateUse) return WriteBirthDateUse(slot, message);
  if (!HasValue(target, message)) return "";
  switch (slot.carry) {
    case Carry::kCount:
      return absl::StrCat(target.reflection->GetInt32(message, target.field));
    case Carry::kAmount:
      return absl::StrCat(target.reflection->GetInt64(message, target.field));
    case Carry::kEnum:
      return std::string(slot.values->CodeOf(EnumOf(target, target.field, message)));
    case Carry::kInitials: {
      std::string text = target.reflection->GetString(message, target.field);
      std::erase(text, '.');
      return text;
    }
    default:
      return target.reflection->GetString(message, target.field);
  }
}

bool HasImplied(const Implied& implied, const Message& message) {
  const Target& target = implied.target;
  if (target.field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
    return target.reflection->GetString(message, target.field) == implied.text;
  }
  return target.field->enum_type() == nullptr ? target.reflection->GetInt64(message, target.field) == implied.number
                                              : EnumOf(target, target.field, message) == implied.number;
}

}  // namespace schotvrij::iwmo
