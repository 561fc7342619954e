#include "gateway/exchange/day_sheet.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>
#include <variant>

#include "gateway/casefile/casefile.h"
#include "gateway/exchange/events.h"
#include "gateway/exchange/stored_answer.h"
#include "gateway/telemetry/ledger.h"
#include "schemas/base/limits.h"
#include "schemas/base/status.h"

namespace schotvrij::exchange {
namespace {

using store::Delivery;
using store::DeliveryState;
using Side = store::Store::TakenQuery::Side;

// What stands behind a delivery matters while something is still to come: whether the recipient may see it, whether it answers.
bool IsOver(const Delivery& delivery) {
  using enum DeliveryState;
  const bool taken_over = delivery.state == kDelivered && (delivery.answered || delivery.content_type != "registration");
  return taken_over || delivery.state == kWithheld || delivery.state == kDeadLetter;
}

v1::DaySheetStep Lacks(const Delivery& delivery, bool awaits_answer) {
  if (delivery.state == DeliveryState::kDue) return v1::DAY_SHEET_DELIVERY;
  if (delivery.state == DeliveryState::kAvailable) return v1::DAY_SHEET_ACKNOWLEDGEMENT;
  const bool lacks_answer = delivery.state == DeliveryState::kDelivered && !delivery.answered && awaits_answer;
  return lacks_answer ? v1::DAY_SHEET_ANSWER : v1::DAY_SHEET_STEP_UNSPECIFIED;
}

void AddTo(const Delivery& delivery, v1::DaySheetRow* row) {
  const bool acknowledged = delivery.state == DeliveryState::kDelivered;
  const bool delivered = acknowledged || delivery.state == DeliveryState::kAvailable;
  row->set_sent(row->sent() + 1);
  row->set_under_way(row->under_way() + (delivery.state == DeliveryState::kDue ? 1 : 0));
  row->set_delivered(row->delivered() + (delivered ? 1 : 0));
  row->set_acknowledged(row->acknowledged() + (acknowledged ? 1 : 0));
  row->set_answered(row->answered() + (delivery.answered ? 1 : 0));
  row->set_withheld(row->withheld() + (delivery.state == DeliveryState::kWithheld ? 1 : 0));
  row->set_undeliverable(row->undeliverable() + (delivery.state == DeliveryState::kDeadLetter ? 1 : 0));
}

}  // namespace

// One sheet while it is drawn up.
struct DaySheets::Drawing {
  Road::DaySheetRequest request;
  absl::AnyInvocable<void(Road::DrawnUp)> done;
  Instant now;
  Standing standing;
  std::string participant;
  Instant start;  // of the day
  store::Store::TakenQuery query;
  std::map<std::tuple<std::string, v1::DaySheetDirection, std::string>, v1::DaySheetRow> rows;
  Road::DrawnUp drawn_up;

  bool sent() const { return query.side == Side::kSender; }
  const std::string& CounterpartOf(const Delivery& delivery) const { return sent() ? delivery.recipient : delivery.sender; }

  bool IsWanted(const Delivery& delivery) const {
    const bool known = sent() || (delivery.state != DeliveryState::kWithheld && delivery.state != DeliveryState::kDeadLetter);
    return known && (request.counterpart.empty() || CounterpartOf(delivery) == request.counterpart);
  }

  v1::DaySheetDirection direction() const { return sent() ? v1::DAY_SHEET_SENT : v1::DAY_SHEET_RECEIVED; }

  void Count(const Delivery& delivery) {
    v1::DaySheetRow& row = rows[{CounterpartOf(delivery), direction(), delivery.content_type}];
    row.set_counterpart(CounterpartOf(delivery));
    row.set_direction(direction());
    row.set_content(delivery.content_type);
    AddTo(delivery, &row);
  }

  void AddMissing(const Delivery& delivery, bool awaits_answer) {
    const v1::DaySheetStep lacks = Lacks(delivery, awaits_answer);
    if (lacks == v1::DAY_SHEET_STEP_UNSPECIFIED) return;
    v1::DaySheet& sheet = drawn_up.sheet;
    sheet.set_missing_total(sheet.missing_total() + 1);
    if (static_cast<size_t>(sheet.missing_size()) >= limits::kDaySheetMissingMax) return;
    v1::DaySheetMissing& missing = *sheet.add_missing();
    missing.set_counterpart(CounterpartOf(delivery));
    missing.set_direction(direction());
    missing.set_content(delivery.content_type);
    missing.set_message_id(sent() ? delivery.exchange_id : delivery.delivery_id);
    missing.set_lacks(lacks);
    missing.set_age_seconds(std::max<int64_t>(0, (now.us - delivery.taken.us) / 1'000'000));
  }

  void Refuse(Issue issue) {
    drawn_up.issues.push_back(std::move(issue));
    done(std::move(drawn_up));
  }
  void Fail(const absl::Status& status) { done({FailureAnswer(status).issues, {}}); }
};

void DaySheets::DrawUp(Road::DaySheetRequest request, absl::AnyInvocable<void(Road::DrawnUp)> done) {
  const Instant now = parts_.clock->Now();
  auto drawing = std::shared_ptr<Drawing>(new Drawing{
      std::move(request), std::move(done), now, {parts_.engine->rules(), parts_.enrolment(), TodayInAmsterdam(now)}, {}, {}, {}, {}, {}});
  const Standing& standing = drawing->standing;
  std::optional<std::string> participant =
      SpeaksAs(drawing->request.caller, *standing.enrolment, drawing->request.participant, &drawing->drawn_up.issues);
  if (!participant.has_value()) return drawing->done(std::move(drawing->drawn_up));
  const std::string& asked = drawing->request.day;
  const std::optional<CivilDate> day = asked.empty() ? standing.today : CivilDate::Parse(asked);
  if (!day.has_value()) return drawing->Refuse(MakeIssue("DATE-FORM", "day"));
  if (*day > standing.today) return drawing->Refuse(MakeIssue("DAY-TO-COME", "day"));
  const std::string& counterpart = drawing->request.counterpart;
  if (!counterpart.empty() && standing.enrolment->Find(counterpart) == nullptr) {
    return drawing->Refuse(MakeIssue("COUNTERPART-UNKNOWN", "counterpart"));
  }
  drawing->participant = *std::move(participant);
  drawing->drawn_up.sheet.set_day(day->ToString());
  drawing->drawn_up.sheet.set_drawn_up_us(now.us);
  drawing->start = StartInAmsterdam(*day);
  drawing->query = {Side::kSender,  drawing->participant, drawing->start, StartInAmsterdam(day->PlusDays(1)), "",
                    limits::kDaySheetPageRows};
  Continue(std::move(drawing));
}

void DaySheets::Continue(std::shared_ptr<Drawing> drawing) {
  store::Store::TakenQuery& query = drawing->query;
  absl::StatusOr<std::vector<Delivery>> page = parts_.store->Taken(query);
  if (!page.ok()) return drawing->Fail(page.status());
  const bool more = page->size() == query.most;
  if (more) {
    query.from = page->back().taken;
    query.after = page->back().delivery_id;
  }
  if (const absl::Status added = Add(*drawing, *std::move(page)); !added.ok()) return drawing->Fail(added);
  if (!more) {
    if (!drawing->sent()) return Finish(std::move(drawing));
    query.side = Side::kRecipient;
    query.from = drawing->start;
    query.after.clear();
  }
  parts_.executor->Post([this, drawing = std::move(drawing)]() mutable { Continue(std::move(drawing)); });
}

absl::Status DaySheets::Add(Drawing& drawing, std::vector<Delivery> page) {
  std::erase_if(page, [&](const Delivery& delivery) { return !drawing.IsWanted(delivery); });
  std::vector<Delivery> going_on;
  for (Delivery& delivery : page) {
    if (IsOver(delivery)) {
      drawing.Count(delivery);
    } else {
      going_on.push_back(std::move(delivery));
    }
  }
  ASSIGN_OR_RETURN(const std::vector<absl::StatusOr<OpenedDelivery>> opened, OpenDeliveries(parts_, going_on));
  for (size_t i = 0; i < opened.size(); ++i) {
    if (!opened[i].ok()) {  // one that does not open keeps nobody from the others; the operator is told
      parts_.telemetry->Record(telemetry::Failed{telemetry::Place("day-sheet"), static_cast<int64_t>(opened[i].status().code()),
                                                 telemetry::TraceId(drawing.request.trace_id)});
    }
    if (!drawing.sent() && !MayKnow(opened[i], drawing.standing.today)) continue;
    drawing.Count(going_on[i]);
    drawing.AddMissing(going_on[i], opened[i].ok() && casefile::AwaitsAnswer(opened[i]->file.facts(), going_on[i].delivery_id));
  }
  return absl::OkStatus();
}

bool DaySheets::MayKnow(const absl::StatusOr<OpenedDelivery>& opened, CivilDate today) const {
  if (!opened.ok()) return false;
  if (opened->delivery.state == DeliveryState::kDelivered) return true;
  return std::holds_alternative<policy::Disclosure>(DiscloseNow(parts_, *opened, today));
}

void DaySheets::Finish(std::shared_ptr<Drawing> drawing) {
  v1::DaySheet& sheet = drawing->drawn_up.sheet;
  for (auto& [key, row] : drawing->rows) *sheet.add_rows() = std::move(row);
  const EventFrame frame{drawing->now, parts_.gateway_id, drawing->standing.rules->name(), drawing->request.caller.peer,
                         drawing->participant, "", drawing->request.trace_id};
  store::Unit unit;
  unit.audit.push_back(DaySheetEvent(frame, sheet.day()));
  const absl::Status queued =
      parts_.store->Commit(std::move(unit), parts_.executor, [drawing](absl::StatusOr<store::CommitResult> result) {
        if (!result.ok()) return drawing->Fail(result.status());
        drawing->done(std::move(drawing->drawn_up));
      });
  if (!queued.ok()) drawing->Fail(queued);
}

}  // namespace schotvrij::exchange
