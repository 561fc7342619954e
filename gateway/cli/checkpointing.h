// Checkpointing: signs the audit chains of a running gateway, after every interval and sooner when many records came.
#pragma once

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "gateway/audit/checkpoint_file.h"
#include "gateway/audit/checkpointer.h"
#include "gateway/identity/config.h"
#include "gateway/store/store.h"
#include "gateway/telemetry/ledger.h"
#include "schemas/base/runtime.h"

namespace schotvrij::cli {

class Checkpointing {
 public:
  // All outlive this.
  struct Parts {
    store::Store* store = nullptr;
    telemetry::Ledger* ledger = nullptr;
    const Clock* clock = nullptr;
    Executor* executor = nullptr;
  };

  // Writes a first checkpoint, of what an earlier run left.
  static absl::StatusOr<std::unique_ptr<Checkpointing>> Open(Parts parts, const identity::LoadedConfig& config);

  // From now on looks each second, on the executor.
  void Schedule();
  // Writes a checkpoint now, unless nothing is new. Not while it is scheduled.
  absl::Status Run();

 private:
  explicit Checkpointing(Parts parts) : parts_(parts) {}
  absl::Status RunWhenDue();

  const Parts parts_;
  int64_t interval_us_ = 0;
  uint64_t records_max_ = 0;
  std::unique_ptr<audit::Signer> signer_;
  std::unique_ptr<audit::CheckpointFile> file_;
  std::unique_ptr<audit::Checkpointer> checkpointer_;
  Instant newest_at_;
  uint64_t vouched_records_ = 0;
};

}  // namespace schotvrij::cli
