// Posting: an Exchange goes on the road, and its Answer becomes the call's.
#pragma once

#include <memory>
#include <optional>
#include <span>

#include "gateway/transport/grpc/edge.h"
#include "gateway/transport/grpc/status.h"
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

// What this edge refuses by itself, before it is an Exchange: noted in the audit trail, and the status to finish with.
grpc::Status RefuseHere(const Edge& edge, const grpc::CallbackServerContext& context, const Peer& peer,
                        const Issue& issue);

}  // namespace schotvrij::rpc
