// MailboxService: what waits for a participant, what it says about it and asks for again, and how far its messages came.
#pragma once

#include "gateway/transport/grpc/edge.h"
#include "gateway/transport/grpc/watch_stream.h"
#include "schotvrij/v1/services.grpc.pb.h"

namespace schotvrij::rpc {

using RawMailboxService = v1::MailboxService::WithRawCallbackMethod_Watch<
    v1::MailboxService::WithRawCallbackMethod_Acknowledge<
        v1::MailboxService::WithRawCallbackMethod_Answer<
            v1::MailboxService::WithRawCallbackMethod_DaySheet<
                v1::MailboxService::WithRawCallbackMethod_Repeat<v1::MailboxService::Service>>>>>;

class MailboxService final : public RawMailboxService {
 public:
  MailboxService(Edge edge, WatchRegistry* registry) : edge_(edge), registry_(registry) {}

  grpc::ServerWriteReactor<grpc::ByteBuffer>* Watch(grpc::CallbackServerContext* context,
                                                    const grpc::ByteBuffer* request) override;
  grpc::ServerWriteReactor<grpc::ByteBuffer>* Repeat(grpc::CallbackServerContext* context,
                                                     const grpc::ByteBuffer* request) override;
  grpc::ServerUnaryReactor* Acknowledge(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
                                        grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* Answer(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
                                   grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* DaySheet(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
                                     grpc::ByteBuffer* response) override;

 private:
  // The stream that `begin` makes of the caller's message, once the caller is known and speaks for the participant it names; `begin`
  // says what is wrong with the rest.
  template <typename Request, typename Begin>
  grpc::ServerWriteReactor<grpc::ByteBuffer>* Stream(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
                                                     const Begin& begin);

  const Edge edge_;
  WatchRegistry* const registry_;
};

}  // namespace schotvrij::rpc
