// CommitQueue: units that wait for the writer, bounded by count and by bytes. Both engines share
// it.
//
//   CommitQueue queue(limits);
//   RETURN_IF_ERROR(queue.Push(std::move(unit), executor, std::move(done)));   // any thread
//   while (queue.Wait()) Report(queue.Take(), outcomes);                       // the writer
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "gateway/store/store.h"

namespace schotvrij::store {

using Outcome = absl::StatusOr<CommitResult>;

// A unit, and who is told what became of it.
struct Waiting {
  Unit unit;
  size_t bytes = 0;
  Executor* executor = nullptr;
  Store::Done done;
};

class CommitQueue {
 public:
  explicit CommitQueue(QueueLimits limits);

  // kResourceExhausted when the unit does not fit beside those that wait; kUnavailable after Stop.
  absl::Status Push(Unit unit, Executor* executor, Store::Done done);
  // Blocks until something waits (true), or Stop was called and nothing does (false).
  bool Wait();
  // The oldest units, at most limits::kFlushUnitsMax.
  std::vector<Waiting> Take();
  void Stop();
  // What waits now, as far as the queue knows.
  Store::Backlog Backlog();

 private:
  const size_t units_max_;
  const size_t bytes_max_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Waiting> waiting_ ABSL_GUARDED_BY(mutex_);
  size_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
};

// Posts each outcome to the executor of its unit.
void Report(std::vector<Waiting> flushed, std::vector<Outcome> outcomes);

}  // namespace schotvrij::store
