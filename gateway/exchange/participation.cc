#include "gateway/exchange/participation.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "gateway/casefile/casefile.h"
#include "policy/hat.h"
#include "schemas/base/status.h"

namespace schotvrij::exchange {
namespace {

using store::Delivery;
using store::DeliveryState;

absl::StatusOr<bool> ToldWhom(const ClientFile& file, const Delivery& delivery) {
  ASSIGN_OR_RETURN(const v1::FrozenDelivery frozen, file.OpenFrozen(delivery.delivery_id, delivery.frozen));
  return frozen.tells_whom();
}

// Whether the registration that `first` carried told its recipient whom it is about.
absl::StatusOr<bool> KnowsWhom(const RoadParts& parts, const OpenedDelivery& opened, const std::string& first) {
  if (first == opened.delivery.delivery_id) return opened.frozen.tells_whom();
  ASSIGN_OR_RETURN(const std::optional<Delivery> registration, parts.store->DeliveryById(first));
  if (!registration.has_value()) return false;
  return ToldWhom(opened.file, *registration);
}

bool IsBeside(const Delivery& other, const Delivery& delivery) {
  return other.recipient == delivery.recipient && policy::IsUnderHat(other.recipient_role, delivery.recipient_role) &&
         (other.state == DeliveryState::kAvailable || other.state == DeliveryState::kDelivered);
}

absl::StatusOr<bool> TakesPart(const RoadParts& parts, const OpenedDelivery& opened) {
  const Delivery& delivery = opened.delivery;
  std::vector<std::string> standing;
  for (const v1::RegistrationFact& fact : opened.file.facts().registrations()) {
    if (fact.network() != delivery.network || !casefile::IsOpen(fact.state())) continue;
    if (fact.delivery_id() == delivery.delivery_id) return true;
    standing.push_back(fact.delivery_id());
  }
  if (standing.empty()) return false;
  ASSIGN_OR_RETURN(const std::vector<Delivery> others, parts.store->DeliveriesById(standing));
  for (const Delivery& other : others) {
    if (!IsBeside(other, delivery)) continue;
    ASSIGN_OR_RETURN(const bool told, ToldWhom(opened.file, other));
    if (told) return true;
  }
  return false;
}

}  // namespace

bool TellsWhom(const policy::Disclosure& disclosure) {
  return std::ranges::any_of(disclosure.evidence().fields, [](const policy::SharedField& field) {
    return field.path == "client.bsn" && (field.as == policy::v1::ITSELF || field.as == policy::v1::PSEUDONYM);
  });
}

absl::StatusOr<ClientView> ViewOf(const RoadParts& parts, const OpenedDelivery& opened) {
  ClientView view;
  if (opened.frozen.tells_whom()) view.key = parts.keys->Pseudonym(opened.delivery.recipient, opened.file.id());
  if (!opened.exchange.has_registration()) return view;
  const std::vector<std::string> got = casefile::DeliveriesOf(opened.file.facts(), opened.delivery.delivery_id);
  if (got.empty()) return view;
  ASSIGN_OR_RETURN(const bool knows, KnowsWhom(parts, opened, got.front()));
  if (!knows) return view;
  ASSIGN_OR_RETURN(view.takes_part, TakesPart(parts, opened));
  return view;
}

}  // namespace schotvrij::exchange
