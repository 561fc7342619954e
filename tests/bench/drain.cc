#include "tests/bench/drain.h"

#include <algorithm>

#include "schemas/base/limits.h"
#include "tests/bench/grpc_access.h"

namespace schotvrij::bench {

Drain::Drain(const cli::Home& home, const std::string& party)
    : stub_(v1::MailboxService::NewStub(OpenChannel(home, party))),
      watcher_([this] { Watch(); }),
      acknowledger_([this] { Acknowledge(); }) {}

Drain::~Drain() {
  watching_.TryCancel();
  watcher_.join();
  acknowledger_.join();
}

bool Drain::WaitFor(uint64_t count) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return ended_ || acknowledged_ >= count; });
  return acknowledged_ >= count;
}

void Drain::Watch() {
  v1::WatchRequest request;
  request.set_wait(true);
  auto stream = stub_->Watch(&watching_, request);
  v1::MailboxItem item;
  while (stream->Read(&item)) {
    std::lock_guard lock(mutex_);
    waiting_.push_back(std::move(*item.mutable_delivery_id()));
    changed_.notify_all();
  }
  std::lock_guard lock(mutex_);
  ended_ = true;
  changed_.notify_all();
}

void Drain::Acknowledge() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return ended_ || !waiting_.empty(); });
    if (ended_) return;
    v1::AcknowledgeRequest request;
    const size_t count = std::min(waiting_.size(), limits::kAcknowledgeMax);
    for (size_t i = 0; i < count; ++i) request.add_delivery_ids(std::move(waiting_[i]));
    waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(count));
    lock.unlock();
    grpc::ClientContext context;
    v1::AcknowledgeResponse response;
    const bool good = stub_->Acknowledge(&context, request, &response).ok();
    lock.lock();
    if (!good) {
      ended_ = true;
      watching_.TryCancel();
    }
    acknowledged_ += response.acknowledged();
    changed_.notify_all();
  }
}

}  // namespace schotvrij::bench
