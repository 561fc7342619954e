#include "gateway/store/commit_queue.h"

#include <cassert>
#include <utility>

#include "schemas/base/limits.h"

namespace schotvrij::store {

CommitQueue::CommitQueue(QueueLimits limits)
    : units_max_(limits.units == 0 ? limits::kQueueUnitsMax : limits.units),
      bytes_max_(limits.bytes == 0 ? limits::kQueueBytesMax : limits.bytes) {}

absl::Status CommitQueue::Push(Unit unit, Executor* executor, Store::Done done) {
  const size_t bytes = unit.Bytes();
  {
    std::lock_guard lock(mutex_);
    if (stopped_) return absl::UnavailableError("store: stopping");
    if (waiting_.size() >= units_max_ || bytes > bytes_max_ - bytes_) {
      return absl::ResourceExhaustedError("store: too much waits to be written");
    }
    bytes_ += bytes;
    waiting_.push_back({std::move(unit), bytes, executor, std::move(done)});
  }
  changed_.notify_one();
  return absl::OkStatus();
}

bool CommitQueue::Wait() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return stopped_ || !waiting_.empty(); });
  return !waiting_.empty();
}

std::vector<Waiting> CommitQueue::Take() {
  std::vector<Waiting> taken;
  std::lock_guard lock(mutex_);
  while (!waiting_.empty() && taken.size() < limits::kFlushUnitsMax) {
    bytes_ -= waiting_.front().bytes;
    taken.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
  return taken;
}

void CommitQueue::Stop() {
  {
    std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  changed_.notify_all();
}

Store::Backlog CommitQueue::Backlog() {
  std::lock_guard lock(mutex_);
  return {.queued_units = waiting_.size(), .queued_bytes = bytes_};
}

void Report(std::vector<Waiting> flushed, std::vector<Outcome> outcomes) {
  assert(flushed.size() == outcomes.size());
  for (size_t i = 0; i < flushed.size(); ++i) {
    flushed[i].executor->Post(
        [done = std::move(flushed[i].done), outcome = std::move(outcomes[i])]() mutable {
          std::move(done)(std::move(outcome));
        });
  }
}

}  // namespace schotvrij::store
