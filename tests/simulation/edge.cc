#include "tests/simulation/edge.h"

#include <utility>
#include <variant>

#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"

namespace schotvrij::simulation {
namespace {

using exchange::Road;

// Menzis has two roles in Ede, and states one.
identity::Caller As(const std::string& participant) {
  return {participant, {participant}, "", participant == "menzis" ? "insurer" : ""};
}

}  // namespace

bool Edge::Accepts(const std::string& participant) const {
  return gateway_ != nullptr && !disk_->dead() && record_->epochs.back().enrolled->Knows(participant);
}

std::string Edge::NewTrace() { return absl::StrFormat("%032x", ++traces_); }

template <typename Result>
std::function<void(Result)> Edge::WhileItLives(std::function<void(Result)> then) {
  return [this, number = number_, then = std::move(then)](Result result) {
    if (!disk_->dead() && number_ == number) then(std::move(result));
  };
}

Edge::Answer Edge::Left(const policy::Answer& answer, const std::string& trace_id) {
  Answer told;
  for (const Issue& issue : answer.issues) {
    if (issue.severity == Severity::kError) told.rules.push_back(issue.rule);
  }
  told.exchange_id = answer.message_id;
  if (answer.state == policy::Answer::State::kReceived) {
    told.outcome = Outcome::kAccepted;
    journal_->Count("accepted");
  } else if (answer.retry_after_s > 0) {
    journal_->Count("not now");
  } else {
    told.outcome = Outcome::kRefused;
    record_->refusals.push_back({trace_id, told.rules});
    journal_->Count("refused");
  }
  return told;
}

bool Edge::Say(const std::string& participant, const std::string& body, std::function<void(const Answer&)> left,
               std::function<void(const Answer&)> done) {
  if (!Accepts(participant)) return false;
  const std::string trace_id = NewTrace();
  auto answered = WhileItLives<policy::Answer>(
      [this, trace_id, participant, left = std::move(left), done = std::move(done)](policy::Answer answer) {
        const Answer told = Left(answer, trace_id);
        journal_->Tell("answer to ", participant, ": ", told.exchange_id, absl::StrJoin(told.rules, ","));
        left(told);
        scheduler_->After(Scheduler::kWorld, Latency(), [told, done] { done(told); });
      });
  gateway_->road().Receive({As(participant), exchange::Format::kFhirJson, "fhir-https", body, trace_id, ""},
                           std::move(answered));
  return true;
}

std::vector<Edge::Item> Edge::Left(Road::MailboxPage page, const Shown& read) {
  std::vector<Item> items;
  for (const exchange::MailboxItem& item : page.items) {
    Item& seen = items.emplace_back();
    seen.delivery_id = item.delivery_id;
    seen.acknowledged = item.acknowledged;
    seen.answered = item.answered;
    const auto* disclosure = std::get_if<policy::Disclosure>(&item.content);
    seen.withheld = disclosure == nullptr;
    journal_->Count(seen.withheld ? "shown as withheld" : "shown");
    if (seen.withheld) continue;
    seen.exchange = disclosure->exchange();
    record_->items.push_back(read);
    record_->items.back().delivery_id = item.delivery_id;
    record_->items.back().plaintext = seen.exchange.SerializeAsString();
  }
  return items;
}

bool Edge::Read(const std::string& participant, bool all, const std::string& delivery_id,
                std::function<void(std::vector<Item>)> done) {
  constexpr uint64_t kPageMax = 5;
  if (!Accepts(participant)) return false;
  Road::MailboxRequest request;
  request.caller = As(participant);
  request.unacknowledged_only = !all;
  request.delivery_id = delivery_id;
  request.most = all ? request.most : 1 + dice_.Below(kPageMax);
  ReadPage(std::move(request), std::move(done));
  return true;
}

void Edge::ReadPage(Road::MailboxRequest request, std::function<void(std::vector<Item>)> done) {
  request.trace_id = NewTrace();
  const Shown read{request.caller.peer, "", request.trace_id, scheduler_->now_us(), 0, "", "", number_};
  auto shown = WhileItLives<Road::MailboxPage>([this, read, request, done = std::move(done)](Road::MailboxPage page) mutable {
    if (HasError(page.issues)) return;
    Shown now = read;
    now.shown_us = scheduler_->now_us();
    const std::vector<Item> items = Left(std::move(page), now);
    journal_->Tell(read.recipient, " reads ", items.size());
    scheduler_->After(Scheduler::kWorld, Latency(), [items, done] { done(items); });
    const bool goes_on = !request.unacknowledged_only && items.size() == request.most && gateway_ != nullptr;
    if (!goes_on) return;
    request.after = items.back().delivery_id;
    ReadPage(std::move(request), done);
  });
  gateway_->road().ReadMailbox(std::move(request), std::move(shown));
}

bool Edge::Acknowledge(const std::string& participant, const std::string& delivery_id,
                       std::function<void(bool)> done) {
  if (!Accepts(participant)) return false;
  record_->taken_over.try_emplace(delivery_id, Taken{scheduler_->now_us(), -1});
  Road::AcknowledgeRequest request;
  request.caller = As(participant);
  request.delivery_ids = {delivery_id};
  request.trace_id = NewTrace();
  auto taken = WhileItLives<Road::Acknowledged>(
      [this, trace_id = request.trace_id, delivery_id, participant, done = std::move(done)](Road::Acknowledged said) {
        const bool good = !HasError(said.issues);
        journal_->Tell(participant, " acknowledged ", delivery_id, ": ", good ? "" : "not ", said.count);
        if (good && said.count > 0) {
          record_->acknowledgements.emplace(trace_id, delivery_id);
          journal_->Count("acknowledged");
          Taken& taken = record_->taken_over[delivery_id];
          if (taken.heard_us < 0) taken.heard_us = scheduler_->now_us();
        }
        scheduler_->After(Scheduler::kWorld, Latency(), [good, done] { done(good); });
      });
  gateway_->road().Acknowledge(std::move(request), std::move(taken));
  return true;
}

}  // namespace schotvrij::simulation
