#include "gateway/audit/audit.h"

#include "absl/strings/str_cat.h"

namespace schotvrij::audit {
namespace {

constexpr std::string_view kActions = "CRUDE";

void Need(bool present, const char* name, std::vector<std::string>& missing) {
  if (!present) missing.emplace_back(name);
}

void NeedIn(bool present, const char* list, int index, const char* name, std::vector<std::string>& missing) {
  if (!present) missing.push_back(absl::StrCat(list, "[", index, "].", name));
}

}  // namespace

std::vector<std::string> MissingFields(const v1::AuditEvent& event) {
  std::vector<std::string> missing;
  Need(event.code() != v1::AUDIT_CODE_UNSPECIFIED, "code", missing);
  Need(event.action().size() == 1 && kActions.find(event.action()) != kActions.npos, "action", missing);
  Need(event.recorded_us() > 0, "recorded_us", missing);
  Need(event.outcome() != v1::AUDIT_OUTCOME_UNSPECIFIED, "outcome", missing);
  Need(event.users_size() > 0, "users", missing);
  for (int i = 0; i < event.users_size(); ++i) {
    NeedIn(!event.users(i).id().empty(), "users", i, "id", missing);
    NeedIn(!event.users(i).role().empty(), "users", i, "role", missing);
  }
  Need(event.objects_size() > 0, "objects", missing);
  for (int i = 0; i < event.objects_size(); ++i) {
    NeedIn(!event.objects(i).type().empty(), "objects", i, "type", missing);
    NeedIn(!event.objects(i).id().empty(), "objects", i, "id", missing);
  }
  Need(!event.authorisation_protocol().empty(), "authorisation_protocol", missing);
  Need(!event.source().empty(), "source", missing);
  return missing;
}

}  // namespace schotvrij::audit
