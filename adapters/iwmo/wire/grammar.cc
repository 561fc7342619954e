#include "adapters/iwmo/wire/grammar.h"

#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "schemas/base/strings.h"
#include "schemas/base/table.h"

namespace schotvrij::iwmo {
namespace {

constexpr std::string_view kMessages = "schemas/formats/iwmo/messages.csv";
constexpr std::string_view kElements = "schemas/formats/iwmo/elements.csv";
constexpr std::string_view kTypes = "schemas/formats/iwmo/types.csv";
constexpr std::string_view kCodes = "schemas/formats/iwmo/codes.csv";

[[noreturn]] void Die(std::string_view table, int line) {
  std::fprintf(stderr, "%.*s:%d: not a grammar of iWmo\n", static_cast<int>(table.size()), table.data(), line);
  std::abort();
}

template <typename Value>
struct Word {
  std::string_view text;
  Value value;
};
constexpr Word<Base> kBases[] = {
    {"string", Base::kString}, {"integer", Base::kInteger}, {"date", Base::kDate}, {"time", Base::kTime}};
constexpr Word<Form> kForms[] = {{"", Form::kAny},
                                 {"digits", Form::kDigits},
                                 {"one line", Form::kOneLine},
                                 {"any line", Form::kAnyLine},
                                 {"letters", Form::kLetters},
                                 {"letters and digits", Form::kLettersAndDigits},
                                 {"version", Form::kVersion},
                                 {"no zone", Form::kNoZone}};

template <typename Value, size_t kSize>
const Value* FindWord(const Word<Value> (&words)[kSize], std::string_view text) {
  for (const Word<Value>& word : words) {
    if (word.text == text) return &word.value;
  }
  return nullptr;
}

void SetBound(const Table::Row& row, std::string_view column, int64_t* bound) {
  if (!row[column].empty() && !absl::SimpleAtoi(ToAbsl(row[column]), bound)) Die(kTypes, row.line());
}

using Types = std::map<std::string_view, SimpleType>;

Types ReadTypes() {
  Types types;
  for (const Table::Row& row : Table::Embedded(kTypes).rows()) {
    const Base* base = FindWord(kBases, row["base"]);
    const Form* form = FindWord(kForms, row["form"]);
    if (base == nullptr || form == nullptr) Die(kTypes, row.line());
    SimpleType& type = types[row["type"]];
    type.name = row["type"];
    type.base = *base;
    type.form = *form;
    SetBound(row, "min", &type.min);
    SetBound(row, "max", &type.max);
    type.code_list = row["code_list"];
    if (type.code_list.empty()) continue;
    for (const Table::Row& code : Table::Embedded(kCodes).rows()) {
      if (code["list"] == type.code_list) type.codes.insert(code["code"]);
    }
    if (type.codes.empty()) Die(kTypes, row.line());
  }
  return types;
}

}  // namespace

// Makes the fourteen from the tables.
struct GrammarBuilder {
  const Types types = ReadTypes();
  std::vector<std::unique_ptr<Grammar>> owned;
  std::vector<const Grammar*> all;

  GrammarBuilder() {
    for (const Table::Row& row : Table::Embedded(kMessages).rows()) {
      owned.push_back(Make(row));
      all.push_back(owned.back().get());
    }
  }

  std::unique_ptr<Grammar> Make(const Table::Row& message) {
    std::unique_ptr<Grammar> made(new Grammar);
    made->message_ = message["message"];
    made->code_ = message["code"];
    made->answers_ = message["answers"];
    made->prefix_ = absl::AsciiStrToLower(ToAbsl(made->message_));
    made->namespace_ = "http://www.istandaarden.nl/iwmo/3_2/" + made->prefix_ + "/schema";
    Element& root = made->elements_.emplace_back();
    root.name = "Bericht";
    root.class_name = "Root";
    root.required = true;
    for (const Table::Row& row : Table::Embedded(kElements).rows()) {
      if (HoldsWord(row["in"], made->message_.substr(3))) Add(row, *made);
    }
    Close(*made);
    return made;
  }

  void Add(const Table::Row& row, Grammar& grammar) {
    const ElementId id = static_cast<ElementId>(grammar.elements_.size());
    Element& element = grammar.elements_.emplace_back();
    element.path = row["element"];
    const size_t slash = element.path.rfind('/');
    element.name = row["element"].substr(slash == std::string::npos ? 0 : slash + 1);
    element.in_base_namespace = row["space"] == "base";
    element.required = row["occurs"] == "1" || row["occurs"] == "+";
    element.repeats = row["occurs"] == "+";
    element.key = !row["key"].empty();
    element.part = !row["part"].empty();
    if (row["type"].starts_with("LDT_")) {
      element.type = &TypeOf(row);
    } else {
      element.class_name = row["type"];
    }
    SetOnly(row, grammar, element);
    element.parent = slash == std::string::npos ? 0 : grammar.Find(std::string_view(element.path).substr(0, slash));
    if (element.parent >= id) Die(kElements, row.line());
    if (element.part) grammar.part_ = id;
    grammar.elements_[element.parent].children.push_back(id);
  }

  const SimpleType& TypeOf(const Table::Row& row) {
    auto found = types.find(row["type"]);
    if (found == types.end()) Die(kElements, row.line());
    return found->second;
  }

  static void SetOnly(const Table::Row& row, const Grammar& grammar, Element& element) {
    if (element.path == "Header/BerichtCode") {
      element.value = grammar.code_;
    } else if (const Form* form = FindWord(kForms, row["only"])) {
      element.form = *form;
    } else {
      element.value = row["only"];
    }
  }

  static void Close(Grammar& grammar) {
    for (ElementId id = static_cast<ElementId>(grammar.elements_.size()); id-- > 0;) {
      Element& element = grammar.elements_[id];
      element.end = element.children.empty() ? id + 1 : grammar.elements_[element.children.back()].end;
    }
  }

  static const GrammarBuilder& Built() {
    static const GrammarBuilder& built = *new GrammarBuilder;
    return built;
  }
};

const Grammar& Grammar::Of(std::string_view message) {
  for (const Grammar* one : All()) {
    if (one->message_ == message) return *one;
  }
  Die(message, 0);
}

const Grammar* Grammar::OfNamespace(std::string_view uri) {
  for (const Grammar* one : All()) {
    if (one->namespace_ == uri) return one;
  }
  return nullptr;
}

std::span<const Grammar* const> Grammar::All() { return GrammarBuilder::Built().all; }

ElementId Grammar::Find(std::string_view path) const {
  for (ElementId id = 0; id < elements_.size(); ++id) {
    if (elements_[id].path == path) return id;
  }
  return kNoElement;
}

}  // namespace schotvrij::iwmo
