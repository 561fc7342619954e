#include "gateway/store/commit_queue.h"

#include <cassert>
#include <utility>

#include "schemas/base/limits.h"

namespace schotvrij::store {

CommitQueue::CommitQueue(QueueLimits limits)
    : most_{limits.units == 0 ? limits::kQueueUnitsMax : limits.units,
            limits.bytes == 0 ? limits::kQueueBytesMax : limits.bytes} {}

bool CommitQueue::Fits(const Unit& unit, size_t bytes) {
  if (all_.units >= most_.units || bytes > most_.bytes - all_.bytes) return false;
  if (unit.participant.empty()) return true;
  const Load& mine = of_participant_[unit.participant];
  if (mine.units == 0) return true;
  return mine.units < most_.units / limits::kQueueShare && mine.bytes + bytes <= most_.bytes / limits::kQueueShare;
}

absl::Status CommitQueue::Push(Unit unit, Executor* executor, Store::Done done) {
  const size_t bytes = unit.Bytes();
  {
    std::lock_guard lock(mutex_);
    if (stopped_) return absl::UnavailableError("store: stopping");
    if (!Fits(unit, bytes)) {
      return absl::ResourceExhaustedError("store: too much waits to be written");
    }
    for (Load* load : {&all_, &of_participant_[unit.participant]}) {
      ++load->units;
      load->bytes += bytes;
    }
    std::deque<Waiting>& behind = unit.background ? giving_way_ : waiting_;
    behind.push_back({std::move(unit), bytes, executor, std::move(done)});
  }
  changed_.notify_one();
  return absl::OkStatus();
}

bool CommitQueue::Wait() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return stopped_ || all_.units > 0; });
  return all_.units > 0;
}

Waiting CommitQueue::TakeFrom(std::deque<Waiting>& waiting) {
  Waiting taken = std::move(waiting.front());
  waiting.pop_front();
  const auto mine = of_participant_.find(taken.unit.participant);
  for (Load* load : {&all_, &mine->second}) {
    --load->units;
    load->bytes -= taken.bytes;
  }
  if (mine->second.units == 0) of_participant_.erase(mine);
  return taken;
}

std::vector<Waiting> CommitQueue::Take() {
  std::vector<Waiting> taken;
  std::lock_guard lock(mutex_);
  if (!giving_way_.empty() && (waiting_.empty() || given_way_++ == limits::kFlushesGivenWayMax)) {
    given_way_ = 0;
    taken.push_back(TakeFrom(giving_way_));
  }
  while (!waiting_.empty() && taken.size() < limits::kFlushUnitsMax) taken.push_back(TakeFrom(waiting_));
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
  return {.queued_units = all_.units, .queued_bytes = all_.bytes};
}

void Report(std::vector<Waiting> flushed, std::vector<Outcome> outcomes) {
  assert(flushed.size() == outcomes.size());
  struct Told {
    Store::Done done;
    Outcome outcome;
  };
  // A few at a time: each post may wake a thread, and one thread for all would leave the others without work.
  constexpr size_t kTogether = 8;
  for (size_t i = 0; i < flushed.size();) {
    Executor* const executor = flushed[i].executor;
    std::vector<Told> together;
    for (; i < flushed.size() && flushed[i].executor == executor && together.size() < kTogether; ++i) {
      together.push_back({std::move(flushed[i].done), std::move(outcomes[i])});
    }
    executor->Post([together = std::move(together)]() mutable {
      for (Told& told : together) std::move(told.done)(std::move(told.outcome));
    });
  }
}

}  // namespace schotvrij::store
