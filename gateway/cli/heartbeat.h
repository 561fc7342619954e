// Heartbeat: looks every now and then whether a running gateway gets on, and tells the service manager as long as it does.
#pragma once

#include <cstdint>
#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "gateway/cli/liveness.h"
#include "gateway/telemetry/ledger.h"
#include "gateway/transport/runtime/loop_thread.h"
#include "gateway/transport/runtime/service_manager.h"

namespace schotvrij::cli {

class Heartbeat {
 public:
  // `manager` may be null. Both outlive this.
  Heartbeat(Executor* executor, const runtime::ServiceManager* manager);
  // Stops.
  ~Heartbeat();

  // For the writer, and for who asks whether it is alive.
  Liveness& liveness() { return liveness_; }

  // Looks from now on: three times in what the manager allows, else each second. A standstill is told to `ledger`, which outlives
  // this.
  void Start(telemetry::Ledger* ledger);
  void Stop();

 private:
  bool Beat(telemetry::Ledger* ledger);

  const runtime::ServiceManager* const manager_;
  const int64_t watchdog_us_;  // 0: the manager does not want to hear
  Liveness liveness_;
  absl::Mutex mutex_;
  bool end_ ABSL_GUARDED_BY(mutex_) = false;
  std::unique_ptr<runtime::LoopThread> thread_;
};

}  // namespace schotvrij::cli
