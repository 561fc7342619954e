// Edge: what the services of this listener share.
#pragma once

#include <string>

#include "gateway/exchange/road.h"
#include "gateway/transport/grpc/peers.h"
#include "grpcpp/server_context.h"
#include "schemas/base/runtime.h"

namespace schotvrij::rpc {

inline constexpr char kEdge[] = "grpc";  // Inbound::edge

struct Edge {
  Peers* peers;
  exchange::Road* road;
  Executor* executor;  // the road is asked here, never on a thread of gRPC: it may wait for the store
  Random* random;
};

// Id under which the audit knows a call: the trace id of its `traceparent` (W3C Trace Context), else one of our own. Other
// metadata is not taken over: a caller could put a number of a person there.
std::string TraceId(const grpc::CallbackServerContext& context, Random& random);

// `peer` under the hat (pet) that the call states in its metadata.
identity::Caller CallerOf(const Peer& peer, const grpc::CallbackServerContext& context);

}  // namespace schotvrij::rpc
