#include "gateway/exchange/day_sheet.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "gateway/exchange/events.h"
#include "gateway/exchange/opened_delivery.h"
#include "gateway/exchange/stored_answer.h"
#include "policy/hat.h"
#include "schemas/base/limits.h"
#include "schemas/base/status.h"

namespace schotvrij::exchange {
namespace {

constexpr std::string_view kReceiptContent = "receipt";

}  // namespace

void DaySheet::Start() {
  now_ = parts_.clock->Now();
  const CivilDate today = TodayInAmsterdam(now_);
  std::vector<Issue> issues;
  const Standing standing{parts_.engine->rules(), parts_.enrolment(), today};
  const std::optional<std::string> participant =
      SpeaksAs(request_.caller, *standing.enrolment, request_.asked.participant(), &issues);
  if (!participant.has_value()) return done_({std::move(issues), {}});
  participant_ = *participant;
  policy_set_ = standing.rules->name();
  hidden_ = HiddenNetworks(standing, request_.caller, participant_);
  const std::optional<std::string> hat = HatOf(standing, request_.caller, participant_, &issues);
  if (!hat.has_value()) return done_({std::move(issues), {}});
  hat_ = *hat;
  const std::optional<CivilDate> day = request_.asked.day().empty() ? today : CivilDate::Parse(request_.asked.day());
  if (!day.has_value()) return Refuse(MakeIssue("DATE-FORM", "day"));
  if (*day > today) return Refuse(MakeIssue("DAY-TO-COME", "day"));
  day_ = day->ToString();
  after_ = FirstIdAt(StartInAmsterdam(*day));
  before_ = FirstIdAt(StartInAmsterdam(day->PlusDays(1)));
  lines_.emplace(now_);
  ReadOn();
}

void DaySheet::ReadOn() {
  absl::StatusOr<std::vector<store::Store::DayEntry>> page =
      parts_.store->DeliveriesBetween(after_, before_, limits::kDaySheetPage);
  if (!page.ok()) return Fail(page.status());
  for (const store::Store::DayEntry& entry : *page) {
    if (absl::Status counted = Count(entry); !counted.ok()) return Fail(counted);
  }
  if (page->size() < limits::kDaySheetPage) return Finish();
  after_ = page->back().delivery_id;
  parts_.executor->Post([self = shared_from_this()] { self->ReadOn(); });
}

absl::Status DaySheet::Count(const store::Store::DayEntry& entry) {
  if (entry.content_type == kReceiptContent || std::ranges::count(hidden_, entry.network) > 0) return absl::OkStatus();
  if (entry.sender == participant_ && policy::IsUnderHat(entry.sender_role, hat_)) {
    ASSIGN_OR_RETURN(const bool untold, IsUntold(entry));
    lines_->CountSent(entry, untold);
  }
  if (entry.recipient == participant_ && policy::IsUnderHat(entry.recipient_role, hat_)) {
    lines_->CountReceived(entry);
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> DaySheet::IsUntold(const store::Store::DayEntry& entry) const {
  const bool something_came_of_it = entry.answered || entry.state == store::DeliveryState::kDeadLetter ||
                                    entry.state == store::DeliveryState::kWithheld;
  if (!something_came_of_it) return false;
  ASSIGN_OR_RETURN(std::vector<store::Delivery> waiting, parts_.store->OpenDeliveriesOf(entry.client_id));
  std::erase_if(waiting, [this](const store::Delivery& delivery) {
    return delivery.state != store::DeliveryState::kDue || delivery.recipient != participant_ ||
           delivery.content_type != kReceiptContent;
  });
  ASSIGN_OR_RETURN(const std::vector<absl::StatusOr<OpenedDelivery>> receipts, OpenDeliveries(parts_, std::move(waiting)));
  for (const absl::StatusOr<OpenedDelivery>& receipt : receipts) {
    if (!receipt.ok()) return true;  // it may be the one, and keeps nobody from the rest
    const v1::Exchange& exchange = receipt->exchange;
    if (exchange.receipt().about() == entry.exchange_id && exchange.envelope().sender() == entry.recipient) return true;
  }
  return false;
}

void DaySheet::Finish() {
  Road::DaySheetRead read;
  read.sheet = std::move(*lines_).Take();
  read.sheet.set_day(day_);
  store::Unit unit;
  unit.participant = participant_;
  unit.audit.push_back(DaySheetEvent(
      {now_, parts_.gateway_id, policy_set_, request_.caller.peer, participant_, hat_, request_.trace_id}, day_));
  const absl::Status queued = parts_.store->Commit(
      std::move(unit), parts_.executor,
      [self = shared_from_this(), read = std::move(read)](absl::StatusOr<store::CommitResult> committed) mutable {
        if (!committed.ok()) return self->Fail(committed.status());
        self->done_(std::move(read));
      });
  if (!queued.ok()) Fail(queued);
}

void DaySheet::Refuse(Issue issue) { done_({{std::move(issue)}, {}}); }

void DaySheet::Fail(const absl::Status& status) { done_({FailureAnswer(status).issues, {}}); }

}  // namespace schotvrij::exchange
