// Provider: registers clients, repeats itself, changes its mind, and passes on that clients withdraw their consent.
#pragma once

#include <string>
#include <utility>

#include "tests/simulation/talker.h"
#include "tests/simulation/workload.pb.h"

namespace schotvrij::simulation {

// What the parties of a run share.
struct Stage {
  Scheduler* scheduler;
  WallClock* clock;
  Journal* journal;
  Record* record;
  Edge* edge;
  Talkers* talkers;
};

class Provider {
 public:
  Provider(std::string name, const Stage& stage, const Workload& workload, Dice dice)
      : name_(std::move(name)), stage_(stage), workload_(workload), dice_(dice) {}

  // Everything it will do, until the end of the run's duration.
  void Begin();
  // Reads and acknowledges all that waits.
  void Finish();

 private:
  CivilDate Today() const { return DayAt(stage_.clock->Now().us); }
  Statement& NewStatement(size_t person);
  void Register(const std::string& municipality);
  std::string AnyMunicipality();
  // What comes next in the life of a registration.
  void LiveOn(const Statement& registration, bool open);
  Statement& NewStep(const Statement& about, v1::RegistrationStep step, const char* suffix);
  void Change(const Statement& about, v1::RegistrationStep step);
  void End(const Statement& about);
  void Say(Statement& statement);
  void Repeat(Statement& statement);
  void SayOtherContent(const Statement& statement);
  void TakeBack(const Statement& about);
  void Withdraw(const Statement& about);
  void GiveAgain(const Statement& about);
  void Later(Scheduler::Work work);
  void ReadNowAndThen();
  void Read(bool all);

  const std::string name_;
  const Stage stage_;
  const Workload& workload_;
  Dice dice_;
  int said_ = 0;
  bool finishing_ = false;
};

}  // namespace schotvrij::simulation
