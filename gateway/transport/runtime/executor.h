// ThreadExecutor: a fixed number of threads that run posted work.
//
//   runtime::ThreadExecutor executor(4);
//   executor.Post([] { ... });
//   executor.PostAfter(1'000'000, [] { ... });
//   executor.Stop();   // runs what was posted, drops what waits for its time
#pragma once

#include <memory>

#include "schemas/base/runtime.h"

namespace schotvrij::runtime {

class ThreadExecutor final : public Executor {
 public:
  // `threads` is at least 1. `niceness` above 0 (up to 19): they give way to the other threads of this machine, the more the
  // higher.
  explicit ThreadExecutor(int threads, int niceness = 0);
  // Stops.
  ~ThreadExecutor() override;

  // Thread-safe, also from work that runs here. Work that throws ends the program. After Stop returned, work is dropped unrun.
  void Post(Work work) override;
  // Measured by the monotonic clock. Not positive: soon. Dropped once Stop was called.
  void PostAfter(int64_t delay_us, Work work) override;

  // Returns when everything posted, and what that work posted in turn, has run. May be called twice; not from work that runs
  // here.
  void Stop();

 private:
  struct Pool;
  std::unique_ptr<Pool> pool_;
};

}  // namespace schotvrij::runtime
