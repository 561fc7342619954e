// Scheduler: virtual time, and what happens in it. One thread; of several things that are due the dice say which comes first, as
// threads and networks would.
//
//   scheduler.After(Scheduler::kWorld, 1'000, [] { ... });
//   while (!done && scheduler.Step()) Look();
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "schemas/base/runtime.h"
#include "tests/simulation/dice.h"

namespace schotvrij::simulation {

inline constexpr int64_t kMs = 1'000;  // in microseconds

class Scheduler {
 public:
  using Work = absl::AnyInvocable<void()>;
  static constexpr int kWorld = 0;  // all that outlives a gateway

  explicit Scheduler(Dice dice) : dice_(dice) {}

  // `group` is what Drop takes away together.
  void After(int group, int64_t delay_us, Work work);
  void Drop(int group);
  // Runs one thing; moves time on when nothing is due. False when nothing waits.
  bool Step();

  // Since the run began; never goes back.
  int64_t now_us() const { return now_us_; }

 private:
  struct Task {
    int group;
    Work work;
  };
  using Tasks = std::map<std::pair<int64_t, uint64_t>, Task>;  // by due time, then as they came

  Tasks::iterator Choose();

  Dice dice_;
  int64_t now_us_ = 0;
  uint64_t next_ = 0;
  Tasks tasks_;
};

// The executor of one gateway. Work that is to wait for a second or longer waits for `wakes_us` at least, as on a machine that
// sleeps: a year of seconds would take too long.
class GroupExecutor final : public Executor {
 public:
  GroupExecutor(Scheduler* scheduler, int group, int64_t wakes_us) : scheduler_(scheduler), group_(group), wakes_us_(wakes_us) {}
  void Post(Work work) override { scheduler_->After(group_, 0, std::move(work)); }
  void PostAfter(int64_t delay_us, Work work) override {
    scheduler_->After(group_, delay_us < 1'000 * kMs ? delay_us : std::max(delay_us, wakes_us_), std::move(work));
  }

 private:
  Scheduler* scheduler_;
  int group_;
  const int64_t wakes_us_;
};

// The wall clock. It jumps, also back.
class WallClock final : public Clock {
 public:
  WallClock(const Scheduler* scheduler, Instant begin) : scheduler_(scheduler), offset_us_(begin.us) {}
  Instant Now() const override { return Instant{offset_us_ + scheduler_->now_us()}; }
  void Jump(int64_t us) { offset_us_ += us; }

 private:
  const Scheduler* scheduler_;
  int64_t offset_us_;
};

}  // namespace schotvrij::simulation
