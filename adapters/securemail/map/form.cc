#include "adapters/securemail/map/form.h"

#include <cstdio>
#include <cstdlib>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "adapters/securemail/map/fold.h"
#include "adapters/securemail/map/form_label.h"
#include "adapters/securemail/map/form_value.h"
#include "schemas/base/limits.h"
#include "schemas/base/strings.h"

namespace schotvrij::securemail {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// The colon behind a label; one in a time of day or an address on the web is none. npos: a line of prose.
size_t LabelColon(std::string_view line) {
  for (size_t colon = line.find(':'); colon != line.npos; colon = line.find(':', colon + 1)) {
    const std::string_view rest = line.substr(colon + 1);
    const bool time = colon > 0 && IsDigit(line[colon - 1]) && !rest.empty() && IsDigit(rest.front());
    if (!time && !rest.starts_with("//")) return colon == 0 ? line.npos : colon;
  }
  return line.npos;
}

bool IsSet(const Message& message, const FieldDescriptor* field) {
  const Reflection& r = *message.GetReflection();
  return field->is_repeated() ? r.FieldSize(message, field) > 0 : r.HasField(message, field);
}

// The message that holds the last field of `path`; of a list on the way the last element, or a new one.
Message* HolderOf(Message* message, const FieldPath& path, bool next_element) {
  for (size_t i = 0; i + 1 < path.size(); ++i) {
    const Reflection& r = *message->GetReflection();
    if (!path[i]->is_repeated()) {
      message = r.MutableMessage(message, path[i]);
      continue;
    }
    const int size = r.FieldSize(*message, path[i]);
    message = next_element || size == 0 ? r.AddMessage(message, path[i]) : r.MutableRepeatedMessage(message, path[i], size - 1);
  }
  return message;
}

bool LeadsThroughList(const FieldPath& path) {
  for (size_t i = 0; i + 1 < path.size(); ++i) {
    if (path[i]->is_repeated()) return true;
  }
  return false;
}

void SetLeaf(Message* message, const FieldDescriptor* field, const std::string& value) {
  const Reflection& r = *message->GetReflection();
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
    return field->is_repeated() ? r.AddString(message, field, value) : r.SetString(message, field, value);
  }
  const google::protobuf::EnumValueDescriptor* code = field->enum_type()->FindValueByName(value);
  if (code == nullptr) {
    std::fprintf(stderr, "schotvrij: a table of the mail form has a value that its field does not\n");
    std::abort();
  }
  field->is_repeated() ? r.AddEnum(message, field, code) : r.SetEnum(message, field, code);
}

// A consent that was given in a form to one recipient is a consent for that recipient. A withdrawal names nobody: it is meant for all.
void NameRecipients(v1::Exchange* exchange) {
  const v1::PartyIdentifier& recipient = exchange->envelope().recipient_identifier();
  if (recipient.value().empty()) return;
  for (v1::Consent& consent : *exchange->mutable_registration()->mutable_consents()) {
    if (consent.state() == v1::CONSENT_WITHDRAWN) continue;
    consent.add_recipients(absl::StrCat(recipient.system(), "|", recipient.value()));
  }
}

class FormReader {
 public:
  void Read(const TextLine& line) {
    const size_t colon = LabelColon(line.text);
    if (colon == line.text.npos) return;
    const FormLabel* label = FindFormLabel(Fold(line.text.substr(0, colon)));
    any_label_ |= label != nullptr;
    const std::string_view value = line.text.substr(colon + 1);
    if (Trim(value).empty()) return;
    if (label == nullptr) return Add("MAIL-FORM-LABEL", PlaceOf(line.number));
    Take(*label, value, absl::StrCat(PlaceOf(line.number), " (", ToAbsl(label->label), ")"));
  }

  Reading Finish(const std::string& fallback_key) && {
    if (!any_label_) return {std::nullopt, {MakeIssue("MAIL-NOT-UNDERSTOOD", "")}};
    if (!issues_.empty()) return {std::nullopt, std::move(issues_)};
    v1::Envelope& envelope = *exchange_.mutable_envelope();
    if (envelope.request_key().empty()) envelope.set_request_key(fallback_key);
    v1::Registration& registration = *exchange_.mutable_registration();
    if (registration.step() == v1::REGISTRATION_STEP_UNSPECIFIED) registration.set_step(v1::REGISTER);
    NameRecipients(&exchange_);
    return {std::move(exchange_), {}};
  }

 private:
  void Add(std::string_view rule, const std::string& place) {
    if (issues_.size() < limits::kIssuesMax) issues_.push_back(MakeIssue(rule, place));
  }

  void Take(const FormLabel& label, std::string_view value, const std::string& place) {
    const FormValue read = ReadFormValue(label, value);
    if (!read.rule.empty()) return Add(read.rule, place);
    Message* holder = HolderOf(&exchange_, label.fields, false);
    if (IsSet(*holder, label.fields.back())) {
      if (!LeadsThroughList(label.fields)) return Add("MAIL-FORM-TWICE", place);
      HolderOf(&exchange_, label.fields, true);
    }
    Set(read.settings);
    Set(label.also);
  }

  void Set(const std::vector<Setting>& settings) {
    for (const Setting& setting : settings) SetLeaf(HolderOf(&exchange_, setting.path, false), setting.path.back(), setting.value);
  }

  v1::Exchange exchange_;
  std::vector<Issue> issues_;
  bool any_label_ = false;
};

// "regel 7" of "regel 7 (Stap)"; empty: the path is no such place.
std::string_view LineInPath(std::string_view path) {
  constexpr std::string_view kLine = "regel ";
  if (!path.starts_with(kLine)) return "";
  size_t end = kLine.size();
  while (end < path.size() && IsDigit(path[end])) ++end;
  return end == kLine.size() ? std::string_view() : path.substr(0, end);
}

}  // namespace

Reading ReadForm(std::span<const TextLine> lines, const std::string& fallback_key) {
  FormReader reader;
  for (const TextLine& line : lines) {
    if (!line.quoted) reader.Read(line);
  }
  return std::move(reader).Finish(fallback_key);
}

const FormLabel* LabelInPath(std::string_view path) {
  const size_t open = path.find(" (");
  if (LineInPath(path).empty()) return FindFormLabelOf(path);
  if (open == path.npos || !path.ends_with(')')) return nullptr;
  return FindFormLabel(Fold(path.substr(open + 2, path.size() - open - 3)));
}

std::string PlaceInForm(std::string_view path) {
  const std::string_view line = LineInPath(path);
  const FormLabel* label = LabelInPath(path);
  if (line.empty()) return label == nullptr ? "" : std::string(label->label);
  if (label == nullptr) return std::string(line);
  return absl::StrCat(ToAbsl(line), " (", ToAbsl(label->label), ")");
}

}  // namespace schotvrij::securemail
