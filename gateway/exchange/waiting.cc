#include "gateway/exchange/waiting.h"

#include <utility>

#include "gateway/casefile/casefile.h"
#include "schemas/base/status.h"

namespace schotvrij::exchange {
namespace {

using store::Delivery;
using store::DeliveryState;

EventObjects ObjectsOf(const Delivery& delivery) { return {delivery.client_id, delivery.exchange_id, delivery.delivery_id}; }

void Change(const Delivery& before, Delivery after, store::Unit* unit) {
  unit->expects_deliveries.push_back({before.delivery_id, before.state, before.attempts, before.read});
  after.frozen.bytes.clear();
  unit->delivery_updates.push_back(std::move(after));
}

}  // namespace

bool MustWait(const v1::Facts& facts, const Delivery& delivery) {
  if (!casefile::IsHeld(facts)) return false;
  return delivery.state == DeliveryState::kDue || (delivery.state == DeliveryState::kAvailable && !delivery.read);
}

Delivery AsWaiting(Delivery delivery) {
  delivery.state = DeliveryState::kDue;
  delivery.due = store::kNever;
  return delivery;
}

absl::StatusOr<Waiting> Waiting::Open(const RoadParts& parts, const ClientFile& file) {
  Waiting waiting;
  ASSIGN_OR_RETURN(std::vector<Delivery> deliveries, parts.store->OpenDeliveriesOf(file.id()));
  ASSIGN_OR_RETURN(std::vector<absl::StatusOr<OpenedDelivery>> opened, OpenDeliveries(parts, std::move(deliveries)));
  for (absl::StatusOr<OpenedDelivery>& each : opened) {
    if (each.ok()) waiting.open_.push_back(*std::move(each));  // one that does not open leaves for nobody
  }
  return waiting;
}

void Waiting::Apply(const RoadParts& parts, const Standing& standing, const v1::Exchange& hold, const v1::Facts& after,
                    const ClientFile& file, const Posting& posting, const EventFrame& frame, store::Unit* unit) const {
  const bool sets = hold.safety_hold().state() == v1::HOLD_SET;
  const auto claim = [&](const std::string& exchange_id) {
    return store::Unique{std::string(kHoldSpace), parts.keys->Token(kHoldSpace, exchange_id), exchange_id};
  };
  unit->audit.push_back(HoldEvent(sets ? v1::AUDIT_HOLD_SET : v1::AUDIT_HOLD_LIFTED, frame, {file.id(), posting.exchange_id}));
  if (sets) {
    unit->uniques.push_back(claim(posting.exchange_id));
    return Stop(after, frame, unit);
  }
  unit->releases.push_back(claim(casefile::FindHold(file.facts(), hold)->exchange_id()));
  if (!casefile::IsHeld(after)) GoOn(parts, standing, after, frame, unit);
}

void Waiting::Stop(const v1::Facts& after, const EventFrame& frame, store::Unit* unit) const {
  for (const OpenedDelivery& opened : open_) {
    const Delivery& delivery = opened.delivery;
    if (!MustWait(after, delivery) || delivery.due == store::kNever) continue;
    Change(delivery, AsWaiting(delivery), unit);
    unit->audit.push_back(WaitEvent(frame, ObjectsOf(delivery)));
  }
}

void Waiting::GoOn(const RoadParts& parts, const Standing& standing, const v1::Facts& after, const EventFrame& frame,
                   store::Unit* unit) const {
  for (const OpenedDelivery& opened : open_) {
    Delivery delivery = opened.delivery;
    if (delivery.due != store::kNever) continue;
    const bool by_mail = ReachOf(standing.enrolment->Find(delivery.recipient)) == Reach::kMail;
    delivery.state = by_mail ? DeliveryState::kDue : DeliveryState::kAvailable;
    delivery.due = frame.at;
    Change(opened.delivery, delivery, unit);
    if (by_mail) continue;  // an event when it is sent
    const auto content = DiscloseBy(after, parts, opened, standing.today);
    const auto* withheld = std::get_if<policy::Withheld>(&content);
    unit->audit.push_back(withheld != nullptr
                              ? WithholdEvent(frame, ObjectsOf(delivery), withheld->issues)
                              : DiscloseEvent(frame, ObjectsOf(delivery), std::get<policy::Disclosure>(content).evidence()));
  }
}

}  // namespace schotvrij::exchange
