#include "gateway/exchange/hand_over.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "gateway/exchange/doorbell.h"
#include "gateway/exchange/events.h"
#include "gateway/exchange/posting.h"
#include "gateway/telemetry/ledger.h"
#include "policy/succession.h"
#include "schemas/base/limits.h"
#include "schemas/base/status.h"

namespace schotvrij::exchange {

using store::Delivery;
using store::DeliveryState;

std::optional<Delivery> HandedOver(const Standing& standing, const Delivery& delivery, Instant now) {
  const policy::v1::Network* network = standing.rules->FindNetwork(delivery.network);
  if (network == nullptr || !standing.rules->HasSuccessors(*network)) return std::nullopt;
  const std::string_view holder = policy::HolderOn(*standing.rules, *network, delivery.recipient, standing.today);
  if (holder == delivery.recipient) return std::nullopt;
  const Reach reach = ReachOf(standing.enrolment->Find(holder));
  if (reach == Reach::kNowhere) return std::nullopt;
  Delivery handed_over = delivery;
  handed_over.recipient = std::string(holder);
  if (delivery.state == DeliveryState::kDelivered) return handed_over;
  handed_over.state = reach == Reach::kMailbox ? DeliveryState::kAvailable : DeliveryState::kDue;
  handed_over.due = now;
  return handed_over;
}

void AddHandOver(const RoadParts& parts, const Standing& standing, Delivery delivery, Instant now, store::Unit* unit) {
  const EventFrame frame{now, parts.gateway_id, standing.rules->name(), "", delivery.recipient,
                         RolesOf(standing, delivery.network, delivery.recipient), ""};
  unit->audit.push_back(HandedOverEvent(frame, {delivery.client_id, delivery.exchange_id, delivery.delivery_id}));
  delivery.frozen.bytes.clear();
  unit->delivery_updates.push_back(std::move(delivery));
}

class HandOver::Rounds : public std::enable_shared_from_this<HandOver::Rounds> {
 public:
  explicit Rounds(RoadParts parts) : parts_(std::move(parts)) {}

  void Tick() {
    Look();
    parts_.executor->PostAfter(limits::kHandOverRoundUs, [weak = weak_from_this()] {
      if (auto self = weak.lock(); self && !self->Stopped()) self->Tick();
    });
  }

  void Look() {
    {
      absl::MutexLock lock(&mutex_);
      if (stopped_ || looking_) return;
      looking_ = true;
    }
    const Instant now = parts_.clock->Now();
    const Standing standing{parts_.engine->rules(), parts_.enrolment(), TodayInAmsterdam(now)};
    std::vector<Place> places;
    for (const policy::v1::Network& network : standing.rules->networks()) {
      if (!standing.rules->HasSuccessors(network)) continue;
      for (const policy::v1::Party& party : network.party()) {
        if (policy::HolderOn(*standing.rules, network, party.key(), standing.today) != party.key()) places.push_back({party.key(), ""});
      }
    }
    Empty(standing, std::move(places));
  }

  void Stop() {
    absl::MutexLock lock(&mutex_);
    stopped_ = true;
  }

 private:
  // A mailbox that is to be emptied, behind what stays in it.
  struct Place {
    std::string party;
    std::string after;
  };

  bool Stopped() {
    absl::MutexLock lock(&mutex_);
    return stopped_;
  }

  void Rest() {
    absl::MutexLock lock(&mutex_);
    looking_ = false;
  }

  // The last of `places` first, a unit at a time; what does not go now is found again at the next look.
  void Empty(const Standing& standing, std::vector<Place> places) {
    store::Unit unit;
    unit.background = true;
    while (!places.empty() && unit.delivery_updates.empty()) {
      if (absl::Status taken = TakePage(standing, places, unit); !taken.ok()) return Failed(taken);
    }
    if (unit.delivery_updates.empty() || Stopped()) return Rest();
    std::vector<Delivery> rung = unit.delivery_updates;
    absl::Status queued = parts_.store->Commit(
        std::move(unit), parts_.executor,
        [self = shared_from_this(), standing, places = std::move(places), rung = std::move(rung)](
            absl::StatusOr<store::CommitResult> result) mutable {
          if (!result.ok()) return self->Failed(result.status());
          if (!std::holds_alternative<store::Committed>(*result)) return self->Rest();  // something of it moved meanwhile
          self->parts_.doorbell->Ring(rung);
          self->Empty(standing, std::move(places));
        });
    if (!queued.ok()) Failed(queued);
  }

  // Adds to `unit` what of the next page of the last place goes; a place of which nothing is left to look at is dropped.
  absl::Status TakePage(const Standing& standing, std::vector<Place>& places, store::Unit& unit) {
    Place& place = places.back();
    ASSIGN_OR_RETURN(const std::vector<Delivery> lying, parts_.store->Mailbox({.recipient = place.party,
                                                                               .unacknowledged_only = false,
                                                                               .content_type = "",
                                                                               .client_id = "",
                                                                               .after = place.after,
                                                                               .most = limits::kHandOverMax}));
    const Instant now = parts_.clock->Now();
    for (const Delivery& delivery : lying) {
      std::optional<Delivery> handed_over = HandedOver(standing, delivery, now);
      if (!handed_over.has_value()) {
        place.after = delivery.delivery_id;
        continue;
      }
      unit.expects_deliveries.push_back({delivery.delivery_id, delivery.state});
      AddHandOver(parts_, standing, *std::move(handed_over), now, &unit);
    }
    if (lying.size() < limits::kHandOverMax) places.pop_back();
    return absl::OkStatus();
  }

  void Failed(const absl::Status& status) {
    parts_.telemetry->Record(telemetry::Failed{telemetry::Place("hand-over"), static_cast<int64_t>(status.code()), {}});
    Rest();
  }

  const RoadParts parts_;
  absl::Mutex mutex_;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  bool looking_ ABSL_GUARDED_BY(mutex_) = false;
};

HandOver::HandOver(RoadParts parts) : rounds_(std::make_shared<Rounds>(std::move(parts))) {}
HandOver::~HandOver() { Stop(); }

void HandOver::Start() { rounds_->Tick(); }
void HandOver::Look() { rounds_->Look(); }
void HandOver::Stop() { rounds_->Stop(); }

}  // namespace schotvrij::exchange
