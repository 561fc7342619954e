// Dispatcher: pushes what is due, in order per (recipient, client) and at the recipient's pace, until it is taken over or given up.
//
//   Dispatcher dispatcher(parts, {&mail, retry});
//   dispatcher.Start();
//   ...
//   dispatcher.Stop();   // waits for nothing; what was under way is found again at the next start
#pragma once

#include <memory>

#include "gateway/exchange/outbound.h"
#include "gateway/exchange/road.h"
#include "schemas/base/limits.h"

namespace schotvrij::exchange {

// Back-off: `first`, doubling up to `max`, each drawn between half and whole; dead letter after `attempts`.
struct RetryPolicy {
  int64_t first_us = limits::kRetryFirstUs;
  int64_t max_us = limits::kRetryMaxUs;
  uint32_t attempts = limits::kRetryAttempts;
};

// Delay before the next attempt after `attempts` have failed.
int64_t BackOffUs(const RetryPolicy& policy, uint32_t attempts, Random& random);

class Dispatcher {
 public:
  // `mail` may be null when no participant has a mail route: such deliveries then wait. `apart_us`: at least so long between two
  // attempts to one participant; what comes sooner waits its turn and keeps no other participant waiting. 0: none.
  Dispatcher(RoadParts parts, Outbound* mail, RetryPolicy retry, int64_t apart_us = 0);
  ~Dispatcher();

  // From now on rounds are run on the parts' executor: when the doorbell rings, and each limits::kDispatchRoundUs.
  void Start();
  // No round begins any more, and once it returns nothing is handed to `mail`, which may go then. The executor must be drained
  // before this object goes.
  void Stop();

 private:
  class Rounds;
  std::shared_ptr<Rounds> rounds_;
};

}  // namespace schotvrij::exchange
