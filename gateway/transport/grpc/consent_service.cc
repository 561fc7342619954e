#include "gateway/transport/grpc/consent_service.h"

#include <memory>
#include <utility>

#include "gateway/transport/grpc/posting.h"

namespace schotvrij::rpc {
namespace {

constexpr PathWord kConsentWords[] = {
    {"envelope.request_key", "request_id"},
    {"envelope.sender_identifier", "sender"},
    {"envelope.sender", "sender"},
};

v1::Exchange ConsentExchange(v1::RecordConsentRequest&& request) {
  v1::Exchange exchange;
  exchange.mutable_envelope()->set_request_key(std::move(*request.mutable_request_id()));
  if (request.has_sender()) exchange.mutable_envelope()->mutable_sender_identifier()->Swap(request.mutable_sender());
  if (request.has_client()) exchange.mutable_client()->Swap(request.mutable_client());
  exchange.mutable_consent()->Swap(request.mutable_consent());
  return exchange;
}

std::unique_ptr<google::protobuf::Message> RespondToRecord(const policy::Answer& answer) {
  auto response = std::make_unique<v1::RecordConsentResponse>();
  response->set_message_id(answer.message_id);
  return response;
}

}  // namespace

grpc::ServerUnaryReactor* ConsentService::Record(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
                                                 grpc::ByteBuffer* response) {
  return Take<v1::RecordConsentRequest>(
      edge_, context, request, response,
      {[](const v1::RecordConsentRequest& message) { return CheckKey(message.request_id(), "request_id"); }, ConsentExchange,
       kConsentWords, RespondToRecord});
}

}  // namespace schotvrij::rpc
