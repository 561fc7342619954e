#include "tests/simulation/municipality.h"

#include <algorithm>
#include <iterator>

namespace schotvrij::simulation {
namespace {

constexpr int64_t kReadsLaterUsMax = 3'000'000;

}  // namespace

void Municipality::Begin() { ReadNowAndThen(); }

void Municipality::ReadNowAndThen() {
  stage_.scheduler->After(Scheduler::kWorld, dice_.About(workload_.mailbox().reads_ms() * kMs), [this] {
    const bool looks_back = dice_.PerMille(workload_.mailbox().looks_back());
    const std::string delivery_id = looks_back && dice_.PerMille(500) ? AnyKnown() : "";
    stage_.edge->Read(name_, looks_back, delivery_id, [this](std::vector<Edge::Item> items) {
      if (dice_.PerMille(workload_.mailbox().drops())) return;
      for (const Edge::Item& item : items) Take(item);
    });
    if (!diligent_) ReadNowAndThen();
  });
}

std::string Municipality::AnyKnown() {
  if (cases_.empty()) return "";
  return std::next(cases_.begin(), static_cast<std::ptrdiff_t>(dice_.Below(cases_.size())))->first;
}

void Municipality::Take(const Edge::Item& item) {
  const MailboxHabits& chances = workload_.mailbox();
  cases_.try_emplace(item.delivery_id);
  const bool lies = !diligent_ && dice_.PerMille(chances.lies());
  const bool acknowledges = lies || (!item.withheld && (diligent_ || dice_.PerMille(chances.acknowledges())));
  if (acknowledges && !item.acknowledged) Acknowledge(item.delivery_id);
  if (item.withheld || lies || item.answered) return;
  if (diligent_ || dice_.PerMille(chances.answers())) Answer(item.delivery_id);
}

void Municipality::Acknowledge(const std::string& delivery_id) {
  stage_.edge->Acknowledge(name_, delivery_id, [](bool) {});
  if (diligent_ || !dice_.PerMille(workload_.mailbox().repeats())) return;
  stage_.scheduler->After(Scheduler::kWorld, dice_.Between(0, kReadsLaterUsMax), [this, delivery_id] {
    stage_.edge->Acknowledge(name_, delivery_id, [](bool) {});
  });
}

void Municipality::Receive(const std::string& delivery_id) {
  const auto [known, first] = cases_.try_emplace(delivery_id);
  if (first && dice_.PerMille(workload_.mail().answers())) Answer(delivery_id);
}

void Municipality::Answer(const std::string& delivery_id) {
  const auto [known, first] = cases_.try_emplace(delivery_id);
  if (known->second.answering) return;
  known->second.answering = true;
  known->second.accepts = !dice_.PerMille(std::max(workload_.mailbox().rejects(), workload_.mail().rejects()));
  Say(delivery_id, known->second.accepts, /*first=*/true);
}

void Municipality::Say(const std::string& delivery_id, bool accepts, bool first) {
  Talkers::Speech speech;
  speech.participant = name_;
  speech.body = AnswerTo(delivery_id, accepts);
  speech.left = [this, delivery_id, accepts](const Edge::Answer& answer) {
    if (answer.outcome != Edge::Outcome::kAccepted) return;
    stage_.record->answers.push_back({name_, delivery_id, accepts, answer.exchange_id});
  };
  speech.done = [this, delivery_id, accepts, first](const Edge::Answer& answer) {
    // A refusal may be of a day on which it could not be told; at the end it is said again.
    if (answer.outcome == Edge::Outcome::kRefused && first) cases_[delivery_id].answering = false;
    if (!first || diligent_) return;
    const auto later = [&](bool again) {
      stage_.scheduler->After(Scheduler::kWorld, dice_.Between(0, kReadsLaterUsMax),
                              [this, delivery_id, again] {
                                if (!diligent_) Say(delivery_id, again, /*first=*/false);
                              });
    };
    if (dice_.PerMille(workload_.mailbox().repeats())) later(accepts);
    if (dice_.PerMille(workload_.mailbox().contradicts())) later(!accepts);
  };
  stage_.talkers->Say(std::move(speech));
}

void Municipality::Finish() {
  diligent_ = true;
  for (const auto& [delivery_id, known] : cases_) {
    if (!known.answering) Answer(delivery_id);
  }
  stage_.edge->Read(name_, /*all=*/true, "", [this](std::vector<Edge::Item> items) {
    for (const Edge::Item& item : items) Take(item);
  });
}

}  // namespace schotvrij::simulation
