#include "schemas/base/redact.h"

#include <cstdio>

#include "absl/strings/escaping.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/reflection.h"
#include "schotvrij/v1/options.pb.h"

namespace schotvrij {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

void Quote(std::string_view text, std::string& out) {
  out.push_back('"');
  for (char c : text) {
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned char>(c));
      out += escape;
    } else {
      out.push_back(c);
    }
  }
  out.push_back('"');
}

class Printer {
 public:
  Printer(bool reveal, std::string& out) : reveal_(reveal), out_(out) {}

  absl::Status Print(const Message& message, int depth) {
    std::vector<const FieldDescriptor*> fields;
    message.GetReflection()->ListFields(message, &fields);
    if (fields.empty()) {
      out_ += "{}";
      return absl::OkStatus();
    }
    out_ += "{";
    for (size_t i = 0; i < fields.size(); ++i) {
      NewLine(i > 0 ? "," : "", depth + 1);
      Quote(fields[i]->json_name(), out_);
      out_ += ": ";
      if (absl::Status status = PrintField(message, *fields[i], depth + 1); !status.ok()) return status;
    }
    NewLine("", depth);
    out_ += "}";
    return absl::OkStatus();
  }

 private:
  void NewLine(std::string_view separator, int depth) {
    out_ += separator;
    out_ += "\n";
    out_.append(2 * depth, ' ');
  }

  absl::Status PrintField(const Message& message, const FieldDescriptor& field, int depth) {
    if (!reveal_ && field.options().GetExtension(v1::sensitive) != v1::SENSITIVE_UNSPECIFIED) {
      out_ += "\"***\"";
      return absl::OkStatus();
    }
    if (!field.is_repeated()) return PrintValue(message, field, -1, depth);
    out_ += "[";
    int size = message.GetReflection()->FieldSize(message, &field);
    for (int i = 0; i < size; ++i) {
      NewLine(i > 0 ? "," : "", depth + 1);
      if (absl::Status status = PrintValue(message, field, i, depth + 1); !status.ok()) return status;
    }
    NewLine("", depth);
    out_ += "]";
    return absl::OkStatus();
  }

  // `index` is -1 for a singular field.
  absl::Status PrintValue(const Message& message, const FieldDescriptor& field, int index, int depth) {
    const Reflection& r = *message.GetReflection();
    const bool one = index < 0;
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_MESSAGE:
        return Print(one ? r.GetMessage(message, &field) : r.GetRepeatedMessage(message, &field, index), depth);
      case FieldDescriptor::CPPTYPE_STRING: {
        std::string scratch;
        const std::string& text = one ? r.GetStringReference(message, &field, &scratch)
                                      : r.GetRepeatedStringReference(message, &field, index, &scratch);
        Quote(field.type() == FieldDescriptor::TYPE_BYTES ? absl::Base64Escape(text) : text, out_);
        return absl::OkStatus();
      }
      case FieldDescriptor::CPPTYPE_ENUM:
        Quote((one ? r.GetEnum(message, &field) : r.GetRepeatedEnum(message, &field, index))->name(), out_);
        return absl::OkStatus();
      case FieldDescriptor::CPPTYPE_BOOL:
        out_ += (one ? r.GetBool(message, &field) : r.GetRepeatedBool(message, &field, index)) ? "true" : "false";
        return absl::OkStatus();
      case FieldDescriptor::CPPTYPE_INT32:
        out_ += std::to_string(one ? r.GetInt32(message, &field) : r.GetRepeatedInt32(message, &field, index));
        return absl::OkStatus();
      case FieldDescriptor::CPPTYPE_UINT32:
        out_ += std::to_string(one ? r.GetUInt32(message, &field) : r.GetRepeatedUInt32(message, &field, index));
        return absl::OkStatus();
      case FieldDescriptor::CPPTYPE_INT64:  // protobuf JSON: 64-bit numbers are strings
        Quote(std::to_string(one ? r.GetInt64(message, &field) : r.GetRepeatedInt64(message, &field, index)), out_);
        return absl::OkStatus();
      case FieldDescriptor::CPPTYPE_UINT64:
        Quote(std::to_string(one ? r.GetUInt64(message, &field) : r.GetRepeatedUInt64(message, &field, index)), out_);
        return absl::OkStatus();
      default:
        return absl::UnimplementedError("the canonical model has no floating point fields");
    }
  }

  const bool reveal_;
  std::string& out_;
};

}  // namespace

absl::StatusOr<std::string> ToJson(const Message& message, bool reveal) {
  std::string out;
  absl::Status status = Printer(reveal, out).Print(message, 0);
  if (!status.ok()) return status;
  return out;
}

std::string FindUnknown(const Message& message) {
  const Reflection& r = *message.GetReflection();
  // In proto3 an enum field keeps a number it has no name for; it counts as unknown too.
  if (const auto& unknown = r.GetUnknownFields(message); !unknown.empty()) {
    return "#" + std::to_string(unknown.field(0).number());
  }
  std::vector<const FieldDescriptor*> fields;
  r.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    int count = field->is_repeated() ? r.FieldSize(message, field) : 1;
    for (int i = 0; i < count; ++i) {
      if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
        std::string inner = FindUnknown(field->is_repeated() ? r.GetRepeatedMessage(message, field, i)
                                                             : r.GetMessage(message, field));
        if (!inner.empty()) return field->name() + "." + inner;
      } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
        int number = field->is_repeated() ? r.GetRepeatedEnumValue(message, field, i) : r.GetEnumValue(message, field);
        if (field->enum_type()->FindValueByNumber(number) == nullptr) return field->name();
      }
    }
  }
  return "";
}

}  // namespace schotvrij
