#include "gateway/exchange/exposure.h"

#include <utility>

#include "gateway/casefile/casefile.h"
#include "gateway/exchange/client_file.h"
#include "gateway/exchange/opened_delivery.h"
#include "google/protobuf/message.h"
#include "schemas/base/stable_bytes.h"
#include "schemas/base/status.h"
#include "schemas/base/table.h"

namespace schotvrij::exchange {
namespace {

using google::protobuf::Message;
using store::Delivery;
using store::DeliveryState;

// `was_shown`: in the mailbox. Unspecified: it got to nobody.
v1::BreachExposure ExposureOf(const Delivery& delivery, bool was_shown) {
  if (delivery.attempts > 0) return v1::EXPOSED_MAILED;
  if (delivery.state == DeliveryState::kDelivered) return v1::EXPOSED_TAKEN_OVER;
  if (was_shown) return v1::EXPOSED_READ;
  return delivery.state == DeliveryState::kAvailable ? v1::EXPOSED_UNREAD : v1::BREACH_EXPOSURE_UNSPECIFIED;
}

bool Holds(const Message& message, std::string_view path) {
  const size_t dot = path.find('.');
  const auto* field = message.GetDescriptor()->FindFieldByName(std::string(path.substr(0, dot)));
  if (field == nullptr) return false;
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  if (!field->is_repeated()) {
    if (!reflection.HasField(message, field)) return false;
    return dot == path.npos || Holds(reflection.GetMessage(message, field), path.substr(dot + 1));
  }
  const int size = reflection.FieldSize(message, field);
  if (dot == path.npos) return size > 0;
  for (int i = 0; i < size; ++i) {
    if (Holds(reflection.GetRepeatedMessage(message, field, i), path.substr(dot + 1))) return true;
  }
  return false;
}

// Of one that does not open it is not known what it held, nor whether it was shown: it counts as if it was.
v1::BreachPlace PlaceOf(const Delivery& delivery, const absl::StatusOr<OpenedDelivery>& opened) {
  v1::BreachPlace place;
  place.set_recipient(delivery.recipient);
  place.set_exchange_id(delivery.exchange_id);
  place.set_delivery_id(delivery.delivery_id);
  place.set_exposure(ExposureOf(delivery, !opened.ok() || delivery.read));
  if (!opened.ok()) return place;
  place.set_sent_us(opened->frozen.sent_at_us());
  for (const std::string& path : opened->frozen.paths()) {
    const bool about_client = !path.starts_with("envelope.");
    if (about_client && Holds(opened->exchange, path)) place.add_paths(path);
  }
  return place;
}

std::string WithdrawalTo(std::string_view recipient, const store::Unit& unit) {
  for (const Delivery& delivery : unit.deliveries) {
    if (!delivery.precedes.empty() && delivery.recipient == recipient) return delivery.delivery_id;
  }
  return "";
}

}  // namespace

std::string_view BreachCode(std::string_view value) {
  const Table::Row* const row = Table::Embedded("schemas/codes/breach.csv").Find("value", value);
  return row == nullptr ? "" : (*row)["code"];
}

absl::StatusOr<Exposure> Exposure::Open(const RoadParts& parts, const v1::Facts& facts, std::string_view delivery_id) {
  Exposure exposure;
  if (const auto carried = casefile::FindByDelivery(facts, delivery_id)) exposure.sender_ = carried->sender;
  ASSIGN_OR_RETURN(exposure.deliveries_, parts.store->DeliveriesById(casefile::DeliveriesOf(facts, delivery_id)));
  ASSIGN_OR_RETURN(const std::vector<absl::StatusOr<OpenedDelivery>> opened, OpenDeliveries(parts, exposure.deliveries_));
  for (size_t i = 0; i < opened.size(); ++i) {
    v1::BreachPlace place = PlaceOf(exposure.deliveries_[i], opened[i]);
    if (place.exposure() != v1::BREACH_EXPOSURE_UNSPECIFIED) exposure.places_.push_back(std::move(place));
  }
  return exposure;
}

std::optional<telemetry::BreachOpened> Exposure::Record(v1::BreachCause cause, std::string_view discovered_by,
                                                        const EventFrame& frame, Random& random, store::Unit* unit) const {
  for (const Delivery& each : deliveries_) unit->expects_deliveries.push_back({each.delivery_id, each.state, each.attempts, each.read});
  if (places_.empty()) return std::nullopt;
  const std::string& network = deliveries_.front().network;
  v1::BreachRecord record;
  record.set_cause(cause);
  record.set_network(network);
  record.set_exchange_id(deliveries_.front().exchange_id);
  record.set_discovered_by(std::string(discovered_by));
  record.set_sender(sender_);
  record.set_discovered_us(frame.at.us);
  record.set_persons(1);  // a registration is about one
  store::Breach breach;
  breach.breach_id = NewRowId(frame.at, random);
  breach.opened = frame.at;
  for (const v1::BreachPlace& place : places_) {
    *record.add_places() = place;
    const bool taken = place.exposure() == v1::EXPOSED_TAKEN_OVER || place.exposure() == v1::EXPOSED_MAILED;
    breach.places.push_back(taken ? store::BreachPlace{WithdrawalTo(place.recipient(), *unit), std::nullopt}
                                  : store::BreachPlace{"", frame.at});
  }
  breach.record = {kSchemaRevision, ToBytes(record)};
  const std::string_view code = BreachCode(v1::BreachCause_Name(cause));
  unit->audit.push_back(BreachEvent(v1::AUDIT_BREACH_OPENED, frame, {"", discovered_by, "", "", breach.breach_id}, code));
  telemetry::BreachOpened opened{telemetry::BreachId(breach.breach_id), telemetry::ReasonCode(code), telemetry::NetworkKey(network),
                                 telemetry::ParticipantKey(sender_), telemetry::TraceId(frame.trace_id)};
  unit->breaches.push_back(std::move(breach));
  return opened;
}

void NoteTaken(const Delivery& delivery, std::optional<Instant> at, store::Unit* unit) {
  if (!delivery.precedes.empty()) unit->containments.push_back({delivery.delivery_id, at});
}

}  // namespace schotvrij::exchange
