// LoopThread: one thread that repeats a step until it says it is done.
//
//   runtime::LoopThread writer([&] { return store->WaitForWork() && (store->Flush(), true); });
//   store->Stop();   // makes the step return false
//   writer.Join();
#pragma once

#include <functional>
#include <memory>

namespace schotvrij::runtime {

class LoopThread {
 public:
  // Begins at once. `step` returns false when nothing is left to do, ever.
  explicit LoopThread(std::function<bool()> step);
  // Joins.
  ~LoopThread();
  // Waits for the step to return false. May be called twice.
  void Join();

 private:
  struct Thread;
  std::unique_ptr<Thread> thread_;
};

}  // namespace schotvrij::runtime
