// Liveness: whether the store's writer and the executor still get on with their work. A gateway whose writer hangs in a sync
// still takes connections and is of no use.
//
//   liveness.FlushBegins(); store->Flush(); liveness.FlushEnds();   // the writer
//   bool alive = liveness.Look(now_us);                 // somebody else, every now and then
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "schemas/base/runtime.h"

namespace schotvrij::cli {

class Liveness {
 public:
  // Standing still for less than `standstill_us` is no trouble: a disk may be slow, another process may hold the database.
  // `executor` outlives this.
  Liveness(Executor* executor, int64_t standstill_us) : executor_(executor), standstill_us_(standstill_us) {}

  // On the writer's thread.
  void FlushBegins() { flushing_ = true; }
  void FlushEnds() {
    ++flushes_;
    flushing_ = false;
  }

  // False once one flush has gone on for too long, or the executor has run nothing for too long. `now_us` by any clock that does
  // not jump. On one thread at a time.
  bool Look(int64_t now_us);

  // What the last look found; true before the first. Thread-safe.
  bool alive() const { return alive_; }

 private:
  Executor* const executor_;
  const int64_t standstill_us_;
  std::atomic<bool> flushing_ = false;
  std::atomic<uint64_t> flushes_ = 0;
  std::atomic<bool> alive_ = true;
  // Set by work on the executor, which may run when this is gone.
  std::shared_ptr<std::atomic<bool>> ran_ = std::make_shared<std::atomic<bool>>(true);
  uint64_t flushes_seen_ = 0;
  int64_t writer_moved_us_ = -1;    // -1: not looked at yet
  int64_t executor_moved_us_ = -1;
};

}  // namespace schotvrij::cli
