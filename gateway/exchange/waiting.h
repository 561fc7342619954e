// Waiting: what waits while a safety hold (veiligheidsstop, OP003) of its client stands, and goes on when the last one is lifted. Nobody
// is told of either: a mailbox does not have what waits, except what its owner read before, and no mail is tried.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "gateway/exchange/events.h"
#include "gateway/exchange/opened_delivery.h"
#include "gateway/exchange/posting.h"

namespace schotvrij::exchange {

// In which the exchange that set a hold claims itself while that stands.
inline constexpr std::string_view kHoldSpace = "safety_hold";

// Whether the delivery is to wait for a hold: one that its recipient read in the mailbox stays there.
bool MustWait(const v1::Facts& facts, const store::Delivery& delivery);

// Lets the delivery wait: it is due to nobody, and in no mailbox.
store::Delivery AsWaiting(store::Delivery delivery);

class Waiting {
 public:
  // What of the client in `file` has not reached its recipient yet.
  static absl::StatusOr<Waiting> Open(const RoadParts& parts, const ClientFile& file);

  // Adds to `unit` what the client's deliveries do when `after` becomes what is known of the client, and who holds what. `hold` is what
  // sets or lifts.
  void Apply(const RoadParts& parts, const Standing& standing, const v1::Exchange& hold, const v1::Facts& after, const ClientFile& file,
             const Posting& posting, const EventFrame& frame, store::Unit* unit) const;

 private:
  void Stop(const v1::Facts& after, const EventFrame& frame, store::Unit* unit) const;
  void GoOn(const RoadParts& parts, const Standing& standing, const v1::Facts& after, const EventFrame& frame, store::Unit* unit) const;

  std::vector<OpenedDelivery> open_;
};

}  // namespace schotvrij::exchange
