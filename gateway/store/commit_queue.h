// CommitQueue: units that wait for the writer, bounded by count and by bytes, for each participant
// too: one that sends too much is told so before the others notice. Both engines share it.
//
//   CommitQueue queue(limits);
//   RETURN_IF_ERROR(queue.Push(std::move(unit), executor, std::move(done)));   // any thread
//   while (queue.Wait()) Report(queue.Take(), outcomes);                       // the writer
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <map>
#include <mutex>
#include <string>
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

  // kResourceExhausted when the unit does not fit beside those that wait, or its participant's share
  // is used up; kUnavailable after Stop.
  absl::Status Push(Unit unit, Executor* executor, Store::Done done);
  // Blocks until something waits (true), or Stop was called and nothing does (false).
  bool Wait();
  // The oldest units, at most limits::kFlushUnitsMax. One of those that give way when no others wait, or after it gave way to
  // limits::kFlushesGivenWayMax flushes.
  std::vector<Waiting> Take();
  void Stop();
  // What waits now, as far as the queue knows.
  Store::Backlog Backlog();

 private:
  struct Load {
    size_t units = 0;
    size_t bytes = 0;
  };
  bool Fits(const Unit& unit, size_t bytes) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Waiting TakeFrom(std::deque<Waiting>& waiting) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Load most_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Waiting> waiting_ ABSL_GUARDED_BY(mutex_);
  std::deque<Waiting> giving_way_ ABSL_GUARDED_BY(mutex_);
  int given_way_ ABSL_GUARDED_BY(mutex_) = 0;  // flushes, by the first of those
  Load all_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, Load, std::less<>> of_participant_ ABSL_GUARDED_BY(mutex_);
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
};

// Posts each outcome to the executor of its unit.
void Report(std::vector<Waiting> flushed, std::vector<Outcome> outcomes);

}  // namespace schotvrij::store
