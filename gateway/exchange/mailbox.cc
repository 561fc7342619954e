#include "gateway/exchange/mailbox.h"

#include <set>

#include "gateway/exchange/opened_delivery.h"
#include "gateway/exchange/posting.h"
#include "gateway/exchange/stored_answer.h"
#include "gateway/telemetry/ledger.h"
#include "schemas/base/limits.h"
#include "schemas/base/status.h"

namespace schotvrij::exchange {
namespace {

using store::Delivery;
using store::DeliveryState;

// A delivery that is still on its way, or came to nothing, is not in the mailbox; one that was withheld answers "gone".
bool InMailbox(const Delivery& delivery) {
  return delivery.state == DeliveryState::kAvailable || delivery.state == DeliveryState::kDelivered ||
         delivery.state == DeliveryState::kWithheld;
}

MailboxItem ItemOf(const Delivery& delivery, std::variant<policy::Disclosure, policy::Withheld> content) {
  return {delivery.delivery_id, delivery.content_type, delivery.state == DeliveryState::kDelivered, delivery.answered,
          std::move(content)};
}

}  // namespace

EventFrame Mailbox::Frame(const Standing& standing, Instant now, std::string_view peer, std::string_view actor,
                          std::string_view trace_id) const {
  return {now, parts_.gateway_id, standing.rules->name(), peer, actor, "", trace_id};
}

absl::StatusOr<std::vector<Delivery>> Mailbox::Find(const Road::MailboxRequest& request,
                                                    const std::string& participant) {
  if (!request.delivery_id.empty()) {
    ASSIGN_OR_RETURN(std::optional<Delivery> one, parts_.store->DeliveryById(request.delivery_id));
    const bool theirs = one.has_value() && one->recipient == participant && InMailbox(*one) &&
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
  return parts_.store->Mailbox(query);
}

void Mailbox::Read(Road::MailboxRequest request, absl::AnyInvocable<void(Road::MailboxPage)> done) {
  const Instant now = parts_.clock->Now();
  const Standing standing{parts_.engine->rules(), parts_.enrolment(), TodayInAmsterdam(now)};
  Road::MailboxPage page;
  std::optional<std::string> participant =
      SpeaksAsAbout(parts_, *standing.enrolment, request.caller, request.participant, request.delivery_id, &page.issues);
  if (!participant.has_value()) return done(std::move(page));

  auto fail = [](const absl::Status& status) {
    policy::Answer answer = FailureAnswer(status);
    return Road::MailboxPage{std::move(answer.issues), {}};
  };
  absl::StatusOr<std::vector<Delivery>> found = Find(request, *participant);
  if (!found.ok()) return done(fail(found.status()));

  store::Unit unit;
  EventFrame frame = Frame(standing, now, request.caller.peer, *participant, request.trace_id);
  for (Delivery& delivery : *found) {
    absl::StatusOr<OpenedDelivery> opened = OpenDelivery(parts_, std::move(delivery));
    if (!opened.ok()) {  // one that does not open keeps nobody from the others; the operator is told
      parts_.telemetry->Record(telemetry::Failed{telemetry::Place("mailbox"),
                                                 static_cast<int64_t>(opened.status().code()),
                                                 telemetry::TraceId(request.trace_id)});
      continue;
    }
    auto content = DiscloseNow(parts_, *opened, standing.today);
    frame.role = RolesOf(standing, opened->delivery.network, *participant);
    const EventObjects objects{opened->file.id(), opened->delivery.exchange_id, opened->delivery.delivery_id};
    if (auto* withheld = std::get_if<policy::Withheld>(&content)) {
      unit.audit.push_back(WithholdEvent(frame, objects, withheld->issues));
    } else {
      unit.audit.push_back(ReadEvent(frame, objects, std::get<policy::Disclosure>(content).evidence()));
    }
    page.items.push_back(ItemOf(opened->delivery, std::move(content)));
  }
  if (unit.audit.empty()) return done(std::move(page));
  parts_.telemetry->Record(telemetry::MailboxRead{telemetry::ParticipantKey(*participant), page.items.size(),
                                                  telemetry::TraceId(request.trace_id)});

  // The event is durable before anything is shown.
  auto shared_done = std::make_shared<decltype(done)>(std::move(done));
  absl::Status queued = parts_.store->Commit(
      std::move(unit), parts_.executor,
      [shared_done, page = std::move(page), fail](absl::StatusOr<store::CommitResult> result) mutable {
        (*shared_done)(result.ok() ? std::move(page) : fail(result.status()));
      });
  if (!queued.ok()) (*shared_done)(fail(queued));
}

absl::StatusOr<std::vector<Delivery>> Mailbox::FindWaiting(const Road::AcknowledgeRequest& request,
                                                           const std::string& participant) {
  std::vector<Delivery> waiting;
  for (const std::string& id : std::set(request.delivery_ids.begin(), request.delivery_ids.end())) {
    ASSIGN_OR_RETURN(std::optional<Delivery> delivery, parts_.store->DeliveryById(id));
    if (!delivery.has_value() || delivery->recipient != participant || delivery->state != DeliveryState::kAvailable) {
      continue;
    }
    delivery->state = DeliveryState::kDelivered;
    delivery->frozen.bytes.clear();
    waiting.push_back(*std::move(delivery));
  }
  return waiting;
}

void Mailbox::Acknowledge(Road::AcknowledgeRequest request, absl::AnyInvocable<void(Road::Acknowledged)> done) {
  const Instant now = parts_.clock->Now();
  const Standing standing{parts_.engine->rules(), parts_.enrolment(), TodayInAmsterdam(now)};
  Road::Acknowledged result;
  if (request.delivery_ids.size() > limits::kAcknowledgeMax) {
    return done({{MakeIssue("LIST-SIZE", "delivery_ids")}, 0});
  }
  const std::string about = request.delivery_ids.empty() ? "" : request.delivery_ids.front();
  std::optional<std::string> participant =
      SpeaksAsAbout(parts_, *standing.enrolment, request.caller, request.participant, about, &result.issues);
  if (!participant.has_value()) return done(std::move(result));

  auto fail = [](const absl::Status& status) { return Road::Acknowledged{FailureAnswer(status).issues, 0}; };
  absl::StatusOr<std::vector<Delivery>> waiting = FindWaiting(request, *participant);
  if (!waiting.ok()) return done(fail(waiting.status()));
  result.count = waiting->size();
  if (waiting->empty()) return done(std::move(result));

  store::Unit unit;
  EventFrame frame = Frame(standing, now, request.caller.peer, *participant, request.trace_id);
  for (const Delivery& delivery : *waiting) {
    frame.role = RolesOf(standing, delivery.network, *participant);
    unit.audit.push_back(DeliverEvent(frame, {delivery.client_id, delivery.exchange_id, delivery.delivery_id},
                                      v1::AUDIT_OK, ""));
  }
  unit.delivery_updates = *waiting;
  auto shared_done = std::make_shared<decltype(done)>(std::move(done));
  absl::Status queued = parts_.store->Commit(
      std::move(unit), parts_.executor,
      [ledger = parts_.telemetry, taken_over = *std::move(waiting), shared_done, result,
       fail](absl::StatusOr<store::CommitResult> committed) mutable {
        if (!committed.ok()) return (*shared_done)(fail(committed.status()));
        for (const Delivery& delivery : taken_over) RecordStage(*ledger, telemetry::DeliveryStage::kDelivered, delivery);
        (*shared_done)(std::move(result));
      });
  if (!queued.ok()) (*shared_done)(fail(queued));
}

}  // namespace schotvrij::exchange
