#include "gateway/exchange/answer_due.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "gateway/telemetry/ledger.h"
#include "policy/deadline.h"
#include "schemas/base/status.h"

namespace schotvrij::exchange {
namespace {

constexpr const char* kAnswerTimer = "answer";  // their subject is the delivery
constexpr telemetry::Place kAnswerDue("answer-due");

// What the recipient never had before it is not late.
bool IsAwaited(const store::Delivery& delivery) {
  const bool put_before =
      delivery.state == store::DeliveryState::kAvailable || delivery.state == store::DeliveryState::kDelivered;
  return put_before && !delivery.answered;
}

absl::StatusOr<TimerWork> LookForAnswer(const RoadParts& parts, const store::Timer& timer) {
  TimerWork work;
  ASSIGN_OR_RETURN(const std::optional<store::Delivery> delivery, parts.store->DeliveryById(timer.subject));
  if (delivery.has_value() && IsAwaited(*delivery)) {
    work.recorded = telemetry::AnswerOverdue{telemetry::DeliveryId(delivery->delivery_id),
                                             telemetry::ParticipantKey(delivery->recipient),
                                             telemetry::NetworkKey(delivery->network)};
  }
  return work;
}

}  // namespace

void PutAnswerTimer(const RoadParts& parts, const policy::RuleSet& rules, const store::Delivery& delivery, CivilDate today,
                    store::Unit* unit) {
  const absl::StatusOr<std::optional<CivilDate>> last =
      policy::AnswerDue(rules, delivery.network, delivery.content_type, today);
  if (!last.ok()) {
    parts.telemetry->Record(telemetry::Failed{kAnswerDue, static_cast<int64_t>(last.status().code()), {}});
  } else if (last->has_value()) {
    unit->timers.push_back({absl::StrCat("answer/", delivery.delivery_id), kAnswerTimer, delivery.delivery_id,
                            StartInAmsterdam((*last)->PlusDays(1))});
  }
}

TimerRounds::Kind AnswersDue() { return {kAnswerTimer, kAnswerDue, &LookForAnswer}; }

}  // namespace schotvrij::exchange
