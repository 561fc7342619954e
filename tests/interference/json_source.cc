// JSON messages: every leaf, every object, every list.
#include <cctype>
#include <string_view>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "rapidjson/document.h"
#include "rapidjson/pointer.h"
#include "rapidjson/prettywriter.h"
#include "rapidjson/writer.h"
#include "tests/interference/source.h"

namespace schotvrij::interference {
namespace {

using rapidjson::Document;
using rapidjson::Pointer;
using rapidjson::StringBuffer;
using rapidjson::Value;
using Kind = Change::Kind;

// What a message may carry anywhere and nobody is told of; what changes the meaning of the rest may
// be refused.
struct Insertion {
  const char* name;
  const char* json;
  bool may_be_refused = false;
};
constexpr Insertion kInsertions[] = {
    {"id", R"("anders-1")"},
    {"language", R"("fy")"},
    {"display", R"("Mevrouw Anders, 999900183")"},
    {"description", R"("op verzoek van de huisarts")"},
    {"text",
     R"({"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">999900183</div>"})"},
    {"extension", R"([{"url":"urn:example:note","valueString":"999900183"}])"},
    {"meta",
     R"({"lastUpdated":"2026-01-02T03:04:05Z","tag":[{"code":"HTEST"}],"security":[{"code":"V"}]})"},
    {"contained", R"([{"resourceType":"Organization","id":"anders","name":"Wijkteam Anders"}])"},
    {"note", R"([{"text":"bezoek liever in de ochtend"}])"},
    {"telecom", R"([{"system":"phone","value":"0000000000"}])"},
    {"address", R"([{"postalCode":"0000AA","city":"Elders"}])"},
    {"deceasedBoolean", "true"},
    {"onbekend", R"({"a":[1,-2.50,null,true,{}],"b":"\u00e9"})"},
    {"modifierExtension", R"([{"url":"urn:example:not","valueBoolean":true}])", true},
    {"implicitRules", R"("urn:example:rules")", true},
};

// Of a primitive: what stands beside it under its name with an underscore.
constexpr char kBeside[] =
    R"({"id":"anders-2","extension":[{"url":"urn:example:note","valueString":"999900183"}]})";

std::string Step(std::string_view name) {
  std::string step = "/";
  for (const char c : name) {
    if (c == '~') {
      step += "~0";
    } else if (c == '/') {
      step += "~1";
    } else {
      step += c;
    }
  }
  return step;
}

std::string_view Text(const Value& value) { return {value.GetString(), value.GetStringLength()}; }

// Elements of one list that the standard tells apart: an extension by its url, a component by its
// code.
std::string Discriminator(const Value& element) {
  if (!element.IsObject()) return "";
  if (const auto url = element.FindMember("url");
      url != element.MemberEnd() && url->value.IsString()) {
    const std::string_view text = Text(url->value);
    return absl::StrCat("(", std::string(text.substr(text.find_last_of("/:") + 1)), ")");
  }
  return "";
}

// An Observation and each of its components by what they are of.
std::string CodeOf(const Value& element) {
  const Value* code = element.IsObject() ? Pointer("/code/coding/0/code").Get(element) : nullptr;
  return code == nullptr || !code->IsString() ? "" : absl::StrCat("(", code->GetString(), ")");
}

std::string Written(const Value& value) {
  StringBuffer buffer;
  rapidjson::Writer<StringBuffer> writer(buffer);
  value.Accept(writer);
  return {buffer.GetString(), buffer.GetSize()};
}

// The members of each object in another order, which says nothing.
void TurnMembers(Value* value, Document::AllocatorType& allocator) {
  if (value->IsArray()) {
    for (Value& element : value->GetArray()) TurnMembers(&element, allocator);
  } else if (value->IsObject()) {
    Value turned(rapidjson::kObjectType);
    for (auto member = value->MemberEnd(); member != value->MemberBegin();) {
      --member;
      TurnMembers(&member->value, allocator);
      turned.AddMember(member->name, member->value, allocator);
    }
    *value = turned;
  }
}

// Each string with its letters and digits as \u escapes.
std::string Escaped(const std::string& json) {
  std::string escaped;
  bool inside = false;
  for (size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (inside && c == '\\') {
      escaped.append(json, i, 2);
      ++i;
      continue;
    }
    if (c == '"') inside = !inside;
    if (inside && std::isalnum(static_cast<unsigned char>(c))) {
      absl::StrAppend(&escaped, "\\u", absl::Hex(static_cast<unsigned char>(c), absl::kZeroPad4));
    } else {
      escaped += c;
    }
  }
  return escaped;
}

class JsonSource final : public Source {
 public:
  JsonSource(std::string format, const std::string& text) : format_(std::move(format)) {
    document_.Parse(text.c_str());
    EXPECT_FALSE(document_.HasParseError()) << format_;
  }

  std::vector<Change> Changes() const override {
    std::vector<Change> changes;
    Walk(document_, "", "", &changes);
    for (const char* how : {"pretty", "turned", "escaped"}) {
      changes.push_back(
          {.kind = Kind::kWrite, .field = "", .place = "", .value = how, .old = "", .taken = true});
    }
    return changes;
  }

  std::string With(std::span<const Change* const> changes) const override {
    Document document;
    document.CopyFrom(document_, document.GetAllocator());
    std::string how;
    for (const Change* change : changes) {
      if (change->kind == Kind::kWrite) {
        how = change->value;
      } else {
        Apply(*change, &document);
      }
    }
    if (how == "turned") TurnMembers(&document, document.GetAllocator());
    if (how == "pretty") {
      StringBuffer buffer;
      rapidjson::PrettyWriter<StringBuffer> writer(buffer);
      document.Accept(writer);
      return {buffer.GetString(), buffer.GetSize()};
    }
    return how == "escaped" ? Escaped(Written(document)) : Written(document);
  }

 private:
  void Walk(const Value& value, const std::string& place, const std::string& field,
            std::vector<Change>* changes) const {
    if (value.IsObject()) {
      WalkObject(value, place, field, changes);
    } else if (value.IsArray()) {
      if (value.Size() > 1) {
        changes->push_back({.kind = Kind::kReverse,
                            .field = field,
                            .place = place,
                            .value = "",
                            .old = "",
                            .to = RowOf(format_, field).to});
      }
      for (rapidjson::SizeType i = 0; i < value.Size(); ++i) {
        const bool component = field.ends_with(".component");
        Walk(value[i], absl::StrCat(place, "/", i),
             absl::StrCat(field, component ? CodeOf(value[i]) : Discriminator(value[i])), changes);
      }
    } else {
      WalkLeaf(value, place, field, changes);
    }
  }

  void WalkObject(const Value& object, const std::string& place, std::string field,
                  std::vector<Change>* changes) const {
    if (const auto type = object.FindMember("resourceType"); type != object.MemberEnd()) {
      field = type->value.GetString();
      if (field == "Observation") field += CodeOf(object);
    }
    for (const Insertion& insertion : kInsertions) {
      const auto there = object.FindMember(insertion.name);
      const bool fits = there == object.MemberEnd() || there->value.IsArray();
      if (!fits) continue;
      changes->push_back(
          {.kind = Kind::kInsert,
           .field = absl::StrCat(field, ".", insertion.name),
           .place = absl::StrCat(place, Step(insertion.name)),
           .value = insertion.json,
           .old = "",
           .taken = !insertion.may_be_refused &&
                    RowOf(format_, absl::StrCat(field, ".", insertion.name)).treatment ==
                        Treatment::kFree});
    }
    for (const auto& member : object.GetObject()) {
      const std::string name(Text(member.name));
      const std::string below = absl::StrCat(place, Step(name));
      changes->push_back({.kind = Kind::kRemove,
                          .field = absl::StrCat(field, ".", name),
                          .place = below,
                          .value = "",
                          .old = "",
                          .to = RowOf(format_, absl::StrCat(field, ".", name)).to});
      const bool primitive = !member.value.IsObject() && !member.value.IsArray();
      if (primitive && !object.HasMember(("_" + name).c_str())) {
        changes->push_back({.kind = Kind::kInsert,
                            .field = absl::StrCat(field, "._", name),
                            .place = absl::StrCat(place, Step("_" + name)),
                            .value = kBeside,
                            .old = "",
                            .taken = true});
      }
      Walk(member.value, below, absl::StrCat(field, ".", name), changes);
    }
  }

  void WalkLeaf(const Value& value, const std::string& place, const std::string& field,
                std::vector<Change>* changes) const {
    Change change{
        .kind = Kind::kSet, .field = field, .place = place, .value = "", .old = Written(value)};
    std::vector<std::string> others;
    if (value.IsString()) {
      change.old = Text(value);
      others = OtherTexts(change.old);
    } else if (value.IsBool()) {
      others = {value.GetBool() ? "false" : "true"};
    } else if (value.IsInt()) {
      others = {absl::StrCat(value.GetInt() - 1), absl::StrCat(value.GetInt() + 1)};
    }
    AddSettings(RowOf(format_, field), std::move(change), others, changes);
  }

  // A value of a table or of OtherTexts, as the leaf that it is for has it.
  static void SetLeaf(const std::string& text, Value* leaf, Document::AllocatorType& allocator) {
    if (leaf->IsBool()) {
      leaf->SetBool(text == "true");
    } else if (int number; leaf->IsInt() && absl::SimpleAtoi(text, &number)) {
      leaf->SetInt(number);
    } else {
      leaf->SetString(text.c_str(), static_cast<rapidjson::SizeType>(text.size()), allocator);
    }
  }

  static void SetEverywhere(const Change& change, Value* value,
                            Document::AllocatorType& allocator) {
    if (value->IsArray()) {
      for (Value& element : value->GetArray()) SetEverywhere(change, &element, allocator);
    } else if (value->IsObject()) {
      for (auto& member : value->GetObject()) SetEverywhere(change, &member.value, allocator);
    } else if (value->IsString() && Text(*value) == change.old) {
      SetLeaf(change.value, value, allocator);
    }
  }

  static void Apply(const Change& change, Document* document) {
    const Pointer pointer(change.place.c_str());
    Document::AllocatorType& allocator = document->GetAllocator();
    switch (change.kind) {
      case Kind::kSet:
        return SetLeaf(change.value, pointer.Get(*document), allocator);
      case Kind::kEverywhere:
        return SetEverywhere(change, document, allocator);
      case Kind::kRemove:
        pointer.Erase(*document);
        return;
      case Kind::kReverse: {
        Value& list = *pointer.Get(*document);
        for (rapidjson::SizeType i = 0; i < list.Size() / 2; ++i)
          list[i].Swap(list[list.Size() - 1 - i]);
        return;
      }
      case Kind::kInsert: {
        Document inserted(&allocator);
        inserted.Parse(change.value.c_str());
        Value* there = pointer.Get(*document);
        if (there == nullptr) {
          pointer.Set(*document, inserted);
        } else if (inserted.IsArray()) {  // behind what is in the list
          for (Value& element : inserted.GetArray()) there->PushBack(element, allocator);
        } else {
          there->PushBack(inserted, allocator);
        }
        return;
      }
      default:
        return;
    }
  }

  const std::string format_;
  Document document_;
};

}  // namespace

std::unique_ptr<Source> NewJsonSource(const std::string& format, const std::string& text) {
  return std::make_unique<JsonSource>(format, text);
}

}  // namespace schotvrij::interference
