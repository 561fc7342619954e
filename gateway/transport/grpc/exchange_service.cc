#include "gateway/transport/grpc/exchange_service.h"

#include <memory>
#include <utility>

#include "gateway/transport/grpc/posting.h"

namespace schotvrij::rpc {
namespace {

constexpr PathWord kExchangeWords[] = {
    {"envelope.recipient", "exchange.envelope.recipient_identifier"},
    {"envelope.sender", "exchange.envelope.sender_identifier"},
    {"", "exchange"},
};

std::unique_ptr<google::protobuf::Message> RespondToSend(const policy::Answer& answer) {
  auto response = std::make_unique<v1::SendResponse>();
  response->set_message_id(answer.message_id);
  response->set_network(answer.network);
  return response;
}

}  // namespace

grpc::ServerUnaryReactor* ExchangeService::Send(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
                                                grpc::ByteBuffer* response) {
  return Take<v1::SendRequest>(
      edge_, context, request, response,
      {[](const v1::SendRequest& message) {
         return CheckKey(message.exchange().envelope().request_key(), "exchange.envelope.request_key");
       },
       [](v1::SendRequest&& message) { return std::move(*message.mutable_exchange()); }, kExchangeWords, RespondToSend});
}

}  // namespace schotvrij::rpc
