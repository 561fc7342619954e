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

const std::string& TextOf(const Message& message, Field field, std::string* scratch) {
  return message.GetReflection()->GetStringReference(message, field, scratch);
}

void SetText(Message* message, Field field, std::string text) {
  if (field->is_repeated()) return message->GetReflection()->AddString(message, field, std::move(text));
  message->GetReflection()->SetString(message, field, std::move(text));
}

void SetNumber(Message* message, Field field, int64_t number) {
  const auto& reflection = *message->GetReflection();
  if (field->enum_type() != nullptr) return reflection.SetEnumValue(message, field, static_cast<int>(number));
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_INT32) {
    return reflection.SetInt32(message, field, static_cast<int32_t>(number));
  }
  reflection.SetInt64(message, field, number);
}

int64_t NumberOf(const Message& message, Field field) {
  const auto& reflection = *message.GetReflection();
  if (field->enum_type() != nullptr) return reflection.GetEnumValue(message, field);
  return field->cpp_type() == FieldDescriptor::CPPTYPE_INT32 ? reflection.GetInt32(message, field)
                                                             : reflection.GetInt64(message, field);
}

bool ReadNumber(Field field, std::string_view text, Message* message) {
  int64_t number = 0;
  if (!absl::SimpleAtoi(ToAbsl(text), &number)) return false;
  SetNumber(message, field, number);
  return true;
}

// A day outside the years 1 to 9999 is one of XML Schema and none of ours.
bool ReadDate(Field field, std::string_view text, Message* message) {
  text = Stripped(text);
  if (!CivilDate::Parse(text).has_value()) return false;
  SetText(message, field, std::string(text));
  return true;
}

// The same of 24:00:00, the end of a day.
bool ReadTime(Field field, std::string_view text, Message* message) {
  text = Stripped(text);
  if (text.starts_with("24")) return false;
  SetText(message, field, std::string(text));
  return true;
}

bool ReadEnum(const Slot& slot, std::string_view text, Message* message) {
  const std::optional<int> number = slot.values->NumberOf(text);
  if (number.has_value()) SetNumber(message, slot.target.field, *number);
  return number.has_value();
}

// It stands behind the date, of which it says how much is known (OP252).
bool ReadBirthDateUse(const Slot& slot, std::string_view text, Message* message) {
  if (!ReadEnum(slot, text, message)) return false;
  std::string scratch;
  std::string date = TextOf(*message, slot.beside, &scratch);
  date.resize(std::min(date.size(), kKnown[NumberOf(*message, slot.target.field)].characters));
  SetText(message, slot.beside, std::move(date));
  return true;
}

std::string WriteBirthDate(const Slot& slot, const Message& message) {
  std::string scratch;
  const std::string& date = TextOf(message, slot.target.field, &scratch);
  const Known* known = KnownOf(date, static_cast<int>(NumberOf(message, slot.beside)));
  return known == nullptr ? date : absl::StrCat(date, ToAbsl(known->rest));
}

// Also where only the form of the date says it.
std::string WriteBirthDateUse(const Slot& slot, const Message& message) {
  std::string scratch;
  int64_t use = NumberOf(message, slot.target.field);
  const Known* known = KnownOf(TextOf(message, slot.beside, &scratch), static_cast<int>(use));
  if (use == v1::BIRTH_DATE_USE_UNSPECIFIED && known != nullptr) use = known->use;
  return std::string(slot.values->CodeOf(static_cast<int>(use)));
}

}  // namespace

bool ReadValue(const Slot& slot, std::string_view text, Message* message) {
  Field field = slot.target.field;
  switch (slot.carry) {
    case Carry::kText:
    case Carry::kInitials:
      SetText(message, field, std::string(text));
      return true;
    case Carry::kNumber:
      return ReadNumber(field, text, message);
    case Carry::kDate:
    case Carry::kBirthDate:
      return ReadDate(field, text, message);
    case Carry::kTime:
      return ReadTime(field, text, message);
    case Carry::kEnum:
      return ReadEnum(slot, text, message);
    case Carry::kBirthDateUse:
      return ReadBirthDateUse(slot, text, message);
  }
  return false;
}

void SetImplied(const Implied& implied, Message* message) {
  if (implied.target.field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
    return SetText(message, implied.target.field, implied.text);
  }
  SetNumber(message, implied.target.field, implied.number);
}

bool HasValue(const Message& message, Field field) {
  const auto& reflection = *message.GetReflection();
  return field->is_repeated() ? reflection.FieldSize(message, field) > 0 : reflection.HasField(message, field);
}

std::string WriteValue(const Slot& slot, const Message& message) {
  Field field = slot.target.field;
  if (slot.carry == Carry::kBirthDate) return WriteBirthDate(slot, message);
  if (slot.carry == Carry::kBirthDateUse) return WriteBirthDateUse(slot, message);
  if (!HasValue(message, field)) return "";
  std::string text;
  switch (slot.carry) {
    case Carry::kNumber:
      return absl::StrCat(NumberOf(message, field));
    case Carry::kEnum:
      return std::string(slot.values->CodeOf(static_cast<int>(NumberOf(message, field))));
    case Carry::kInitials:
      text = TextOf(message, field, &text);
      std::erase(text, '.');
      return text;
    default:
      return message.GetReflection()->GetString(message, field);
  }
}

bool HasImplied(const Implied& implied, const Message& message) {
  Field field = implied.target.field;
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
    return message.GetReflection()->GetString(message, field) == implied.text;
  }
  return NumberOf(message, field) == implied.number;
}

}  // namespace schotvrij::iwmo
