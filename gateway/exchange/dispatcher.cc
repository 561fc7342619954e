#include "gateway/exchange/dispatcher.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <optional>
#include <set>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "gateway/exchange/closing.h"
#include "gateway/exchange/doorbell.h"
#include "gateway/exchange/exposure.h"
#include "gateway/exchange/hand_over.h"
#include "gateway/exchange/opened_delivery.h"
#include "gateway/exchange/participation.h"
#include "gateway/exchange/pace.h"
#include "gateway/exchange/posting.h"
#include "gateway/exchange/trial.h"
#include "gateway/exchange/waiting.h"
#include "gateway/identity/availability.h"
#include "gateway/telemetry/ledger.h"
#include "schemas/base/limits.h"

namespace schotvrij::exchange {
namespace {

using store::Delivery;
using store::DeliveryState;

}  // namespace

int64_t BackOffUs(const RetryPolicy& policy, uint32_t attempts, Random& random) {
  int64_t whole = policy.first_us;
  for (uint32_t i = 1; i < attempts && whole < policy.max_us; ++i) whole *= 2;
  whole = std::min(whole, policy.max_us);
  uint8_t bytes[8];
  random.Fill(bytes);
  uint64_t drawn;
  std::memcpy(&drawn, bytes, sizeof drawn);
  return whole / 2 + static_cast<int64_t>(drawn % static_cast<uint64_t>(whole / 2 + 1));
}

// Rounds may overlap; a delivery is never under way twice.
class Dispatcher::Rounds : public std::enable_shared_from_this<Dispatcher::Rounds> {
 public:
  Rounds(RoadParts parts, Outbound* mail, RetryPolicy retry, int64_t apart_us)
      : parts_(std::move(parts)), mail_(mail), retry_(retry), pace_(apart_us) {}

  void Start() {
    bell_ = parts_.doorbell->Listen(Doorbell::kPusher, [weak = weak_from_this()] {
      if (auto self = weak.lock()) self->Round();
    });
    Tick();
  }

  void Stop() {
    bell_.reset();
    {
      absl::MutexLock lock(&mutex_);
      stopped_ = true;
    }
    absl::MutexLock lock(&sending_);
    closed_ = true;
  }

 private:
  void Tick() {
    {
      absl::MutexLock lock(&mutex_);
      if (stopped_) return;
    }
    Round();
    parts_.executor->PostAfter(limits::kDispatchRoundUs, [weak = weak_from_this()] {
      if (auto self = weak.lock()) self->Tick();
    });
  }

  void Round() {
    if (mail_ == nullptr) return;
    look_again_ = false;
    absl::StatusOr<std::vector<Delivery>> due =
        parts_.store->DueDeliveries(parts_.clock->Now(), limits::kDueDeliveriesMax);
    if (!due.ok()) {  // the store is in trouble; the next round looks again
      RecordFailure(due.status());
      return;
    }
    for (const Delivery& delivery : *due) {
      if (Take(delivery.delivery_id)) BeginIfStillDue(delivery.delivery_id);
    }
  }

  // Between the look at the store and the taking, another round may have ended it: what it is now counts.
  void BeginIfStillDue(const std::string& delivery_id) {
    absl::StatusOr<std::optional<Delivery>> now = parts_.store->DeliveryById(delivery_id);
    if (!now.ok()) {
      RecordFailure(now.status());
      return Release(delivery_id, false);
    }
    const bool due = now->has_value() && (*now)->state == DeliveryState::kDue && (*now)->due <= parts_.clock->Now();
    if (!due) return Release(delivery_id, false);
    Begin(**std::move(now));
  }

  bool Take(const std::string& delivery_id) {
    absl::MutexLock lock(&mutex_);
    return !stopped_ && under_way_.insert(delivery_id).second;
  }

  // Gives the delivery back. Whatever waited behind it may be due now.
  void Release(const std::string& delivery_id, bool look_again) {
    {
      absl::MutexLock lock(&mutex_);
      under_way_.erase(delivery_id);
    }
    if (!look_again || look_again_.exchange(true)) return;
    parts_.executor->Post([weak = weak_from_this()] {
      if (auto self = weak.lock()) self->Round();
    });
  }

  // When the delivery may go. After one that goes now, the next of those that wait is looked for when its turn comes.
  Instant TurnOf(const Delivery& delivery, Instant now) {
    absl::MutexLock lock(&mutex_);
    const Instant turn = pace_.TurnOf(delivery.recipient, delivery.delivery_id, now);
    if (turn <= now && pace_.AnyWaits()) {
      parts_.executor->PostAfter(pace_.apart_us(), [weak = weak_from_this()] {
        if (auto self = weak.lock()) self->Round();
      });
    }
    return turn;
  }

  Standing StandingNow(Instant now) const {
    return {parts_.engine->rules(), parts_.enrolment(), TodayInAmsterdam(now)};
  }

  EventFrame Frame(const Standing& standing, Instant now) const {
    return {now, parts_.gateway_id, standing.rules->name(), "", "", "", ""};
  }

  void RecordFailure(const absl::Status& status) const {
    parts_.telemetry->Record(telemetry::Failed{telemetry::Place("dispatcher"), static_cast<int64_t>(status.code()), {}});
  }

  // What stands behind a delivery does not open: the operator is told, and its next turn comes late, so that it holds up nobody.
  void Lost(const std::string& delivery_id, const absl::Status& status) {
    RecordFailure(status);
    absl::StatusOr<std::optional<Delivery>> stored = parts_.store->DeliveryById(delivery_id);
    if (!stored.ok() || !stored->has_value()) return Release(delivery_id, false);
    store::Unit unit;
    unit.delivery_updates.push_back(**std::move(stored));
    unit.delivery_updates.back().due.us = parts_.clock->Now().us + retry_.max_us;
    unit.delivery_updates.back().frozen.bytes.clear();
    CommitThen(std::move(unit), delivery_id,
               [self = shared_from_this(), delivery_id] { self->Release(delivery_id, true); });
  }

  static EventObjects Objects(const Delivery& delivery) {
    return {delivery.client_id, delivery.exchange_id, delivery.delivery_id};
  }

  // Decides anew what may leave, writes that it is about to, and only then sends.
  void Begin(Delivery delivery) {
    const Instant now = parts_.clock->Now();
    const Standing standing = StandingNow(now);
    const std::string id = delivery.delivery_id;
    if (std::optional<Delivery> handed_over = HandedOver(standing, delivery, now)) return Readdress(*std::move(handed_over), standing, now);
    // A closure can be lifted, and a network made whole.
    const Instant at_the_latest{now.us + retry_.max_us};
    if (IsInactive(standing, delivery.network)) return Hold(std::move(delivery), at_the_latest);
    const config::v1::Participant* recipient = standing.enrolment->Find(delivery.recipient);
    const std::optional<Instant> closed = recipient == nullptr ? std::nullopt : identity::ClosedUntil(*recipient, now);
    if (closed.has_value()) return Hold(std::move(delivery), std::min(*closed, at_the_latest));
    if (IsTrial(delivery)) {
      const policy::Disclosure disclosure = DiscloseTrial(parts_, delivery);
      return Attempt(delivery, disclosure, FrozenTrial(parts_, delivery), {}, standing, now);
    }
    if (standing.enrolment->IsIncomplete(delivery.recipient)) return Hold(std::move(delivery), at_the_latest);
    if (const Instant turn = TurnOf(delivery, now); turn > now) return Hold(std::move(delivery), turn);
    absl::StatusOr<OpenedDelivery> opened = OpenDelivery(parts_, std::move(delivery));
    if (!opened.ok()) return Lost(id, opened.status());
    if (MustWait(opened->file.facts(), opened->delivery)) return Wait(*opened, standing, now);
    auto content = DiscloseNow(parts_, *opened, standing.today);
    if (auto* withheld = std::get_if<policy::Withheld>(&content)) {
      return GiveUp(opened->delivery, v1::WITHHELD, withheld->issues);
    }
    // Each attempt says the same.
    Delivery attempt = opened->delivery;
    attempt.frozen.bytes.clear();
    if (!opened->frozen.has_takes_part()) {
      const absl::StatusOr<ClientView> client = ViewOf(parts_, *opened);
      if (!client.ok()) return Lost(id, client.status());
      opened->frozen.set_takes_part(client->takes_part.value_or(false));
      attempt.frozen = opened->file.SealFrozen(id, opened->frozen);
    }
    store::Unit unit;
    opened->file.Expect(&unit);  // the client may withdraw at this moment
    Attempt(std::move(attempt), std::get<policy::Disclosure>(content), opened->frozen, std::move(unit), standing, now);
  }

  // `attempt`: with what is frozen from now on, if that changed. `unit`: what it rests on.
  void Attempt(Delivery attempt, const policy::Disclosure& disclosure, const v1::FrozenDelivery& frozen, store::Unit unit,
               const Standing& standing, Instant now) {
    const std::string id = attempt.delivery_id;
    const config::v1::Participant* recipient = standing.enrolment->Find(attempt.recipient);
    absl::StatusOr<policy::Encoded> encoded = EncodeFor(recipient, disclosure, frozen.takes_part());
    if (ReachOf(recipient) != Reach::kMail || !encoded.ok()) return GiveUp(attempt, v1::UNDELIVERABLE, {});
    ++attempt.attempts;
    // Should the gateway die while it sends, the delivery is due again after the back-off.
    attempt.due.us = now.us + BackOffUs(retry_, attempt.attempts, *parts_.random);
    unit.audit.push_back(DiscloseEvent(Frame(standing, now), Objects(attempt), disclosure.evidence()));
    unit.delivery_updates.push_back(attempt);
    CommitThen(std::move(unit), id,
               [self = shared_from_this(), attempt, encoded = *std::move(encoded), recipient = *recipient, frozen] {
                 self->Send(attempt, encoded, recipient, frozen);
               },
               [self = shared_from_this(), id] { self->BeginIfStillDue(id); });
  }

  // Its recipient was followed up: to the one that has its place now.
  void Readdress(Delivery delivery, const Standing& standing, Instant now) {
    const std::string id = delivery.delivery_id;
    store::Unit unit;
    unit.expects_deliveries.push_back({id, DeliveryState::kDue});
    AddHandOver(parts_, standing, delivery, now, &unit);
    std::vector<Delivery> rung = unit.delivery_updates;
    CommitThen(std::move(unit), id, [self = shared_from_this(), id, rung = std::move(rung)] {
      Announce(self->parts_, rung);
      self->Release(id, true);
    });
  }

  // One that is no network any more is none to wait for.
  bool IsInactive(const Standing& standing, std::string_view network) {
    return standing.rules->FindNetwork(network) != nullptr && !active_.IsActive(standing, network);
  }

  // No attempt, until the safety hold of its client is lifted.
  void Wait(const OpenedDelivery& opened, const Standing& standing, Instant now) {
    const std::string id = opened.delivery.delivery_id;
    store::Unit unit;
    opened.file.Expect(&unit);  // it may be lifted at this moment
    unit.delivery_updates.push_back(AsWaiting(opened.delivery));
    unit.delivery_updates.back().frozen.bytes.clear();
    unit.audit.push_back(WaitEvent(Frame(standing, now), Objects(opened.delivery)));
    CommitThen(std::move(unit), id, [self = shared_from_this(), id] { self->Release(id, true); },
               [self = shared_from_this(), id] { self->BeginIfStillDue(id); });
  }

  // No attempt: it is due again then. Others may have waited behind it.
  void Hold(Delivery delivery, Instant until) {
    const std::string id = delivery.delivery_id;
    store::Unit unit;
    unit.delivery_updates.push_back(delivery);
    unit.delivery_updates.back().due = until;
    unit.delivery_updates.back().frozen.bytes.clear();
    CommitThen(std::move(unit), id, [self = shared_from_this(), delivery = std::move(delivery)] {
      RecordStage(*self->parts_.telemetry, telemetry::DeliveryStage::kHeld, delivery);
      self->Release(delivery.delivery_id, true);
    });
  }

  void Send(const Delivery& attempt, const policy::Encoded& encoded, const config::v1::Participant& recipient,
            const v1::FrozenDelivery& frozen) {
    absl::ReaderMutexLock lock(&sending_);
    if (closed_) return Release(attempt.delivery_id, false);  // due again after its back-off
    mail_->Send(encoded, recipient, frozen, [weak = weak_from_this(), attempt](DeliveryOutcome outcome) {
      if (auto self = weak.lock()) self->Ended(attempt, outcome);
    });
  }

  void Ended(const Delivery& attempt, const DeliveryOutcome& outcome) {
    const bool accepted = outcome.kind == DeliveryOutcome::Kind::kAccepted;
    const bool last = outcome.kind == DeliveryOutcome::Kind::kPermanent || attempt.attempts >= retry_.attempts;
    if (!accepted && last) return GiveUp(attempt, v1::UNDELIVERABLE, {});
    const Instant now = parts_.clock->Now();
    store::Unit unit;
    unit.audit.push_back(DeliverEvent(Frame(StandingNow(now), now), Objects(attempt),
                                      accepted ? v1::AUDIT_OK : v1::AUDIT_ERROR, outcome.reason));
    Delivery& ended = unit.delivery_updates.emplace_back(attempt);
    ended.frozen.bytes.clear();
    if (accepted) {
      ended.state = DeliveryState::kDelivered;
      NoteTaken(attempt, now, &unit);
    } else {  // from now: the attempt itself may have taken longer than the back-off it began with
      ended.due.us = now.us + BackOffUs(retry_, attempt.attempts, *parts_.random);
    }
    CommitThen(std::move(unit), attempt.delivery_id,
               [self = shared_from_this(), attempt, accepted, reason = outcome.reason] {
                 RecordStage(*self->parts_.telemetry,
                             accepted ? telemetry::DeliveryStage::kDelivered : telemetry::DeliveryStage::kRetry, attempt, reason);
                 self->Release(attempt.delivery_id, accepted);
               });
  }

  // Dead letter or withheld: the delivery ends, the registration is open no more, and the sender is told.
  void GiveUp(const Delivery& delivery, v1::ReceiptState state, std::vector<Issue> issues) {
    if (IsTrial(delivery)) return GiveUpTrial(delivery);
    const Instant now = parts_.clock->Now();
    const Standing standing = StandingNow(now);
    absl::StatusOr<OpenedDelivery> opened = OpenDelivery(parts_, WithFrozen(delivery));
    if (!opened.ok()) return Lost(delivery.delivery_id, opened.status());
    const EventFrame frame = Frame(standing, now);
    store::Unit unit;
    unit.audit.push_back(state == v1::WITHHELD
                             ? WithholdEvent(frame, Objects(delivery), issues)
                             : DeliverEvent(frame, Objects(delivery), v1::AUDIT_ERROR, kDeliveryFailed));
    ComeToNothing(parts_, standing, *opened, state, now, frame, &unit);
    std::vector<Delivery> rung = unit.deliveries;
    CommitThen(
        std::move(unit), delivery.delivery_id,
        [self = shared_from_this(), rung = std::move(rung), delivery, state] {
          const bool withheld = state == v1::WITHHELD;
          RecordStage(*self->parts_.telemetry,
                      withheld ? telemetry::DeliveryStage::kWithheld : telemetry::DeliveryStage::kDeadLetter, delivery,
                      withheld ? kNothingMayLeave : kDeliveryFailed);
          Announce(self->parts_, rung);
          self->Release(delivery.delivery_id, true);
        },
        [self = shared_from_this(), delivery, state, issues = std::move(issues)] {
          self->GiveUp(delivery, state, issues);
        });
  }

  // A trial has no sender to tell.
  void GiveUpTrial(Delivery trial) {
    const Instant now = parts_.clock->Now();
    store::Unit unit;
    unit.audit.push_back(DeliverEvent(Frame(StandingNow(now), now), Objects(trial), v1::AUDIT_ERROR, kDeliveryFailed));
    trial.state = DeliveryState::kDeadLetter;
    unit.delivery_updates.push_back(trial);
    CommitThen(std::move(unit), trial.delivery_id, [self = shared_from_this(), trial] {
      RecordStage(*self->parts_.telemetry, telemetry::DeliveryStage::kDeadLetter, trial, kDeliveryFailed);
      self->Release(trial.delivery_id, false);
    });
  }

  // The delivery as the store has it, with what was frozen; an attempt carries only what it changes.
  Delivery WithFrozen(const Delivery& delivery) const {
    if (!delivery.frozen.bytes.empty()) return delivery;
    absl::StatusOr<std::optional<Delivery>> stored = parts_.store->DeliveryById(delivery.delivery_id);
    return stored.ok() && stored->has_value() ? **stored : delivery;
  }

  // `stale`: the client changed meanwhile, and the same is to be worked out anew. When the store refuses, the delivery is let go
  // and its next turn finds it as it is.
  void CommitThen(store::Unit unit, const std::string& delivery_id, absl::AnyInvocable<void()> then,
                  absl::AnyInvocable<void()> stale = nullptr) {
    absl::Status queued = parts_.store->Commit(
        std::move(unit), parts_.executor,
        [self = shared_from_this(), delivery_id, then = std::move(then), stale = std::move(stale)](
            absl::StatusOr<store::CommitResult> result) mutable {
          if (result.ok() && std::holds_alternative<store::Committed>(*result)) return then();
          if (result.ok() && stale != nullptr) return stale();
          self->Release(delivery_id, false);
        });
    if (!queued.ok()) Release(delivery_id, false);
  }

  const RoadParts parts_;
  Outbound* const mail_;
  const RetryPolicy retry_;
  std::unique_ptr<Road::Watch> bell_;
  ActiveNetworks active_;

  absl::Mutex mutex_;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  std::set<std::string> under_way_ ABSL_GUARDED_BY(mutex_);
  Pace pace_ ABSL_GUARDED_BY(mutex_);
  std::atomic<bool> look_again_ = false;  // a round was posted that did not begin yet

  absl::Mutex sending_;  // shared by those that hand something to `mail_`, which may be gone once `closed_`
  bool closed_ ABSL_GUARDED_BY(sending_) = false;
};

Dispatcher::Dispatcher(RoadParts parts, Outbound* mail, RetryPolicy retry, int64_t apart_us)
    : rounds_(std::make_shared<Rounds>(std::move(parts), mail, retry, apart_us)) {}

Dispatcher::~Dispatcher() { Stop(); }

void Dispatcher::Start() { rounds_->Start(); }
void Dispatcher::Stop() { rounds_->Stop(); }

}  // namespace schotvrij::exchange
