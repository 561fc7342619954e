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

// A registration and its steps along the trail, as far as its recipient is concerned.
class Observer::Standing {
 public:
  explicit Standing(const Statement* registration) : registration_(registration) {}
  const Statement& registration() const { return *registration_; }

  // Its provider's next step.
  void Step(v1::RegistrationStep step, const std::string& exchange) {
    if (step == v1::WITHDRAW) over_ = true;
    if (step == v1::END) open_ = false;
    if (step != v1::REOPEN) return;
    open_ = true;
    doubtful_ = false;
    reopening_ = exchange;
  }
  // An event about the delivery that carries it, or the step that `exchange` is.
  void Follow(const v1::AuditEvent& event, const std::string& exchange) {
    const bool first = exchange == registration_->exchange_id;
    const bool by_itself = event.trace_id().empty();  // nobody asked: the dispatcher
    Way& way = ways_[exchange];
    if (event.code() == v1::AUDIT_DISCLOSE && by_itself) way.tried = tried_ = true;
    if (event.code() == v1::AUDIT_DELIVER && event.outcome() == v1::AUDIT_OK) way.kept = kept_ = true;
    const bool failed = event.code() == v1::AUDIT_DELIVER &&
                        std::count(event.rules().begin(), event.rules().end(), kFailed) > 0;
    const bool withheld = event.code() == v1::AUDIT_WITHHOLD && !way.kept;
    // One that lies in a mailbox may be withheld twice before it ends; of a first registration nobody has that.
    // What was reopened since stands by the reopening.
    if (first && open_ && reopening_.empty() && (failed || (withheld && way.tried))) over_ = true;
    if ((first && withheld) || (exchange == reopening_ && (failed || withheld))) doubtful_ = true;
  }
  void Answer(const std::string& exchange, bool accepted, bool erases) {
    ways_[exchange].kept = kept_ = true;
    if (accepted) return;
    if (erases || (open_ && reopening_.empty() && exchange == registration_->exchange_id)) over_ = true;
    if (exchange == reopening_) open_ = false;
  }
  void End() { open_ = false; }
  // What its provider's word came to when its recipient may have had it for the first time.
  void Rest(Own word) {
    if (may_be_known() && !first_word_) first_word_ = word;
  }
  // What its provider said leaves it without a permit, and it had none on that day: the clock was set back behind the day of the first.
  void RestOnNothing() { first_word_ = Own::kNothing; }
  bool rested_on_permit() const { return first_word_ == Own::kPermit; }

  bool may_be_known() const { return (kept_ || tried_) && open_ && !over_; }
  // It, or its reopening, came to nothing, or will.
  bool doubtful() const { return doubtful_; }
  bool under_way() const { return tried_ && !kept_; }

 private:
  struct Way {
    bool kept = false;   // its recipient took it over, or answered it
    bool tried = false;  // by mail
  };
  const Statement* registration_;
  std::map<std::string, Way> ways_;  // by exchange
  bool kept_ = false;                // of any
  bool tried_ = false;
  bool open_ = true;
  bool doubtful_ = false;
  bool over_ = false;
  std::string reopening_;  // the last
  std::optional<Own> first_word_;
};

const Observer::Ending* Observer::EndingOf(const std::string& delivery) const {
  const auto found = endings_.find(delivery);
  return found == endings_.end() ? nullptr : &found->second;
}

// What ended by no message of its provider's.
void Observer::ReadEndings() {
  for (const v1::RegistrationFact& fact : facts_) {
    const auto about = by_exchange_.find(fact.exchange_id());
    for (const v1::StepFact& step : fact.steps()) {
      if (step.step() != v1::END || about == by_exchange_.end() || by_exchange_.contains(step.exchange_id())) continue;
      endings_.emplace(step.delivery_id(), Ending{about->second, &fact, step.exchange_id()});
    }
  }
}

// The fact says the day of the last end only.
void Observer::JudgeEndDate(CivilDate day, Ending& ending) {
  ending.end_date = std::max(day.ToString(), ending.fact->start_date());
  const v1::StepFact& last = *ending.fact->steps().rbegin();
  if (last.exchange_id() == ending.exchange_id && ending.fact->end_date() != ending.end_date) {
    journal_.Violation("it ended on another day: ", ending.registration->key);
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
  if (standing.doubtful() && ending == nullptr) return;
  if (ending == nullptr) {
    if (ends && !under_rule(false)) journal_.Violation("nobody was told that consent ended: ", about.key, ", delivery ", delivery);
    return;
  }
  if (!ends || !under_rule(true)) return;  // of nobody, as is said below
  ending->consent = &consent;
  journal_.Count(standing.under_way() ? "ended while sent" : "ended by consent");
  JudgeEndDate(day, *ending);
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
  told->second.ran_out = true;
  JudgeEndDate(day, told->second);
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
    const Statement* carried = StatementOf(event.delivery);
    if (carried != nullptr && !carried->Leaves()) {
      const auto concerned = standing.find(trail_.DeliveryOf(carried->registration().exchange_id));
      if (concerned != standing.end()) {
        Standing& each = concerned->second;
        const Statement& about = each.registration();
        each.Follow(event.event, carried->exchange_id);
        each.Rest(words[about.person].OwnWord(about.provider, about.municipality, DayAt(event.event.recorded_us())));
        if (event.code() == v1::AUDIT_CONSENT_ENDED) JudgeRunOut(i, words, each);
      }
    }
    if (event.code() != v1::AUDIT_RECEIVE) continue;
    const auto answer = answer_by_exchange_.find(event.exchange);
    if (answer != answer_by_exchange_.end()) {
      const Statement* about = StatementOf(answer->second->delivery_id);
      const auto answered = about == nullptr ? standing.end() : standing.find(trail_.DeliveryOf(about->registration().exchange_id));
      const bool erases = answer->second->erases && !answer->second->accepted;
      if (answered != standing.end() && (!about->Leaves() || erases)) {
        answered->second.Answer(about->exchange_id, answer->second->accepted, erases);
      }
    }
    const auto found = by_exchange_.find(event.exchange);
    if (found == by_exchange_.end()) continue;
    const Statement& said = *found->second;
    const ConsentModel before = words[said.person];
    if (said.HasConsent()) words[said.person].Said(said.provider, said.ConsentAsWritten());
    const CivilDate day = DayAt(event.event.recorded_us());
    for (auto& [delivery, each] : standing) {
      const Statement& about = each.registration();
      if (said.about == &about) each.Step(said.step, event.exchange);
      if (!said.IsConsent() || about.provider != said.provider || about.person != said.person) continue;
      const Own now = words[said.person].OwnWord(about.provider, about.municipality, day);
      const bool permitted = before.OwnWord(about.provider, about.municipality, day) == Own::kPermit;
      const bool taken_back = now == Own::kWithdrawal || (permitted && now == Own::kNothing);
      JudgeConsentEnd(said, i, taken_back, delivery, each);
      if (!taken_back && now == Own::kNothing) each.RestOnNothing();
    }
  }
  JudgeStillKnown(words, standing);
  for (const auto& [delivery, ending] : endings_) {
    if (ending.consent == nullptr && !ending.ran_out) journal_.Violation("ended by nobody: ", ending.registration->key, ", delivery ", delivery);
  }
}

}  // namespace schotvrij::simulation
