#include "tests/simulation/operations.h"

#include <algorithm>
#include <utility>

namespace schotvrij::simulation {
namespace {

constexpr int64_t kStoppingUs = 100'000;   // for what was begun when a stop came
constexpr int64_t kExcusedUs = 1'000'000;  // from a failure of the disk to the last word about it
constexpr int64_t kWholeDayUs = 86'400'000'000;
constexpr int64_t kMinuteUs = 60'000'000;

}  // namespace

Operations::Operations(const Stage& stage, const Machine& machine, Post* post, const Workload& workload, Dice dice)
    : stage_(stage),
      machine_(machine),
      post_(post),
      workload_(workload),
      dice_(dice),
      policy_(&PolicyAtFirst()),
      enrolled_(&Enrolments(workload.documents()).front()) {
  PutInForce(*policy_, *enrolled_);
}

void Operations::Begin() {
  machine_.disk->set_deaths_per_10000(workload_.disk().deaths_per_10000());
  machine_.disk->set_sync_is_a_lie(machine_.mutant == Mutant::kMissingFsync);
  const OperatorHabits& habits = workload_.operations();
  Every(habits.dies_ms(), &Operations::Die);
  Every(habits.restarts_ms(), &Operations::Restart);
  Every(habits.reloads_ms(), &Operations::Reload);
  Every(habits.enrols_ms(), &Operations::Enrol);
  Every(habits.jumps_ms(), &Operations::Jump);
  Every(habits.folds_log_ms(), &Operations::FoldLog);
  Every(workload_.disk().trouble_ms(), &Operations::Trouble);
  Every(workload_.mail().outages_ms(), &Operations::Outage);
  Start();
}

void Operations::Every(uint32_t each_ms, void (Operations::*act)()) {
  if (each_ms == 0) return;
  stage_.scheduler->After(Scheduler::kWorld, dice_.About(each_ms * kMs), [this, each_ms, act] {
    if (!faults_) return;
    (this->*act)();
    Every(each_ms, act);
  });
}

void Operations::PutInForce(const Policy& policy, const Enrolled& enrolled) {
  policy_ = &policy;
  enrolled_ = &enrolled;
  const int64_t now_us = stage_.scheduler->now_us();
  stage_.record->epochs.push_back({now_us, policy_, enrolled_, stage_.clock->Now().us - now_us});
}

void Operations::Start() {
  if (gateway_ != nullptr) return;
  ++starts_;
  post_->set_gateway(starts_);
  absl::StatusOr<std::unique_ptr<GatewayProcess>> started =
      GatewayProcess::Start(machine_, starts_, *policy_, *enrolled_);
  stage_.journal->Tell("gateway ", starts_, " starts: ", started.ok() ? "ready" : "fails");
  if (!started.ok()) {
    stage_.scheduler->Drop(starts_);
    stage_.journal->Count("start failed");
    if (!machine_.disk->dead() && !HasExcuse()) {
      stage_.journal->Violation("the gateway does not start: ", std::string(started.status().message()));
      faults_ = false;
    }
    return StartLater();
  }
  gateway_ = *std::move(started);
  stage_.record->chains.push_back(gateway_->chain());
  stage_.edge->Connect(gateway_.get(), static_cast<size_t>(starts_));
}

void Operations::StartLater() {
  stage_.scheduler->After(Scheduler::kWorld, dice_.About(workload_.operations().down_ms() * kMs), [this] { Start(); });
}

void Operations::Look() {
  if (machine_.disk->failures() != failures_seen_) {
    failures_seen_ = machine_.disk->failures();
    failed_at_us_ = stage_.scheduler->now_us();
  }
  if (machine_.disk->dead()) Crash();
}

bool Operations::HasExcuse() const {
  return machine_.disk->dead() || machine_.disk->failures() != failures_seen_ ||
         stage_.scheduler->now_us() - failed_at_us_ < kExcusedUs;
}

// Also of one that died while it started: its own Start then comes again.
void Operations::Crash() {
  const bool power = dice_.PerMille(workload_.operations().power_loss());
  stage_.journal->Tell("gateway ", starts_, power ? " loses power" : " is killed");
  stage_.journal->Count(power ? "power lost" : "killed");
  stage_.edge->Disconnect();
  stage_.scheduler->Drop(starts_);
  stopping_ = false;
  const bool was_running = gateway_ != nullptr;
  gateway_.reset();
  machine_.disk->Restart(power ? Disk::End::kPowerLoss : Disk::End::kKilled);
  if (was_running) StartLater();
}

void Operations::Die() {
  if (gateway_ != nullptr) machine_.disk->Die();
}

void Operations::Restart() {
  if (gateway_ == nullptr || stopping_) return;
  stage_.journal->Count("restarted");
  Stop(/*for_good=*/false);
}

void Operations::Stop(bool for_good) {
  stopping_ = true;
  stage_.journal->Tell("gateway ", starts_, " stops");
  stage_.edge->StopAccepting();
  gateway_->StopDispatching();
  stage_.scheduler->After(starts_, kStoppingUs, [this, for_good] {
    gateway_->WriteTheRest();
    // What it still had to say is said in the steps that follow; then it is gone.
    stage_.scheduler->After(starts_, kStoppingUs, [this, for_good] {
      if (machine_.disk->dead()) return;
      stage_.edge->Disconnect();
      stopping_ = false;
      std::unique_ptr<GatewayProcess> gone = std::move(gateway_);
      stage_.scheduler->Drop(starts_);
      if (!for_good) StartLater();
    });
  });
}

void Operations::Reload() {
  const std::span<const Policy> policies = Policies(workload_.documents());
  PutInForce(policies[dice_.Below(policies.size())], *enrolled_);
  stage_.journal->Tell("policy: ", policy_->name);
  stage_.journal->Count("reloaded");
  if (gateway_ != nullptr) gateway_->Reload(*policy_, *enrolled_);
}

void Operations::Enrol() {
  const std::span<const Enrolled> enrolments = Enrolments(workload_.documents());
  PutInForce(*policy_, enrolments[dice_.Below(enrolments.size())]);
  stage_.journal->Tell("enrolment: ", enrolled_->name);
  if (gateway_ != nullptr) gateway_->Reload(*policy_, *enrolled_);
}

void Operations::Jump() {
  const int64_t jumps_us[] = {kWholeDayUs, kWholeDayUs, 2 * kWholeDayUs, 10 * kMinuteUs, -10 * kMinuteUs, -kWholeDayUs / 2};
  const int64_t us = jumps_us[dice_.Below(std::size(jumps_us))];
  furthest_us_ = std::max(furthest_us_, stage_.clock->Now().us);
  stage_.clock->Jump(us);
  PutInForce(*policy_, *enrolled_);
  stage_.journal->Tell("the clock jumps by ", us / kMinuteUs, " minutes");
}

void Operations::FoldLog() {
  if (gateway_ == nullptr || machine_.disk->dead()) return;
  sqlite3* other = nullptr;
  if (sqlite3_open_v2(kStoreFile, &other, SQLITE_OPEN_READWRITE, DiskVfs::kName) == SQLITE_OK) {
    sqlite3_exec(other, dice_.PerMille(500) ? "PRAGMA wal_checkpoint(PASSIVE)" : "PRAGMA wal_checkpoint(TRUNCATE)", nullptr,
                 nullptr, nullptr);
  }
  sqlite3_close_v2(other);
  stage_.journal->Tell("the log is folded into the database");
}

void Operations::Trouble() {
  const DiskHabits& habits = workload_.disk();
  const uint32_t weights[] = {habits.full(), habits.read_errors(), habits.write_errors(), habits.sync_errors()};
  uint64_t sum = 0;
  for (const uint32_t weight : weights) sum += weight;
  if (sum == 0) return;
  uint64_t drawn = dice_.Below(sum);
  size_t kind = 0;
  while (drawn >= weights[kind]) drawn -= weights[kind++];
  machine_.disk->set_trouble(static_cast<Disk::Trouble>(kind + 1));
  stage_.journal->Tell("the disk is in trouble, kind ", kind);
  stage_.scheduler->After(Scheduler::kWorld, dice_.About(habits.trouble_lasts_ms() * kMs), [this] {
    machine_.disk->set_trouble(Disk::Trouble::kNone);
    stage_.journal->Tell("the disk is well again");
  });
}

// Of whoever's server it is.
void Operations::Outage() {
  const char* recipient = kMunicipalities[dice_.Below(workload_.municipalities())];
  post_->GoOut(recipient, dice_.Between(1, workload_.mail().outage_lasts_ms()) * kMs);
}

void Operations::Finish() {
  faults_ = false;
  machine_.disk->set_deaths_per_10000(0);
  machine_.disk->set_trouble(Disk::Trouble::kNone);
  // A clock that was set back holds up what is due by it.
  stage_.clock->Jump(std::max<int64_t>(0, furthest_us_ - stage_.clock->Now().us));
  PutInForce(Policies(workload_.documents()).front(), Enrolments(workload_.documents()).front());
  if (gateway_ != nullptr) gateway_->Reload(*policy_, *enrolled_);
}

bool Operations::Close() {
  if (gateway_ != nullptr && !stopping_) Stop(/*for_good=*/true);
  return gateway_ == nullptr;
}

}  // namespace schotvrij::simulation
