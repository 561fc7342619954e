// ExchangeService: a message of any content by gRPC, as the canonical Exchange that it is.
#pragma once

#include "gateway/transport/grpc/edge.h"
#include "schotvrij/v1/services.grpc.pb.h"

namespace schotvrij::rpc {

class ExchangeService final : public v1::ExchangeService::WithRawCallbackMethod_Send<v1::ExchangeService::Service> {
 public:
  explicit ExchangeService(Edge edge) : edge_(edge) {}

  grpc::ServerUnaryReactor* Send(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
                                 grpc::ByteBuffer* response) override;

 private:
  const Edge edge_;
};

}  // namespace schotvrij::rpc
