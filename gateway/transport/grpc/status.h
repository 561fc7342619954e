// Status: Issues in gRPC's words. Code by schemas/codes/issue_status.csv; details are google.rpc.Status with BadRequest (field:
// path in the request, reason: rule id), ErrorInfo and, when it may be tried again, RetryInfo.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "grpcpp/support/status.h"
#include "policy/disclosure/answer.h"
#include "schemas/base/issue.h"

namespace schotvrij::rpc {

// After how many seconds to come back, where the road names no time.
inline constexpr int64_t kRetryAfterS = 5;

// `issues` has an error. Of several, the one whose row stands first decides the code. Details are cut to
// limits::kErrorDetailsBytesMax; ErrorInfo.metadata["left_out"] says how many violations that cost.
grpc::Status StatusOf(std::span<const Issue> issues, int64_t retry_after_s = 0);
grpc::Status StatusOf(const Issue& issue);
// OK for what was received.
grpc::Status StatusOf(const policy::Answer& answer);

// The certificate proves nobody: no text, no details.
grpc::Status Unauthenticated();

// "INVALID_ARGUMENT"; "UNKNOWN" for a number that gRPC does not name.
std::string_view Name(grpc::StatusCode code);

// An Issue of the road, whose path is canonical, in the words of a request: "envelope.request_key" → "request_id". An empty `canonical` is
// the root: every path that no word before it takes stands below `request`.
struct PathWord {
  std::string_view canonical;
  std::string_view request;
};
std::vector<Issue> InWordsOf(std::span<const PathWord> words, std::vector<Issue> issues);

}  // namespace schotvrij::rpc
