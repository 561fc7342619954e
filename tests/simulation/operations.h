// Operations: whoever runs the gateway, and what befalls it: starts, stops, crashes, trouble with the disk, other documents, a
// clock that jumps.
#pragma once

#include <memory>

#include "tests/simulation/disk_vfs.h"
#include "tests/simulation/gateway_process.h"
#include "tests/simulation/post.h"
#include "tests/simulation/provider.h"

namespace schotvrij::simulation {

class Operations {
 public:
  Operations(const Stage& stage, const Machine& machine, Post* post, const Workload& workload, Dice dice);

  void Begin();
  // After each step of the simulation: buries a gateway that died in it.
  void Look();
  // Ends all faults, puts the first documents in force again and sees to it that a gateway runs.
  void Finish();
  // Stops the gateway in good order. True once it is gone.
  bool Close();

  bool running() const { return gateway_ != nullptr; }
  GatewayProcess& gateway() { return *gateway_; }
  // Whether a failure that the gateway tells of now can come of what was done to it.
  bool HasExcuse() const;

 private:
  void Start();
  void StartLater();
  void Crash();
  void Stop(bool for_good);
  void Every(uint32_t each_ms, void (Operations::*act)());
  void Die();
  void Restart();
  void Reload();
  void Enrol();
  void Jump();
  void FoldLog();
  void Trouble();
  void Outage();
  void PutInForce(const Policy& policy, const Enrolled& enrolled);

  const Stage stage_;
  const Machine machine_;
  Post* post_;
  const Workload& workload_;
  Dice dice_;
  const Policy* policy_;
  const Enrolled* enrolled_;
  std::unique_ptr<GatewayProcess> gateway_;
  int starts_ = 0;
  bool faults_ = true;
  bool stopping_ = false;
  uint64_t failures_seen_ = 0;
  int64_t failed_at_us_ = -1'000'000'000;
  int64_t furthest_us_ = 0;  // that the wall clock ever was when it was set
};

}  // namespace schotvrij::simulation
