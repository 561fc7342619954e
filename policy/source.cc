#include "policy/source.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "google/protobuf/io/tokenizer.h"
#include "schemas/base/limits.h"
#include "schemas/base/table.h"

namespace schotvrij::policy {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::TextFormat;

// The parser tells kinds of trouble apart by their words only, and points behind the word at fault,
// which it quotes.
struct ParserPhrase {
  std::string_view phrase;
  std::string_view rule;
  int quoted;  // which of the quoted words is at fault; 0: none, the place is right
};
constexpr ParserPhrase kPhrases[] = {
    {"has no field named", "POLICY-UNKNOWN-FIELD", 2},
    {"is not defined or is not an extension", "POLICY-UNKNOWN-FIELD", 1},
    {"Unknown enumeration value", "POLICY-UNKNOWN-VALUE", 1},
    {"out of range", "POLICY-UNKNOWN-VALUE", 0},
};
constexpr ParserPhrase kOtherwise = {"", "POLICY-SYNTAX", 0};

const ParserPhrase& PhraseIn(const std::string& message) {
  auto found = std::find_if(
      std::begin(kPhrases), std::end(kPhrases),
      [&](const ParserPhrase& known) { return message.find(known.phrase) != std::string::npos; });
  return found == std::end(kPhrases) ? kOtherwise : *found;
}

std::string Quoted(const std::string& message, int which) {
  std::vector<std::string> parts = absl::StrSplit(message, '"');
  const size_t place = 2 * static_cast<size_t>(which) - 1;
  return which > 0 && place < parts.size() ? parts[place] : "";
}

struct Position {
  int line = 0;  // from 0
  int column = 0;
};

// Where `word` last begins at or before `position` of `text`; `position` itself when it does not.
Position WordBefore(const std::string& text, const std::string& word, Position position) {
  size_t line_begin = 0;
  for (int line = 0; line < position.line && line_begin != text.npos; ++line) {
    line_begin = text.find('\n', line_begin);
    if (line_begin != text.npos) ++line_begin;
  }
  if (word.empty() || line_begin == text.npos) return position;
  const size_t at = text.rfind(word, line_begin + position.column);
  if (at == text.npos) return position;
  const size_t newline = at == 0 ? text.npos : text.rfind('\n', at - 1);
  const size_t begin = newline == text.npos ? 0 : newline + 1;
  return {static_cast<int>(std::count(text.begin(), text.begin() + at, '\n')),
          static_cast<int>(at - begin)};
}

class ParseErrors final : public google::protobuf::io::ErrorCollector {
 public:
  ParseErrors(const PolicyFile& file, FaultList& faults) : file_(file), faults_(faults) {}

  void AddError(int line, google::protobuf::io::ColumnNumber column,
                const std::string& message) override {
    const ParserPhrase& phrase = PhraseIn(message);
    const Position position =
        WordBefore(file_.text, Quoted(message, phrase.quoted), {line, column});
    Fault fault = MakeFault(phrase.rule, message);
    fault.file = file_.name;
    fault.line = position.line + 1;
    fault.column = position.column + 1;
    faults_.Add(std::move(fault));
  }

 private:
  const PolicyFile& file_;
  FaultList& faults_;
};

}  // namespace

Place::Place(const Source& source)
    : source_(&source), message_(v1::Document::descriptor()), locations_(&source.locations) {}

Place Place::In(const std::string& field, int index) const {
  Place inner = *this;
  inner.path_ = absl::StrCat(path_, path_.empty() ? "" : ".", field);
  if (index >= 0) absl::StrAppend(&inner.path_, "[", index, "]");
  const FieldDescriptor* descriptor =
      message_ == nullptr ? nullptr : message_->FindFieldByName(field);
  inner.message_ = descriptor == nullptr ? nullptr : descriptor->message_type();
  inner.locations_ = nullptr;
  if (descriptor == nullptr || locations_ == nullptr || descriptor->is_repeated() != (index >= 0)) {
    return inner;
  }

  TextFormat::ParseLocation location = locations_->GetLocation(descriptor, index);
  // A list in brackets has one location for all of it.
  for (int before = index - 1; location.line < 0 && before >= 0; --before) {
    location = locations_->GetLocation(descriptor, before);
  }
  if (location.line >= 0) {
    inner.line_ = location.line + 1;
    inner.column_ = location.column + 1;
  }
  if (inner.message_ != nullptr) inner.locations_ = locations_->GetTreeForNested(descriptor, index);
  return inner;
}

Fault MakeFault(std::string_view rule, std::string_view detail) {
  static const Table& table = Table::Embedded("schemas/codes/policy_fault.csv");
  const Table::Row* row = table.Find("rule", rule);
  if (row == nullptr) {
    std::fprintf(stderr, "schotvrij: rule %.*s is not in policy_fault.csv\n",
                 static_cast<int>(rule.size()), rule.data());
    std::abort();
  }
  Fault fault;
  fault.warning = (*row)["severity"] == "warning";
  fault.rule = rule;
  if (!detail.empty()) fault.text.append(detail).append(": ");
  fault.text.append((*row)["text"]);
  return fault;
}

void FaultList::Add(std::string_view rule, const Place& place, std::string_view detail) {
  Fault fault = MakeFault(rule, detail);
  fault.file = place.file();
  fault.line = place.line();
  fault.column = place.column();
  fault.path = place.path();
  Add(std::move(fault));
}

bool FaultList::HasError() const {
  return std::any_of(faults_.begin(), faults_.end(),
                     [](const Fault& fault) { return !fault.warning; });
}

std::vector<Fault> FaultList::Sorted() && {
  std::stable_sort(faults_.begin(), faults_.end(), [](const Fault& a, const Fault& b) {
    return std::tie(a.file, a.line, a.column) < std::tie(b.file, b.line, b.column);
  });
  return std::move(faults_);
}

std::unique_ptr<Source> ParseSource(const PolicyFile& file, FaultList& faults) {
  auto source = std::make_unique<Source>();
  source->name = file.name;
  if (file.text.size() > limits::kPolicyFileBytesMax) {
    faults.Add("POLICY-FILE-SIZE", Place(*source),
               absl::StrCat(limits::kPolicyFileBytesMax, " bytes at most"));
    return nullptr;
  }
  ParseErrors errors(file, faults);
  TextFormat::Parser parser;
  parser.RecordErrorsTo(&errors);
  parser.WriteLocationsTo(&source->locations);
  if (!parser.ParseFromString(file.text, &source->document)) return nullptr;
  return source;
}

}  // namespace schotvrij::policy
