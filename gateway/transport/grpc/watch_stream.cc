#include "gateway/transport/grpc/watch_stream.h"

#include <variant>
#include <vector>

#include "adapters/canonical/canonical.h"
#include "gateway/transport/grpc/status.h"
#include "gateway/transport/grpc/wire.h"
#include "schemas/base/limits.h"

namespace schotvrij::rpc {

bool WatchRegistry::Enter(const std::shared_ptr<WatchStream>& stream, const std::string& peer) {
  absl::MutexLock lock(&mutex_);
  if (closed_ || streams_.size() >= most_) return false;
  size_t& of_peer = per_peer_[peer];
  if (of_peer >= most_per_peer_) return false;
  ++of_peer;
  streams_[stream.get()] = stream;
  return true;
}

void WatchRegistry::Leave(WatchStream* stream, const std::string& peer) {
  absl::MutexLock lock(&mutex_);
  if (streams_.erase(stream) == 0) return;
  auto found = per_peer_.find(peer);
  if (--found->second == 0) per_peer_.erase(found);
}

void WatchRegistry::EndAll() {
  std::vector<std::shared_ptr<WatchStream>> open;
  {
    absl::MutexLock lock(&mutex_);
    closed_ = true;
    for (const auto& [stream, weak] : streams_) {
      if (std::shared_ptr<WatchStream> strong = weak.lock()) open.push_back(std::move(strong));
    }
  }
  for (const std::shared_ptr<WatchStream>& stream : open) {
    stream->End(grpc::Status(grpc::StatusCode::UNAVAILABLE, "the gateway stops; watch again"));
  }
}

size_t WatchRegistry::size() const {
  absl::MutexLock lock(&mutex_);
  return streams_.size();
}

grpc::ServerWriteReactor<grpc::ByteBuffer>* WatchStream::Open(Call call, WatchRegistry* registry) {
  std::shared_ptr<WatchStream> stream(new WatchStream(std::move(call), registry));
  stream->self_ = stream;
  if (registry->Enter(stream, stream->call_.peer)) {
    // Before the first read, so that nothing can arrive unseen between the two.
    if (stream->call_.wait) {
      stream->mail_ = stream->call_.edge.road->OnMail(
          stream->call_.participant, [weak = std::weak_ptr<WatchStream>(stream)] {
            if (std::shared_ptr<WatchStream> strong = weak.lock()) strong->Wake();
          });
    }
    stream->Advance();
  } else {
    stream->End(StatusOf(MakeIssue("BUSY", "")));
  }
  return stream.get();
}

void WatchStream::End(grpc::Status status) {
  {
    absl::MutexLock lock(&mutex_);
    if (!end_) end_ = std::move(status);
  }
  Advance();
}

void WatchStream::OnWriteDone(bool ok) {
  {
    absl::MutexLock lock(&mutex_);
    writing_ = false;
    outgoing_.Clear();
    if (!ok && !end_) end_ = grpc::Status::CANCELLED;
  }
  Advance();
}

void WatchStream::OnCancel() { End(grpc::Status::CANCELLED); }

void WatchStream::OnDone() {
  registry_->Leave(this, call_.peer);
  mail_.reset();
  // Whoever still holds a page for this stream lets the last reference go.
  const std::shared_ptr<WatchStream> last = std::move(self_);
}

void WatchStream::Wake() {
  {
    absl::MutexLock lock(&mutex_);
    more_ = true;
  }
  Advance();
}

void WatchStream::Advance() {
  const std::shared_ptr<WatchStream> keep = shared_from_this();  // OnDone may come as soon as Finish was called
  {
    absl::MutexLock lock(&mutex_);
    if (advancing_) return;
    advancing_ = true;
  }
  while (true) {
    {
      absl::MutexLock lock(&mutex_);
      const Step step = Next();
      if (step == Step::kNothing) {
        advancing_ = false;
        return;
      }
      if (step == Step::kDid) continue;
    }
    Read();
  }
}

WatchStream::Step WatchStream::Next() {
  if (finished_ || writing_) return Step::kNothing;
  if (end_) {
    finished_ = true;
    waiting_.clear();
    Finish(*end_);
    return Step::kDid;
  }
  if (!waiting_.empty()) {
    writing_ = true;
    outgoing_ = ToBuffer(waiting_.front());
    waiting_.pop_front();
    // Those of a page leave together: what has the hint stays until the last of them, or the end of the stream, goes out. The first
    // has none, for gRPC calls it done only when the stream's beginning, which goes with it, is out.
    grpc::WriteOptions options;
    if (begun_ && !waiting_.empty()) options.set_buffer_hint();
    begun_ = true;
    StartWrite(&outgoing_, options);
    return Step::kDid;
  }
  if (reading_) return Step::kNothing;
  if (more_) {
    more_ = false;
    reading_ = true;
    return Step::kRead;
  }
  if (!call_.wait) {
    end_ = grpc::Status::OK;
    return Step::kDid;
  }
  return Step::kNothing;
}

void WatchStream::Read() {
  // Asked again at each page: an enrolment that was taken away ends the stream.
  const std::shared_ptr<const Peer> peer = call_.edge.peers->Identify(*call_.context->auth_context());
  if (peer == nullptr) {
    absl::MutexLock lock(&mutex_);
    if (!end_) end_ = Unauthenticated();
    return;
  }
  exchange::Road::MailboxRequest request = call_.request;
  request.caller = CallerOf(*peer, *call_.context);
  request.most = limits::kWatchPageItems;
  request.trace_id = call_.trace_id;
  {
    absl::MutexLock lock(&mutex_);
    request.after = after_;
  }
  call_.edge.executor->Post([self = shared_from_this(), request = std::move(request)]() mutable {
    exchange::Road* const road = self->call_.edge.road;
    identity::Caller caller = request.caller;
    road->ReadMailbox(std::move(request),
                      [self = std::move(self), caller = std::move(caller)](exchange::Road::MailboxPage page) {
                        self->OnPage(caller, std::move(page));
                      });
  });
}

void WatchStream::OnPage(const identity::Caller& caller, exchange::Road::MailboxPage page) {
  if (HasError(page.issues)) call_.edge.road->NoteRefusal(caller, page.issues, call_.trace_id);
  {
    absl::MutexLock lock(&mutex_);
    reading_ = false;
    if (finished_) return;
    if (HasError(page.issues) && !end_) end_ = StatusOf(page.issues);
    if (!page.last.empty()) after_ = page.last;
    if (page.more) more_ = true;
    for (const exchange::MailboxItem& item : page.items) {
      const auto* disclosure = std::get_if<policy::Disclosure>(&item.content);
      if (disclosure == nullptr) continue;
      absl::StatusOr<policy::Encoded> encoded = canonical::EncodeMailboxItem(*disclosure, {item.repeat, item.client.key, item.client.takes_part});
      if (encoded.ok()) {
        waiting_.push_back(*std::move(encoded));
      } else if (!end_) {
        end_ = StatusOf(MakeIssue("INTERNAL", ""));
      }
    }
  }
  Advance();
}

}  // namespace schotvrij::rpc
