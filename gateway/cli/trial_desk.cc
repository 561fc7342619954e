#include "gateway/cli/trial_desk.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gateway/exchange/trial.h"
#include "gateway/telemetry/ledger.h"

namespace schotvrij::cli {
namespace {

using exchange::TrialState;
using http::TrialTold;
using Done = absl::AnyInvocable<void(TrialTold)>;

TrialTold Trouble(const absl::Status& status) { return {503, absl::StrCat("the store failed: ", std::string(status.message()))}; }

std::string Where(const config::v1::Participant& participant) {
  return exchange::IsByMail(participant.route()) ? "mail to " + exchange::MailAddressOf(participant.route()) : "its mailbox";
}

TrialTold Tell(const config::v1::Participant& participant, TrialState::Stage stage) {
  const std::string where = Where(participant);
  switch (stage) {
    case TrialState::Stage::kNone:
      return {409, absl::StrCat("no test message went to ", where)};
    case TrialState::Stage::kFailed:
      return {409, absl::StrCat("the test message to ", where, " could not be delivered")};
    case TrialState::Stage::kComplete:
      return {200, absl::StrCat("a test message went to ", where, " and came back acknowledged")};
    case TrialState::Stage::kUnderWay:
      break;
  }
  return {202, absl::StrCat("a test message went to ", where, " and is not acknowledged yet")};
}

}  // namespace

void TrialDesk::Ask(const http::TrialAsked& asked, Done done) {
  const std::shared_ptr<const identity::Enrolment> enrolment = parts_.enrolment();
  const config::v1::Participant* participant = enrolment->Find(asked.participant);
  if (participant == nullptr) return done({404, "it is not enrolled in the running gateway"});
  const absl::StatusOr<TrialState> state = exchange::ReadTrial(*parts_.store, *participant);
  if (!state.ok()) return done(Trouble(state.status()));
  if (!asked.heard.empty() && state->stage == TrialState::Stage::kUnderWay) {
    if (asked.heard != state->delivery_id) return done({409, "that is not the number of the test message under way"});
    return Heard(*participant, asked.heard, std::move(done));
  }
  const bool begins = asked.begin && (state->stage == TrialState::Stage::kNone || state->stage == TrialState::Stage::kFailed);
  if (!begins) return done(Tell(*participant, state->stage));
  exchange::BeginTrial(parts_, *participant, [participant = *participant, done = std::move(done)](absl::Status begun) mutable {
    if (absl::IsFailedPrecondition(begun)) return done({409, std::string(begun.message())});
    done(begun.ok() ? Tell(participant, TrialState::Stage::kUnderWay) : Trouble(begun));
  });
}

void TrialDesk::Heard(const config::v1::Participant& participant, const std::string& number, Done done) {
  const absl::StatusOr<std::optional<store::Delivery>> trial = parts_.store->DeliveryById(number);
  if (!trial.ok() || !trial->has_value()) return done(Trouble(trial.status()));
  if ((*trial)->state == store::DeliveryState::kDue) return done({409, "the test message is not sent yet"});
  store::Unit unit;
  exchange::PutAnswered({parts_.clock->Now(), parts_.gateway_id, parts_.engine->rules()->name(), "", "", "", ""}, **trial, &unit);
  const auto shared = std::make_shared<Done>(std::move(done));
  const absl::Status queued = parts_.store->Commit(
      std::move(unit), parts_.executor,
      [this, participant, trial = **trial, shared](absl::StatusOr<store::CommitResult> result) {
        if (!result.ok()) return (*shared)(Trouble(result.status()));
        exchange::TrialEnded(parts_, trial);
        (*shared)(Tell(participant, TrialState::Stage::kComplete));
      });
  if (!queued.ok()) (*shared)(Trouble(queued));
}

}  // namespace schotvrij::cli
