#include "gateway/exchange/mail_return.h"

#include <utility>

#include "absl/strings/match.h"
#include "gateway/exchange/admission.h"
#include "gateway/exchange/closing.h"
#include "gateway/exchange/opened_delivery.h"
#include "gateway/exchange/posting.h"
#include "gateway/exchange/trial.h"
#include "gateway/telemetry/ledger.h"
#include "schemas/base/limits.h"

namespace schotvrij::exchange {
namespace {

using store::DeliveryState;

constexpr const char* kMailReturned = "mail-returned";

}  // namespace

void MailReturn::Start() {
  const std::string delivery_id = mail_.message_id.substr(0, mail_.message_id.find('@'));
  absl::StatusOr<std::optional<store::Delivery>> found = parts_.store->DeliveryById(delivery_id);
  if (!found.ok()) return Fail(found.status());
  if (!found->has_value()) return std::move(done_)(Road::Returned::kUnknown);
  const Instant now = parts_.clock->Now();
  const Standing standing{parts_.engine->rules(), parts_.enrolment(), TodayInAmsterdam(now)};
  const config::v1::Participant* recipient = standing.enrolment->Find((*found)->recipient);
  const bool to_them = recipient != nullptr && IsByMail(recipient->route()) &&
                       absl::EqualsIgnoreCase(MailAddressOf(recipient->route()), mail_.recipient);
  if (!to_them) return std::move(done_)(Road::Returned::kUnknown);
  const bool waits = (*found)->state == DeliveryState::kDue;
  const bool ended = !waits && ((*found)->state != DeliveryState::kDelivered || (*found)->answered);
  if (ended) return std::move(done_)(Road::Returned::kEnded);  // of what ended nothing is frozen any more
  const EventFrame frame{now, parts_.gateway_id, standing.rules->name(), "", "", "", mail_.trace_id};
  if (IsTrial(**found)) {
    const bool named = FrozenTrial(parts_, **found).mail_message_id() == mail_.message_id;
    if (!named || waits) return std::move(done_)(named ? Road::Returned::kLater : Road::Returned::kUnknown);
    return ReturnTrial(**found, frame);
  }
  absl::StatusOr<OpenedDelivery> opened = OpenDelivery(parts_, **std::move(found));
  if (!opened.ok()) return Fail(opened.status());
  if (opened->frozen.mail_message_id() != mail_.message_id) return std::move(done_)(Road::Returned::kUnknown);
  if (waits) return std::move(done_)(Road::Returned::kLater);
  store::Unit unit;
  opened->file.Expect(&unit);
  unit.expects_deliveries.push_back({opened->delivery.delivery_id, DeliveryState::kDelivered});
  unit.audit.push_back(DeliverEvent(frame, {opened->delivery.client_id, opened->delivery.exchange_id, opened->delivery.delivery_id},
                                    v1::AUDIT_ERROR, kMailReturned));
  ComeToNothing(parts_, standing, *opened, v1::UNDELIVERABLE, now, frame, &unit);
  Commit(std::move(unit), opened->delivery);
}

void MailReturn::ReturnTrial(store::Delivery trial, const EventFrame& frame) {
  store::Unit unit;
  unit.expects_deliveries.push_back({trial.delivery_id, DeliveryState::kDelivered});
  unit.audit.push_back(DeliverEvent(frame, {"", "", trial.delivery_id}, v1::AUDIT_ERROR, kMailReturned));
  trial.state = DeliveryState::kDeadLetter;
  unit.delivery_updates.push_back(trial);
  Commit(std::move(unit), trial);
}

void MailReturn::Commit(store::Unit unit, const store::Delivery& ended) {
  std::vector<store::Delivery> rung = unit.deliveries;
  absl::Status queued = parts_.store->Commit(
      std::move(unit), parts_.executor,
      [self = shared_from_this(), ended, rung = std::move(rung)](absl::StatusOr<store::CommitResult> result) {
        self->OnCommitted(std::move(result), ended, rung);
      });
  if (!queued.ok()) Fail(queued);
}

void MailReturn::OnCommitted(absl::StatusOr<store::CommitResult> result, const store::Delivery& ended,
                             const std::vector<store::Delivery>& rung) {
  if (!result.ok()) return Fail(result.status());
  if (std::holds_alternative<store::Committed>(*result)) {
    RecordStage(*parts_.telemetry, telemetry::DeliveryStage::kDeadLetter, ended, kMailReturned);
    Announce(parts_, rung);
    return std::move(done_)(Road::Returned::kEnded);
  }
  if (++tries_ >= limits::kStaleRetriesMax) return std::move(done_)(Road::Returned::kLater);
  Start();
}

void MailReturn::Fail(const absl::Status& status) {
  parts_.telemetry->Record(telemetry::Failed{telemetry::Place("mail-return"), static_cast<int64_t>(status.code()), {}});
  std::move(done_)(Road::Returned::kLater);
}

}  // namespace schotvrij::exchange
