// Talker: says one thing to the gateway until it gets an answer that is final: connects again, tries again when told so, and
// when it has waited too long says the same once more, as a system does that cannot know whether it was heard.
#pragma once

#include <functional>
#include <string>

#include "tests/simulation/edge.h"

namespace schotvrij::simulation {

class Talkers {
 public:
  Talkers(Edge* edge, Scheduler* scheduler, Journal* journal, Dice dice)
      : edge_(edge), scheduler_(scheduler), journal_(journal), dice_(dice) {}

  // `patience_ms` 0: it waits for as long as the gateway lives, and then some.
  struct Speech {
    std::string participant;
    std::string body;
    int64_t patience_ms = 0;
    std::function<void()> sent = [] {};                             // each time
    std::function<void(const Edge::Answer&)> left = [](const Edge::Answer&) {};  // each answer that the gateway gave
    std::function<void(const Edge::Answer&)> done = [](const Edge::Answer&) {};  // once
  };
  void Say(Speech speech);

  // Those that have no final answer yet.
  size_t open() const { return open_; }

 private:
  struct Talk;
  void Try(std::shared_ptr<Talk> talk);

  Edge* edge_;
  Scheduler* scheduler_;
  Journal* journal_;
  Dice dice_;
  size_t open_ = 0;
};

}  // namespace schotvrij::simulation
