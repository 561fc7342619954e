#include "adapters/canonical/map/field_form.h"

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
#include "schotvrij/v1/exchange.pb.h"
#include "schotvrij/v1/options.pb.h"

namespace schotvrij::canonical {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

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

// What the schema says of a text field, looked up once.
struct TextForm {
  explicit TextForm(const FieldDescriptor& field)
      : sensitive(field.options().GetExtension(v1::sensitive)),
        form(field.options().GetExtension(v1::form)),
        list(FindCodeList(field)) {}
  v1::Sensitive sensitive;
  v1::Form form;
  const CodeList* list;  // null: any text
};

void AddTextForms(const Descriptor& message, absl::flat_hash_map<const FieldDescriptor*, TextForm>* forms,
                  absl::flat_hash_set<const Descriptor*>* seen) {
  if (!seen->insert(&message).second) return;
  for (int i = 0; i < message.field_count(); ++i) {
    const FieldDescriptor& field = *message.field(i);
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_STRING) forms->emplace(&field, TextForm(field));
    if (field.message_type() != nullptr) AddTextForms(*field.message_type(), forms, seen);
  }
}

const TextForm& FormOf(const FieldDescriptor& field) {
  static const auto* forms = [] {
    auto* read = new absl::flat_hash_map<const FieldDescriptor*, TextForm>();
    absl::flat_hash_set<const Descriptor*> seen;
    AddTextForms(*v1::Exchange::descriptor(), read, &seen);
    return read;
  }();
  return forms->at(&field);
}

// The rule that `text` breaks by the form its field has, or empty.
std::string_view FormRule(const TextForm& form, std::string_view text) {
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

std::string_view TextRule(const TextForm& form, std::string_view text) {
  if (text.size() > limits::kTextBytesMax) return "TEXT-SIZE";
  if (std::string_view rule = FormRule(form, text); !rule.empty()) return rule;
  if (!HasPlainCharacters(text)) return "TEXT-CHARACTERS";
  if (!IsNfc(text)) return "TEXT-NFC";
  return form.list == nullptr || form.list->codes.contains(ToAbsl(text)) ? std::string_view() : form.list->rule;
}

class Walker {
 public:
  explicit Walker(Findings& findings) : findings_(findings) {}

  void Walk(const Message& message, const Place* outer) {
    std::vector<const FieldDescriptor*> fields;
    message.GetReflection()->ListFields(message, &fields);
    for (const FieldDescriptor* field : fields) {
      if (!field->is_repeated()) {
        Visit(message, {outer, field});
      } else if (const int size = message.GetReflection()->FieldSize(message, field);
                 static_cast<size_t>(size) > limits::kListItemsMax) {
        findings_.Add("LIST-SIZE", Place{outer, field}.Path(), absl::StrCat("at most ", limits::kListItemsMax));
      } else {
        for (int i = 0; i < size; ++i) Visit(message, {outer, field, i});
      }
    }
  }

 private:
  void Visit(const Message& message, const Place& place) {
    const Reflection& r = *message.GetReflection();
    const FieldDescriptor* field = place.field;
    const bool single = place.index < 0;
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      Walk(single ? r.GetMessage(message, field) : r.GetRepeatedMessage(message, field, place.index), &place);
    } else if (field->type() == FieldDescriptor::TYPE_STRING) {
      std::string scratch;
      const std::string_view rule = TextRule(
          FormOf(*field), single ? r.GetStringReference(message, field, &scratch)
                                 : r.GetRepeatedStringReference(message, field, place.index, &scratch));
      if (!rule.empty()) findings_.Add(rule, place.Path());
    }
  }

  Findings& findings_;
};

}  // namespace

void CheckFields(const Message& message, Findings& findings) { Walker(findings).Walk(message, nullptr); }

}  // namespace schotvrij::canonical
