#include "gateway/transport/grpc/status.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>

#include "schemas/base/limits.h"
#include "schemas/base/table.h"
#include "schotvrij/errors/v1/error_details.pb.h"

namespace schotvrij::rpc {
namespace {

constexpr std::string_view kDomain = "schotvrij";

// By number.
constexpr std::array<std::string_view, 17> kNames = {
    "OK",           "CANCELLED",     "UNKNOWN",        "INVALID_ARGUMENT",  "DEADLINE_EXCEEDED",   "NOT_FOUND",
    "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE",
    "UNIMPLEMENTED", "INTERNAL",     "UNAVAILABLE",    "DATA_LOSS",         "UNAUTHENTICATED"};

struct Row {
  std::string_view code;
  std::string_view rule;
  grpc::StatusCode status;
};

grpc::StatusCode Parse(std::string_view name) {
  const auto found = std::find(kNames.begin(), kNames.end(), name);
  if (found == kNames.end()) {
    std::fprintf(stderr, "schotvrij: issue_status.csv: no such gRPC status\n");
    std::abort();
  }
  return static_cast<grpc::StatusCode>(found - kNames.begin());
}

const std::vector<Row>& Rows() {
  static const auto* rows = [] {
    auto* all = new std::vector<Row>();
    for (const Table::Row& row : Table::Embedded("schemas/codes/issue_status.csv").rows()) {
      all->push_back({row["code"], row["rule"], Parse(row["grpc"])});
    }
    return all;
  }();
  return *rows;
}

// The issue's own row, else that of its code.
size_t Rank(const Issue& issue) {
  const std::vector<Row>& rows = Rows();
  const std::string_view code = schotvrij::Name(issue.code);
  const auto row_for = [&](std::string_view rule) {
    return std::find_if(rows.begin(), rows.end(),
                        [&](const Row& row) { return row.code == code && row.rule == rule; });
  };
  auto found = row_for(issue.rule);
  if (found == rows.end()) found = row_for("");
  return found - rows.begin();
}

template <typename Detail>
void Pack(std::string_view name, const Detail& detail, errors::v1::Status& status) {
  google::protobuf::Any& any = *status.add_details();
  any.set_type_url("type.googleapis.com/google.rpc." + std::string(name));
  any.set_value(detail.SerializeAsString());
}

}  // namespace

grpc::Status StatusOf(std::span<const Issue> issues, int64_t retry_after_s) {
  const Issue* first = nullptr;
  size_t rank = Rows().size();
  size_t bytes = 0;
  int left_out = 0;
  errors::v1::BadRequest bad_request;
  for (const Issue& issue : issues) {
    if (issue.severity != Severity::kError) continue;
    if (size_t mine = Rank(issue); first == nullptr || mine < rank) {
      first = &issue;
      rank = mine;
    }
    bytes += issue.path.size() + issue.text.size() + issue.rule.size() + 16;
    if (bytes > limits::kErrorDetailsBytesMax) {
      ++left_out;
      continue;
    }
    errors::v1::BadRequest::FieldViolation& violation = *bad_request.add_field_violations();
    violation.set_field(issue.path);
    violation.set_description(issue.text);
    violation.set_reason(issue.rule);
  }
  if (first == nullptr) return StatusOf(MakeIssue("INTERNAL", ""));
  const grpc::StatusCode code = rank < Rows().size() ? Rows()[rank].status : grpc::StatusCode::UNKNOWN;
  if (first->code == IssueCode::kTransient && retry_after_s == 0) retry_after_s = kRetryAfterS;

  errors::v1::ErrorInfo info;
  info.set_reason(first->rule);
  info.set_domain(std::string(kDomain));
  if (left_out > 0) (*info.mutable_metadata())["left_out"] = std::to_string(left_out);
  errors::v1::Status details;
  details.set_code(code);
  details.set_message(first->rule + ": " + first->text);
  Pack("BadRequest", bad_request, details);
  Pack("ErrorInfo", info, details);
  if (retry_after_s > 0) {
    errors::v1::RetryInfo retry;
    retry.mutable_retry_delay()->set_seconds(retry_after_s);
    Pack("RetryInfo", retry, details);
  }
  return grpc::Status(code, details.message(), details.SerializeAsString());
}

grpc::Status StatusOf(const Issue& issue) { return StatusOf(std::span(&issue, 1)); }

grpc::Status StatusOf(const policy::Answer& answer) {
  if (answer.state == policy::Answer::State::kReceived) return grpc::Status::OK;
  return StatusOf(answer.issues, answer.retry_after_s);
}

grpc::Status Unauthenticated() { return grpc::Status(grpc::StatusCode::UNAUTHENTICATED, ""); }

std::string_view Name(grpc::StatusCode code) {
  return code >= 0 && static_cast<size_t>(code) < kNames.size() ? kNames[code] : "UNKNOWN";
}

std::vector<Issue> InWordsOf(std::span<const PathWord> words, std::vector<Issue> issues) {
  for (Issue& issue : issues) {
    for (const PathWord& word : words) {
      if (!issue.path.starts_with(word.canonical)) continue;
      const std::string_view rest = std::string_view(issue.path).substr(word.canonical.size());
      if (word.canonical.empty() && !rest.empty()) {
        issue.path = std::string(word.request).append(".").append(rest);
        break;
      }
      if (!rest.empty() && rest.front() != '.' && rest.front() != '[') continue;
      issue.path = std::string(word.request).append(rest);
      break;
    }
  }
  return issues;
}

}  // namespace schotvrij::rpc
