#include "tests/simulation/municipality.h"

#include <algorithm>
#include <iterator>

namespace schotvrij::simulation {
namespace {

constexpr const char* kStrays[] = {"unknown-person", "already-known", "no-longer-in-pilot", "other"};

}  // namespace

void Municipality::Begin() { ReadNowAndThen(); }

void Municipality::ReadNowAndThen() {
  stage_.scheduler->After(Scheduler::kWorld, dice_.About(workload_.mailbox().reads_ms() * kMs), [this] {
    const bool looks_back = dice_.PerMille(workload_.mailbox().looks_back());
    const std::string delivery_id = looks_back && dice_.PerMille(500) ? AnyKnown() : "";
    stage_.edge->Read(name_, looks_back, delivery_id, [this](std::vector<Edge::Item> items) {
      const bool drops = !diligent_ && dice_.PerMille(workload_.mailbox().drops());
      for (const Edge::Item& item : items) See(item, !drops);
    });
    if (!diligent_) ReadNowAndThen();
  });
}

std::string Municipality::AnyKnown() {
  if (cases_.empty()) return "";
  return std::next(cases_.begin(), static_cast<std::ptrdiff_t>(dice_.Below(cases_.size())))->first;
}

void Municipality::See(const Edge::Item& item, bool keeps) {
  if (!item.withheld) desk().See(item.delivery_id, ToldBy(item.exchange), keeps);
  if (keeps) Take(item);
}

void Municipality::Take(const Edge::Item& item) {
  const MailboxHabits& chances = workload_.mailbox();
  cases_.try_emplace(item.delivery_id);
  if (item.withheld && !item.acknowledged) desk().Lose(item.delivery_id);
  const bool lies = !diligent_ && dice_.PerMille(chances.lies());
  const bool acknowledges = lies || (!item.withheld && (diligent_ || dice_.PerMille(chances.acknowledges())));
  if (acknowledges && !item.acknowledged) Acknowledge(item.delivery_id);
  if (item.withheld || lies || item.answered) return;
  if (diligent_ || dice_.PerMille(chances.answers())) Answer(item.delivery_id);
}

void Municipality::Acknowledge(const std::string& delivery_id) {
  stage_.edge->Acknowledge(name_, delivery_id, [](bool) {});
  if (diligent_ || !dice_.PerMille(workload_.mailbox().repeats())) return;
  stage_.scheduler->After(Scheduler::kWorld, dice_.Between(0, workload_.mailbox().later_ms() * kMs), [this, delivery_id] {
    stage_.edge->Acknowledge(name_, delivery_id, [](bool) {});
  });
}

void Municipality::Receive(const std::string& delivery_id, const std::string& text) {
  desk().See(delivery_id, ToldBy(text), /*kept=*/true);
  const auto [known, first] = cases_.try_emplace(delivery_id);
  if (first && dice_.PerMille(workload_.mail().answers())) Answer(delivery_id);
}

void Municipality::Answer(const std::string& delivery_id) {
  const auto [known, first] = cases_.try_emplace(delivery_id);
  if (known->second.answering) return;
  known->second.answering = true;
  const bool rejects = dice_.PerMille(std::max(workload_.mailbox().rejects(), workload_.mail().rejects()));
  known->second.reason = rejects ? Rejection() : "";
  Say(delivery_id, known->second.reason, /*first=*/true);
}

std::string Municipality::Rejection() {
  return dice_.PerMille(workload_.mailbox().strays()) ? kStrays[dice_.Below(std::size(kStrays))] : kErases;
}

void Municipality::Say(const std::string& delivery_id, const std::string& reason, bool first) {
  Talkers::Speech speech;
  speech.participant = name_;
  speech.body = AnswerTo(delivery_id, reason);
  stage_.record->taken_over.try_emplace(delivery_id, Taken{stage_.scheduler->now_us(), -1});
  speech.left = [this, delivery_id, reason](const Edge::Answer& answer) {
    if (answer.outcome != Edge::Outcome::kAccepted) return;
    Taken& taken = stage_.record->taken_over[delivery_id];
    if (taken.heard_us < 0) taken.heard_us = stage_.scheduler->now_us();
    stage_.record->answers.push_back({name_, delivery_id, reason.empty(), reason == kErases, answer.exchange_id});
  };
  speech.done = [this, delivery_id, reason, first](const Edge::Answer& answer) {
    if (answer.outcome == Edge::Outcome::kAccepted) desk().Answer(delivery_id, reason.empty(), reason == kErases);
    if (answer.outcome == Edge::Outcome::kRefused) {
      desk().Refuse(delivery_id, std::ranges::find(answer.rules, "ANSWER-UNKNOWN") != answer.rules.end());
    }
    // A refusal may be of a day on which it could not be told; at the end it is said again.
    if (answer.outcome == Edge::Outcome::kRefused && first) cases_[delivery_id].answering = false;
    if (!first || diligent_) return;
    const auto later = [&](const std::string& again) {
      stage_.scheduler->After(Scheduler::kWorld, dice_.Between(0, workload_.mailbox().later_ms() * kMs),
                              [this, delivery_id, again] {
                                if (!diligent_) Say(delivery_id, again, /*first=*/false);
                              });
    };
    if (dice_.PerMille(workload_.mailbox().repeats())) later(reason);
    if (dice_.PerMille(workload_.mailbox().contradicts())) later(reason.empty() ? Rejection() : "");
  };
  stage_.talkers->Say(std::move(speech));
}

void Municipality::Finish() {
  diligent_ = true;
  for (const auto& [delivery_id, known] : cases_) {
    if (!known.answering) Answer(delivery_id);
  }
  stage_.edge->Read(name_, /*all=*/true, "", [this](std::vector<Edge::Item> items) {
    for (const Edge::Item& item : items) See(item, /*keeps=*/true);
  });
}

}  // namespace schotvrij::simulation
