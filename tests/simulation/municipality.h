// Municipality: reads its mailbox, gets letters, and answers; and forgets, repeats, contradicts itself and acknowledges what it
// never kept.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "tests/simulation/provider.h"

namespace schotvrij::simulation {

class Municipality {
 public:
  Municipality(std::string name, const Stage& stage, const Workload& workload, Dice dice)
      : name_(std::move(name)), stage_(stage), workload_(workload), dice_(dice) {}

  void Begin();
  // A letter lies on its mat; perhaps not for the first time.
  void Receive(const std::string& delivery_id, const std::string& text);
  // From now on it does what it should; reads all that it has, takes it over and answers it.
  void Finish();

 private:
  struct Case {
    bool answering = false;  // an answer is on its way, or was given
    std::string reason;      // of its first answer; empty: it accepts
  };

  void ReadNowAndThen();
  std::string AnyKnown();
  void See(const Edge::Item& item, bool keeps);
  void Take(const Edge::Item& item);
  void Acknowledge(const std::string& delivery_id);
  void Answer(const std::string& delivery_id);
  void Say(const std::string& delivery_id, const std::string& reason, bool first);
  Desk& desk() const { return stage_.record->desks[name_]; }
  std::string Rejection();

  const std::string name_;
  const Stage stage_;
  const Workload& workload_;
  Dice dice_;
  bool diligent_ = false;
  std::map<std::string, Case> cases_;  // by delivery
};

}  // namespace schotvrij::simulation
