// WatchStream: one open mailbox stream. Reads the mailbox by pages, writes one item at a time, sleeps until there is new mail.
// An item is sent once per stream, what may not be shown any more is skipped, and only what was encoded from a Disclosure can
// be written.
//
//   return WatchStream::Open({edge, context, peer, participant, request, wait, trace_id}, &registry);   // owns itself until gRPC is done with it
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "gateway/transport/grpc/edge.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/server_callback.h"
#include "policy/disclosure/encoded.h"

namespace schotvrij::rpc {

class WatchStream;

// The streams that are open: how many there may be, and whom to tell when the gateway stops. Thread-safe.
class WatchRegistry {
 public:
  WatchRegistry(size_t most, size_t most_per_peer) : most_(most), most_per_peer_(most_per_peer) {}

  // False: too many are open already, or the gateway stops.
  bool Enter(const std::shared_ptr<WatchStream>& stream, const std::string& peer);
  void Leave(WatchStream* stream, const std::string& peer);
  // Ends every stream with UNAVAILABLE, and lets none in any more.
  void EndAll();
  size_t size() const;

 private:
  const size_t most_;
  const size_t most_per_peer_;
  mutable absl::Mutex mutex_;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
  absl::flat_hash_map<WatchStream*, std::weak_ptr<WatchStream>> streams_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::string, size_t> per_peer_ ABSL_GUARDED_BY(mutex_);
};

class WatchStream final : public grpc::ServerWriteReactor<grpc::ByteBuffer>,
                          public std::enable_shared_from_this<WatchStream> {
 public:
  struct Call {
    Edge edge;
    const grpc::CallbackServerContext* context;  // lives until OnDone
    std::string peer;
    std::string participant;                     // key
    exchange::Road::MailboxRequest request = {};  // the caller, the page and the trace are filled in at each read
    bool wait = false;                            // for new mail, once all was written
    std::string trace_id;
  };

  // A stream that is not let in ends with RESOURCE_EXHAUSTED.
  static grpc::ServerWriteReactor<grpc::ByteBuffer>* Open(Call call, WatchRegistry* registry);

  // Ends the stream after the item under way. Thread-safe; the first status counts.
  void End(grpc::Status status);

  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  enum class Step { kNothing, kRead, kDid };

  WatchStream(Call call, WatchRegistry* registry) : call_(std::move(call)), registry_(registry) {}

  // Does whatever can be done now. Events set state and call it; one thread at a time runs the loop, so that an answer which
  // comes before the question returned does not recurse.
  void Advance();
  Step Next() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Read();
  void OnPage(const identity::Caller& caller, exchange::Road::MailboxPage page);
  void Wake();

  const Call call_;
  WatchRegistry* const registry_;
  std::shared_ptr<WatchStream> self_;            // until OnDone
  std::unique_ptr<exchange::Road::Watch> mail_;  // written before the first event, ended by OnDone

  absl::Mutex mutex_;
  bool advancing_ ABSL_GUARDED_BY(mutex_) = false;
  bool reading_ ABSL_GUARDED_BY(mutex_) = false;
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool begun_ ABSL_GUARDED_BY(mutex_) = false;  // an item went out
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
  bool more_ ABSL_GUARDED_BY(mutex_) = true;    // the mailbox may hold something behind `after_`
  std::optional<grpc::Status> end_ ABSL_GUARDED_BY(mutex_);
  std::string after_ ABSL_GUARDED_BY(mutex_);   // last delivery read
  std::deque<policy::Encoded> waiting_ ABSL_GUARDED_BY(mutex_);
  grpc::ByteBuffer outgoing_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace schotvrij::rpc
