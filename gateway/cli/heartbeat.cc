#include "gateway/cli/heartbeat.h"

#include "gateway/cli/steady.h"

namespace schotvrij::cli {
namespace {

// Where no manager says how often it wants to hear.
constexpr int64_t kBeatUs = 1'000'000;
constexpr int64_t kStandstillUs = 20'000'000;

}  // namespace

Heartbeat::Heartbeat(Executor* executor, const runtime::ServiceManager* manager)
    : manager_(manager),
      watchdog_us_(manager == nullptr ? 0 : manager->watchdog_us()),
      liveness_(executor, watchdog_us_ > 0 ? watchdog_us_ / 2 : kStandstillUs) {}

Heartbeat::~Heartbeat() { Stop(); }

void Heartbeat::Start(telemetry::Ledger* ledger) {
  thread_ = std::make_unique<runtime::LoopThread>([this, ledger] { return Beat(ledger); });
}

void Heartbeat::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    end_ = true;
  }
  if (thread_ != nullptr) thread_->Join();
}

bool Heartbeat::Beat(telemetry::Ledger* ledger) {
  const bool was = liveness_.alive();
  const bool alive = liveness_.Look(SteadyUs());
  if (was && !alive) ledger->Record(telemetry::Failed{telemetry::Place("standstill"), 0, {}});
  if (alive && watchdog_us_ > 0) manager_->Alive();
  absl::MutexLock lock(&mutex_);
  return !mutex_.AwaitWithTimeout(absl::Condition(&end_), absl::Microseconds(watchdog_us_ > 0 ? watchdog_us_ / 3 : kBeatUs));
}

}  // namespace schotvrij::cli
