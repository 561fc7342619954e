// RegistrationService: a registration by gRPC takes the same road as one by FHIR, as a canonical Exchange.
#pragma once

#include "gateway/transport/grpc/batch_stream.h"
#include "gateway/transport/grpc/edge.h"
#include "schotvrij/v1/services.grpc.pb.h"

namespace schotvrij::rpc {

v1::Exchange ToExchange(v1::RegisterRequest&& request);

using RawRegistrationService = v1::RegistrationService::WithRawCallbackMethod_Register<
    v1::RegistrationService::WithRawCallbackMethod_RegisterBatch<v1::RegistrationService::Service>>;

class RegistrationService final : public RawRegistrationService {
 public:
  RegistrationService(Edge edge, exchange::BatchDesk* desk, BatchRegistry* batches)
      : edge_(edge), desk_(desk), batches_(batches) {}

  grpc::ServerUnaryReactor* Register(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
                                     grpc::ByteBuffer* response) override;
  grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* RegisterBatch(
      grpc::CallbackServerContext* context) override {
    return BatchStream::Open(edge_, desk_, context, batches_);
  }

 private:
  const Edge edge_;
  exchange::BatchDesk* const desk_;
  BatchRegistry* const batches_;
};

}  // namespace schotvrij::rpc
