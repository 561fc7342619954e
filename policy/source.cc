#include "policy/source.h"

#include <algorithm>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "google/protobuf/io/tokenizer.h"
#include "schemas/base/limits.h"
#include "schemas/base/table.h"

namespace schotvrij::policy {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::TextFormat;

// The parser tells kinds of trouble apart by their words only.
struct ParserPhrase {
  std::string_view phrase;
  std::string_view rule;
};
constexpr ParserPhrase kPhrases[] = {
    {"has no field named", "POLICY-UNKNOWN-FIELD"},
    {"is not defined or is not an extension", "POLICY-UNKNOWN-FIELD"},
    {"Unknown enumeration value", "POLICY-UNKNOWN-VALUE"},
    {"out of range", "POLICY-UNKNOWN-VALUE"},
};

class ParseErrors final : public google::protobuf::io::ErrorCollector {
 public:
  ParseErrors(std::string file, FaultList& faults) : file_(std::move(file)), faults_(faults) {}

  void AddError(int line, google::protobuf::io::ColumnNumber column, const std::string& message) override {
    std::string_view rule = "POLICY-SYNTAX";
    for (const ParserPhrase& known : kPhrases) {
      if (message.find(known.phrase) != std::string::npos) {
        rule = known.rule;
        break;
      }
    }
    Fault fault = MakeFault(rule, message);
    fault.file = file_;
    fault.line = line + 1;
    fault.column = column + 1;
    faults_.Add(std::move(fault));
  }

 private:
  const std::string file_;
  FaultList& faults_;
};

}  // namespace

Place::Place(const Source& source)
    : source_(&source), message_(v1::Document::descriptor()), locations_(&source.locations) {}

Place Place::In(const std::string& field, int index) const {
  Place inner = *this;
  inner.path_ = absl::StrCat(path_, path_.empty() ? "" : ".", field);
  if (index >= 0) absl::StrAppend(&inner.path_, "[", index, "]");
  const FieldDescriptor* descriptor = message_ == nullptr ? nullptr : message_->FindFieldByName(field);
  inner.message_ = descriptor == nullptr ? nullptr : descriptor->message_type();
  inner.locations_ = nullptr;
  if (descriptor == nullptr || locations_ == nullptr || descriptor->is_repeated() != (index >= 0)) return inner;

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
    std::fprintf(stderr, "schotvrij: rule %.*s is not in policy_fault.csv\n", static_cast<int>(rule.size()), rule.data());
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
  return std::any_of(faults_.begin(), faults_.end(), [](const Fault& fault) { return !fault.warning; });
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
    faults.Add("POLICY-FILE-SIZE", Place(*source), absl::StrCat(limits::kPolicyFileBytesMax, " bytes at most"));
    return nullptr;
  }
  ParseErrors errors(file.name, faults);
  TextFormat::Parser parser;
  parser.RecordErrorsTo(&errors);
  parser.WriteLocationsTo(&source->locations);
  parser.SetRecursionLimit(limits::kPolicyDepthMax);
  if (!parser.ParseFromString(file.text, &source->document)) return nullptr;
  return source;
}

}  // namespace schotvrij::policy
