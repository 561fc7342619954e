#include "gateway/exchange/mailbox.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <set>
#include <utility>

#include "gateway/casefile/casefile.h"
#include "gateway/exchange/closing.h"
#include "gateway/exchange/exposure.h"
#include "gateway/exchange/note.h"
#include "gateway/exchange/opened_delivery.h"
#include "gateway/exchange/participation.h"
#include "gateway/exchange/posting.h"
#include "gateway/exchange/repeat.h"
#include "gateway/exchange/stored_answer.h"
#include "gateway/exchange/trial.h"
#include "gateway/exchange/waiting.h"
#include "gateway/telemetry/ledger.h"
#include "policy/hat.h"
#include "schemas/base/limits.h"
#include "schemas/base/status.h"

namespace schotvrij::exchange {
namespace {

using store::Delivery;
using store::DeliveryState;

MailboxItem ItemOf(const Delivery& delivery, bool repeat, ClientView client,
                   std::variant<policy::Disclosure, policy::Withheld> content) {
  return {delivery.delivery_id, delivery.content_type, delivery.state == DeliveryState::kDelivered, delivery.answered, repeat,
          std::move(client), std::move(content)};
}

// Whether the edge that asks can write what it carries.
bool IsWritten(const Road::MailboxRequest& request, const Delivery& delivery) {
  return request.contents.empty() || std::ranges::count(request.contents, delivery.content_type) > 0;
}

}  // namespace

EventFrame Mailbox::Frame(const Standing& standing, Instant now, std::string_view peer, std::string_view actor,
                          std::string_view trace_id) const {
  return {now, parts_.gateway_id, standing.rules->name(), peer, actor, "", trace_id};
}

void Mailbox::NoteHidden(const Delivery& delivery, EventFrame frame, const Standing& standing) {
  frame.role = RoleOr(frame.role, standing, delivery.network, frame.actor);
  Note(parts_, HiddenEvent(frame, {delivery.client_id, delivery.exchange_id, delivery.delivery_id}));
}

absl::StatusOr<std::vector<Delivery>> Mailbox::Find(const Road::MailboxRequest& request, const Standing& standing,
                                                    const EventFrame& frame, Road::MailboxPage* page) {
  const std::string participant(frame.actor);
  const bool incomplete = IsIncomplete(request.caller, *standing.enrolment, participant);
  if (incomplete && !request.content_type.empty() && request.content_type != kTrialContent) return std::vector<Delivery>();
  const std::string content_type = incomplete ? kTrialContent : request.content_type;
  store::Store::MailboxQuery query{participant, request.unacknowledged_only, content_type, "", request.after,
                                   request.most, HiddenNetworks(standing, request.caller, participant), std::string(frame.role)};
  if (request.repeat.has_value()) {
    if (incomplete) return std::vector<Delivery>();
    return FindRepeat(parts_, request, std::move(query), standing.today, page);
  }
  if (!request.delivery_id.empty()) {
    ASSIGN_OR_RETURN(std::optional<Delivery> one, parts_.store->DeliveryById(request.delivery_id));
    const bool theirs = one.has_value() && one->recipient == participant && policy::IsUnderHat(one->recipient_role, frame.role) &&
                        IsInMailbox(*one) && (content_type.empty() || one->content_type == content_type) && IsWritten(request, *one);
    if (theirs && IsHidden(standing, request.caller, participant, one->network)) {
      NoteHidden(*one, frame, standing);
      return std::vector<Delivery>();
    }
    return theirs ? std::vector<Delivery>{*std::move(one)} : std::vector<Delivery>();
  }
  if (!request.bsn.empty()) {
    ASSIGN_OR_RETURN(std::optional<store::ClientRow> client,
                     parts_.store->ClientByIdentifier(BsnToken(*parts_.keys, request.bsn)));
    if (!client.has_value()) return std::vector<Delivery>();
    query.client_id = client->client_id;
  }
  ASSIGN_OR_RETURN(std::vector<Delivery> found, parts_.store->Mailbox(query));
  if (!found.empty()) page->last = found.back().delivery_id;
  page->more = found.size() == request.most;
  std::erase_if(found, [&](const Delivery& each) { return !IsWritten(request, each); });
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
  std::vector<std::string> postponed;  // deliveries that end as well, of these clients: the next round's

  std::optional<Road::MailboxPage> shown;  // what rounds before made durable
  std::vector<std::string> rest;           // what they postponed

  // Takes in the page of a round that is durable, if any more is to come.
  bool GoesOn() {
    if (postponed.empty() && !shown.has_value()) return false;
    if (!shown.has_value()) shown = Road::MailboxPage{.issues = {}, .items = {}, .last = page.last, .more = page.more};
    std::move(page.items.begin(), page.items.end(), std::back_inserter(shown->items));
    rest = std::exchange(postponed, {});
    tries = 0;
    return !rest.empty();
  }
  void Finish() { done(shown.has_value() ? *std::move(shown) : std::move(page)); }
};

void Mailbox::Read(Road::MailboxRequest request, absl::AnyInvocable<void(Road::MailboxPage)> done) {
  auto reading = std::make_shared<Reading>();
  reading->request = std::move(request);
  reading->done = std::move(done);
  TryRead(std::move(reading));
}

void Mailbox::Unseen(const absl::Status& status, std::string_view trace_id) {
  parts_.telemetry->Record(telemetry::Failed{telemetry::Place("mailbox"), static_cast<int64_t>(status.code()),
                                             telemetry::TraceId(trace_id)});
}

void Mailbox::Show(Reading& reading, const Standing& standing, const OpenedDelivery& opened, EventFrame frame) {
  const Delivery& delivery = opened.delivery;
  // Of a batch in effect, which has not let it wait yet.
  if (MustWait(opened.file.facts(), delivery)) return;
  const EventObjects objects{opened.file.id(), delivery.exchange_id, delivery.delivery_id};
  auto content = DiscloseNow(parts_, opened, standing.today);
  // What ended so stays so, also when it might be shown again: its sender was told.
  if (delivery.state == DeliveryState::kWithheld) content = policy::Withheld{{MakeIssue("NOTHING-TO-SHARE", "")}};
  opened.file.Expect(&reading.unit);
  const bool repeat = reading.request.repeat.has_value() && delivery.state == DeliveryState::kDelivered;
  ClientView client;
  bool ends = false;
  if (auto* withheld = std::get_if<policy::Withheld>(&content)) {
    // A Receipt has nobody to be told of it, and waits.
    const bool has_sender_to_tell = casefile::FindByDelivery(opened.file.facts(), delivery.delivery_id).has_value();
    ends = delivery.state == DeliveryState::kAvailable && has_sender_to_tell;
    if (ends && !reading.closed.insert(opened.file.id()).second) return reading.postponed.push_back(delivery.delivery_id);
    reading.unit.audit.push_back(WithholdEvent(frame, objects, withheld->issues));
    if (ends) {
      reading.unit.expects_deliveries.push_back({delivery.delivery_id, delivery.state});
      ComeToNothing(parts_, standing, opened, v1::WITHHELD, frame.at,
                    Frame(standing, frame.at, "", "", frame.trace_id), &reading.unit);
    }
    // Why stands in the audit trail: whether a client withdrew or denied, or a rule ended, is not for the reader.
    content = policy::Withheld{{MakeIssue("NOTHING-TO-SHARE", "")}};
  } else {
    absl::StatusOr<ClientView> view = ViewOf(parts_, opened);
    if (!view.ok()) return Unseen(view.status(), frame.trace_id);
    client = *std::move(view);
    const policy::Evidence& evidence = std::get<policy::Disclosure>(content).evidence();
    reading.unit.audit.push_back(repeat ? RepeatEvent(frame, objects, evidence) : ReadEvent(frame, objects, evidence));
    if (repeat) reading.unit.repeats.push_back(delivery.delivery_id);
  }
  // What its owner knows of does not go from the mailbox for a safety hold, which would tell that one stands.
  if (delivery.state == DeliveryState::kAvailable && !ends && !delivery.read) reading.unit.reads.push_back(delivery.delivery_id);
  reading.page.items.push_back(ItemOf(delivery, repeat, std::move(client), std::move(content)));
}

void Mailbox::ShowTrial(Reading& reading, const Delivery& trial, const EventFrame& frame) {
  policy::Disclosure disclosure = DiscloseTrial(parts_, trial);
  reading.unit.audit.push_back(ReadEvent(frame, {"", "", trial.delivery_id}, disclosure.evidence()));
  reading.page.items.push_back(ItemOf(trial, /*repeat=*/false, {}, std::move(disclosure)));
}

void Mailbox::TryRead(std::shared_ptr<Reading> reading) {
  const Road::MailboxRequest& request = reading->request;
  const Instant now = parts_.clock->Now();
  const Standing standing{parts_.engine->rules(), parts_.enrolment(), TodayInAmsterdam(now)};
  reading->page = {};
  reading->unit = {};
  reading->closed.clear();
  reading->postponed.clear();
  std::optional<std::string> participant = SpeaksAsAbout(parts_, standing, request.caller, request.participant,
                                                         request.delivery_id, &reading->page.issues);
  if (!participant.has_value()) return reading->done(std::move(reading->page));
  const std::optional<std::string> hat = HatOf(standing, request.caller, *participant, &reading->page.issues);
  if (!hat.has_value()) return reading->done(std::move(reading->page));

  auto fail = [](const absl::Status& status) {
    policy::Answer answer = FailureAnswer(status);
    return Road::MailboxPage{.issues = std::move(answer.issues)};
  };
  EventFrame frame = Frame(standing, now, request.caller.peer, *participant, request.trace_id);
  frame.role = *hat;
  absl::StatusOr<std::vector<Delivery>> found =
      reading->rest.empty() ? Find(request, standing, frame, &reading->page) : parts_.store->DeliveriesById(reading->rest);
  if (!found.ok()) return reading->done(fail(found.status()));
  if (HasError(reading->page.issues)) return reading->done(std::move(reading->page));
  if (found->empty() && IsIncomplete(request.caller, *standing.enrolment, *participant)) {
    return reading->done({.issues = {IncompleteIssue()}});
  }
  std::vector<std::optional<Delivery>> trials;
  for (const Delivery& each : *found) trials.push_back(IsTrial(each) ? std::optional(each) : std::nullopt);
  absl::StatusOr<std::vector<absl::StatusOr<OpenedDelivery>>> page = OpenDeliveries(parts_, *std::move(found));
  if (!page.ok()) return reading->done(fail(page.status()));

  for (size_t i = 0; i < page->size(); ++i) {
    const absl::StatusOr<OpenedDelivery>& opened = (*page)[i];
    if (trials[i].has_value()) {
      ShowTrial(*reading, *trials[i], frame);
      continue;
    }
    if (!opened.ok()) {  // one that does not open keeps nobody from the others; the operator is told
      Unseen(opened.status(), request.trace_id);
      continue;
    }
    Show(*reading, standing, *opened, frame);
  }
  if (reading->unit.audit.empty()) return reading->Finish();
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
        reading->GoesOn() ? TryRead(reading) : reading->Finish();
      });
  if (!queued.ok()) reading->done(fail(queued));
}

absl::StatusOr<std::vector<Delivery>> Mailbox::FindWaiting(const Road::AcknowledgeRequest& request, const Standing& standing,
                                                           const EventFrame& frame) {
  const std::set<std::string> distinct(request.delivery_ids.begin(), request.delivery_ids.end());
  ASSIGN_OR_RETURN(std::vector<Delivery> waiting,
                   parts_.store->DeliveriesById(std::vector(distinct.begin(), distinct.end())));
  const bool incomplete = IsIncomplete(request.caller, *standing.enrolment, frame.actor);
  std::erase_if(waiting, [&](const Delivery& delivery) {
    const bool theirs = delivery.recipient == frame.actor && policy::IsUnderHat(delivery.recipient_role, frame.role);
    if (!theirs || (incomplete && !IsTrial(delivery))) return true;
    if (IsHidden(standing, request.caller, delivery.recipient, delivery.network)) {
      NoteHidden(delivery, frame, standing);
      return true;
    }
    return delivery.state != DeliveryState::kAvailable;
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
      SpeaksAsAbout(parts_, standing, request.caller, request.participant, about, &result.issues);
  if (!participant.has_value()) return taking->done(std::move(result));
  const std::optional<std::string> hat = HatOf(standing, request.caller, *participant, &result.issues);
  if (!hat.has_value()) return taking->done(std::move(result));

  auto fail = [](const absl::Status& status) { return Road::Acknowledged{FailureAnswer(status).issues, 0}; };
  EventFrame frame = Frame(standing, now, request.caller.peer, *participant, request.trace_id);
  frame.role = *hat;
  absl::StatusOr<std::vector<Delivery>> waiting = FindWaiting(request, standing, frame);
  if (!waiting.ok()) return taking->done(fail(waiting.status()));
  result.count = waiting->size();
  if (waiting->empty()) {
    if (IsIncomplete(request.caller, *standing.enrolment, *participant)) result.issues.push_back(IncompleteIssue());
    return taking->done(std::move(result));
  }

  store::Unit unit;
  for (const Delivery& delivery : *waiting) {
    unit.audit.push_back(DeliverEvent(frame, {delivery.client_id, delivery.exchange_id, delivery.delivery_id},
                                      v1::AUDIT_OK, ""));
    unit.expects_deliveries.push_back({delivery.delivery_id, DeliveryState::kAvailable});
    NoteTaken(delivery, now, &unit);
  }
  unit.delivery_updates = *waiting;
  absl::Status queued = parts_.store->Commit(
      std::move(unit), parts_.executor,
      [this, taking, taken_over = *std::move(waiting), result, fail](absl::StatusOr<store::CommitResult> committed) mutable {
        if (!committed.ok()) return taking->done(fail(committed.status()));
        if (std::holds_alternative<store::Committed>(*committed)) {
          for (const Delivery& delivery : taken_over) {
            RecordStage(*parts_.telemetry, telemetry::DeliveryStage::kDelivered, delivery);
            TrialEnded(parts_, delivery);
          }
          return taking->done(std::move(result));
        }
        if (++taking->tries < limits::kStaleRetriesMax) return TryAcknowledge(taking);
        taking->done(fail(absl::ResourceExhaustedError("too many concurrent changes")));
      });
  if (!queued.ok()) taking->done(fail(queued));
}

}  // namespace schotvrij::exchange
