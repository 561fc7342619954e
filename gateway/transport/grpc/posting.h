// Posting: an Exchange goes on the road, and its Answer becomes the call's.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <utility>

#include "gateway/transport/grpc/edge.h"
#include "gateway/transport/grpc/status.h"
#include "gateway/transport/grpc/wire.h"
#include "google/protobuf/message.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/server_callback.h"

namespace schotvrij::rpc {

// What the caller gets when its message was received.
using Responder = std::unique_ptr<google::protobuf::Message> (*)(const policy::Answer&);

// Finishes `reactor` when the outcome is durable; `response` is the call's and lives until then. `words` has static lifetime.
void Post(const Edge& edge, const grpc::CallbackServerContext& context, const Peer& peer,
          const v1::Exchange& exchange, std::span<const PathWord> words, Responder respond,
          grpc::ByteBuffer* response, grpc::ServerUnaryReactor* reactor);

template <typename Request>
struct UnaryCall {
  std::optional<Issue> (*check)(const Request&);  // what is wrong with it by itself
  v1::Exchange (*to_exchange)(Request&&);
  std::span<const PathWord> words;  // of static lifetime
  Responder respond;
};

// What this edge refuses by itself, before it is an Exchange: noted in the audit trail, and the status to finish with.
grpc::Status RefuseHere(const Edge& edge, const grpc::CallbackServerContext& context, const Peer& peer,
                        const Issue& issue);

// One call from its bytes to its answer: who calls, whether it can be read, then the road.
template <typename Request>
grpc::ServerUnaryReactor* Take(const Edge& edge, grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
                               grpc::ByteBuffer* response, const UnaryCall<Request>& call) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  const std::shared_ptr<const Peer> peer = edge.peers->Identify(*context->auth_context());
  if (peer == nullptr) {
    reactor->Finish(Unauthenticated());
    return reactor;
  }
  Request message;
  std::optional<Issue> issue = Parse(*request, message);
  if (!issue) issue = call.check(message);
  if (issue) {
    reactor->Finish(RefuseHere(edge, *context, *peer, *issue));
    return reactor;
  }
  Post(edge, *context, *peer, call.to_exchange(std::move(message)), call.words, call.respond, response, reactor);
  return reactor;
}

}  // namespace schotvrij::rpc
