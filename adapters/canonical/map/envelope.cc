#include "adapters/canonical/map/envelope.h"

#include <string>

#include "google/protobuf/descriptor.h"

namespace schotvrij::canonical {
namespace {

constexpr int kAssigned[] = {v1::Envelope::kMessageIdFieldNumber, v1::Envelope::kSenderFieldNumber,
                             v1::Envelope::kRecipientFieldNumber, v1::Envelope::kSentOnFieldNumber};

}  // namespace

std::vector<Issue> ClearAssigned(v1::Exchange* exchange) {
  std::vector<Issue> issues;
  if (exchange->has_wire()) {
    exchange->clear_wire();
    issues.push_back(MakeIssue("ENVELOPE-ASSIGNED", "wire"));
  }
  if (!exchange->has_envelope()) return issues;
  v1::Envelope* envelope = exchange->mutable_envelope();
  const google::protobuf::Reflection& reflection = *envelope->GetReflection();
  for (int number : kAssigned) {
    const google::protobuf::FieldDescriptor* field =
        v1::Envelope::descriptor()->FindFieldByNumber(number);
    if (!reflection.HasField(*envelope, field)) continue;
    reflection.ClearField(envelope, field);
    issues.push_back(MakeIssue("ENVELOPE-ASSIGNED", "envelope." + field->name()));
  }
  return issues;
}

}  // namespace schotvrij::canonical
