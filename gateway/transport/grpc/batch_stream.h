// BatchStream: one stream of RegisterBatch. It does one thing at a time (reads, asks the desk, writes), so that a gateway with
// enough to do reads no further, and the sender waits.
//
//   return BatchStream::Open(edge, desk, context, &registry);   // owns itself until gRPC is done with it
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "gateway/exchange/batch.h"
#include "gateway/transport/grpc/edge.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/server_callback.h"
#include "schotvrij/v1/services.pb.h"

namespace schotvrij::rpc {

class BatchStream;

// The streams that are open. Thread-safe.
class BatchRegistry {
 public:
  // False: the gateway stops, or there are limits::kOpenBatchesMax, or limits::kOpenBatchesPerSenderMax of this peer.
  bool Enter(grpc::CallbackServerContext* context, const std::string& peer);
  void Leave(grpc::CallbackServerContext* context);
  // Cancels every stream, and lets none in any more. What was staged stays.
  void EndAll();

 private:
  absl::Mutex mutex_;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
  absl::flat_hash_map<grpc::CallbackServerContext*, std::string> open_ ABSL_GUARDED_BY(mutex_);
};

class BatchStream final : public grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>,
                          public std::enable_shared_from_this<BatchStream> {
 public:
  static grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* Open(const Edge& edge, exchange::BatchDesk* desk,
                                                                           grpc::CallbackServerContext* context,
                                                                           BatchRegistry* registry);

  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnCancel() override {}  // whatever is under way ends, and finds the call cancelled
  void OnDone() override;

 private:
  BatchStream(const Edge& edge, exchange::BatchDesk* desk, grpc::CallbackServerContext* context, BatchRegistry* registry)
      : edge_(edge), desk_(desk), context_(context), registry_(registry) {}

  void Take(v1::RegisterBatchRequest request);
  void TakeHeader(v1::BatchHeader header);
  // The sender said all it has to say.
  void OnEnd();
  exchange::BatchIntake::Done Next(void (BatchStream::*then)(exchange::BatchProgress));
  void OnTaken(exchange::BatchProgress progress);
  void OnLooked(exchange::BatchProgress progress);
  void OnLast(exchange::BatchProgress progress);
  // Writes, then goes on with `then`.
  void Tell(const exchange::BatchProgress& progress, void (BatchStream::*then)());
  void Read() { StartRead(&incoming_); }
  void LookLater();
  void Succeed() { Finish(grpc::Status::OK); }
  void Refuse(const Issue& issue);
  void Refuse(exchange::BatchProgress progress);

  const Edge edge_;
  exchange::BatchDesk* const desk_;
  grpc::CallbackServerContext* const context_;  // lives until OnDone
  BatchRegistry* const registry_;
  std::shared_ptr<BatchStream> self_;           // until OnDone
  std::shared_ptr<const Peer> peer_;
  std::string trace_id_;

  // Of what is under way; one thing at a time.
  std::shared_ptr<exchange::BatchIntake> intake_;
  std::optional<uint64_t> trailer_;
  uint64_t told_parts_ = 0;
  exchange::BatchProgress told_;
  void (BatchStream::*after_write_)() = nullptr;
  grpc::ByteBuffer incoming_;
  grpc::ByteBuffer outgoing_;
};

}  // namespace schotvrij::rpc
