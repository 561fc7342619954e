#include <algorithm>
#include <optional>

#include "tests/simulation/consent_model.h"
#include "tests/simulation/observer.h"

namespace schotvrij::simulation {
namespace {

using Own = ConsentModel::Own;

// Of the rules of an event: that a delivery came to nothing.
constexpr const char* kFailed = "delivery-failed";

}  // namespace

// A registration along the trail, as far as its recipient is concerned.
class Observer::Standing {
 public:
  explicit Standing(const Statement* registration) : registration_(registration) {}
  const Statement& registration() const { return *registration_; }

  // An event about the delivery that carries it.
  void Follow(const v1::AuditEvent& event) {
    const bool by_itself = event.trace_id().empty();  // nobody asked: the dispatcher
    if (event.code() == v1::AUDIT_DISCLOSE && by_itself) tried_ = true;
    if (event.code() == v1::AUDIT_DELIVER && event.outcome() == v1::AUDIT_OK) kept_ = true;
    // One that lies in a mailbox may be withheld twice before it ends; nobody has that, so it does not matter here.
    if (event.code() == v1::AUDIT_WITHHOLD && tried_ && !kept_) over_ = true;
    const bool failed = std::count(event.rules().begin(), event.rules().end(), kFailed) > 0;
    if (event.code() == v1::AUDIT_DELIVER && failed) over_ = true;
  }
  void Answer(bool accepted) {
    kept_ = true;
    over_ = over_ || !accepted;
  }
  void End() { over_ = true; }
  // What its provider's word came to when its recipient may have had it for the first time.
  void Rest(Own word) {
    if (may_be_known() && !first_word_) first_word_ = word;
  }
  bool rested_on_permit() const { return first_word_ == Own::kPermit; }

  bool may_be_known() const { return (kept_ || tried_) && !over_; }
  bool under_way() const { return tried_ && !kept_; }

 private:
  const Statement* registration_;
  bool kept_ = false;   // its recipient took it over, or answered it
  bool tried_ = false;  // by mail
  bool over_ = false;
  std::optional<Own> first_word_;
};

const Observer::Ending* Observer::EndingOf(const std::string& delivery) const {
  const auto found = endings_.find(delivery);
  return found == endings_.end() ? nullptr : &found->second;
}

// No provider here ends anything.
void Observer::ReadEndings() {
  for (const v1::RegistrationFact& fact : facts_) {
    const auto about = by_exchange_.find(fact.exchange_id());
    for (const v1::StepFact& step : fact.steps()) {
      if (step.step() != v1::END || about == by_exchange_.end() || by_exchange_.contains(step.exchange_id())) continue;
      endings_.emplace(step.delivery_id(), Ending{about->second, &fact, step.exchange_id()});
    }
  }
}

// Whether `consent`, at its place in the trail, ended a registration; told in the same unit, or not at all.
void Observer::JudgeConsentEnd(const Statement& consent, size_t place, bool taken_back, const std::string& delivery,
                               Standing& standing) {
  const Statement& about = standing.registration();
  const v1::AuditEvent& received = trail_.events()[place].event;
  const CivilDate day = DayAt(received.recorded_us());
  Ending* ending = nullptr;
  for (size_t i = place + 1; i < trail_.events().size(); ++i) {
    const TrailEvent& event = trail_.events()[i];
    if (event.event.trace_id() != received.trace_id()) break;
    const auto found = endings_.find(event.delivery);
    const bool of_it = found != endings_.end() && found->second.registration == &about;
    if (of_it && event.code() == v1::AUDIT_DECIDE) ending = &found->second;
  }
  const auto under_rule = [&](bool wanted) {
    return record_.AtSomeMoment(consent.first_sent_us, consent.acknowledged_us, [&](const Epoch& epoch, CivilDate) {
      return epoch.policy->LetsRegister(day, about.provider, about.municipality) == wanted;
    });
  };
  const bool ends = taken_back && standing.may_be_known();
  if (ending == nullptr) {
    if (ends && !under_rule(false)) journal_.Violation("nobody was told that consent ended: ", about.key, ", delivery ", delivery);
    return;
  }
  if (!ends || !under_rule(true)) return;  // of nobody, as is said below
  ending->consent = &consent;
  journal_.Count(standing.under_way() ? "ended while sent" : "ended by consent");
  if (ending->fact->end_date() != std::max(day.ToString(), ending->fact->start_date())) {
    journal_.Violation("it ended on another day: ", about.key);
  }
  standing.End();
}

// The event at `place` says that the registration of `standing` ended because no consent carries it; what tells of that stands before it.
void Observer::JudgeRunOut(size_t place, const std::vector<ConsentModel>& words, Standing& standing) {
  const Statement& about = standing.registration();
  const auto told = place == 0 ? endings_.end() : endings_.find(trail_.events()[place - 1].delivery);
  if (told == endings_.end() || told->second.registration != &about) {
    return journal_.Violation("consent ran out and nobody was told: ", about.key);
  }
  const CivilDate day = DayAt(trail_.events()[place].event.recorded_us());
  const bool carried = words[about.person].OwnWord(about.provider, about.municipality, day) == Own::kPermit;
  if (carried || !standing.may_be_known()) journal_.Violation("ended by itself without need: ", about.key);
  if (told->second.fact->end_date() != std::max(day.ToString(), told->second.fact->start_date())) {
    journal_.Violation("it ended on another day: ", about.key);
  }
  told->second.ran_out = true;
  standing.End();
  journal_.Count("ended by itself");
}

// At the end of the trail, when nothing is due any more: what was known while a consent carried it has ended with that.
void Observer::JudgeStillKnown(const std::vector<ConsentModel>& words, const std::map<std::string, Standing>& standing) {
  if (trail_.events().empty()) return;
  const CivilDate today = DayAt(trail_.events().back().event.recorded_us());
  for (const auto& [delivery, each] : standing) {
    const Statement& about = each.registration();
    if (!each.may_be_known() || !each.rested_on_permit()) continue;
    if (words[about.person].OwnWord(about.provider, about.municipality, today) != Own::kNothing) continue;
    const auto without_rule = [&](const Epoch& epoch, CivilDate day) {
      return words[about.person].OwnWord(about.provider, about.municipality, day) == Own::kNothing &&
             !epoch.policy->LetsRegister(day, about.provider, about.municipality);
    };
    const bool ruled = !record_.AtSomeMoment(about.first_sent_us, record_.epochs.back().from_us, without_rule);
    if (ruled) journal_.Violation("nobody was told that consent ran out: ", about.key, ", delivery ", delivery);
  }
}

// Along the trail: a registration ends when, and only when, its own provider's word takes back what it rested on, or runs out.
void Observer::JudgeConsentEnds() {
  std::vector<ConsentModel> words(record_.persons.size());
  std::map<std::string, Standing> standing;  // by delivery
  for (size_t i = 0; i < trail_.events().size(); ++i) {
    const TrailEvent& event = trail_.events()[i];
    if (event.code() == v1::AUDIT_DECIDE) {
      const Statement* about = StatementOf(event.delivery);
      if (about != nullptr && about->IsRegistration()) standing.emplace(event.delivery, Standing(about));
    }
    const auto concerned = standing.find(event.delivery);
    if (concerned != standing.end()) {
      Standing& each = concerned->second;
      const Statement& about = each.registration();
      each.Follow(event.event);
      each.Rest(words[about.person].OwnWord(about.provider, about.municipality, DayAt(event.event.recorded_us())));
      if (event.code() == v1::AUDIT_CONSENT_ENDED) JudgeRunOut(i, words, each);
    }
    if (event.code() != v1::AUDIT_RECEIVE) continue;
    const auto answer = answer_by_exchange_.find(event.exchange);
    if (answer != answer_by_exchange_.end()) {
      const auto answered = standing.find(answer->second->delivery_id);
      if (answered != standing.end()) answered->second.Answer(answer->second->accepted);
    }
    const auto found = by_exchange_.find(event.exchange);
    if (found == by_exchange_.end()) continue;
    const Statement& said = *found->second;
    const ConsentModel before = words[said.person];
    if (said.takes_back == nullptr) words[said.person].Said(said.provider, said.ConsentAsWritten());
    const CivilDate day = DayAt(event.event.recorded_us());
    for (auto& [delivery, each] : standing) {
      const Statement& about = each.registration();
      if (said.takes_back == &about) each.End();
      if (!said.IsConsent() || about.provider != said.provider || about.person != said.person) continue;
      const Own now = words[said.person].OwnWord(about.provider, about.municipality, day);
      const bool permitted = before.OwnWord(about.provider, about.municipality, day) == Own::kPermit;
      const bool taken_back = now == Own::kWithdrawal || (permitted && now == Own::kNothing);
      JudgeConsentEnd(said, i, taken_back, delivery, each);
    }
  }
  JudgeStillKnown(words, standing);
  for (const auto& [delivery, ending] : endings_) {
    if (ending.consent == nullptr && !ending.ran_out) journal_.Violation("ended by nobody: ", ending.registration->key, ", delivery ", delivery);
  }
}

}  // namespace schotvrij::simulation
