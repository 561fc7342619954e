#include "adapters/fhir/wire/json_writer.h"

#include "adapters/fhir/wire/eight_bytes.h"

namespace schotvrij::fhir {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";

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
  for (size_t plain; (plain = PlainPrefix(text)) < text.size(); text.remove_prefix(plain + 1)) {
    const char c = text[plain];
    out_.append(text.substr(0, plain)).append("\\");
    if (static_cast<unsigned char>(c) >= 0x20) {
      out_ += c;
    } else {
      out_.append("u00").append(1, kHex[c >> 4]).append(1, kHex[c & 15]);
    }
  }
  out_.append(text).append("\"");
  return *this;
}

JsonWriter& JsonWriter::Raw(std::string_view text) {
  Separate();
  out_ += text;
  return *this;
}

}  // namespace schotvrij::fhir
