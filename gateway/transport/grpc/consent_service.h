// ConsentService: a consent by gRPC takes the same road as FHIR's Consent, as a canonical Exchange.
#pragma once

#include "gateway/transport/grpc/edge.h"
#include "schotvrij/v1/services.grpc.pb.h"

namespace schotvrij::rpc {

class ConsentService final : public v1::ConsentService::WithRawCallbackMethod_Record<v1::ConsentService::Service> {
 public:
  explicit ConsentService(Edge edge) : edge_(edge) {}

  grpc::ServerUnaryReactor* Record(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
                                   grpc::ByteBuffer* response) override;

 private:
  const Edge edge_;
};

}  // namespace schotvrij::rpc
