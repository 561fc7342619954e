#include "adapters/fhir/wire/json_writer.h"

namespace schotvrij::fhir {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";

bool NeedsEscape(char c) { return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\'; }

}  // namespace

void JsonWriter::Separate() {
  if (needs_comma_) out_ += ',';
  needs_comma_ = true;
}

JsonWriter& JsonWriter::Open(char bracket) {
  Separate();
  out_ += bracket;
  closers_ += bracket == '{' ? '}' : ']';
  needs_comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::End() {
  out_ += closers_.back();
  closers_.pop_back();
  needs_comma_ = true;
  return *this;
}

JsonWriter& JsonWriter::Key(std::string_view name) {
  String(name);
  out_ += ':';
  needs_comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::String(std::string_view text) {
  Separate();
  out_ += '"';
  size_t plain = 0;
  for (size_t at = 0; at < text.size(); ++at) {
    if (!NeedsEscape(text[at])) continue;
    out_.append(text.substr(plain, at - plain)).append("\\");
    plain = at + 1;
    if (static_cast<unsigned char>(text[at]) >= 0x20) {
      out_ += text[at];
    } else {
      out_.append("u00").append(1, kHex[text[at] >> 4]).append(1, kHex[text[at] & 15]);
    }
  }
  out_.append(text.substr(plain)).append("\"");
  return *this;
}

JsonWriter& JsonWriter::Raw(std::string_view text) {
  Separate();
  out_ += text;
  return *this;
}

}  // namespace schotvrij::fhir
