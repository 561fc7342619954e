// Edge: how parties reach the gateway, and how its answers reach them, if it lives long enough to give them. What leaves it is
// recorded: that is what the gateway has promised.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tests/simulation/gateway_process.h"
#include "tests/simulation/journal.h"
#include "tests/simulation/record.h"

namespace schotvrij::simulation {

class Edge {
 public:
  Edge(Disk* disk, Scheduler* scheduler, Journal* journal, Record* record, Dice dice)
      : disk_(disk), scheduler_(scheduler), journal_(journal), record_(record), dice_(dice) {}

  void Connect(GatewayProcess* gateway, size_t number) {
    gateway_ = gateway;
    number_ = number;
  }
  // Nothing more comes in; what was begun is still answered.
  void StopAccepting() { gateway_ = nullptr; }
  void Disconnect() {
    gateway_ = nullptr;
    number_ = 0;
  }

  enum class Outcome { kAccepted, kRefused, kTransient };
  struct Answer {
    Outcome outcome = Outcome::kTransient;
    std::string exchange_id;
    std::vector<std::string> rules;
  };
  // False: no connection. `left` is called when the answer leaves the gateway, `done` when it has come through the network.
  bool Say(const std::string& participant, const std::string& body, std::function<void(const Answer&)> left,
           std::function<void(const Answer&)> done);
  // `done` is called unless the gateway dies first; with nothing when it refuses.
  struct Item {
    std::string delivery_id;
    bool acknowledged = false;
    bool answered = false;
    bool withheld = false;
    v1::Exchange exchange;
  };
  // `delivery_id` empty: what waits, or `all` that was ever there; then `done` is called for each page.
  bool Read(const std::string& participant, bool all, const std::string& delivery_id,
            std::function<void(std::vector<Item>)> done);
  // `done(true)` when it was taken, or there was nothing to take.
  bool Acknowledge(const std::string& participant, const std::string& delivery_id, std::function<void(bool)> done);

 private:
  bool Accepts(const std::string& participant) const;
  std::string NewTrace();
  // Wraps what the gateway calls: nothing comes from one that is dead.
  template <typename Result>
  std::function<void(Result)> WhileItLives(std::function<void(Result)> then);
  void ReadPage(exchange::Road::MailboxRequest request, std::function<void(std::vector<Item>)> done);
  Answer Left(const policy::Answer& answer, const std::string& trace_id);
  std::vector<Item> Left(exchange::Road::MailboxPage page, const Shown& read);
  int64_t Latency() { return dice_.Between(100, 20'000); }

  Disk* disk_;
  Scheduler* scheduler_;
  Journal* journal_;
  Record* record_;
  Dice dice_;
  GatewayProcess* gateway_ = nullptr;
  size_t number_ = 0;
  uint64_t traces_ = 0;
};

}  // namespace schotvrij::simulation
