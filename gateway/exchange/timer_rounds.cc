#include "gateway/exchange/timer_rounds.h"

#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "gateway/exchange/posting.h"
#include "gateway/telemetry/ledger.h"
#include "schemas/base/limits.h"

namespace schotvrij::exchange {
namespace {

bool IsTransient(const absl::Status& status) { return absl::IsUnavailable(status) || absl::IsResourceExhausted(status); }

}  // namespace

// One timer after the other.
class TimerRounds::Rounds : public std::enable_shared_from_this<TimerRounds::Rounds> {
 public:
  Rounds(RoadParts parts, Kind kind) : parts_(std::move(parts)), kind_(std::move(kind)) {}

  void Start() {
    parts_.executor->Post([weak = weak_from_this()] {
      if (auto self = weak.lock()) self->Tick();
    });
  }

  void Stop() {
    absl::MutexLock lock(&mutex_);
    stopped_ = true;
  }

 private:
  void Tick() {
    if (IsStopped()) return;
    Begin();
    parts_.executor->PostAfter(limits::kTimerRoundUs, [weak = weak_from_this()] {
      if (auto self = weak.lock()) self->Tick();
    });
  }

  bool IsStopped() {
    absl::MutexLock lock(&mutex_);
    return stopped_;
  }

  // Unless a timer is being looked at; then that goes on by itself.
  void Begin() {
    {
      absl::MutexLock lock(&mutex_);
      if (busy_) return;
      busy_ = true;
    }
    Step();
  }

  void Rest() {
    absl::MutexLock lock(&mutex_);
    busy_ = false;
  }

  void GoOn() {
    parts_.executor->Post([self = shared_from_this()] { self->Step(); });
  }

  void Step() {
    if (IsStopped()) return;
    absl::StatusOr<std::vector<store::Timer>> due = parts_.store->DueTimers(kind_.name, parts_.clock->Now(), 1);
    if (!due.ok()) return Failed(due.status());
    if (due->empty()) return Rest();
    const store::Timer& timer = due->front();
    absl::StatusOr<TimerWork> work = kind_.look(parts_, timer);
    if (!work.ok()) return IsTransient(work.status()) ? Failed(work.status()) : Postpone(timer, work.status());
    work->unit.background = true;
    work->unit.done_timers.push_back(timer.timer_id);
    const std::vector<store::Delivery> posted = work->unit.deliveries;
    Commit(std::move(work->unit), [self = shared_from_this(), timer, posted,
                                   recorded = std::move(work->recorded)](absl::StatusOr<store::CommitResult> result) {
      if (!result.ok()) {
        return IsTransient(result.status()) ? self->Failed(result.status()) : self->Postpone(timer, result.status());
      }
      if (std::holds_alternative<store::Committed>(*result)) {
        Announce(self->parts_, posted);
        if (recorded.has_value()) self->parts_.telemetry->Record(*recorded);
      }
      self->GoOn();  // also on Stale: look again
    });
  }

  // What stands behind one timer does not open, which must not hold up the others: the operator is told, and its turn comes later.
  void Postpone(store::Timer timer, const absl::Status& status) {
    Record(status);
    store::Unit unit;
    unit.background = true;
    timer.due.us = parts_.clock->Now().us + limits::kTimerRetryUs;
    unit.timers.push_back(std::move(timer));
    Commit(std::move(unit), [self = shared_from_this()](absl::StatusOr<store::CommitResult> result) {
      result.ok() ? self->GoOn() : self->Failed(result.status());
    });
  }

  void Commit(store::Unit unit, store::Store::Done done) {
    absl::Status queued = parts_.store->Commit(std::move(unit), parts_.executor, std::move(done));
    if (!queued.ok()) Failed(queued);
  }

  // The next tick looks again.
  void Failed(const absl::Status& status) {
    if (!absl::IsResourceExhausted(status)) Record(status);
    Rest();
  }

  void Record(const absl::Status& status) const {
    parts_.telemetry->Record(telemetry::Failed{kind_.place, static_cast<int64_t>(status.code()), {}});
  }

  const RoadParts parts_;
  const Kind kind_;
  absl::Mutex mutex_;
  bool busy_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
};

TimerRounds::TimerRounds(RoadParts parts, Kind kind) : rounds_(std::make_shared<Rounds>(std::move(parts), std::move(kind))) {}
TimerRounds::~TimerRounds() { Stop(); }
void TimerRounds::Start() { rounds_->Start(); }
void TimerRounds::Stop() { rounds_->Stop(); }

}  // namespace schotvrij::exchange
