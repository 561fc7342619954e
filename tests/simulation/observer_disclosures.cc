#include <set>
#include <utility>

#include "tests/simulation/consent_model.h"
#include "tests/simulation/observer.h"

namespace schotvrij::simulation {
namespace {

constexpr const char* kPrefix = "van der";  // of every surname in the example

}  // namespace

// The registration that was shown; null and a violation when there is none, or it is not the recipient's.
const Statement* Observer::AboutOf(const Shown& shown) {
  const Statement* about = SubjectOf(shown.delivery_id);
  if (about != nullptr && about->municipality == shown.recipient) return about;
  journal_.Violation(shown.recipient, " saw what nobody sent it: ", shown.delivery_id);
  return nullptr;
}

// A rule, and membership of both, at some moment between the question and the sight of it; who is told of an end was a member on the day
// of the case.
void Observer::JudgeMoment(const Shown& shown, const Statement& about) {
  const bool leaves = about.Leaves() || EndingOf(shown.delivery_id) != nullptr;
  const bool ruled = record_.AtSomeMoment(shown.asked_us, shown.shown_us, [&](const Epoch& epoch, CivilDate day) {
    if (leaves) return HeldOnItsDay(epoch, about.registration());
    return about.about != nullptr ? epoch.policy->HoldsOn(day, about.provider, about.municipality)
                        : epoch.policy->LetsRegister(day, about.provider, about.municipality);
  });
  if (!ruled) journal_.Violation("no rule lets ", shown.recipient, " see ", about.key);
}

// From outside: a withdrawal that was acknowledged before the question, with no word of the client after it.
void Observer::JudgeConsentKnown(const Shown& shown, const Statement& about) {
  for (const Statement& withdrawal : record_.statements) {
    const bool covers = withdrawal.consent.withdrawn && withdrawal.person == about.person &&
                        (withdrawal.consent.recipient.empty() || withdrawal.consent.recipient == about.municipality);
    if (!covers || withdrawal.acknowledged_us < 0 || withdrawal.acknowledged_us >= shown.asked_us) continue;
    bool given_since = false;
    for (const Statement& given : record_.statements) {
      given_since |= given.HasConsent() && !given.consent.withdrawn && given.person == about.person && given.first_sent_us >= 0 &&
                     (given.first_sent_us > withdrawal.first_sent_us || given.consent.given_on > withdrawal.consent.given_on);
    }
    if (!given_since) journal_.Violation(shown.recipient, " saw ", about.key, " after consent was withdrawn");
  }
}

// The prefix may be seen when both the rule it was accepted under and the one it is shown under share it; else it may not be.
bool Observer::PrefixMayBeSeen(const Shown& shown, const Statement& about, bool seen) const {
  const auto shares = [seen](const Epoch& epoch, CivilDate) { return epoch.policy->shares_prefix == seen; };
  const bool then = record_.AtSomeMoment(about.first_sent_us, about.acknowledged_us, shares);
  const bool now = record_.AtSomeMoment(shown.asked_us, shown.shown_us, shares);
  return seen ? then && now : then || now;
}

void Observer::JudgeItems() {
  std::map<std::string, int64_t> last_of_page;
  for (const Shown& item : record_.items) {
    int64_t& last = last_of_page.try_emplace(item.trace_id, -1).first->second;
    const int64_t place = trail_.PlaceOf(item.delivery_id);
    if (place <= last) journal_.Violation("a mailbox is out of order at ", item.delivery_id);
    last = place;
    v1::Exchange shown;
    if (!shown.ParseFromString(item.plaintext)) return journal_.Violation("an item is no message");
    if (shown.has_receipt()) continue;  // judged with what it is about
    const Statement* about = AboutOf(item);
    if (about == nullptr) continue;
    JudgeMoment(item, *about);
    if (about->Leaves()) {
      JudgeLeaving(item, *about, /*letter=*/false);
      continue;
    }
    if (const Ending* ending = EndingOf(item.delivery_id)) {
      JudgeEnding(item, *ending, /*letter=*/false);
      continue;
    }
    JudgeConsentKnown(item, *about);
    const bool prefix = !shown.client().name().own_prefix().empty();
    if (!PrefixMayBeSeen(item, *about, prefix)) journal_.Violation("more or less was shown than the rule says: ", about->key);
    const Person& person = record_.persons[about->person];
    v1::Exchange expected;
    expected.mutable_client()->set_bsn(person.bsn);
    expected.mutable_client()->mutable_name()->set_own_name(about->surname);
    if (prefix) expected.mutable_client()->mutable_name()->set_own_prefix(kPrefix);
    expected.mutable_envelope()->set_sender(about->provider);
    expected.mutable_envelope()->set_message_id(item.delivery_id);
    expected.mutable_envelope()->set_sent_on(shown.envelope().sent_on());
    expected.mutable_registration();
    if (about->about != nullptr) {
      expected.mutable_registration()->set_step(about->step);
      expected.mutable_registration()->set_about(trail_.DeliveryOf(about->about->exchange_id));
    }
    if (expected.SerializeAsString() != item.plaintext) journal_.Violation("something else was shown than was sent: ", about->key);
  }
}

void Observer::JudgeLetters() {
  for (const Shown& letter : record_.letters) {
    const Statement* about = AboutOf(letter);
    if (about == nullptr) continue;
    JudgeMoment(letter, *about);
    const bool open = record_.AtSomeMoment(letter.asked_us, letter.shown_us, [&](const Epoch& epoch, CivilDate day) {
      return epoch.enrolled->IsOpen(letter.recipient, day);
    });
    if (!open) journal_.Violation("sent to who is closed: ", about->key, " to ", letter.recipient);
    if (!letter.message_id.starts_with(letter.delivery_id + "@")) journal_.Violation("a letter under another id: ", about->key);
    if (about->Leaves()) {
      JudgeLeaving(letter, *about, /*letter=*/true);
      continue;
    }
    if (const Ending* ending = EndingOf(letter.delivery_id)) {
      JudgeEnding(letter, *ending, /*letter=*/true);
      continue;
    }
    JudgeConsentKnown(letter, *about);
    const bool prefix = letter.plaintext.find(kPrefix) != std::string::npos;
    if (!PrefixMayBeSeen(letter, *about, prefix)) journal_.Violation("more or less was sent than the rule says: ", about->key);
    const Person& person = record_.persons[about->person];
    for (const std::string& needed : {person.bsn, about->surname}) {
      if (letter.plaintext.find(needed) == std::string::npos) journal_.Violation("a letter lacks what it is for: ", about->key);
    }
    for (const std::string& hidden : {person.given, person.partner, person.birth_date}) {
      if (letter.plaintext.find(hidden) != std::string::npos) journal_.Violation("a letter tells too much: ", about->key);
    }
  }
}

void Observer::JudgeLeaving(const Shown& shown, const Statement& step, bool letter) {
  v1::Registration said;
  said.set_step(step.step);
  if (step.step == v1::END) said.set_end_date(step.end_date);
  JudgeStep(shown, *step.about, std::move(said), letter);
}

// Nor does it tell why.
void Observer::JudgeEnding(const Shown& shown, const Ending& ending, bool letter) {
  v1::Registration said;
  said.set_step(v1::END);
  said.set_end_date(ending.end_date);
  JudgeStep(shown, *ending.registration, std::move(said), letter);
}

// It says what becomes of which message, and names nobody.
void Observer::JudgeStep(const Shown& shown, const Statement& about, v1::Registration said, bool letter) {
  said.set_about(trail_.DeliveryOf(about.exchange_id));
  v1::Exchange expected;
  v1::Exchange item;
  if (!letter && !item.ParseFromString(shown.plaintext)) return journal_.Violation("an item is no message");
  expected.mutable_envelope()->set_sender(about.provider);
  expected.mutable_envelope()->set_message_id(shown.delivery_id);
  expected.mutable_envelope()->set_sent_on(item.envelope().sent_on());
  *expected.mutable_registration() = std::move(said);
  const bool as_expected = letter ? shown.plaintext.find(expected.registration().about()) != std::string::npos
                                  : expected.SerializeAsString() == shown.plaintext;
  if (!as_expected) journal_.Violation("something else was shown than was sent of ", about.key);
  const Person& person = record_.persons[about.person];
  for (const std::string& hidden : {person.bsn, person.surname}) {
    if (shown.plaintext.find(hidden) != std::string::npos) journal_.Violation("an end names its client: ", about.key);
  }
}

// Twice on the wire only as the same message, never while the first is on its way or after it was taken, and per client in order.
void Observer::JudgeLetterOrder() {
  std::map<size_t, const MailReport*> reports;
  for (const MailReport& report : record_.mail_reports) reports[report.shown] = &report;
  std::map<std::string, size_t> last_of;                                   // by delivery: place of its newest letter
  std::map<std::pair<std::string, size_t>, int64_t> furthest;              // by recipient and person: place in the trail
  for (size_t i = 0; i < record_.letters.size(); ++i) {
    const Shown& letter = record_.letters[i];
    const auto before = last_of.find(letter.delivery_id);
    if (before != last_of.end()) {
      journal_.Count("sent again");
      const Shown& earlier = record_.letters[before->second];
      const bool same_prefix = (earlier.plaintext.find(kPrefix) == std::string::npos) ==
                               (letter.plaintext.find(kPrefix) == std::string::npos);
      if (earlier.message_id != letter.message_id || (same_prefix && earlier.plaintext != letter.plaintext)) {
        journal_.Violation("sent again as another message: ", letter.delivery_id);
      }
      const auto report = reports.find(before->second);
      // Where the disk failed meanwhile, what was reported could not be written down.
      const bool ended = report != reports.end() && ((!report->second->accepted && !report->second->permanent) ||
                                                     report->second->disk_failures < letter.disk_failures);
      if (earlier.gateway == letter.gateway && !ended) journal_.Violation("sent twice without need: ", letter.delivery_id);
    }
    last_of[letter.delivery_id] = i;
    const Statement* about = SubjectOf(letter.delivery_id);
    if (about == nullptr) continue;
    int64_t& place = furthest.try_emplace({letter.recipient, about->person}, -1).first->second;
    if (trail_.PlaceOf(letter.delivery_id) < place) journal_.Violation("letters about one client out of order: ", about->key);
    place = trail_.PlaceOf(letter.delivery_id);
  }
}

// Along the trail: at the place of each disclosure the client's word allowed it.
void Observer::JudgeConsentOrder() {
  std::vector<ConsentModel> words(record_.persons.size());
  for (const TrailEvent& event : trail_.events()) {
    if (event.code() == v1::AUDIT_RECEIVE) {
      const auto said = by_exchange_.find(event.exchange);
      if (said != by_exchange_.end() && said->second->HasConsent()) {
        words[said->second->person].Said(said->second->provider, said->second->ConsentAsWritten());
      }
    }
    if (event.code() != v1::AUDIT_READ && event.code() != v1::AUDIT_DISCLOSE) continue;
    const Statement* about = StatementOf(event.delivery);
    if (about == nullptr || about->Leaves()) continue;  // a receipt, or an end, tells nothing of the client
    const CivilDate day = DayAt(event.event.recorded_us());
    if (!words[about->person].Allows(about->provider, about->municipality, day)) {
      journal_.Violation("disclosed without consent at that moment: ", about->key, ", delivery ", event.delivery);
    }
  }
}

// Along the trail: what was an error is shown no more.
void Observer::JudgeTakenBack() {
  std::set<const Statement*> errors;
  for (const TrailEvent& event : trail_.events()) {
    const auto said = by_exchange_.find(event.exchange);
    if (event.code() == v1::AUDIT_RECEIVE && said != by_exchange_.end()) errors.insert(said->second->takes_back());
    if (event.code() != v1::AUDIT_READ && event.code() != v1::AUDIT_DISCLOSE) continue;
    const Statement* about = SubjectOf(event.delivery);
    if (about != nullptr && about->takes_back() == nullptr && errors.contains(&about->registration())) journal_.Violation("shown after it was taken back: ", about->key);
  }
}

// What takes an error back is sent before anything that its provider said later to that recipient.
void Observer::JudgeErrorsFirst() {
  std::map<std::string, size_t> taking_back;  // delivery → place of its last letter
  for (size_t i = 0; i < record_.letters.size(); ++i) {
    const Statement* about = StatementOf(record_.letters[i].delivery_id);
    if (about != nullptr && about->takes_back() != nullptr) taking_back[record_.letters[i].delivery_id] = i;
  }
  for (size_t i = 0; i < record_.letters.size(); ++i) {
    const Shown& letter = record_.letters[i];
    const Statement* about = SubjectOf(letter.delivery_id);
    if (about == nullptr) continue;
    for (const auto& [delivery, last] : taking_back) {
      const bool later = trail_.PlaceOf(letter.delivery_id) > trail_.PlaceOf(delivery);
      const bool same_way = StatementOf(delivery)->provider == about->provider && record_.letters[last].recipient == letter.recipient;
      if (later && same_way && i < last) journal_.Violation("sent before an error was taken back: ", about->key);
    }
  }
}

}  // namespace schotvrij::simulation
