#include "adapters/securemail/map/letter.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "google/protobuf/descriptor.h"
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
  const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName(std::string(path.substr(0, dot)));
  const Reflection& r = *message.GetReflection();
  if (dot != std::string_view::npos) return Value(r.GetMessage(message, field), path.substr(dot + 1));
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) return r.GetString(message, field);
  return r.HasField(message, field) ? r.GetEnum(message, field)->name() : "";
}

// Null: the evidence does not name `path`.
const policy::SharedField* FindShared(const policy::Disclosure& disclosure, std::string_view path) {
  const std::vector<policy::SharedField>& fields = disclosure.evidence().fields;
  auto found = std::find_if(fields.begin(), fields.end(),
                            [&](const policy::SharedField& field) { return field.path == path; });
  return found == fields.end() ? nullptr : &*found;
}

absl::Status Cannot(std::string_view content, std::string_view why, std::string_view path) {
  return absl::FailedPreconditionError(
      absl::StrCat("secure mail: ", ToAbsl(content), ": ", ToAbsl(why), " ", ToAbsl(path)));
}

class LetterWriter {
 public:
  LetterWriter(const policy::Disclosure& disclosure, std::string content)
      : disclosure_(disclosure), content_(std::move(content)) {}

  absl::StatusOr<std::string> Write() {
    RETURN_IF_ERROR(CheckRequired());
    for (const Table::Row& row : Table::Embedded("schemas/formats/mail/letter.csv").rows()) {
      if (row["content"] == content_) RETURN_IF_ERROR(AddLine(row["text"], row["path"]));
    }
    return std::move(text_);
  }

 private:
  absl::Status CheckRequired() {
    for (const Table::Row& row : Table::Embedded("schemas/formats/mail/required.csv").rows()) {
      if (row["content_type"] != content_) continue;
      const std::string_view path = row["path"];
      const policy::SharedField* shared = FindShared(disclosure_, path);
      if (Value(disclosure_.exchange(), path).empty() || (shared != nullptr && shared->as != policy::v1::ITSELF)) {
        return Cannot(content_, "cannot do without", path);
      }
      required_.push_back(path);
    }
    return required_.empty() ? Cannot(content_, "does not go by mail", "") : absl::OkStatus();
  }

  bool MayTell(std::string_view path) const {
    return std::find(required_.begin(), required_.end(), path) != required_.end() ||
           FindShared(disclosure_, path) != nullptr;
  }

  absl::Status AddLine(std::string_view text, std::string_view paths) {
    if (paths.empty()) {
      text_.append(text).append("\n");
      return absl::OkStatus();
    }
    std::string line;
    for (absl::string_view part : absl::StrSplit(ToAbsl(paths), ' ')) {
      const std::string_view path = FromAbsl(part);
      const std::string value = MayTell(path) ? Value(disclosure_.exchange(), path) : "";
      const bool controls = std::any_of(value.begin(), value.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
      if (controls) return Cannot(content_, "control character in", path);
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
  const std::string content_;
  std::vector<std::string_view> required_;
  std::string text_;
};

}  // namespace

absl::StatusOr<std::string> WriteLetter(const policy::Disclosure& disclosure) {
  return LetterWriter(disclosure, ContentName(disclosure.exchange())).Write();
}

}  // namespace schotvrij::securemail
