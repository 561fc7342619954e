#include "gateway/audit/audit.h"

#include "absl/strings/str_cat.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"

namespace schotvrij::audit {
namespace {

constexpr std::string_view kActions = "CRUDE";

void Need(bool present, std::string name, std::vector<std::string>& missing) {
  if (!present) missing.push_back(std::move(name));
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
    Need(!event.users(i).id().empty(), absl::StrCat("users[", i, "].id"), missing);
    Need(!event.users(i).role().empty(), absl::StrCat("users[", i, "].role"), missing);
  }
  Need(event.objects_size() > 0, "objects", missing);
  for (int i = 0; i < event.objects_size(); ++i) {
    Need(!event.objects(i).type().empty(), absl::StrCat("objects[", i, "].type"), missing);
    Need(!event.objects(i).id().empty(), absl::StrCat("objects[", i, "].id"), missing);
  }
  Need(!event.authorisation_protocol().empty(), "authorisation_protocol", missing);
  Need(!event.source().empty(), "source", missing);
  return missing;
}

std::string EventBytes(const v1::AuditEvent& event) {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream out(&bytes);
    google::protobuf::io::CodedOutputStream coded(&out);
    coded.SetSerializationDeterministic(true);
    event.SerializeToCodedStream(&coded);
  }
  return bytes;
}

}  // namespace schotvrij::audit
