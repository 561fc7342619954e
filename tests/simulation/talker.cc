#include "tests/simulation/talker.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace schotvrij::simulation {
namespace {

constexpr int64_t kAgainUs = 250'000;        // after a refused connection, or "not now"
constexpr int64_t kPatienceUsMax = 3'000'000;  // of the most patient: a crash answers nobody

}  // namespace

struct Talkers::Talk {
  Speech speech;
  int attempt = 0;
  bool done = false;
};

void Talkers::Say(Speech speech) {
  ++open_;
  auto talk = std::make_shared<Talk>();
  talk->speech = std::move(speech);
  Try(std::move(talk));
}

void Talkers::Try(std::shared_ptr<Talk> talk) {
  if (talk->done) return;
  const int attempt = ++talk->attempt;
  const auto again = [this, talk, attempt] {
    if (talk->attempt == attempt) Try(talk);
  };
  talk->speech.sent();
  const bool connected = edge_->Say(talk->speech.participant, talk->speech.body, talk->speech.left,
                                    [this, talk, again](const Edge::Answer& answer) {
                                      if (talk->done) return;
                                      if (answer.outcome == Edge::Outcome::kTransient) {
                                        return scheduler_->After(Scheduler::kWorld, dice_.About(kAgainUs), again);
                                      }
                                      talk->done = true;
                                      --open_;
                                      talk->speech.done(answer);
                                    });
  if (attempt > 1) journal_->Count("said again");
  if (!connected) return scheduler_->After(Scheduler::kWorld, dice_.About(kAgainUs), again);
  const int64_t patience_us = talk->speech.patience_ms > 0 ? talk->speech.patience_ms * 1000 : kPatienceUsMax;
  // Its patience grows, so that in the end it hears the answer.
  scheduler_->After(Scheduler::kWorld, dice_.About(std::min(patience_us * attempt, kPatienceUsMax)), again);
}

}  // namespace schotvrij::simulation
