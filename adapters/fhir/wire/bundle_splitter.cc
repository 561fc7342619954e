#include "adapters/fhir/wire/bundle_splitter.h"

#include <algorithm>
#include <utility>

#include "adapters/fhir/wire/json_reader.h"
#include "schemas/base/limits.h"

namespace schotvrij::fhir {
namespace {

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
// Names of FHIR elements have no other characters, and none that need an escape.
bool IsNameCharacter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool Modifies(std::string_view key) {
  return key == "implicitRules" || key == "_implicitRules" || key == "modifierExtension";
}
Issue NotJson() { return MakeIssue("JSON-SYNTAX", "Bundle"); }

}  // namespace

BundleSplitter::BundleSplitter(std::string_view state) {
  if (state.empty()) return;
  at_ = At::kAfterItem;
  while (!state.empty()) {
    const size_t comma = std::min(state.find(','), state.size());
    bundle_keys_.emplace_back(state.substr(0, comma));
    state.remove_prefix(std::min(comma + 1, state.size()));
  }
}

std::string BundleSplitter::state() const {
  std::string text;
  for (const std::string& key : bundle_keys_) text.append(text.empty() ? "" : ",").append(key);
  return text;
}

BundleSplitter::Step BundleSplitter::Next(std::string_view bytes) {
  Step step;
  while (step.used < bytes.size()) {
    bool ended_entry = false;
    step.issue = Take(bytes[step.used++], &ended_entry);
    if (step.issue) return step;
    if (!ended_entry) continue;
    step.resource = std::exchange(resource_, "");
    return step;
  }
  return step;
}

std::optional<Issue> BundleSplitter::Finish() const {
  if (at_ != At::kEnd) return NotJson();
  if (!Has("resourceType")) return MakeIssue("FHIR-RESOURCE-TYPE", "");
  if (!Has("type")) return MakeIssue("FHIR-BUNDLE-TYPE", "Bundle.type");
  return std::nullopt;
}

bool BundleSplitter::Has(std::string_view key) const {
  return std::find(bundle_keys_.begin(), bundle_keys_.end(), key) != bundle_keys_.end();
}

std::optional<Issue> BundleSplitter::Take(char c, bool* ended_entry) {
  if (in_entry_ && ++entry_bytes_ > limits::kBodyBytesMax) return MakeIssue("BODY-SIZE", "Bundle.entry");
  switch (at_) {
    case At::kKey:
      return TakeKey(c);
    case At::kText:
    case At::kNested:
      return TakeNested(c);
    case At::kScalar:
      if (!IsBlank(c) && c != ',' && c != '}') {
        value_.push_back(c);
        return value_.size() > limits::kTextBytesMax ? std::optional(MakeIssue("TEXT-SIZE", "Bundle")) : std::nullopt;
      }
      if (std::optional<Issue> issue = EndValue()) return issue;
      return AfterValue(c, ended_entry);
    default:
      break;
  }
  if (IsBlank(c)) return std::nullopt;
  switch (at_) {
    case At::kStart:
      if (c != '{') return NotJson();
      at_ = At::kFirstKey;
      return std::nullopt;
    case At::kFirstKey:
      if (c == '}') return AfterValue(c, ended_entry);
      [[fallthrough]];
    case At::kNextKey:
      if (c != '"') return NotJson();
      key_.clear();
      at_ = At::kKey;
      return std::nullopt;
    case At::kColon:
      if (c != ':') return NotJson();
      at_ = At::kValue;
      return std::nullopt;
    case At::kValue:
      return BeginValue(c);
    case At::kAfterValue:
      return AfterValue(c, ended_entry);
    case At::kFirstItem:
      if (c == ']') {
        at_ = At::kAfterValue;
        return std::nullopt;
      }
      [[fallthrough]];
    case At::kNextItem:
      if (c != '{') return NotJson();
      in_entry_ = true;
      entry_bytes_ = 1;
      entry_keys_.clear();
      at_ = At::kFirstKey;
      return std::nullopt;
    case At::kAfterItem:
      if (c != ',' && c != ']') return NotJson();
      at_ = c == ',' ? At::kNextItem : At::kAfterValue;
      return std::nullopt;
    default:  // behind the end
      return NotJson();
  }
}

std::optional<Issue> BundleSplitter::TakeKey(char c) {
  if (c != '"') {
    if (!IsNameCharacter(c) || key_.size() >= limits::kKeyBytesMax) return MakeIssue("FHIR-VALUE", "Bundle");
    key_.push_back(c);
    return std::nullopt;
  }
  if (key_.empty()) return MakeIssue("FHIR-VALUE", "Bundle");
  if (std::find(keys().begin(), keys().end(), key_) != keys().end()) return MakeIssue("JSON-DUPLICATE-KEY", "Bundle");
  if (keys().size() >= limits::kJsonKeysMax) return MakeIssue("JSON-NODES", "Bundle");
  if (Modifies(key_)) return MakeIssue("FHIR-MODIFIER", "Bundle");
  keys().push_back(key_);
  at_ = At::kColon;
  return std::nullopt;
}

std::optional<Issue> BundleSplitter::BeginValue(char c) {
  if (!in_entry_ && key_ == "entry") {
    if (c != '[') return MakeIssue("FHIR-VALUE", "Bundle.entry");
    at_ = At::kFirstItem;
    return std::nullopt;
  }
  value_.assign(1, c);
  if (c == '"') {
    at_ = At::kText;
    in_text_ = true;
  } else if (c == '{' || c == '[') {
    at_ = At::kNested;
    depth_ = 1;
  } else {
    at_ = At::kScalar;
  }
  return std::nullopt;
}

// A text, or an object or array with all that is in it.
std::optional<Issue> BundleSplitter::TakeNested(char c) {
  value_.push_back(c);
  if (!in_entry_ && value_.size() > limits::kBodyBytesMax) return MakeIssue("BODY-SIZE", "Bundle");
  if (escaped_) {
    escaped_ = false;
  } else if (in_text_) {
    escaped_ = c == '\\';
    in_text_ = c != '"';
    if (!in_text_ && at_ == At::kText) return EndValue();
  } else if (c == '"') {
    in_text_ = true;
  } else if (c == '{' || c == '[') {
    ++depth_;
  } else if ((c == '}' || c == ']') && --depth_ == 0) {
    return EndValue();
  }
  return std::nullopt;
}

std::optional<Issue> BundleSplitter::EndValue() {
  at_ = At::kAfterValue;
  return UseValue();
}

std::optional<Issue> BundleSplitter::UseValue() {
  if (in_entry_ && key_ == "resource") {
    resource_ = std::exchange(value_, "");
    return std::nullopt;
  }
  if (!in_entry_ && key_ == "resourceType" && value_ != "\"Bundle\"") return MakeIssue("FHIR-RESOURCE-TYPE", "");
  if (!in_entry_ && key_ == "type" && value_ != "\"collection\"") {
    return MakeIssue("FHIR-BUNDLE-TYPE", "Bundle.type", "a batch is a collection");
  }
  std::string whole = "{\"" + key_ + "\":" + std::exchange(value_, "") + "}";
  Tree tree;
  return ReadJson(&whole, &tree);
}

std::optional<Issue> BundleSplitter::AfterValue(char c, bool* ended_entry) {
  if (c == ',') {
    at_ = At::kNextKey;
    return std::nullopt;
  }
  if (c != '}') return NotJson();
  *ended_entry = in_entry_;
  at_ = in_entry_ ? At::kAfterItem : At::kEnd;
  in_entry_ = false;
  return std::nullopt;
}

}  // namespace schotvrij::fhir
