// Protobuf messages: every field that the schema has, also those that the message leaves empty.
#include <algorithm>
#include <string_view>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "schemas/base/strings.h"
#include "schotvrij/v1/exchange.pb.h"
#include "schotvrij/v1/options.pb.h"
#include "tests/interference/source.h"

namespace schotvrij::interference {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using ProtoMessage = google::protobuf::Message;
using google::protobuf::Reflection;
using Kind = Change::Kind;

constexpr char kBsn[] = "999900183";

std::string Joined(const std::string& outer, const std::string& name) {
  return outer.empty() ? name : absl::StrCat(outer, ".", name);
}

// What a text field can hold by its form, where nothing stands there.
std::vector<std::string> TextsFor(const FieldDescriptor& field) {
  if (field.options().GetExtension(v1::sensitive) == v1::BSN) return {kBsn};
  switch (field.options().GetExtension(v1::form)) {
    case v1::DATE:
      return {"1950-02-03", "2001-12-31"};
    case v1::TIME:
      return {"10:11:12"};
    case v1::CODE:
    case v1::REFERENCE:
    case v1::PARTY:
      return {"anders-1", "2"};
    default:
      return {"Änders, 999900183", "X"};
  }
}

std::vector<std::string> ValuesFor(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return TextsFor(field);
    case FieldDescriptor::CPPTYPE_BOOL:
      return {"true", "false"};
    case FieldDescriptor::CPPTYPE_ENUM: {
      std::vector<std::string> names;
      for (int i = 0; i < field.enum_type()->value_count(); ++i)
        names.push_back(field.enum_type()->value(i)->name());
      return names;
    }
    default:
      return {"7", "1"};
  }
}

// One scalar as a table has it. `index` negative: the field is no list.
std::string Get(const ProtoMessage& message, const FieldDescriptor& field, int index) {
  std::string text;
  google::protobuf::TextFormat::PrintFieldValueToString(message, &field, index, &text);
  if (field.cpp_type() != FieldDescriptor::CPPTYPE_STRING) return text;
  const Reflection& r = *message.GetReflection();
  return index < 0 ? r.GetString(message, &field) : r.GetRepeatedString(message, &field, index);
}

// Sets it; in a list `index` may be one behind the last.
void Set(const std::string& value, const FieldDescriptor& field, int index, ProtoMessage* message) {
  const Reflection& r = *message->GetReflection();
  const bool add = field.is_repeated() && index == r.FieldSize(*message, &field);
  const auto put = [&](auto add_it, auto set_item, auto set, auto it) {
    add                   ? (r.*add_it)(message, &field, it)
    : field.is_repeated() ? (r.*set_item)(message, &field, index, it)
                          : (r.*set)(message, &field, it);
  };
  int64_t number = 0;
  (void)absl::SimpleAtoi(value, &number);
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return put(&Reflection::AddString, &Reflection::SetRepeatedString, &Reflection::SetString,
                 value);
    case FieldDescriptor::CPPTYPE_BOOL:
      return put(&Reflection::AddBool, &Reflection::SetRepeatedBool, &Reflection::SetBool,
                 value == "true");
    case FieldDescriptor::CPPTYPE_ENUM:
      return put(&Reflection::AddEnum, &Reflection::SetRepeatedEnum, &Reflection::SetEnum,
                 field.enum_type()->FindValueByName(value));
    case FieldDescriptor::CPPTYPE_INT32:
      return put(&Reflection::AddInt32, &Reflection::SetRepeatedInt32, &Reflection::SetInt32,
                 static_cast<int32_t>(number));
    case FieldDescriptor::CPPTYPE_INT64:
      return put(&Reflection::AddInt64, &Reflection::SetRepeatedInt64, &Reflection::SetInt64,
                 number);
    case FieldDescriptor::CPPTYPE_UINT32:
      return put(&Reflection::AddUInt32, &Reflection::SetRepeatedUInt32, &Reflection::SetUInt32,
                 static_cast<uint32_t>(number));
    case FieldDescriptor::CPPTYPE_UINT64:
      return put(&Reflection::AddUInt64, &Reflection::SetRepeatedUInt64, &Reflection::SetUInt64,
                 static_cast<uint64_t>(number));
    default:
      ADD_FAILURE() << field.full_name() << ": a type that this test does not know";
  }
}

class ProtobufSource final : public Source {
 public:
  ProtobufSource(std::string format, const std::string& text) : format_(std::move(format)) {
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &exchange_)) << format_;
  }

  std::vector<Change> Changes() const override {
    std::vector<Change> changes;
    Walk(&exchange_, *v1::Exchange::descriptor(), "", "", /*added=*/false, &changes);
    return changes;
  }

  std::string With(std::span<const Change* const> changes) const override {
    v1::Exchange exchange = exchange_;
    for (const Change* change : changes) Apply(*change, change->place, &exchange);
    return exchange.SerializeAsString();
  }

 private:
  // `message` null: it is not there, and setting a field makes it. `added`: as one more of a list,
  // of which nothing else is said.
  void Walk(const ProtoMessage* message, const Descriptor& type, const std::string& place,
            const std::string& outer, bool added, std::vector<Change>* changes) const {
    for (int i = 0; i < type.field_count(); ++i) {
      const FieldDescriptor& field = *type.field(i);
      const std::string name = Joined(outer, field.name());
      if (IsOtherContent(message, field)) {
        // Its fields are refused with it.
        changes->push_back({.kind = Kind::kInsert,
                            .field = name,
                            .place = Joined(place, field.name()),
                            .value = "",
                            .old = ""});
      } else if (field.is_repeated()) {
        const int size =
            message == nullptr ? 0 : message->GetReflection()->FieldSize(*message, &field);
        for (int item = 0; item <= size; ++item) {
          const std::string there = absl::StrCat(Joined(place, field.name()), "[", item, "]");
          Visit(message, field, item, there, name, item < size, added || item == size, changes);
        }
      } else {
        const bool there =
            message != nullptr && message->GetReflection()->HasField(*message, &field);
        Visit(message, field, -1, Joined(place, field.name()), name, there, added, changes);
      }
    }
  }

  bool IsOtherContent(const ProtoMessage* message, const FieldDescriptor& field) const {
    return message == &exchange_ && field.real_containing_oneof() != nullptr &&
           !message->GetReflection()->HasField(*message, &field);
  }

  bool IsContent(std::string_view name) const {
    return name.starts_with(v1::Exchange::descriptor()->FindFieldByNumber(exchange_.content_case())->name() + ".");
  }

  void Visit(const ProtoMessage* message, const FieldDescriptor& field, int item,
             const std::string& place, const std::string& name, bool there, bool added,
             std::vector<Change>* changes) const {
    if (there) {
      changes->push_back({.kind = Kind::kRemove,
                          .field = name,
                          .place = place,
                          .value = "",
                          .old = "",
                          .to = RowOf(format_, name).to});
    }
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      const ProtoMessage* below = nullptr;
      if (there) {
        const Reflection& r = *message->GetReflection();
        below = item < 0 ? &r.GetMessage(*message, &field)
                         : &r.GetRepeatedMessage(*message, &field, item);
      }
      return Walk(below, *field.message_type(), place, name, added, changes);
    }
    Change change{.kind = Kind::kSet,
                  .field = name,
                  .place = place,
                  .value = "",
                  .old = there ? Get(*message, field, item) : ""};
    const bool free_text = there && field.cpp_type() == FieldDescriptor::CPPTYPE_STRING &&
                           field.options().GetExtension(v1::form) == v1::FORM_UNSPECIFIED;
    FieldRow row = RowOf(format_, name);
    if (added && (row.treatment == Treatment::kVerdict || IsContent(name))) {  // what it says is for one that is whole
      row.treatment = Treatment::kVerdict;
      row.values.clear();
    }
    AddSettings(row, change, free_text ? OtherTexts(change.old) : ValuesFor(field), changes);
  }

  static void Apply(const Change& change, std::string_view place, ProtoMessage* message) {
    const size_t dot = place.find('.');
    std::string step(place.substr(0, dot));
    int item = -1;
    if (const size_t bracket = step.find('['); bracket != step.npos) {
      EXPECT_TRUE(absl::SimpleAtoi(step.substr(bracket + 1, step.size() - bracket - 2), &item));
      step.resize(bracket);
    }
    const FieldDescriptor& field = *message->GetDescriptor()->FindFieldByName(step);
    const Reflection& r = *message->GetReflection();
    // Behind what another change added.
    if (item > 0) item = std::min(item, r.FieldSize(*message, &field));
    if (dot != place.npos) {
      ProtoMessage* below = item < 0 ? r.MutableMessage(message, &field)
                       : item < r.FieldSize(*message, &field)
                           ? r.MutableRepeatedMessage(message, &field, item)
                           : r.AddMessage(message, &field);
      return Apply(change, place.substr(dot + 1), below);
    }
    if (change.kind == Kind::kInsert) {
      r.MutableMessage(message, &field);
    } else if (change.kind == Kind::kSet ||
               change.kind == Kind::kEverywhere) {  // a canonical message says each thing once
      Set(change.value, field, item, message);
    } else if (item < 0) {
      r.ClearField(message, &field);
    } else {
      for (int i = item; i + 1 < r.FieldSize(*message, &field); ++i)
        r.SwapElements(message, &field, i, i + 1);
      r.RemoveLast(message, &field);
    }
  }

  const std::string format_;
  v1::Exchange exchange_;
};

}  // namespace

std::unique_ptr<Source> NewProtobufSource(const std::string& format, const std::string& text) {
  return std::make_unique<ProtobufSource>(format, text);
}

}  // namespace schotvrij::interference
