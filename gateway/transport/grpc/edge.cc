#include "gateway/transport/grpc/edge.h"

#include <algorithm>
#include <string_view>

namespace schotvrij::rpc {
namespace {

// version "-" trace-id "-" parent-id "-" flags, of 2, 32, 16 and 2 lower-case hexadecimal digits.
constexpr size_t kTraceparentBytes = 55;
constexpr size_t kTraceIdAt = 3;
constexpr size_t kTraceIdBytes = 32;

bool IsLowerHex(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

}  // namespace

std::string TraceId(const grpc::CallbackServerContext& context, Random& random) {
  const auto& metadata = context.client_metadata();
  if (auto found = metadata.find("traceparent"); found != metadata.end()) {
    const std::string_view value(found->second.data(), found->second.size());
    if (value.size() == kTraceparentBytes && value[2] == '-' && value[kTraceIdAt + kTraceIdBytes] == '-') {
      const std::string_view id = value.substr(kTraceIdAt, kTraceIdBytes);
      if (IsLowerHex(id) && id.find_first_not_of('0') != std::string_view::npos) return std::string(id);
    }
  }
  return NewId(random);
}

identity::Caller CallerOf(const Peer& peer, const grpc::CallbackServerContext& context) {
  identity::Caller caller = peer.caller;
  const grpc::string_ref field(identity::kRoleField.data(), identity::kRoleField.size());
  const auto [first, last] = context.client_metadata().equal_range(field);
  for (auto stated = first; stated != last; ++stated) {  // one that states two has none of them
    if (!caller.role.empty()) caller.role += ',';
    caller.role.append(stated->second.data(), stated->second.size());
  }
  return caller;
}

}  // namespace schotvrij::rpc
