// DaySheets (dagstaten): what a participant and others sent each other on one day, and what became of it (R56). A message counts
// on the day the gateway took it, on both sides. The recipient's side holds what a read of its mailbox would show it today, and
// what it took over before; of what was withheld or came to nothing only the sender's side tells.
#pragma once

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "gateway/exchange/admission.h"
#include "gateway/exchange/opened_delivery.h"
#include "gateway/exchange/road.h"

namespace schotvrij::exchange {

class DaySheets {
 public:
  explicit DaySheets(const RoadParts& parts) : parts_(parts) {}

  void DrawUp(Road::DaySheetRequest request, absl::AnyInvocable<void(Road::DrawnUp)> done);

 private:
  struct Drawing;

  // One page of deliveries at a time; others have their turn on the executor between two.
  void Continue(std::shared_ptr<Drawing> drawing);
  absl::Status Add(Drawing& drawing, std::vector<store::Delivery> page);
  // Whether the recipient may know of it. What it took over it knows.
  bool MayKnow(const absl::StatusOr<OpenedDelivery>& opened, CivilDate today) const;
  void Finish(std::shared_ptr<Drawing> drawing);

  const RoadParts& parts_;
};

}  // namespace schotvrij::exchange
