#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "policy/checks.h"
#include "schemas/base/civil_date.h"
#include "schemas/base/limits.h"
#include "unicode/utf8.h"

namespace schotvrij::policy {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr size_t kKeySizeMax = 64;

bool IsPrintable(const std::string& text) {
  const char* bytes = text.data();
  const int32_t size = static_cast<int32_t>(text.size());
  for (int32_t at = 0; at < size;) {
    UChar32 character;
    U8_NEXT(bytes, at, size, character);
    if (character < 0x20 || character == 0x7f) return false;  // negative: not UTF-8
  }
  return true;
}

bool IsKey(std::string_view text) {
  auto alphanumeric = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  return text.size() <= kKeySizeMax && alphanumeric(text.front()) &&
         std::all_of(text.begin(), text.end(),
                     [&](char c) { return alphanumeric(c) || c == '-' || c == '_' || c == '.'; });
}

void CheckValue(const Message& message, const FieldDescriptor& field, int index, const Place& place,
                FaultList& faults) {
  const Reflection& reflection = *message.GetReflection();
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
    CheckTexts(index < 0 ? reflection.GetMessage(message, &field)
                         : reflection.GetRepeatedMessage(message, &field, index),
               place, faults);
  } else if (field.cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
    std::string scratch;
    const std::string& text =
        index < 0 ? reflection.GetStringReference(message, &field, &scratch)
                  : reflection.GetRepeatedStringReference(message, &field, index, &scratch);
    if (!IsPrintable(text)) faults.Add("POLICY-TEXT", place);
  }
}

}  // namespace

void CheckTexts(const Message& message, const Place& place, FaultList& faults) {
  const Reflection& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (!field->is_repeated()) {
      CheckValue(message, *field, -1, place.In(field->name()), faults);
      continue;
    }
    const int count = reflection.FieldSize(message, field);
    const bool rules =
        field->message_type() == v1::Rule::descriptor();  // counted over the whole set
    if (!rules && count > limits::kPolicyItemsMax) {
      faults.Add("POLICY-TOO-MANY", place.In(field->name(), limits::kPolicyItemsMax),
                 absl::StrCat(limits::kPolicyItemsMax, " at most"));
      continue;
    }
    for (int i = 0; i < count; ++i) {
      CheckValue(message, *field, i, place.In(field->name(), i), faults);
    }
  }
}

void CheckKind(const v1::Document& document, const Place& place, FaultList& faults) {
  if (!document.has_network()) {
    if (document.role().empty() && document.rule().empty()) faults.Add("POLICY-EMPTY", place);
    return;
  }
  for (int i = 0; i < document.role_size(); ++i) {
    faults.Add("POLICY-MISPLACED", place.In("role", i));
  }
  for (int i = 0; i < document.rule_size(); ++i) {
    faults.Add("POLICY-MISPLACED", place.In("rule", i));
  }
}

void Require(std::string_view text, const Place& parent, const std::string& field,
             FaultList& faults) {
  if (text.empty()) faults.Add("POLICY-REQUIRED", parent.In(field), field);
}

void RequireKey(std::string_view text, const Place& parent, const std::string& field,
                FaultList& faults) {
  Require(text, parent, field, faults);
  if (!text.empty() && !IsKey(text)) faults.Add("POLICY-KEY-FORM", parent.In(field));
}

void CheckDate(std::string_view text, const Place& parent, const std::string& field,
               FaultList& faults) {
  if (!text.empty() && !CivilDate::Parse(text)) faults.Add("POLICY-DATE", parent.In(field), field);
}

const FieldDescriptor* FindContent(const Descriptor& root, std::string_view name) {
  const FieldDescriptor* field = root.FindFieldByName(std::string(name));
  const bool content = field != nullptr && field->containing_oneof() != nullptr &&
                       field->containing_oneof()->name() == "content";
  return content ? field : nullptr;
}

}  // namespace schotvrij::policy
