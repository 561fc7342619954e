#include "tests/simulation/gateway_process.h"

#include <utility>

#include "gateway/exchange/events.h"
#include "gateway/store/engines.h"
#include "schemas/base/status.h"
#include "tests/simulation/disk_vfs.h"
#include "tests/simulation/forwarding_store.h"

namespace schotvrij::simulation {
namespace {

constexpr int64_t kFlushUsMax = 4'000;  // from the first unit that waits to the flush that takes it
constexpr int64_t kCheckpointUs = 5'000'000;
constexpr const char* kGatewayId = "gateway.example";

// Tells when something waits for a flush; the gateway's writer is a step of the simulation.
class Watched final : public ForwardingStore {
 public:
  Watched(std::unique_ptr<store::Store> inner, std::function<void()> queued)
      : ForwardingStore(std::move(inner)), queued_(std::move(queued)) {}
  absl::Status Commit(store::Unit unit, Executor* executor, Done done) override {
    absl::Status status = inner().Commit(std::move(unit), executor, std::move(done));
    if (status.ok()) queued_();
    return status;
  }

 private:
  std::function<void()> queued_;
};

}  // namespace

std::unique_ptr<identity::KeyRing> MakeKeys(Random* random) {
  return *identity::KeyRing::Create(std::string(64, 'a'), std::string(64, 'b'), random);
}

GatewayProcess::GatewayProcess(const Machine& machine, int group)
    : machine_(machine),
      group_(group),
      chain_(NewId(*machine.random)),
      executor_(machine.scheduler, group, machine.habits->wakes_ms() * kMs),
      keys_(MakeKeys(machine.random)),
      doorbell_(&executor_) {}

GatewayProcess::~GatewayProcess() = default;

absl::StatusOr<std::unique_ptr<GatewayProcess>> GatewayProcess::Start(const Machine& machine, int group,
                                                                      const Policy& policy, const Enrolled& enrolled) {
  std::unique_ptr<GatewayProcess> gateway(new GatewayProcess(machine, group));
  RETURN_IF_ERROR(gateway->Open(policy, enrolled));
  return gateway;
}

absl::Status GatewayProcess::Open(const Policy& policy, const Enrolled& enrolled) {
  enrolment_ = enrolled.enrolment;
  ASSIGN_OR_RETURN(std::unique_ptr<store::Store> opened,
                   store::OpenSqlite(kStoreFile, chain_, {}, {.vfs = DiskVfs::kName, .readers = 1}));
  store_ = std::make_unique<Watched>(Mutate(machine_.mutant, std::move(opened)), [this] { FlushSoon(); });
  engine_ = std::make_unique<policy::Engine>(policy.rules, [this](std::string_view recipient, std::string_view value) {
    return keys_->Pseudonym(recipient, value);
  });
  const exchange::RoadParts parts{.store = store_.get(),
                                  .engine = engine_.get(),
                                  .keys = keys_.get(),
                                  .clock = machine_.clock,
                                  .random = machine_.random,
                                  .executor = &executor_,
                                  .doorbell = &doorbell_,
                                  .telemetry = machine_.ledger,
                                  .enrolment = [this] { return enrolment_; },
                                  .gateway_id = kGatewayId,
                                  .environment = config::v1::TEST};
  const exchange::RetryPolicy retry{machine_.habits->retry_first_ms() * kMs, machine_.habits->retry_max_ms() * kMs,
                                    machine_.habits->retry_attempts()};
  road_ = exchange::NewRoad(parts);
  consent_expiry_ = std::make_unique<exchange::TimerRounds>(parts, exchange::ConsentExpiry());
  answers_due_ = std::make_unique<exchange::TimerRounds>(parts, exchange::AnswersDue());
  dispatcher_ = std::make_unique<exchange::Dispatcher>(parts, machine_.mail, retry);
  RETURN_IF_ERROR(OpenCheckpoints());
  RecordPolicy(v1::AUDIT_STARTED);
  dispatcher_->Start();
  consent_expiry_->Start();
  answers_due_->Start();
  if (machine_.mutant == Mutant::kSecondDispatcher) {
    second_dispatcher_ = std::make_unique<exchange::Dispatcher>(parts, machine_.mail, retry);
    second_dispatcher_->Start();
  }
  return absl::OkStatus();
}

absl::Status GatewayProcess::OpenCheckpoints() {
  ASSIGN_OR_RETURN(CheckpointLines lines, CheckpointLines::Open(machine_.disk));
  checkpoint_lines_ = std::make_unique<CheckpointLines>(std::move(lines));
  ASSIGN_OR_RETURN(checkpointer_,
                   audit::Checkpointer::Start({[this] { return store_->AuditHeads(); },
                                               [this] { return store_->Checkpoints(); },
                                               [this](std::string_view line) { return store_->PutCheckpoint(line); }},
                                              [this](std::string_view line) { return checkpoint_lines_->Append(line); },
                                              machine_.signer, CheckpointLines::Read(machine_.disk)));
  LookAtCheckpoint();
  return absl::OkStatus();
}

void GatewayProcess::LookAtCheckpoint() {
  const absl::StatusOr<bool> run = checkpointer_->Run(machine_.clock->Now());
  if (!run.ok()) {
    machine_.ledger->Record(
        telemetry::Failed{telemetry::Place("checkpoint"), static_cast<int64_t>(run.status().code()), {}});
  }
  executor_.PostAfter(machine_.dice->About(kCheckpointUs), [this] { LookAtCheckpoint(); });
}

void GatewayProcess::FlushSoon() {
  if (std::exchange(flush_comes_, true)) return;
  executor_.PostAfter(machine_.dice->Between(0, kFlushUsMax), [this] {
    flush_comes_ = false;
    store_->Flush();
  });
}

void GatewayProcess::RecordPolicy(v1::AuditCode code) {
  store::Unit unit;
  unit.audit.push_back(
      exchange::PolicyEvent(code, {machine_.clock->Now(), kGatewayId, engine_->rules()->name(), "", "", "", ""}));
  (void)store_->Commit(std::move(unit), &executor_, [](absl::StatusOr<store::CommitResult>) {});
}

void GatewayProcess::Reload(const Policy& policy, const Enrolled& enrolled) {
  if (machine_.mutant == Mutant::kDeafToReload) return;
  enrolment_ = enrolled.enrolment;
  engine_->Swap(policy.rules);
  RecordPolicy(v1::AUDIT_POLICY_LOADED);
}

void GatewayProcess::StopDispatching() {
  dispatcher_->Stop();
  consent_expiry_->Stop();
  answers_due_->Stop();
  if (second_dispatcher_ != nullptr) second_dispatcher_->Stop();
}

void GatewayProcess::WriteTheRest() {
  store_->Stop();
  while (store_->Flush() > 0) {
  }
  (void)checkpointer_->Run(machine_.clock->Now());
}

}  // namespace schotvrij::simulation
