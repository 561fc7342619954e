// Participation (deelname): one client in a recipient's eyes (R9), however many senders register it. What is said rests on what that
// recipient was told itself, and no sender hears any of it.
#pragma once

#include "absl/status/statusor.h"
#include "gateway/exchange/opened_delivery.h"

namespace schotvrij::exchange {

// Whether it says whom it is about: by the BSN or its pseudonym.
bool TellsWhom(const policy::Disclosure& disclosure);

// What the recipient of `opened` is told of the client: the key, if this message tells it whom; and of a registration or a step of one,
// if the registration told it whom, whether the client takes part: by a registration in that network that stands, told it whom, and was
// taken over or lies in its mailbox.
absl::StatusOr<ClientView> ViewOf(const RoadParts& parts, const OpenedDelivery& opened);

}  // namespace schotvrij::exchange
