#include "adapters/canonical/map/content_form.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "adapters/canonical/map/place.h"
#include "adapters/canonical/map/text_form.h"
#include "google/protobuf/descriptor.h"
#include "schemas/base/strings.h"
#include "schemas/base/table.h"
#include "schemas/base/wire_fields.h"

namespace schotvrij::canonical {
namespace {

using google::protobuf::FieldDescriptor;

const FieldDescriptor* ContentField(const v1::Exchange& exchange) {
  return v1::Exchange::descriptor()->FindFieldByNumber(exchange.content_case());
}

// One row of the table, its names looked up once.
struct Required {
  std::string_view rule;
  std::vector<const FieldDescriptor*> path;
  bool leaf_is_text = false;                 // one that has to hold more than spaces
  const FieldDescriptor* sibling = nullptr;  // of the leaf; null: the row always applies
  int number = 0;                            // of the sibling's value for which it applies
  std::vector<const FieldDescriptor*> from_root;  // to a coded field; empty: none
  std::string_view names;                         // of its values for which it applies
};

std::vector<const FieldDescriptor*> ReadPath(std::string_view path) {
  std::vector<const FieldDescriptor*> fields;
  const google::protobuf::Descriptor* message = v1::Exchange::descriptor();
  for (const absl::string_view name : absl::StrSplit(ToAbsl(path), '.')) {
    fields.push_back(message->FindFieldByName(std::string(name)));
    message = fields.back()->message_type();
  }
  return fields;
}

Required ReadRequired(const Table::Row& row) {
  Required required{row["rule"], ReadPath(row["path"])};
  const FieldDescriptor& leaf = *required.path.back();
  required.leaf_is_text = leaf.cpp_type() == FieldDescriptor::CPPTYPE_STRING && !leaf.is_repeated();
  const std::string_view where = row["where"];
  if (where.empty()) return required;
  const size_t equals = where.find('=');
  if (where.substr(0, equals).find('.') != where.npos) {
    required.from_root = ReadPath(where.substr(0, equals));
    required.names = where.substr(equals + 1);
    return required;
  }
  required.sibling = leaf.containing_type()->FindFieldByName(std::string(where.substr(0, equals)));
  required.number =
      required.sibling->enum_type()->FindValueByName(std::string(where.substr(equals + 1)))->number();
  return required;
}

// The rows of each content, by the field that holds it.
using RequiredRows = absl::flat_hash_map<const FieldDescriptor*, std::vector<Required>>;

const RequiredRows& AllRequired() {
  static const auto* rows = [] {
    auto* read = new RequiredRows();
    for (const Table::Row& row : Table::Embedded("schemas/formats/canonical/form_required.csv").rows()) {
      const FieldDescriptor* content = v1::Exchange::descriptor()->FindFieldByName(std::string(row["content"]));
      (*read)[content].push_back(ReadRequired(row));
    }
    return read;
  }();
  return *rows;
}

// One row of the table against a serialised message: follows its path, through every element of a
// list.
class RequiredPath {
 public:
  RequiredPath(const Required& required, std::vector<std::string>& absent, Findings& findings)
      : required_(required), absent_(absent), findings_(findings) {}

  // `outer`: the place of `message`, as far as it goes.
  void Follow(std::string_view message, size_t step = 0, const Place* outer = nullptr) {
    const FieldDescriptor* field = required_.path[step];
    if (step + 1 == required_.path.size()) {
      if (IsAbsent(message, *field)) Report(Place{outer, field}.Path());
      return;
    }
    const auto number = static_cast<uint32_t>(field->number());
    int found = 0;
    WireField each;
    for (WireFields rest(message); rest.Next(&each);) {
      if (each.number() != number) continue;
      const Place here{outer, field, field->is_repeated() ? found : -1};
      ++found;
      Follow(each.bytes, step + 1, &here);
    }
    // A message that is not there lacks what it should hold, unless another content is in its place.
    if (found > 0 || field->is_repeated() || field->containing_oneof() != nullptr) return;
    const Place here{outer, field};
    Follow("", step + 1, &here);
  }

 private:
  // Whether the row applies to `message` and its leaf is not there.
  bool IsAbsent(std::string_view message, const FieldDescriptor& leaf) const {
    const auto number = static_cast<uint32_t>(leaf.number());
    bool applies = required_.sibling == nullptr;
    bool is_there = false;
    WireField each;
    for (WireFields rest(message); rest.Next(&each);) {
      if (each.number() == number) is_there = !required_.leaf_is_text || !IsBlank(each.bytes);
      if (!applies && each.number() == static_cast<uint32_t>(required_.sibling->number())) {
        applies = static_cast<int>(each.value) == required_.number;
      }
    }
    return applies && !is_there;
  }

  void Report(const std::string& path) {
    const bool told = std::any_of(absent_.begin(), absent_.end(), [&](const std::string& outer) {
      return path.starts_with(outer + ".");
    });
    if (told) return;
    absent_.push_back(path);
    findings_.Add(required_.rule, path);
  }

  const Required& required_;
  std::vector<std::string>& absent_;
  Findings& findings_;
};

int32_t Number(std::string_view text) {
  int32_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

void CheckAssessment(const v1::Assessment& assessment, const std::string& path,
                     Findings& findings) {
  const Table::Row* instrument =
      Table::Embedded("schemas/codes/instrument.csv").Find("key", assessment.instrument());
  if (instrument == nullptr || !assessment.has_score()) return;
  if (assessment.score() < Number((*instrument)["minimum"]) ||
      assessment.score() > Number((*instrument)["maximum"])) {
    findings.Add("SCORE-RANGE", path + ".score");
  }
  int64_t sum = 0;
  for (const v1::AssessmentItem& item : assessment.items()) {
    if (!item.has_score()) return;
    sum += item.score();
  }
  if (!assessment.items().empty() && sum != assessment.score())
    findings.Add("SCORE-SUM", path + ".items");
}

// Whether the coded field at the end of `path` has one of the values that `names` has.
bool HasOneOf(const v1::Exchange& exchange, const std::vector<const FieldDescriptor*>& path, std::string_view names) {
  const google::protobuf::Message* at = &exchange;
  for (size_t i = 0; i + 1 < path.size(); ++i) at = &at->GetReflection()->GetMessage(*at, path[i]);
  return HoldsWord(names, at->GetReflection()->GetEnum(*at, path.back())->name());
}

}  // namespace

bool IsExchanged(const v1::Exchange& exchange) { return AllRequired().contains(ContentField(exchange)); }

void CheckRequired(const v1::Exchange& exchange, std::string_view bytes, Findings& findings) {
  std::vector<std::string> absent;
  for (const Required& required : AllRequired().at(ContentField(exchange))) {
    if (!required.from_root.empty() && !HasOneOf(exchange, required.from_root, required.names)) continue;
    RequiredPath(required, absent, findings).Follow(bytes);
  }
}

void CheckKeys(const v1::Exchange& exchange, Findings& findings) {
  const std::string& bsn = exchange.client().bsn();
  if (bsn.empty()) return;
  const auto check = [&](const std::string& key, const std::string& path) {
    if (key.find(bsn) != key.npos) findings.Add("KEY-FORM", path, "a key may not hold the BSN");
  };
  check(exchange.envelope().request_key(), "envelope.request_key");
  check(exchange.consent().consent_id(), "consent.consent_id");
  const auto& consents = exchange.registration().consents();
  for (int i = 0; i < consents.size(); ++i) {
    check(consents[i].consent_id(), absl::StrCat("registration.consents[", i, "].consent_id"));
  }
}

void CheckScores(const v1::Exchange& exchange, Findings& findings) {
  if (exchange.has_assessment()) CheckAssessment(exchange.assessment(), "assessment", findings);
  const auto& assessments = exchange.registration().assessments();
  for (int i = 0; i < assessments.size(); ++i) {
    CheckAssessment(assessments[i], absl::StrCat("registration.assessments[", i, "]"), findings);
  }
}

void CheckAnswer(const v1::Exchange& exchange, Findings& findings) {
  const v1::ReceiptState state = exchange.receipt().state();
  if (state == v1::UNDELIVERABLE || state == v1::WITHHELD)
    findings.Add("ANSWER-STATE", "receipt.state");
}

}  // namespace schotvrij::canonical
