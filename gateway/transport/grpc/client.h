// GrpcClient: calls from our own command line, with mutual TLS. Blocks.
//
//   GrpcClient client({.target = "127.0.0.1:9443", .ca_pem = ca, .certificate_pem = mine, .key_pem = key});
//   Outcome<v1::RegisterResponse> outcome = client.Register(request);
//   if (!outcome.ok()) Print(outcome.refusal());
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "schemas/base/limits.h"
#include "schotvrij/v1/services.pb.h"

namespace schotvrij::rpc {

struct GrpcClientOptions {
  std::string target;  // "HOST:PORT"
  std::string ca_pem;  // whom the server's certificate must come from
  std::string certificate_pem;
  std::string key_pem;
  std::string server_name;  // name in the server's certificate, where it is not HOST
  int64_t timeout_us = limits::kClientUsMax;  // of one call; a stream that waits has none
};

// One thing that is wrong, as the gateway said it.
struct Violation {
  std::string rule;
  std::string path;
  std::string text;
};

struct Refusal {
  bool at_fault = false;  // the message is; otherwise the system failed and the same may be sent again
  std::string status;     // name of the gRPC status: "INVALID_ARGUMENT"
  std::vector<Violation> violations;
  int64_t retry_after_s = 0;
};

template <typename T>
class Outcome {
 public:
  Outcome(T value) : result_(std::move(value)) {}          // NOLINT: converts, as absl::StatusOr does
  Outcome(Refusal refusal) : result_(std::move(refusal)) {}  // NOLINT

  bool ok() const { return std::holds_alternative<T>(result_); }
  const T& value() const { return std::get<T>(result_); }
  const Refusal& refusal() const { return std::get<Refusal>(result_); }

 private:
  std::variant<T, Refusal> result_;
};

class GrpcClient {
 public:
  explicit GrpcClient(GrpcClientOptions options);
  ~GrpcClient();

  Outcome<v1::RegisterResponse> Register(const v1::RegisterRequest& request);
  Outcome<v1::AcknowledgeResponse> Acknowledge(const v1::AcknowledgeRequest& request);
  Outcome<v1::AnswerResponse> Answer(const v1::AnswerRequest& request);
  Outcome<v1::DaySheetReply> DaySheet(const v1::DaySheetRequest& request);

  // Sends a Bundle of registrations as one batch, from where the gateway has it to its end, and waits until it is in effect.
  // `read` gives the bytes at that offset, at most limits::kBodyBytesMax / 2; none at the end. `on_progress` is called on another
  // thread. A call that was cut off goes on when it is made again.
  Outcome<v1::BatchProgress> RegisterBatch(const v1::BatchHeader& header,
                                           const std::function<absl::StatusOr<std::string>(uint64_t offset)>& read,
                                           const std::function<void(const v1::BatchProgress&)>& on_progress);

  // Calls `on_item` for each item until the stream ends, or until it returns false. How many it was given.
  Outcome<size_t> Watch(const v1::WatchRequest& request, const std::function<bool(const v1::MailboxItem&)>& on_item);
  Outcome<size_t> Repeat(const v1::RepeatRequest& request, const std::function<bool(const v1::MailboxItem&)>& on_item);

 private:
  struct Stubs;
  GrpcClientOptions options_;
  std::unique_ptr<Stubs> stubs_;
};

}  // namespace schotvrij::rpc
