#include "adapters/securemail/map/letter.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "adapters/securemail/wire/lines.h"
#include "google/protobuf/descriptor.h"
#include "policy/disclosure/step.h"
#include "schemas/base/status.h"
#include "schemas/base/strings.h"
#include "schemas/base/table.h"

namespace schotvrij::securemail {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

std::string ContentName(const v1::Exchange& exchange) {
  const FieldDescriptor* field = exchange.GetReflection()->GetOneofFieldDescriptor(
      exchange, v1::Exchange::descriptor()->FindOneofByName("content"));
  return field == nullptr ? "" : field->name();
}

// The text or enum name at `path`, which leads through no list; empty when it is not set.
std::string Value(const Message& message, std::string_view path) {
  const size_t dot = path.find('.');
  const FieldDescriptor* field =
      message.GetDescriptor()->FindFieldByName(std::string(path.substr(0, dot)));
  const Reflection& r = *message.GetReflection();
  if (dot != std::string_view::npos)
    return Value(r.GetMessage(message, field), path.substr(dot + 1));
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) return r.GetString(message, field);
  return r.HasField(message, field) ? r.GetEnum(message, field)->name() : "";
}

bool IsSharedAsItIs(const policy::Disclosure& disclosure, std::string_view path) {
  const std::vector<policy::SharedField>& fields = disclosure.evidence().fields;
  return std::any_of(fields.begin(), fields.end(), [&](const policy::SharedField& field) {
    return field.path == path && field.as == policy::v1::ITSELF;
  });
}

absl::Status Cannot(std::string_view content, std::string_view why, std::string_view path) {
  return absl::FailedPreconditionError(
      absl::StrCat("secure mail: ", ToAbsl(content), ": ", ToAbsl(why), " ", ToAbsl(path)));
}

class LetterWriter {
 public:
  LetterWriter(const policy::Disclosure& disclosure, Circumstances circumstances, std::string content)
      : disclosure_(disclosure),
        circumstances_(circumstances),
        content_(std::move(content)),
        step_(v1::RegistrationStep_Name(policy::StepOf(disclosure.exchange()))) {}

  absl::StatusOr<std::string> Write() {
    RETURN_IF_ERROR(CheckRequired());
    for (const Table::Row& row : Table::Embedded("schemas/formats/mail/letter.csv").rows()) {
      if (row["content"] != content_ || !HoldsWord(row["step"], step_)) continue;
      if (Stands(row["when"])) RETURN_IF_ERROR(AddLine(row["text"], row["path"]));
    }
    return std::move(text_);
  }

 private:
  bool Stands(std::string_view when) const {
    if (when == "reply") return circumstances_.may_reply;
    if (when == "takes part") return circumstances_.takes_part;
    return true;
  }

  absl::Status CheckRequired() const {
    bool goes_by_mail = false;
    for (const Table::Row& row : Table::Embedded("schemas/formats/mail/required.csv").rows()) {
      if (row["content_type"] != content_) continue;
      goes_by_mail = true;
      if (HoldsWord(row["step"], step_) && !IsSharedAsItIs(disclosure_, row["path"]))
        return Cannot(content_, "cannot do without", row["path"]);
    }
    return goes_by_mail ? absl::OkStatus() : Cannot(content_, "does not go by mail", "");
  }

  absl::Status AddLine(std::string_view text, std::string_view paths) {
    if (paths.empty()) {
      text_.append(text).append("\n");
      return absl::OkStatus();
    }
    std::string line;
    for (absl::string_view part : absl::StrSplit(ToAbsl(paths), ' ')) {
      const std::string_view path = FromAbsl(part);
      const std::string value = Value(disclosure_.exchange(), path);
      if (!IsOneLine(value)) return Cannot(content_, "control character in", path);
      if (!value.empty()) line.append(line.empty() ? "" : " ").append(InWords(path, value));
    }
    if (!line.empty()) text_.append(text).append(": ").append(line).append("\n");
    return absl::OkStatus();
  }

  static std::string_view InWords(std::string_view path, std::string_view value) {
    for (const Table::Row& row : Table::Embedded("schemas/formats/mail/values.csv").rows()) {
      if (row["path"] == path && row["value"] == value) return row["text"];
    }
    return value;
  }

  const policy::Disclosure& disclosure_;
  const Circumstances circumstances_;
  const std::string content_;
  const std::string step_;
  std::string text_;
};

}  // namespace

absl::StatusOr<std::string> WriteLetter(const policy::Disclosure& disclosure, Circumstances circumstances) {
  return LetterWriter(disclosure, circumstances, ContentName(disclosure.exchange())).Write();
}

}  // namespace schotvrij::securemail
