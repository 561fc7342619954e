#include "gateway/transport/grpc/posting.h"

#include <string>
#include <utility>

#include "gateway/transport/grpc/wire.h"

namespace schotvrij::rpc {

void Post(const Edge& edge, const grpc::CallbackServerContext& context, const Peer& peer,
          const v1::Exchange& exchange, std::span<const PathWord> words, Responder respond,
          grpc::ByteBuffer* response, grpc::ServerUnaryReactor* reactor) {
  const std::string body = exchange.SerializeAsString();
  const exchange::Inbound inbound{.caller = peer.caller,
                                  .format = exchange::Format::kCanonical,
                                  .edge = kEdge,
                                  .body = body,
                                  .trace_id = TraceId(context, *edge.random),
                                  .fallback_key = ""};
  edge.road->Receive(inbound, [words, respond, response, reactor](policy::Answer answer) {
    answer.issues = InWordsOf(words, std::move(answer.issues));
    const grpc::Status status = StatusOf(answer);
    if (status.ok()) *response = ToBuffer(Encode(answer, *respond(answer)));
    reactor->Finish(status);
  });
}

}  // namespace schotvrij::rpc
