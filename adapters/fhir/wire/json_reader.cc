#include "adapters/fhir/wire/json_reader.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

#include "adapters/fhir/wire/eight_bytes.h"
#include "adapters/fhir/wire/utf8.h"
#include "rapidjson/reader.h"
#include "schemas/base/limits.h"

namespace schotvrij::fhir {
namespace {

// Recursion goes as deep as the JsonBuilder lets it (kJsonDepthMax): the parser asks before it calls itself. "Validate" has it call
// Runs::Validate; the encoding itself is checked before (IsUtf8), for the whole body at once.
constexpr unsigned kFlags =
    rapidjson::kParseInsituFlag | rapidjson::kParseNumbersAsStringsFlag | rapidjson::kParseValidateEncodingFlag;

// The body as RapidJSON reads it, in place. A NUL stands behind it.
struct Body {
  using Ch = char;

  char Peek() const { return *from; }
  char Take() { return *from++; }
  size_t Tell() const { return static_cast<size_t>(from - begin); }
  char* PutBegin() { return to = from; }
  void Put(char c) { *to++ = c; }
  size_t PutEnd(const char* start) { return static_cast<size_t>(to - start); }
  void Flush() {}

  char* from;
  char* end;
  char* begin = from;
  char* to = nullptr;
};

// UTF-8 that takes all characters that stand for themselves in one go.
struct Runs : rapidjson::UTF8<char> {
  template <typename SameBody>
  static bool Validate(Body& body, SameBody&) {
    const size_t size = PlainPrefix({body.from, static_cast<size_t>(body.end - body.from)});
    if (body.to != body.from) std::memmove(body.to, body.from, size);
    body.from += size;
    body.to += size;
    return true;
  }
};

// Builds the Tree from the parser's events. Returning false ends the parse; `issue` then says why.
class JsonBuilder {
 public:
  JsonBuilder(Tree* tree, bool has_escapes, size_t values_max)
      : tree_(tree), has_escapes_(has_escapes), values_max_(values_max) {
    open_.reserve(limits::kJsonDepthMax);
  }

  std::optional<Issue>& issue() { return issue_; }

  bool Null() { return Value(Kind::kNull, ""); }
  bool Bool(bool value) { return Value(Kind::kBoolean, value ? "true" : "false"); }
  bool RawNumber(const char* text, rapidjson::SizeType size, bool) { return Value(Kind::kNumber, {text, size}); }
  bool String(const char* text, rapidjson::SizeType size, bool) {
    return Sound({text, size}) && Value(Kind::kString, {text, size});
  }
  // Numbers come as text (kParseNumbersAsStringsFlag); the parser still wants these to exist.
  bool Int(int) { return false; }
  bool Uint(unsigned) { return false; }
  bool Int64(int64_t) { return false; }
  bool Uint64(uint64_t) { return false; }
  bool Double(double) { return false; }

  bool Key(const char* text, rapidjson::SizeType size, bool) {
    Open& object = open_.back();
    object.key = {text, size};
    if (keys_.size() - object.keys_from >= limits::kJsonKeysMax) return Refuse("JSON-NODES", "");
    keys_.push_back(object.key);
    const uint64_t key_class = ClassOf(object.key);
    object.may_repeat |= (object.key_classes & key_class) != 0;
    object.key_classes |= key_class;
    object.has_companions |= size > 1 && text[0] == '_';
    return Sound(object.key);
  }

  bool StartObject() {
    if (!Deeper()) return false;
    if (!Value(Kind::kObject, "")) return false;
    open_.push_back({.element = last_, .keys_from = keys_.size()});
    return true;
  }

  bool EndObject(rapidjson::SizeType) {
    const Open object = open_.back();
    open_.pop_back();
    if (object.may_repeat && HasDuplicate(object.keys_from)) {
      return Refuse("JSON-DUPLICATE-KEY", Node(tree_, object.element).Path());
    }
    keys_.resize(object.keys_from);
    if (object.has_companions) JoinCompanions(object.element);
    return true;
  }

  bool StartArray() {
    if (!Deeper()) return false;
    if (open_.empty()) return Refuse("JSON-SYNTAX", "");
    const Open& object = open_.back();
    if (object.is_array) return Refuse("FHIR-VALUE", Node(tree_, object.element).Path());
    if (++values_ > values_max_) return Refuse("JSON-NODES", "");
    open_.push_back({.element = object.element, .key = object.key, .is_array = true});
    return true;
  }

  bool EndArray(rapidjson::SizeType) {
    open_.pop_back();
    return true;
  }

 private:
  // An object or array that is not yet closed.
  struct Open {
    uint32_t element;           // the object; for an array: the object that holds it
    std::string_view key = {};  // of the value that comes next
    size_t keys_from = 0;       // where this object's keys begin in keys_
    uint32_t index = 0;         // of the next item of an array
    bool is_array = false;
    bool has_companions = false;  // some key begins with an underscore
    bool may_repeat = false;      // two keys are of one class
    uint64_t key_classes = 0;     // those of its keys, a bit each
  };

  // Out of line: an Issue in the frame of each step of the parse costs more than the step.
  [[gnu::cold, gnu::noinline]] bool Refuse(std::string_view rule, std::string_view path) {
    issue_ = MakeIssue(rule, path);
    return false;
  }

  bool Deeper() {
    if (open_.size() >= static_cast<size_t>(limits::kJsonDepthMax)) return Refuse("JSON-DEPTH", "");
    return true;
  }

  // The body is UTF-8, so only an escaped lone surrogate can make a text unsound.
  bool Sound(std::string_view text) {
    if (has_escapes_ && !IsUtf8(text)) return Refuse("JSON-UTF8", "");
    return true;
  }

  bool Value(Kind kind, std::string_view text) {
    if (++values_ > values_max_) return Refuse("JSON-NODES", "");
    Element element;
    element.value = text;
    element.kind = kind;
    if (open_.empty()) {
      if (kind != Kind::kObject) return Refuse("JSON-SYNTAX", "");
      last_ = tree_->Add(Element::kNone, element);
      return true;
    }
    Open& above = open_.back();
    element.name = above.key;
    element.repeats = above.is_array;
    element.index = above.index++;
    if (!above.is_array) element.index = 0;
    last_ = tree_->Add(above.element, element);
    return true;
  }

  // One bit of 64. Only an object with two keys of one class can have one twice.
  static uint64_t ClassOf(std::string_view key) {
    const unsigned last = key.empty() ? 0 : static_cast<unsigned char>(key.back());
    return uint64_t{1} << ((key.size() * 7 + last) % 64);
  }

  bool HasDuplicate(size_t from) {
    for (auto key = keys_.begin() + static_cast<std::ptrdiff_t>(from); key != keys_.end(); ++key) {
      if (std::find(key + 1, keys_.end(), *key) != keys_.end()) return true;
    }
    return false;
  }

  // Hangs the children of each `_name` element below the `name` of the same index; where there is none, `_name` becomes a
  // `name` without a value. Items of one list stand together, so that a list is walked once, in step with its companion.
  void JoinCompanions(uint32_t object) {
    std::string_view list;
    uint32_t from = Element::kNone;
    uint32_t before = Element::kNone;
    for (uint32_t at = tree_->at(object).first_child, next; at != Element::kNone; at = next) {
      Element& companion = tree_->at(at);
      next = companion.next;
      if (companion.name.size() < 2 || companion.name[0] != '_') {
        before = at;
        continue;
      }
      if (companion.name != list) {
        list = companion.name;
        from = tree_->at(object).first_child;
      }
      from = Find(from, list.substr(1), companion.index);
      if (from == Element::kNone) {
        companion.name.remove_prefix(1);
        companion.kind = Kind::kNull;
        before = at;
      } else {
        if (tree_->at(from).first_child == Element::kNone) tree_->MoveChildren(at, from);
        tree_->Unlink(at, before);
      }
    }
  }

  uint32_t Find(uint32_t from, std::string_view name, uint32_t index) const {
    while (from != Element::kNone && (tree_->at(from).index != index || tree_->at(from).name != name)) {
      from = tree_->at(from).next;
    }
    return from;
  }

  Tree* tree_;
  const bool has_escapes_;
  const size_t values_max_;
  std::optional<Issue> issue_;
  std::vector<Open> open_;
  std::vector<std::string_view> keys_;  // of the objects that are open
  size_t values_ = 0;
  uint32_t last_ = Element::kNone;
};

}  // namespace
}  // namespace schotvrij::fhir

namespace rapidjson {

template <>
struct StreamTraits<schotvrij::fhir::Body> {
  enum { copyOptimization = 1 };
};

template <>
inline void SkipWhitespace(schotvrij::fhir::Body& body) {
  char* at = body.from;
  while (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t') {
    ++at;
    // What indents a line.
    while (body.end - at >= 8) {
      const uint64_t other = schotvrij::fhir::Eight(at) ^ schotvrij::fhir::EightTimes(' ');
      at += other == 0 ? 8 : schotvrij::fhir::FirstByte(other);
      if (other != 0) break;
    }
  }
  body.from = at;
}

}  // namespace rapidjson

namespace schotvrij::fhir {

std::optional<Issue> ReadJson(std::string* body, Tree* tree, size_t values_max) {
  tree->Clear(body->size());
  if (!IsUtf8(*body)) return MakeIssue("JSON-UTF8", "");
  // The in-place stream ends at a NUL: one inside would hide what stands behind it.
  if (body->find('\0') != std::string::npos) return MakeIssue("JSON-SYNTAX", "");
  JsonBuilder builder(tree, body->find("\\u") != std::string::npos, values_max);
  Body stream{body->data(), body->data() + body->size()};
  rapidjson::GenericReader<Runs, Runs> reader;
  const rapidjson::ParseResult result = reader.Parse<kFlags>(stream, builder);
  if (!result.IsError()) return std::nullopt;
  if (builder.issue()) return std::move(builder.issue());
  return MakeIssue(result.Code() == rapidjson::kParseErrorStringInvalidEncoding ? "JSON-UTF8" : "JSON-SYNTAX", "",
                   "at byte " + std::to_string(result.Offset()));
}

}  // namespace schotvrij::fhir
