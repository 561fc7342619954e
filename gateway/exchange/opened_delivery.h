// OpenedDelivery: a delivery with all that stands sealed behind it, and what may leave of it now.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "gateway/exchange/client_file.h"
#include "gateway/exchange/road.h"

namespace schotvrij::exchange {

struct OpenedDelivery {
  store::Delivery delivery;
  ClientFile file;
  v1::Exchange exchange;
  v1::FrozenDelivery frozen;
};

// A delivery that is still on its way, or came to nothing, is not in its recipient's mailbox; one that was withheld answers "gone".
bool IsInMailbox(const store::Delivery& delivery);

// kDataLoss when something behind the delivery is gone or does not open.
absl::StatusOr<OpenedDelivery> OpenDelivery(const RoadParts& parts, store::Delivery delivery);
// The same of each; an error of the whole is the store's.
absl::StatusOr<std::vector<absl::StatusOr<OpenedDelivery>>> OpenDeliveries(const RoadParts& parts,
                                                                           std::vector<store::Delivery> deliveries);

// SpeaksAs of admission.h about one delivery (empty: none): a caller that speaks for several and names none is taken for the
// delivery's recipient, when it speaks for that one.
std::optional<std::string> SpeaksAsAbout(const RoadParts& parts, const identity::Enrolment& enrolment,
                                         const identity::Caller& caller, const v1::PartyIdentifier& named,
                                         std::string_view delivery_id, std::vector<Issue>* issues);

// What may leave of it on `today`: never more than was frozen, and nothing of a registration that was an error.
std::variant<policy::Disclosure, policy::Withheld> DiscloseNow(const RoadParts& parts, const OpenedDelivery& opened,
                                                               CivilDate today);
// The same if `facts` were what is known of the client.
std::variant<policy::Disclosure, policy::Withheld> DiscloseBy(const v1::Facts& facts, const RoadParts& parts,
                                                              const OpenedDelivery& opened, CivilDate today);

}  // namespace schotvrij::exchange
