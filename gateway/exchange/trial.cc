#include "gateway/exchange/trial.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "gateway/exchange/posting.h"
#include "schemas/base/status.h"

namespace schotvrij::exchange {
namespace {

using store::Delivery;
using store::DeliveryState;

constexpr size_t kIdTimeDigits = 12;  // NewRowId

// Where the trials of a participant by one route are claimed.
std::string TrialSpace(const config::v1::Participant& participant) {
  const config::v1::Route& route = participant.route();
  return absl::StrCat("trial|", participant.key(), "|", IsByMail(route) ? MailAddressOf(route) : "mailbox");
}

Instant BegunAt(const Delivery& trial) {
  uint64_t ms = 0;
  if (!absl::SimpleHexAtoi(trial.delivery_id.substr(0, kIdTimeDigits), &ms)) return trial.due;
  return Instant{static_cast<int64_t>(ms) * 1000};
}

TrialState::Stage StageOf(const Delivery& trial, Reach reach) {
  if (trial.state == DeliveryState::kDeadLetter) return TrialState::Stage::kFailed;
  // By mail it is not its server that is asked.
  const bool back = trial.answered || (reach == Reach::kMailbox && trial.state == DeliveryState::kDelivered);
  return back ? TrialState::Stage::kComplete : TrialState::Stage::kUnderWay;
}

}  // namespace

bool IsTrial(const Delivery& delivery) { return delivery.content_type == kTrialContent; }

absl::StatusOr<TrialState> ReadTrial(store::Store& store, const config::v1::Participant& participant) {
  ASSIGN_OR_RETURN(std::vector<std::string> ids, store.OwnersIn(TrialSpace(participant)));
  std::sort(ids.begin(), ids.end());  // by when they began
  ASSIGN_OR_RETURN(const std::vector<Delivery> trials, store.DeliveriesById(ids));
  TrialState state;
  for (const Delivery& trial : trials) {
    state = {StageOf(trial, ReachOf(&participant)), trial.delivery_id};
    if (state.stage == TrialState::Stage::kComplete) break;
  }
  return state;
}

void BeginTrial(const RoadParts& parts, const config::v1::Participant& participant, absl::AnyInvocable<void(absl::Status)> done) {
  const Reach reach = ReachOf(&participant);
  if (reach == Reach::kNowhere) return done(absl::FailedPreconditionError("nothing can reach it: it has no route"));
  const Instant now = parts.clock->Now();
  Delivery trial;
  trial.delivery_id = NewRowId(now, *parts.random);
  trial.recipient = participant.key();
  trial.content_type = kTrialContent;
  trial.state = reach == Reach::kMailbox ? DeliveryState::kAvailable : DeliveryState::kDue;
  trial.due = now;
  store::Unit unit;
  unit.uniques.push_back({TrialSpace(participant), trial.delivery_id, trial.delivery_id});
  unit.audit.push_back(DiscloseEvent({now, parts.gateway_id, parts.engine->rules()->name(), "", "", "", ""},
                                     {"", "", trial.delivery_id}, DiscloseTrial(parts, trial).evidence()));
  unit.deliveries.push_back(trial);
  const auto shared = std::make_shared<absl::AnyInvocable<void(absl::Status)>>(std::move(done));
  const absl::Status queued = parts.store->Commit(
      std::move(unit), parts.executor, [&parts, trial, shared](absl::StatusOr<store::CommitResult> result) {
        if (result.ok()) Announce(parts, {&trial, 1});
        (*shared)(result.status());
      });
  if (!queued.ok()) (*shared)(queued);
}

policy::Disclosure DiscloseTrial(const RoadParts& parts, const Delivery& trial) {
  return parts.engine->DiscloseTrial(trial.delivery_id, trial.recipient, TodayInAmsterdam(BegunAt(trial)).ToString());
}

v1::FrozenDelivery FrozenTrial(const RoadParts& parts, const Delivery& trial) {
  v1::FrozenDelivery frozen;
  frozen.set_message_id(trial.delivery_id);
  frozen.set_mail_message_id(absl::StrCat(trial.delivery_id, "@", parts.gateway_id));
  frozen.set_sent_at_us(BegunAt(trial).us);
  return frozen;
}

void PutAnswered(const EventFrame& frame, Delivery trial, store::Unit* unit) {
  unit->audit.push_back(ReceiveEvent(frame, {"", "", trial.delivery_id}));
  unit->expects_deliveries.push_back({trial.delivery_id, trial.state});
  trial.state = DeliveryState::kDelivered;
  trial.answered = true;
  unit->delivery_updates.push_back(std::move(trial));
}

void TrialEnded(const RoadParts& parts, const Delivery& trial) {
  if (IsTrial(trial) && parts.trial_ended != nullptr) parts.trial_ended();
}

}  // namespace schotvrij::exchange
