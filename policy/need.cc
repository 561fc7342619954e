#include "policy/need.h"

#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "schemas/base/strings.h"

namespace schotvrij::policy {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using Leaves = google::protobuf::RepeatedPtrField<v1::Leaf>;

struct Need {
  std::string_view content;
  std::string_view path;  // of a leaf, or of a message that is needed whole
};
constexpr Need kNeeds[] = {
    {"registration", "registration.step"},
    {"registration", "registration.start_date"},
    {"registration", "registration.about"},
    {"registration", "registration.end_date"},
    {"registration", "registration.attestations.criterion"},
    {"registration", "registration.attestations.criteria_version"},
    {"registration", "registration.consents"},
    {"consent", "consent"},
    {"receipt", "receipt"},
};
// The road keeps what it needs of every message to deliver and answer it; none of it is about the
// client.
constexpr std::string_view kEnvelope = "envelope";

const FieldDescriptor* FieldAt(const Descriptor& root, std::string_view path) {
  const size_t dot = path.find('.');
  const FieldDescriptor* field = root.FindFieldByName(std::string(path.substr(0, dot)));
  if (field == nullptr || dot == path.npos) return field;
  return field->message_type() == nullptr ? nullptr
                                          : FieldAt(*field->message_type(), path.substr(dot + 1));
}

void AddWhole(const FieldDescriptor& field, const std::string& path, Leaves& leaves) {
  if (field.message_type() == nullptr) {
    leaves.Add()->set_path(path);
    return;
  }
  for (int i = 0; i < field.message_type()->field_count(); ++i) {
    const FieldDescriptor& inner = *field.message_type()->field(i);
    AddWhole(inner, absl::StrCat(path, ".", inner.name()), leaves);
  }
}

void Add(const Descriptor& root, std::string_view path, Leaves& leaves) {
  if (const FieldDescriptor* field = FieldAt(root, path)) {
    AddWhole(*field, std::string(path), leaves);
  }
}

// Which instrument was taken for a scored criterion, and nothing of what it found.
void AddScored(const v1::Criterion& criterion, Leaves& leaves) {
  for (const char* path :
       {"registration.assessments.criterion", "registration.assessments.instrument"}) {
    v1::Leaf& leaf = *leaves.Add();
    leaf.set_path(path);
    leaf.mutable_where()->set_sibling("instrument");
    leaf.mutable_where()->set_equals(criterion.instrument());
  }
}

}  // namespace

Leaves NeededLeaves(const Descriptor& root, const v1::Agreement& agreement,
                    std::string_view content) {
  Leaves leaves;
  Add(root, kEnvelope, leaves);
  for (const Need& need : kNeeds) {
    if (need.content == content) Add(root, need.path, leaves);
  }
  // What kind of message it is, by which its rule is found again.
  for (const v1::Rule& rule : agreement.rule()) {
    if (rule.content() == content && rule.has_when()) Add(root, absl::StrCat(rule.content(), ".", rule.when().sibling()), leaves);
  }
  if (content == "registration") {
    for (const v1::Criterion& criterion : agreement.target_group().criterion()) {
      if (criterion.basis() == v1::Criterion::SCORED) AddScored(criterion, leaves);
    }
  }
  return leaves;
}

}  // namespace schotvrij::policy
