// SafetyService: a safety hold by gRPC takes the same road as FHIR's Flag, as a canonical Exchange.
#pragma once

#include "gateway/transport/grpc/edge.h"
#include "schotvrij/v1/services.grpc.pb.h"

namespace schotvrij::rpc {

class SafetyService final : public v1::SafetyService::WithRawCallbackMethod_Hold<v1::SafetyService::Service> {
 public:
  explicit SafetyService(Edge edge) : edge_(edge) {}

  grpc::ServerUnaryReactor* Hold(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
                                 grpc::ByteBuffer* response) override;

 private:
  const Edge edge_;
};

}  // namespace schotvrij::rpc
