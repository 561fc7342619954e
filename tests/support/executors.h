// ManualExecutor: work runs when the test says so, in the order it was posted, on the test's own
// thread.
//
//   ManualExecutor executor;
//   store.Commit(unit, &executor, done);
//   store.Flush();
//   executor.Run();            // `done` runs here
//   executor.Advance(1'000);   // and what was posted to run within the next millisecond
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <utility>

#include "schemas/base/runtime.h"

namespace schotvrij {

class ManualExecutor final : public Executor {
 public:
  void Post(Work work) override { PostAfter(0, std::move(work)); }

  void PostAfter(int64_t delay_us, Work work) override {
    std::lock_guard lock(mutex_);
    waiting_.emplace(std::pair(now_us_ + delay_us, next_++), std::move(work));
  }

  // Runs what is due, and what that posts in turn. Returns how many ran.
  size_t Run() { return Advance(0); }

  size_t Advance(int64_t us) {
    size_t ran = 0;
    std::unique_lock lock(mutex_);
    const int64_t until_us = now_us_ + us;
    while (!waiting_.empty() && waiting_.begin()->first.first <= until_us) {
      now_us_ = waiting_.begin()->first.first;
      Work work = std::move(waiting_.begin()->second);
      waiting_.erase(waiting_.begin());
      lock.unlock();
      work();
      ++ran;
      lock.lock();
    }
    now_us_ = until_us;
    return ran;
  }

  size_t waiting() const {
    std::lock_guard lock(mutex_);
    return waiting_.size();
  }

 private:
  mutable std::mutex mutex_;
  int64_t now_us_ = 0;
  uint64_t next_ = 0;
  std::map<std::pair<int64_t, uint64_t>, Work> waiting_;
};

}  // namespace schotvrij
