// HandOver: what lies with a party that was followed up goes to the one that has its place (policy/succession.h). Nothing is kept of it
// in memory: each look finds what there is to do.
#pragma once

#include <memory>
#include <optional>

#include "gateway/exchange/admission.h"
#include "gateway/exchange/road.h"

namespace schotvrij::exchange {

// The delivery as it is for the one that has its recipient's place: in its mailbox, or due by mail. Nothing when its recipient has its
// place still, or when the other cannot be reached.
std::optional<store::Delivery> HandedOver(const Standing& standing, const store::Delivery& delivery, Instant now);

// Adds to `unit` the update to `delivery`, which is HandedOver, and its event.
void AddHandOver(const RoadParts& parts, const Standing& standing, store::Delivery delivery, Instant now, store::Unit* unit);

// Hands over what lies in mailboxes; what is due is the dispatcher's to hand over.
class HandOver {
 public:
  explicit HandOver(RoadParts parts);
  ~HandOver();

  // From now on looks are run on the parts' executor: at once, and each limits::kHandOverRoundUs.
  void Start();
  // Looks at once: the rules have changed.
  void Look();
  // No look begins any more. The executor must be drained before this object goes.
  void Stop();

 private:
  class Rounds;
  std::shared_ptr<Rounds> rounds_;
};

}  // namespace schotvrij::exchange
