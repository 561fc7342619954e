// RegistrationService: a registration by gRPC takes the same road as one by FHIR, as a canonical Exchange.
#pragma once

#include "gateway/transport/grpc/edge.h"
#include "schotvrij/v1/services.grpc.pb.h"

namespace schotvrij::rpc {

class RegistrationService final
    : public v1::RegistrationService::WithRawCallbackMethod_Register<v1::RegistrationService::Service> {
 public:
  explicit RegistrationService(Edge edge) : edge_(edge) {}

  grpc::ServerUnaryReactor* Register(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
                                     grpc::ByteBuffer* response) override;

 private:
  const Edge edge_;
};

}  // namespace schotvrij::rpc
