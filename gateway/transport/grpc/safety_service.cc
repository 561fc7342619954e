#include "gateway/transport/grpc/safety_service.h"

#include <memory>
#include <utility>

#include "gateway/transport/grpc/posting.h"

namespace schotvrij::rpc {
namespace {

constexpr PathWord kHoldWords[] = {
    {"envelope.request_key", "request_id"},
    {"envelope.sender_identifier", "sender"},
    {"envelope.sender", "sender"},
};

v1::Exchange HoldExchange(v1::HoldRequest&& request) {
  v1::Exchange exchange;
  exchange.mutable_envelope()->set_request_key(std::move(*request.mutable_request_id()));
  if (request.has_sender()) exchange.mutable_envelope()->mutable_sender_identifier()->Swap(request.mutable_sender());
  if (request.has_client()) exchange.mutable_client()->Swap(request.mutable_client());
  exchange.mutable_safety_hold()->Swap(request.mutable_safety_hold());
  return exchange;
}

std::unique_ptr<google::protobuf::Message> RespondToHold(const policy::Answer& answer) {
  auto response = std::make_unique<v1::HoldResponse>();
  response->set_message_id(answer.message_id);
  return response;
}

}  // namespace

grpc::ServerUnaryReactor* SafetyService::Hold(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
                                              grpc::ByteBuffer* response) {
  return Take<v1::HoldRequest>(
      edge_, context, request, response,
      {[](const v1::HoldRequest& message) { return CheckKey(message.request_id(), "request_id"); }, HoldExchange,
       kHoldWords, RespondToHold});
}

}  // namespace schotvrij::rpc
