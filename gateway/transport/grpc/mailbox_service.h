// MailboxService: what waits for a participant, and what it says about it.
#pragma once

#include "gateway/transport/grpc/edge.h"
#include "gateway/transport/grpc/watch_stream.h"
#include "schotvrij/v1/services.grpc.pb.h"

namespace schotvrij::rpc {

using RawMailboxService = v1::MailboxService::WithRawCallbackMethod_Watch<
    v1::MailboxService::WithRawCallbackMethod_Acknowledge<
        v1::MailboxService::WithRawCallbackMethod_Answer<
            v1::MailboxService::WithRawCallbackMethod_DaySheet<v1::MailboxService::Service>>>>;

class MailboxService final : public RawMailboxService {
 public:
  MailboxService(Edge edge, WatchRegistry* registry) : edge_(edge), registry_(registry) {}

  grpc::ServerWriteReactor<grpc::ByteBuffer>* Watch(grpc::CallbackServerContext* context,
                                                    const grpc::ByteBuffer* request) override;
  grpc::ServerUnaryReactor* Acknowledge(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
                                        grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* Answer(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
                                   grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* DaySheet(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
                                     grpc::ByteBuffer* response) override;

 private:
  const Edge edge_;
  WatchRegistry* const registry_;
};

}  // namespace schotvrij::rpc
