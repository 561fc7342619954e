#include "adapters/canonical/map/field_form.h"

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "adapters/canonical/map/place.h"
#include "adapters/canonical/map/text_form.h"
#include "google/protobuf/descriptor.h"
#include "schemas/base/bsn.h"
#include "schemas/base/limits.h"
#include "schemas/base/strings.h"
#include "schemas/base/table.h"
#include "schemas/base/wire_fields.h"
#include "schotvrij/v1/exchange.pb.h"
#include "schotvrij/v1/options.pb.h"

namespace schotvrij::canonical {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;

struct CodeList {
  absl::flat_hash_set<std::string> codes;
  std::string rule;
};

CodeList ReadCodeList(const Table::Row& row) {
  CodeList list{{}, std::string(row["rule"])};
  const std::string_view where = row["where"];
  const size_t equals = where.find('=');
  for (const Table::Row& code : Table::Embedded(row["file"]).rows()) {
    const bool counts = where.empty() || code[where.substr(0, equals)] == where.substr(equals + 1);
    if (counts) list.codes.emplace(code[row["column"]]);
  }
  return list;
}

const CodeList* FindCodeList(const FieldDescriptor& field) {
  static const auto* lists = [] {
    auto* map = new absl::flat_hash_map<std::string, CodeList>();
    for (const Table::Row& row :
         Table::Embedded("schemas/formats/canonical/code_lists.csv").rows()) {
      map->emplace(row["field"], ReadCodeList(row));
    }
    return map;
  }();
  auto found = lists->find(field.full_name());
  return found == lists->end() ? nullptr : &found->second;
}

std::string_view BsnRule(Bsn::Fault fault) {
  switch (fault) {
    case Bsn::Fault::kLength:
      return "BSN-LENGTH";
    case Bsn::Fault::kNotDigits:
      return "BSN-DIGITS";
    case Bsn::Fault::kAllZeros:
      return "BSN-ZEROS";
    case Bsn::Fault::kElevenTest:
      return "BSN-ELEVEN-TEST";
  }
  return "BSN-LENGTH";
}

struct MessageForm;

// What the schema says of a field, looked up once.
struct FieldForm {
  const FieldDescriptor* field = nullptr;  // null: no field has this number
  uint32_t tag = 0;                        // as it is serialised
  bool is_list = false;
  bool is_text = false;
  const MessageForm* message = nullptr;  // of the messages in it
  const EnumDescriptor* names = nullptr;  // of an enum's values
  v1::Sensitive sensitive = v1::SENSITIVE_UNSPECIFIED;
  v1::Form form = v1::FORM_UNSPECIFIED;
  const CodeList* list = nullptr;  // null: any text
};

struct MessageForm {
  std::vector<FieldForm> fields;  // by number

  const FieldForm* Find(uint32_t number) const {
    return number < fields.size() && fields[number].field != nullptr ? &fields[number] : nullptr;
  }
};

using MessageForms = absl::flat_hash_map<const Descriptor*, std::unique_ptr<MessageForm>>;

const MessageForm* CompileMessage(const Descriptor& message, MessageForms* forms);

FieldForm CompileField(const FieldDescriptor& field, MessageForms* forms) {
  FieldForm form;
  form.field = &field;
  form.tag = TagOf(field);
  form.is_list = field.is_repeated();
  form.is_text = field.type() == FieldDescriptor::TYPE_STRING;
  form.names = field.enum_type();
  if (field.message_type() != nullptr) form.message = CompileMessage(*field.message_type(), forms);
  form.sensitive = field.options().GetExtension(v1::sensitive);
  form.form = field.options().GetExtension(v1::form);
  form.list = FindCodeList(field);
  return form;
}

const MessageForm* CompileMessage(const Descriptor& message, MessageForms* forms) {
  const auto [place, is_new] = forms->emplace(&message, nullptr);
  if (!is_new) return place->second.get();
  MessageForm* compiled = (place->second = std::make_unique<MessageForm>()).get();
  for (int i = 0; i < message.field_count(); ++i) {
    FieldForm form = CompileField(*message.field(i), forms);
    const auto number = static_cast<size_t>(form.field->number());
    if (compiled->fields.size() <= number) compiled->fields.resize(number + 1);
    compiled->fields[number] = form;
  }
  return compiled;
}

const MessageForm& ExchangeForm() {
  static auto* const forms = new MessageForms();
  static const MessageForm* form = CompileMessage(*v1::Exchange::descriptor(), forms);
  return *form;
}

// Whether an enum field has a number without a name; a list of them stands packed.
bool HasNameless(const FieldForm& form, const WireField& field) {
  const auto is_nameless = [&](uint64_t value) {
    return form.names->FindValueByNumber(static_cast<int>(value)) == nullptr;
  };
  if (!form.is_list) return is_nameless(field.value);
  uint64_t value = 0;
  for (WireFields packed(field.bytes); packed.NextVarint(&value);) {
    if (is_nameless(value)) return true;
  }
  return false;
}

bool HasUnknownIn(const MessageForm& form, std::string_view message) {
  WireField field;
  uint32_t last = 0;
  for (WireFields rest(message); rest.Next(&field);) {
    const FieldForm* known = form.Find(field.number());
    // protobuf writes what is unknown behind the fields, which stand in order of their number.
    if (known == nullptr || field.tag != known->tag || field.number() < last) return true;
    last = field.number();
    if (known->message != nullptr && HasUnknownIn(*known->message, field.bytes)) return true;
    if (known->names != nullptr && HasNameless(*known, field)) return true;
  }
  return false;
}

// The rule that `text` breaks by the form its field has, or empty.
std::string_view FormRule(const FieldForm& form, std::string_view text) {
  if (form.sensitive == v1::BSN) {
    Bsn::Fault fault;
    return Bsn::Parse(text, &fault).has_value() ? "" : BsnRule(fault);
  }
  switch (form.form) {
    case v1::DATE:
      // Of a birth the day may be unknown; what rules count with is a day.
      return IsDate(text, /*partial=*/form.sensitive == v1::BIRTH) ? "" : "DATE-FORM";
    case v1::TIME:
      return IsTime(text) ? "" : "TIME-FORM";
    case v1::CODE:
    case v1::REFERENCE:
    case v1::PARTY:
      return IsKey(text) ? "" : "KEY-FORM";
    default:
      return "";
  }
}

std::string_view TextRule(const FieldForm& form, std::string_view text) {
  if (text.size() > limits::kTextBytesMax) return "TEXT-SIZE";
  if (std::string_view rule = FormRule(form, text); !rule.empty()) return rule;
  if (!IsPrintableAscii(text)) {
    if (!HasPlainCharacters(text)) return "TEXT-CHARACTERS";
    if (!IsNfc(text)) return "TEXT-NFC";
  }
  return form.list == nullptr || form.list->codes.contains(ToAbsl(text)) ? std::string_view() : form.list->rule;
}

class Walker {
 public:
  explicit Walker(Findings& findings) : findings_(findings) {}

  void Walk(const MessageForm& form, std::string_view message, const Place* outer) {
    WireField field;
    uint32_t list = 0;  // number of the list we are in
    size_t size = 0;
    int index = 0;
    for (WireFields rest(message); rest.Next(&field);) {
      const FieldForm& of_field = form.fields[field.number()];
      if (!of_field.is_list) {
        Visit(of_field, field, {outer, of_field.field});
        continue;
      }
      if (field.number() != list) {
        list = field.number();
        index = 0;
        size = SizeOfList(of_field, field, rest);
        if (size > limits::kListItemsMax) {
          findings_.Add("LIST-SIZE", Place{outer, of_field.field}.Path(),
                        absl::StrCat("at most ", limits::kListItemsMax));
        }
      }
      if (size <= limits::kListItemsMax) Visit(of_field, field, {outer, of_field.field, index++});
    }
  }

 private:
  // Of the list that begins with `first`; numbers stand packed in one field.
  static size_t SizeOfList(const FieldForm& form, const WireField& first, WireFields rest) {
    if (form.field->is_packed()) {
      return static_cast<size_t>(std::count_if(first.bytes.begin(), first.bytes.end(),
                                               [](unsigned char byte) { return byte < 0x80; }));
    }
    size_t size = 1;
    for (WireField next; rest.Next(&next) && next.number() == first.number();) ++size;
    return size;
  }

  void Visit(const FieldForm& form, const WireField& field, const Place& place) {
    if (form.message != nullptr) {
      Walk(*form.message, field.bytes, &place);
    } else if (form.is_text) {
      const std::string_view rule = TextRule(form, field.bytes);
      if (!rule.empty()) findings_.Add(rule, place.Path());
    }
  }

  Findings& findings_;
};

}  // namespace

bool HasUnknown(std::string_view exchange) { return HasUnknownIn(ExchangeForm(), exchange); }

void CheckFields(std::string_view exchange, Findings& findings) {
  Walker(findings).Walk(ExchangeForm(), exchange, nullptr);
}

}  // namespace schotvrij::canonical
