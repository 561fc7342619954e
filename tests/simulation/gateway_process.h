// GatewayProcess: one gateway from its start to its end, joined as gateway/cli/serving joins one, on a simulated machine. To
// crash it, drop its work from the scheduler and then the object.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "gateway/audit/checkpointer.h"
#include "gateway/exchange/answer_due.h"
#include "gateway/exchange/consent_expiry.h"
#include "gateway/exchange/dispatcher.h"
#include "gateway/exchange/doorbell.h"
#include "gateway/exchange/road.h"
#include "gateway/identity/key_ring.h"
#include "gateway/store/store.h"
#include "gateway/telemetry/ledger.h"
#include "policy/engine.h"
#include "tests/simulation/checkpoint_lines.h"
#include "tests/simulation/disk.h"
#include "tests/simulation/mutants.h"
#include "tests/simulation/parties.h"
#include "tests/simulation/scheduler.h"

namespace schotvrij::simulation {

inline constexpr char kStoreFile[] = "store.db";

// What outlives every gateway.
struct Machine {
  Disk* disk;
  Scheduler* scheduler;
  WallClock* clock;
  Random* random;
  telemetry::Ledger* ledger;
  exchange::Outbound* mail;
  const audit::Signer* signer;
  Dice* dice;
  const OperatorHabits* habits;
  Mutant mutant = Mutant::kNone;
};

// The same keys at every start.
std::unique_ptr<identity::KeyRing> MakeKeys(Random* random);

class GatewayProcess {
 public:
  // `group`: of the scheduler, and the number of this start. Fails like the real one when the store does not open.
  static absl::StatusOr<std::unique_ptr<GatewayProcess>> Start(const Machine& machine, int group, const Policy& policy,
                                                               const Enrolled& enrolled);
  ~GatewayProcess();

  exchange::Road& road() { return *road_; }
  store::Store& store() { return *store_; }
  const std::string& chain() const { return chain_; }
  void Reload(const Policy& policy, const Enrolled& enrolled);
  // A stop in good order takes two steps, with time between them for what was begun: no more deliveries, and the end.
  void StopDispatching();
  void WriteTheRest();

 private:
  GatewayProcess(const Machine& machine, int group);
  absl::Status Open(const Policy& policy, const Enrolled& enrolled);
  absl::Status OpenCheckpoints();
  void LookAtCheckpoint();
  void FlushSoon();
  void RecordPolicy(v1::AuditCode code);

  const Machine machine_;
  const int group_;
  std::string chain_;
  GroupExecutor executor_;
  bool flush_comes_ = false;
  std::shared_ptr<const identity::Enrolment> enrolment_;
  std::unique_ptr<identity::KeyRing> keys_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<policy::Engine> engine_;
  exchange::Doorbell doorbell_;
  std::unique_ptr<exchange::Road> road_;
  std::unique_ptr<exchange::TimerRounds> consent_expiry_;
  std::unique_ptr<exchange::TimerRounds> answers_due_;
  std::unique_ptr<exchange::Dispatcher> dispatcher_;
  std::unique_ptr<exchange::Dispatcher> second_dispatcher_;  // of a mutant
  std::unique_ptr<CheckpointLines> checkpoint_lines_;
  std::unique_ptr<audit::Checkpointer> checkpointer_;
};

}  // namespace schotvrij::simulation
