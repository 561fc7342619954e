#include "gateway/transport/grpc/registration_service.h"

#include <memory>
#include <utility>

#include "gateway/transport/grpc/posting.h"

namespace schotvrij::rpc {
namespace {

constexpr PathWord kWords[] = {
    {"envelope.request_key", "request_id"},
    {"envelope.network", "network"},
    {"envelope.recipient_identifier", "recipient"},
    {"envelope.recipient", "recipient"},
    {"envelope.sender_identifier", "sender"},
    {"envelope.sender", "sender"},
};

std::unique_ptr<google::protobuf::Message> RespondToRegister(const policy::Answer& answer) {
  auto response = std::make_unique<v1::RegisterResponse>();
  response->set_message_id(answer.message_id);
  response->set_network(answer.network);
  return response;
}

}  // namespace

v1::Exchange ToExchange(v1::RegisterRequest&& request) {
  v1::Exchange exchange;
  v1::Envelope& envelope = *exchange.mutable_envelope();
  envelope.set_request_key(std::move(*request.mutable_request_id()));
  envelope.set_network(std::move(*request.mutable_network()));
  if (request.has_recipient()) envelope.mutable_recipient_identifier()->Swap(request.mutable_recipient());
  if (request.has_sender()) envelope.mutable_sender_identifier()->Swap(request.mutable_sender());
  if (request.has_client()) exchange.mutable_client()->Swap(request.mutable_client());
  exchange.mutable_registration()->Swap(request.mutable_registration());
  return exchange;
}

grpc::ServerUnaryReactor* RegistrationService::Register(grpc::CallbackServerContext* context,
                                                        const grpc::ByteBuffer* request,
                                                        grpc::ByteBuffer* response) {
  return Take<v1::RegisterRequest>(
      edge_, context, request, response,
      {[](const v1::RegisterRequest& message) { return CheckKey(message.request_id(), "request_id"); }, ToExchange, kWords,
       RespondToRegister});
}

}  // namespace schotvrij::rpc
