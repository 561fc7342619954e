#include "adapters/canonical/map/content_form.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "adapters/canonical/map/text_form.h"
#include "google/protobuf/descriptor.h"
#include "schemas/base/strings.h"
#include "schemas/base/table.h"

namespace schotvrij::canonical {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

const Table& RequiredTable() {
  return Table::Embedded("schemas/formats/canonical/form_required.csv");
}

const FieldDescriptor* ContentField(const v1::Exchange& exchange) {
  return exchange.GetReflection()->GetOneofFieldDescriptor(
      exchange, v1::Exchange::descriptor()->FindOneofByName("content"));
}

bool IsAbsent(const Message& message, const FieldDescriptor& field) {
  const Reflection& r = *message.GetReflection();
  if (field.is_repeated()) return r.FieldSize(message, &field) == 0;
  std::string scratch;
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
    return IsBlank(r.GetStringReference(message, &field, &scratch));
  }
  return !r.HasField(message, &field);
}

// `where` is empty or "sibling=value" of a coded field of `message`.
bool Applies(const Message& message, std::string_view where) {
  if (where.empty()) return true;
  const size_t equals = where.find('=');
  const FieldDescriptor* sibling =
      message.GetDescriptor()->FindFieldByName(std::string(where.substr(0, equals)));
  return message.GetReflection()->GetEnum(message, sibling)->name() == where.substr(equals + 1);
}

// One row of the table against a message: follows `path`, through every element of a list.
class RequiredPath {
 public:
  RequiredPath(std::string_view rule, std::string_view where, std::vector<std::string>& absent,
               Findings& findings)
      : rule_(rule), where_(where), absent_(absent), findings_(findings) {}

  void Follow(const Message& message, std::string_view path, const std::string& prefix) {
    const size_t dot = path.find('.');
    const FieldDescriptor* field =
        message.GetDescriptor()->FindFieldByName(std::string(path.substr(0, dot)));
    const std::string here = prefix + field->name();
    if (dot == std::string_view::npos) {
      if (Applies(message, where_) && IsAbsent(message, *field)) Report(here);
      return;
    }
    const std::string_view rest = path.substr(dot + 1);
    const Reflection& r = *message.GetReflection();
    if (!field->is_repeated()) {
      const bool is_other_content =
          field->containing_oneof() != nullptr && !r.HasField(message, field);
      if (!is_other_content) Follow(r.GetMessage(message, field), rest, here + ".");
      return;
    }
    for (int i = 0; i < r.FieldSize(message, field); ++i) {
      Follow(r.GetRepeatedMessage(message, field, i), rest, absl::StrCat(here, "[", i, "]."));
    }
  }

 private:
  void Report(const std::string& path) {
    const bool told = std::any_of(absent_.begin(), absent_.end(), [&](const std::string& outer) {
      return path.starts_with(outer + ".");
    });
    if (told) return;
    absent_.push_back(path);
    findings_.Add(rule_, path);
  }

  const std::string_view rule_;
  const std::string_view where_;
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

}  // namespace

bool IsExchanged(const v1::Exchange& exchange) {
  return RequiredTable().Find("content", ContentField(exchange)->name()) != nullptr;
}

void CheckRequired(const v1::Exchange& exchange, Findings& findings) {
  const std::string& content = ContentField(exchange)->name();
  std::vector<std::string> absent;
  for (const Table::Row& row : RequiredTable().rows()) {
    if (row["content"] == content) {
      RequiredPath(row["rule"], row["where"], absent, findings).Follow(exchange, row["path"], "");
    }
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
