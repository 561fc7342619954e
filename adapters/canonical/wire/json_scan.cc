#include "adapters/canonical/wire/json_scan.h"

#include <rapidjson/error/error.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "adapters/canonical/map/text_form.h"
#include "schemas/base/limits.h"

namespace schotvrij::canonical {
namespace {

// The name that protobuf JSON gives a field: lowerCamelCase.
std::string FieldName(std::string_view key) {
  std::string name;
  bool upper = false;
  for (char c : key) {
    if (c != '_') name.push_back(upper ? absl::ascii_toupper(static_cast<unsigned char>(c)) : c);
    upper = c == '_';
  }
  return name;
}

class Scanner {
 public:
  bool Null() { return Value(); }
  bool Bool(bool) { return Value(); }
  bool Int(int) { return Value(); }
  bool Uint(unsigned) { return Value(); }
  bool Int64(int64_t) { return Value(); }
  bool Uint64(uint64_t) { return Value(); }
  bool Double(double) { return Value(); }
  bool RawNumber(const char*, rapidjson::SizeType, bool) { return Value(); }
  bool String(const char* text, rapidjson::SizeType size, bool) {
    return Sound({text, size}) && Value();
  }
  bool StartObject() { return Open(); }
  bool Key(const char* text, rapidjson::SizeType size, bool) {
    const std::string_view key(text, size);
    return Sound(key) &&
           (keys_.back().insert(FieldName(key)).second || Refuse("JSON-DUPLICATE-KEY"));
  }
  bool EndObject(rapidjson::SizeType) { return Close(); }
  bool StartArray() { return Open(); }
  bool EndArray(rapidjson::SizeType) { return Close(); }

  const std::optional<Issue>& fault() const { return fault_; }

 private:
  bool Value() { return ++nodes_ <= limits::kJsonNodesMax || Refuse("JSON-NODES"); }
  bool Open() {
    if (keys_.size() >= static_cast<size_t>(limits::kJsonDepthMax)) return Refuse("JSON-DEPTH");
    keys_.emplace_back();
    return Value();
  }
  bool Close() {
    keys_.pop_back();
    return true;
  }
  // RapidJSON lets an escaped half of a surrogate pair through.
  bool Sound(std::string_view text) { return IsUtf8(text) || Refuse("JSON-UTF8"); }
  bool Refuse(std::string_view rule) {
    fault_ = MakeIssue(rule, "");
    return false;
  }

  std::vector<absl::flat_hash_set<std::string>> keys_;  // of each open object; empty for an array
  size_t nodes_ = 0;
  std::optional<Issue> fault_;
};

}  // namespace

std::optional<Issue> ScanJson(std::string_view body) {
  if (!IsUtf8(body)) return MakeIssue("JSON-UTF8", "");
  // RapidJSON takes a zero byte for the end of the text.
  if (body.find('\0') != std::string_view::npos) return MakeIssue("JSON-SYNTAX", "");
  constexpr unsigned kFlags = rapidjson::kParseIterativeFlag |
                              rapidjson::kParseValidateEncodingFlag |
                              rapidjson::kParseNumbersAsStringsFlag;
  rapidjson::MemoryStream stream(body.data(), body.size());
  rapidjson::Reader reader;
  Scanner scanner;
  const rapidjson::ParseResult result = reader.Parse<kFlags>(stream, scanner);
  if (!result.IsError()) return std::nullopt;
  return scanner.fault().has_value() ? *scanner.fault() : MakeIssue("JSON-SYNTAX", "");
}

}  // namespace schotvrij::canonical
