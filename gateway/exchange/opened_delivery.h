// OpenedDelivery: a delivery with all that stands sealed behind it, and what may leave of it now.
#pragma once

#include <variant>

#include "absl/status/statusor.h"
#include "gateway/exchange/client_file.h"
#include "gateway/exchange/road.h"

namespace schotvrij::exchange {

struct OpenedDelivery {
  store::Delivery delivery;
  ClientFile file;
  v1::Exchange exchange;
  v1::FrozenDelivery frozen;
  Instant received;  // when the message came in
};

// kDataLoss when something behind the delivery is gone or does not open.
absl::StatusOr<OpenedDelivery> OpenDelivery(const RoadParts& parts, store::Delivery delivery);

// What may leave of it on `today`: never more than was frozen.
std::variant<policy::Disclosure, policy::Withheld> DiscloseNow(const RoadParts& parts, const OpenedDelivery& opened,
                                                               CivilDate today);

}  // namespace schotvrij::exchange
