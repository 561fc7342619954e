// Post: the way by mail, and the servers at its end: they take letters, refuse them, and say other things than they did.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>

#include "gateway/exchange/outbound.h"
#include "tests/simulation/disk.h"
#include "tests/simulation/provider.h"

namespace schotvrij::simulation {

class Post final : public exchange::Outbound {
 public:
  // `keep` hands a letter that was taken to its recipient.
  Post(const Stage& stage, const Disk* disk, const MailHabits& habits,
       std::function<void(const std::string& recipient, const std::string& delivery_id, const std::string& text)> keep, Dice dice)
      : stage_(stage), disk_(disk), habits_(habits), keep_(std::move(keep)), dice_(dice) {}

  // Number of the gateway that sends from now on.
  void set_gateway(int gateway) { gateway_ = gateway; }
  // A recipient's server takes nothing for so long.
  void GoOut(const std::string& recipient, int64_t lasts_us);
  // From now on every letter is taken.
  void Finish() { diligent_ = true; }

  void Send(const policy::Encoded& encoded, const config::v1::Participant& recipient, const v1::FrozenDelivery& frozen,
            Done done) override;

 private:
  enum class Turn { kAccepts, kTransient, kPermanent, kKeptButDenied, kKeptAndSilent, kNeverEnds };
  Turn Draw(const std::string& recipient);

  const Stage stage_;
  const Disk* disk_;
  const MailHabits& habits_;
  std::function<void(const std::string&, const std::string&, const std::string&)> keep_;
  std::map<std::string, int64_t> back_us_;  // recipients whose server is out: until when
  Dice dice_;
  int gateway_ = 0;
  bool diligent_ = false;
};

}  // namespace schotvrij::simulation
