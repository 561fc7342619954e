#include "gateway/exchange/mailbox.h"

#include <set>

#include "gateway/casefile/casefile.h"
#include "gateway/exchange/closing.h"
#include "gateway/exchange/opened_delivery.h"
#include "gateway/exchange/posting.h"
#include "gateway/exchange/repeat.h"
#include "gateway/exchange/stored_answer.h"
#include "gateway/exchange/waiting.h"
#include "gateway/telemetry/ledger.h"
#include "schemas/base/limits.h"
#include "schemas/base/status.h"

namespace schotvrij::exchange {
namespace {

using store::Delivery;
using store::DeliveryState;

MailboxItem ItemOf(const Delivery& delivery, bool repeat, std::variant<policy::Disclosure, policy::Withheld> content) {
  return {delivery.delivery_id, delivery.content_type, delivery.state == DeliveryState::kDelivered, delivery.answered, repeat,
          std::move(content)};
}

// What its owner knows of does not go from the mailbox for a safety hold, which would tell that one stands.
void NoteRead(const OpenedDelivery& opened, store::Unit* unit) {
  v1::FrozenDelivery frozen = opened.frozen;
  frozen.set_read(true);
  unit->expects_deliveries.push_back({opened.delivery.delivery_id, opened.delivery.state});
  unit->delivery_updates.push_back(opened.delivery);
  unit->delivery_updates.back().frozen = opened.file.SealFrozen(opened.delivery.delivery_id, frozen);
}

}  // namespace

EventFrame Mailbox::Frame(const Standing& standing, Instant now, std::string_view peer, std::string_view actor,
                          std::string_view trace_id) const {
  return {now, parts_.gateway_id, standing.rules->name(), peer, actor, "", trace_id};
}

absl::StatusOr<std::vector<Delivery>> Mailbox::Find(const Road::MailboxRequest& request, const std::string& participant,
                                                    CivilDate today, Road::MailboxPage* page) {
  if (request.repeat.has_value()) return FindRepeat(parts_, request, participant, today, page);
  if (!request.delivery_id.empty()) {
    ASSIGN_OR_RETURN(std::optional<Delivery> one, parts_.store->DeliveryById(request.delivery_id));
    const bool theirs = one.has_value() && one->recipient == participant && IsInMailbox(*one) &&
                        (request.content_type.empty() || one->content_type == request.content_type);
    return theirs ? std::vector<Delivery>{*std::move(one)} : std::vector<Delivery>();
  }
  store::Store::MailboxQuery query{participant, request.unacknowledged_only, request.content_type, "", request.after,
                                   request.most};
  if (!request.bsn.empty()) {
    ASSIGN_OR_RETURN(std::optional<store::ClientRow> client,
                     parts_.store->ClientByIdentifier(BsnToken(*parts_.keys, request.bsn)));
    if (!client.has_value()) return std::vector<Delivery>();
    query.client_id = client->client_id;
  }
  ASSIGN_OR_RETURN(std::vector<Delivery> found, parts_.store->Mailbox(query));
  if (!found.empty()) page->last = found.back().delivery_id;
  page->more = found.size() == request.most;
  return found;
}

// One read, as often as it must be decided anew because something changed meanwhile.
struct Mailbox::Reading {
  Road::MailboxRequest request;
  absl::AnyInvocable<void(Road::MailboxPage)> done;
  int tries = 0;

  Road::MailboxPage page;
  store::Unit unit;
  std::set<std::string> closed;  // clients whose facts the unit changes; it can do that once
};

void Mailbox::Read(Road::MailboxRequest request, absl::AnyInvocable<void(Road::MailboxPage)> done) {
  auto reading = std::make_shared<Reading>();
  reading->request = std::move(request);
  reading->done = std::move(done);
  TryRead(std::move(reading));
}

void Mailbox::Show(Reading& reading, const Standing& standing, const OpenedDelivery& opened, EventFrame frame) {
  const Delivery& delivery = opened.delivery;
  // Of a batch in effect, which has not let it wait yet.
  if (MustWait(opened.file.facts(), delivery, opened.frozen)) return;
  const EventObjects objects{opened.file.id(), delivery.exchange_id, delivery.delivery_id};
  auto content = DiscloseNow(parts_, opened, standing.today);
  // What ended so stays so, also when it might be shown again: its sender was told.
  if (delivery.state == DeliveryState::kWithheld) content = policy::Withheld{{MakeIssue("NOTHING-TO-SHARE", "")}};
  opened.file.Expect(&reading.unit);
  const bool repeat = reading.request.repeat.has_value() && delivery.state == DeliveryState::kDelivered;
  bool ends = false;
  if (auto* withheld = std::get_if<policy::Withheld>(&content)) {
    reading.unit.audit.push_back(WithholdEvent(frame, objects, withheld->issues));
    // A Receipt has nobody to be told of it, and waits.
    const bool has_sender_to_tell = casefile::FindByDelivery(opened.file.facts(), delivery.delivery_id).has_value();
    ends = delivery.state == DeliveryState::kAvailable && has_sender_to_tell && reading.closed.insert(opened.file.id()).second;
    if (ends) {
      reading.unit.expects_deliveries.push_back({delivery.delivery_id, delivery.state});
      ComeToNothing(parts_, standing, opened, v1::WITHHELD, frame.at,
                    Frame(standing, frame.at, "", "", frame.trace_id), &reading.unit);
    }
    // Why stands in the audit trail: whether a client withdrew or denied, or a rule ended, is not for the reader.
    content = policy::Withheld{{MakeIssue("NOTHING-TO-SHARE", "")}};
  } else {
    const policy::Evidence& evidence = std::get<policy::Disclosure>(content).evidence();
    reading.unit.audit.push_back(repeat ? RepeatEvent(frame, objects, evidence) : ReadEvent(frame, objects, evidence));
    if (repeat) reading.unit.repeats.push_back(delivery.delivery_id);
  }
  if (delivery.state == DeliveryState::kAvailable && !ends && !opened.frozen.read()) NoteRead(opened, &reading.unit);
  reading.page.items.push_back(ItemOf(delivery, repeat, std::move(content)));
}

void Mailbox::TryRead(std::shared_ptr<Reading> reading) {
  const Road::MailboxRequest& request = reading->request;
  const Instant now = parts_.clock->Now();
  const Standing standing{parts_.engine->rules(), parts_.enrolment(), TodayInAmsterdam(now)};
  reading->page = {};
  reading->unit = {};
  reading->closed.clear();
  std::optional<std::string> participant = SpeaksAsAbout(parts_, *standing.enrolment, request.caller, request.participant,
                                                         request.delivery_id, &reading->page.issues);
  if (!participant.has_value()) return reading->done(std::move(reading->page));

  auto fail = [](const absl::Status& status) {
    policy::Answer answer = FailureAnswer(status);
    return Road::MailboxPage{.issues = std::move(answer.issues)};
  };
  absl::StatusOr<std::vector<Delivery>> found = Find(request, *participant, standing.today, &reading->page);
  if (!found.ok()) return reading->done(fail(found.status()));
  if (HasError(reading->page.issues)) return reading->done(std::move(reading->page));
  absl::StatusOr<std::vector<absl::StatusOr<OpenedDelivery>>> page = OpenDeliveries(parts_, *std::move(found));
  if (!page.ok()) return reading->done(fail(page.status()));

  EventFrame frame = Frame(standing, now, request.caller.peer, *participant, request.trace_id);
  for (const absl::StatusOr<OpenedDelivery>& opened : *page) {
    if (!opened.ok()) {  // one that does not open keeps nobody from the others; the operator is told
      parts_.telemetry->Record(telemetry::Failed{telemetry::Place("mailbox"),
                                                 static_cast<int64_t>(opened.status().code()),
                                                 telemetry::TraceId(request.trace_id)});
      continue;
    }
    frame.role = RolesOf(standing, opened->delivery.network, *participant);
    Show(*reading, standing, *opened, frame);
  }
  if (reading->unit.audit.empty()) return reading->done(std::move(reading->page));
  parts_.telemetry->Record(telemetry::MailboxRead{telemetry::ParticipantKey(*participant), reading->page.items.size(),
                                                  telemetry::TraceId(request.trace_id)});

  // The event is durable before anything is shown, and what it rests on still stands then.
  std::vector<Delivery> rung = reading->unit.deliveries;
  std::vector<Delivery> updated = reading->unit.delivery_updates;
  absl::Status queued = parts_.store->Commit(
      std::move(reading->unit), parts_.executor,
      [this, reading, rung = std::move(rung), updated = std::move(updated),
       fail](absl::StatusOr<store::CommitResult> result) {
        if (!result.ok()) return reading->done(fail(result.status()));
        if (!std::holds_alternative<store::Committed>(*result)) {
          if (++reading->tries < limits::kStaleRetriesMax) return TryRead(reading);
          return reading->done(fail(absl::ResourceExhaustedError("too many concurrent changes")));
        }
        for (const Delivery& delivery : updated) {
          if (delivery.state != DeliveryState::kWithheld) continue;
          RecordStage(*parts_.telemetry, telemetry::DeliveryStage::kWithheld, delivery, kNothingMayLeave);
        }
        Announce(parts_, rung);
        reading->done(std::move(reading->page));
      });
  if (!queued.ok()) reading->done(fail(queued));
}

absl::StatusOr<std::vector<Delivery>> Mailbox::FindWaiting(const Road::AcknowledgeRequest& request,
                                                           const std::string& participant) {
  const std::set<std::string> distinct(request.delivery_ids.begin(), request.delivery_ids.end());
  ASSIGN_OR_RETURN(std::vector<Delivery> waiting,
                   parts_.store->DeliveriesById(std::vector(distinct.begin(), distinct.end())));
  std::erase_if(waiting, [&](const Delivery& delivery) {
    return delivery.recipient != participant || delivery.state != DeliveryState::kAvailable;
  });
  for (Delivery& delivery : waiting) {
    delivery.state = DeliveryState::kDelivered;
    delivery.frozen.bytes.clear();
  }
  return waiting;
}

struct Mailbox::Taking {
  Road::AcknowledgeRequest request;
  absl::AnyInvocable<void(Road::Acknowledged)> done;
  int tries = 0;
};

void Mailbox::Acknowledge(Road::AcknowledgeRequest request, absl::AnyInvocable<void(Road::Acknowledged)> done) {
  if (request.delivery_ids.size() > limits::kAcknowledgeMax) {
    return done({{MakeIssue("LIST-SIZE", "delivery_ids")}, 0});
  }
  TryAcknowledge(std::shared_ptr<Taking>(new Taking{std::move(request), std::move(done)}));
}

void Mailbox::TryAcknowledge(std::shared_ptr<Taking> taking) {
  const Road::AcknowledgeRequest& request = taking->request;
  const Instant now = parts_.clock->Now();
  const Standing standing{parts_.engine->rules(), parts_.enrolment(), TodayInAmsterdam(now)};
  Road::Acknowledged result;
  const std::string about = request.delivery_ids.empty() ? "" : request.delivery_ids.front();
  std::optional<std::string> participant =
      SpeaksAsAbout(parts_, *standing.enrolment, request.caller, request.participant, about, &result.issues);
  if (!participant.has_value()) return taking->done(std::move(result));

  auto fail = [](const absl::Status& status) { return Road::Acknowledged{FailureAnswer(status).issues, 0}; };
  absl::StatusOr<std::vector<Delivery>> waiting = FindWaiting(request, *participant);
  if (!waiting.ok()) return taking->done(fail(waiting.status()));
  result.count = waiting->size();
  if (waiting->empty()) return taking->done(std::move(result));

  store::Unit unit;
  EventFrame frame = Frame(standing, now, request.caller.peer, *participant, request.trace_id);
  for (const Delivery& delivery : *waiting) {
    frame.role = RolesOf(standing, delivery.network, *participant);
    unit.audit.push_back(DeliverEvent(frame, {delivery.client_id, delivery.exchange_id, delivery.delivery_id},
                                      v1::AUDIT_OK, ""));
    unit.expects_deliveries.push_back({delivery.delivery_id, DeliveryState::kAvailable});
  }
  unit.delivery_updates = *waiting;
  absl::Status queued = parts_.store->Commit(
      std::move(unit), parts_.executor,
      [this, taking, taken_over = *std::move(waiting), result, fail](absl::StatusOr<store::CommitResult> committed) mutable {
        if (!committed.ok()) return taking->done(fail(committed.status()));
        if (std::holds_alternative<store::Committed>(*committed)) {
          for (const Delivery& delivery : taken_over) {
            RecordStage(*parts_.telemetry, telemetry::DeliveryStage::kDelivered, delivery);
          }
          return taking->done(std::move(result));
        }
        if (++taking->tries < limits::kStaleRetriesMax) return TryAcknowledge(taking);
        taking->done(fail(absl::ResourceExhaustedError("too many concurrent changes")));
      });
  if (!queued.ok()) taking->done(fail(queued));
}

}  // namespace schotvrij::exchange
