#include "tests/simulation/scheduler.h"

#include <algorithm>

namespace schotvrij::simulation {
namespace {

constexpr size_t kChoicesMax = 6;
constexpr int64_t kPatienceUs = 20'000;  // what is due for so long goes first
constexpr int64_t kStepUsMax = 300;

}  // namespace

void Scheduler::After(int group, int64_t delay_us, Work work) {
  tasks_.emplace(std::pair(now_us_ + delay_us, next_++), Task{group, std::move(work)});
}

void Scheduler::Drop(int group) {
  std::erase_if(tasks_, [group](const auto& task) { return task.second.group == group; });
}

Scheduler::Tasks::iterator Scheduler::Choose() {
  auto chosen = tasks_.begin();
  if (chosen->first.first + kPatienceUs < now_us_) return chosen;
  size_t due = 0;
  for (auto task = chosen; task != tasks_.end() && task->first.first <= now_us_ && due < kChoicesMax; ++task) ++due;
  std::advance(chosen, due < 2 ? 0 : dice_.Below(due));
  return chosen;
}

bool Scheduler::Step() {
  if (tasks_.empty()) return false;
  now_us_ = std::max(now_us_, tasks_.begin()->first.first);
  const auto chosen = Choose();
  Work work = std::move(chosen->second.work);
  tasks_.erase(chosen);
  work();
  now_us_ += dice_.Between(1, kStepUsMax);
  return true;
}

}  // namespace schotvrij::simulation
