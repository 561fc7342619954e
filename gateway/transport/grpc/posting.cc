#include "gateway/transport/grpc/posting.h"

#include <string>
#include <utility>

namespace schotvrij::rpc {

void Post(const Edge& edge, const grpc::CallbackServerContext& context, const Peer& peer,
          const v1::Exchange& exchange, std::span<const PathWord> words, Responder respond,
          grpc::ByteBuffer* response, grpc::ServerUnaryReactor* reactor) {
  auto finish = [words, respond, response, reactor](policy::Answer answer) {
    answer.issues = InWordsOf(words, std::move(answer.issues));
    const grpc::Status status = StatusOf(answer);
    if (status.ok()) *response = ToBuffer(Encode(answer, *respond(answer)));
    reactor->Finish(status);
  };
  edge.executor->Post([road = edge.road, caller = CallerOf(peer, context), body = exchange.SerializeAsString(),
                       trace_id = TraceId(context, *edge.random), finish] {
    road->Receive({.caller = caller,
                   .format = exchange::Format::kCanonical,
                   .edge = kEdge,
                   .body = body,
                   .trace_id = trace_id,
                   .fallback_key = ""},
                  finish);
  });
}

grpc::Status RefuseHere(const Edge& edge, const grpc::CallbackServerContext& context, const Peer& peer,
                        const Issue& issue) {
  edge.road->NoteRefusal(peer.caller, {&issue, 1}, TraceId(context, *edge.random));
  return StatusOf(issue);
}

}  // namespace schotvrij::rpc
