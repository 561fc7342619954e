#include "gateway/exchange/batch_work.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "gateway/exchange/batch_steps.h"
#include "gateway/exchange/doorbell.h"
#include "gateway/exchange/posting.h"
#include "gateway/telemetry/ledger.h"
#include "schemas/base/limits.h"
#include "schemas/base/status.h"

namespace schotvrij::exchange {
namespace {

using store::Batch;
using store::BatchState;
using telemetry::BatchStage;
using telemetry::PartStep;

BatchStage StageOf(BatchState state) { return static_cast<BatchStage>(static_cast<int>(state) - 1); }

PartStep StepOf(BatchState state) {
  if (state == BatchState::kInEffect) return PartStep::kFinished;
  return state == BatchState::kRefused ? PartStep::kRemoved : PartStep::kJudged;
}

}  // namespace

// One step at a time, of one batch after the other.
class BatchWork::Rounds : public std::enable_shared_from_this<BatchWork::Rounds> {
 public:
  explicit Rounds(RoadParts parts) : parts_(std::move(parts)) {}

  void Start() {
    bell_ = parts_.doorbell->Listen(Doorbell::kBatches, [weak = weak_from_this()] {
      if (auto self = weak.lock()) self->Begin();
    });
    parts_.executor->Post([weak = weak_from_this()] {
      if (auto self = weak.lock()) self->Tick();
    });
  }

  void Stop() {
    bell_.reset();
    absl::MutexLock lock(&mutex_);
    stopped_ = true;
  }

 private:
  void Tick() {
    {
      absl::MutexLock lock(&mutex_);
      if (stopped_) return;
    }
    Begin();
    parts_.executor->PostAfter(limits::kBatchRoundUs, [weak = weak_from_this()] {
      if (auto self = weak.lock()) self->Tick();
    });
  }

  // Unless a step is under way; that one goes on by itself.
  void Begin() {
    {
      absl::MutexLock lock(&mutex_);
      if (stopped_ || busy_) return;
      busy_ = true;
    }
    GoOn();
  }

  void Rest() {
    absl::MutexLock lock(&mutex_);
    busy_ = false;
  }

  void GoOn() {
    {
      absl::MutexLock lock(&mutex_);
      if (stopped_) return;
    }
    parts_.executor->Post([self = shared_from_this()] { self->Step(); });
  }

  void Step() {
    absl::Status looked = LookAndDo();
    if (!looked.ok()) Failed(looked);
  }

  absl::Status LookAndDo() {
    ASSIGN_OR_RETURN(std::vector<Batch> open, parts_.store->OpenBatches(limits::kOpenBatchesMax));
    ShowStates(open);
    ASSIGN_OR_RETURN(std::vector<store::Timer> due,
                     parts_.store->DueTimers(kBatchTimer, parts_.clock->Now(), limits::kOpenBatchesMax));
    for (const store::Timer& timer : due) {
      const auto late = std::find_if(open.begin(), open.end(), [&](const Batch& batch) {
        return batch.batch_id == timer.subject && batch.state == BatchState::kReceiving;
      });
      if (late != open.end()) return Do(*late, {}, /*timed_out=*/true);
    }
    std::erase_if(open, [](const Batch& batch) { return batch.state == BatchState::kReceiving; });
    if (open.empty()) {
      Rest();
      return absl::OkStatus();
    }
    // In turn: the one behind the one that was served last.
    const auto last = std::find_if(open.begin(), open.end(), [&](const Batch& b) { return b.batch_id == served_; });
    const Batch& next = last == open.end() || last + 1 == open.end() ? open.front() : *(last + 1);
    served_ = next.batch_id;
    return Do(next, {}, /*timed_out=*/false);
  }

  absl::Status Do(const Batch& batch, std::map<uint64_t, Issue> conflicts, bool timed_out) {
    ASSIGN_OR_RETURN(v1::BatchAccount account, OpenAccount(*parts_.keys, batch));
    BatchSteps steps(parts_, batch, std::move(account));
    BatchStep step;
    if (timed_out) {
      step = steps.RefuseFor(MakeIssue("BATCH-TIMED-OUT", ""));
    } else {
      ASSIGN_OR_RETURN(step, steps.Next(conflicts));
    }
    store::Unit unit = step.unit;
    return parts_.store->Commit(std::move(unit), parts_.executor,
                                [self = shared_from_this(), batch, step = std::move(step),
                                 conflicts = std::move(conflicts)](absl::StatusOr<store::CommitResult> result) mutable {
                                  self->Ended(batch, step, std::move(conflicts), std::move(result));
                                });
  }

  void Ended(const Batch& batch, const BatchStep& step, std::map<uint64_t, Issue> conflicts,
             absl::StatusOr<store::CommitResult> result) {
    if (!result.ok()) return Failed(result.status());
    if (auto* taken = std::get_if<store::NotUnique>(&*result)) {
      absl::Status noted = NoteConflict(batch, step, *taken, &conflicts);
      if (noted.ok()) noted = Do(batch, std::move(conflicts), /*timed_out=*/false);
      return noted.ok() ? void() : Failed(noted);
    }
    if (std::holds_alternative<store::Committed>(*result)) Tell(batch, step);
    GoOn();  // also on Stale: look again
  }

  absl::Status NoteConflict(const Batch& batch, const BatchStep& step, const store::NotUnique& taken,
                            std::map<uint64_t, Issue>* conflicts) const {
    const auto part = step.claims.find(taken.token);
    if (part == step.claims.end()) return absl::InternalError("a batch conflicts with what it did not claim");
    ASSIGN_OR_RETURN(std::optional<std::string> holder, parts_.store->HiddenBatch(taken.owner));
    const bool mine = holder == batch.batch_id;
    conflicts->emplace(part->second, MakeIssue(mine ? "BATCH-CLIENT-TWICE" : "ALREADY-REGISTERED", "client"));
    return absl::OkStatus();
  }

  void Tell(const Batch& batch, const BatchStep& step) {
    if (step.parts > 0) parts_.telemetry->CountParts(StepOf(batch.state), step.parts);
    if (step.state != batch.state) {
      parts_.telemetry->Record(telemetry::BatchMoved{StageOf(step.state), telemetry::BatchId(batch.batch_id),
                                                     telemetry::ParticipantKey(batch.sender), batch.parts, {}});
    }
    Announce(parts_, step.shown);
  }

  void ShowStates(const std::vector<Batch>& open) const {
    for (int state = 1; state <= static_cast<int>(BatchState::kRefused); ++state) {
      const auto count = std::count_if(open.begin(), open.end(),
                                       [&](const Batch& batch) { return static_cast<int>(batch.state) == state; });
      parts_.telemetry->SetBatches(StageOf(static_cast<BatchState>(state)), static_cast<uint64_t>(count));
    }
  }

  // The next tick looks again.
  void Failed(const absl::Status& status) {
    if (!absl::IsResourceExhausted(status)) {
      parts_.telemetry->Record(
          telemetry::Failed{telemetry::Place("batch-work"), static_cast<int64_t>(status.code()), {}});
    }
    Rest();
  }

  const RoadParts parts_;
  std::unique_ptr<Road::Watch> bell_;
  std::string served_;  // of the step under way only
  absl::Mutex mutex_;
  bool busy_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
};

BatchWork::BatchWork(RoadParts parts) : rounds_(std::make_shared<Rounds>(std::move(parts))) {}
BatchWork::~BatchWork() { Stop(); }
void BatchWork::Start() { rounds_->Start(); }
void BatchWork::Stop() { rounds_->Stop(); }

}  // namespace schotvrij::exchange
