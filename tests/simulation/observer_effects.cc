#include <algorithm>
#include <cstdint>
#include <set>
#include <tuple>

#include "gateway/casefile/casefile.h"
#include "gateway/exchange/client_file.h"
#include "tests/simulation/observer.h"

namespace schotvrij::simulation {
namespace {

using store::DeliveryState;

bool CameToNothing(DeliveryState state) {
  return state == DeliveryState::kDeadLetter || state == DeliveryState::kWithheld;
}

}  // namespace

const Statement* Observer::StatementOf(const std::string& delivery) const {
  const auto exchange = trail_.exchange_of().find(delivery);
  if (exchange == trail_.exchange_of().end()) return nullptr;
  const auto statement = by_exchange_.find(exchange->second);
  return statement == by_exchange_.end() ? nullptr : statement->second;
}

const Statement* Observer::SubjectOf(const std::string& delivery) const {
  const Ending* ending = EndingOf(delivery);
  return ending == nullptr ? StatementOf(delivery) : ending->registration;
}

void Observer::ReadAnswers() {
  for (const Statement& statement : record_.statements) {
    if (statement.exchange_id.empty()) continue;
    if (!by_exchange_.emplace(statement.exchange_id, &statement).second) {
      journal_.Violation("two messages have one id: ", statement.exchange_id);
    }
  }
  for (const AnswerGiven& answer : record_.answers) {
    std::vector<const AnswerGiven*>& given = answers_[answer.delivery_id];
    if (!given.empty() && (given[0]->exchange_id != answer.exchange_id || given[0]->accepted != answer.accepted)) {
      journal_.Violation("two answers to one delivery were accepted: ", answer.delivery_id);
    }
    given.push_back(&answer);
    answer_by_exchange_.emplace(answer.exchange_id, &answer);
  }
}

void Observer::ReadReceipts() {
  for (const Shown& item : record_.items) {
    v1::Exchange shown;
    if (!shown.ParseFromString(item.plaintext) || !shown.has_receipt()) continue;
    receipts_.emplace(shown.receipt().about(), ReceiptRead{&item, shown.receipt()});
  }
}

void Observer::ReadFacts() {
  for (const Person& person : record_.persons) {
    const auto row = store_.ClientByIdentifier(exchange::BsnToken(keys_, person.bsn));
    if (!row.ok()) return journal_.Violation("a client cannot be read");
    if (!row->has_value()) continue;
    const auto file = exchange::ClientFile::Open(keys_, **row);
    if (!file.ok()) return journal_.Violation("a client does not open");
    facts_.insert(facts_.end(), file->facts().registrations().begin(), file->facts().registrations().end());
    std::set<std::pair<std::string, std::string>> open;
    for (const v1::RegistrationFact& fact : file->facts().registrations()) {
      if (fact.state() != v1::REGISTERED && fact.state() != v1::REGISTRATION_ACCEPTED) continue;
      if (!open.emplace(fact.network(), fact.sender()).second) {
        journal_.Violation("two open registrations of one client by ", fact.sender());
      }
    }
  }
}

// Each acknowledged message is in effect once; nothing is in effect that was not acknowledged in the end.
void Observer::JudgePromises() {
  std::map<std::string, size_t> received;
  for (const TrailEvent& event : trail_.events()) {
    if (event.code() != v1::AUDIT_RECEIVE) continue;
    ++received[event.exchange];
    if (!by_exchange_.contains(event.exchange) && !answer_by_exchange_.contains(event.exchange)) {
      journal_.Violation("in effect, but never acknowledged: ", event.exchange);
    }
  }
  std::map<std::string, size_t> facts;
  for (const v1::RegistrationFact& fact : facts_) {
    ++facts[fact.exchange_id()];
    for (const v1::StepFact& step : fact.steps()) ++facts[step.exchange_id()];
  }
  std::set<std::pair<std::string, std::string>> keys;
  for (const auto& [exchange, statement] : by_exchange_) {
    if (received[exchange] != 1) journal_.Violation("acknowledged, but in effect ", received[exchange], " times: ", exchange);
    if (statement->IsConsent()) continue;
    if (facts[exchange] != 1) journal_.Violation("acknowledged, but ", facts[exchange], " times in the facts: ", exchange);
    if (!keys.emplace(statement->provider, statement->key).second) {
      journal_.Violation("two messages under one key were accepted: ", statement->key);
    }
  }
  for (const auto& [exchange, answer] : answer_by_exchange_) {
    if (received[exchange] != 1) journal_.Violation("an answer acknowledged, but in effect ", received[exchange], " times");
  }
}

// All deliveries have ended, and each message has one.
void Observer::JudgeDeliveries() {
  std::map<std::string, size_t> of_exchange;
  for (const auto& [id, exchange] : trail_.exchange_of()) {
    const auto delivery = store_.DeliveryById(id);
    if (!delivery.ok() || !delivery->has_value()) {
      journal_.Violation("a delivery was decided on and is not there: ", id);
      continue;
    }
    if (++of_exchange[exchange] > 1) journal_.Violation("two deliveries of one message: ", exchange);
    if ((*delivery)->state == DeliveryState::kDue || (*delivery)->state == DeliveryState::kAvailable) {
      journal_.Violation("a delivery to ", (*delivery)->recipient, " has not ended: ", id);
    }
    journal_.Count("delivery ended " + std::to_string(static_cast<int>((*delivery)->state)));
    deliveries_.emplace(id, **delivery);
  }
}

void Observer::JudgeFact(const v1::RegistrationFact& fact) {
  const auto known = by_exchange_.find(fact.exchange_id());
  if (known == by_exchange_.end()) return journal_.Violation("a registration of nobody: ", fact.exchange_id());
  const Statement& about = *known->second;
  if (fact.sender() != about.provider || fact.recipient() != about.municipality || fact.request_key() != about.key) {
    journal_.Violation("a registration is not what was sent: ", about.key);
  }
  const bool of_its_day = record_.AtSomeMoment(about.first_sent_us, about.acknowledged_us, [&](const Epoch& epoch, CivilDate day) {
    return fact.agreement_version() == epoch.policy->VersionOn(day);
  });
  if (!of_its_day) journal_.Violation("judged by another agreement: ", about.key);
  journal_.Count("agreement " + fact.agreement_version());
  const auto delivery = deliveries_.find(fact.delivery_id());
  if (delivery == deliveries_.end()) return journal_.Violation("a registration without a delivery: ", about.key);
  v1::Receipt verdict;
  verdict.set_state(fact.state() == v1::REGISTRATION_REJECTED ? v1::REJECTED : v1::ACCEPTED);
  verdict.set_reason(fact.answer_reason());
  const bool undelivered = fact.state() == v1::REGISTRATION_UNDELIVERED;
  JudgeSteps(fact, about);
  const auto answer = answers_.find(fact.delivery_id());
  const bool erased_by_another = answer == answers_.end() && WasErased(fact);
  if (fact.state() == v1::REGISTRATION_WITHDRAWN && erased_by_another) return;
  if (fact.state() == v1::REGISTRATION_WITHDRAWN) return JudgeReceipt(AsSent(about), fact.delivery_id());
  const bool ended = fact.steps_size() > 0;
  const bool nothing = CameToNothing(delivery->second.state);
  // What ended while an attempt was under way may still come to nothing after that.
  if (ended ? !nothing && casefile::Erases(verdict) : nothing != (undelivered || casefile::Erases(verdict))) {
    journal_.Violation("delivery and registration disagree: ", about.key);
  }
  // Of what ended meanwhile a rejection changes nothing, unless it erases.
  const bool rejected = answer != answers_.end() && !answer->second.front()->accepted &&
                        (!ended || answer->second.front()->erases);
  const v1::RegistrationState answered = rejected                    ? v1::REGISTRATION_REJECTED
                                         : ended                     ? v1::REGISTRATION_ENDED
                                         : answer == answers_.end() ? v1::REGISTERED
                                                                     : v1::REGISTRATION_ACCEPTED;
  const auto by_provider = [&](const v1::StepFact& step) { return EndingOf(step.delivery_id()) == nullptr; };
  const bool lived_on = std::any_of(fact.steps().begin(), fact.steps().end(), by_provider);
  if (lived_on) {  // what it is now is judged with the lists
    if (!erased_by_another) JudgeReceipt(AsSent(about), fact.delivery_id());
    return;
  }
  if (!undelivered && fact.state() != answered) journal_.Violation("an answer was lost or made up: ", about.key);
  if (undelivered && answered != v1::REGISTERED) journal_.Violation("an answer to what came to nothing: ", about.key);
  JudgeReceipt(AsSent(about), fact.delivery_id());
}

// Its recipient said that it should never have had it, of whichever of its messages.
bool Observer::WasErased(const v1::RegistrationFact& fact) const {
  const auto says_so = [&](const std::string& delivery) {
    const auto answer = answers_.find(delivery);
    return answer != answers_.end() && answer->second.front()->erases;
  };
  return says_so(fact.delivery_id()) ||
         std::any_of(fact.steps().begin(), fact.steps().end(),
                     [&](const v1::StepFact& step) { return says_so(step.delivery_id()); });
}

// It was taken back when, and only when, its provider said so; what else ended it is judged with the consents.
void Observer::JudgeSteps(const v1::RegistrationFact& fact, const Statement& about) {
  size_t taken_back = 0;
  for (const v1::StepFact& step : fact.steps()) {
    if (!deliveries_.contains(step.delivery_id())) return journal_.Violation("a step without a delivery: ", about.key);
    const Ending* ending = EndingOf(step.delivery_id());
    const auto said = by_exchange_.find(step.exchange_id());
    if (ending == nullptr && (said == by_exchange_.end() || said->second->about != &about)) {
      journal_.Violation("a step is not what was sent: ", about.key);
      continue;
    }
    if (ending == nullptr) {
      taken_back += said->second->step == v1::WITHDRAW ? 1 : 0;
      journal_.Count(absl::StrCat("step ", v1::RegistrationStep_Name(said->second->step)));
    } else if (ending->consent == nullptr && !ending->ran_out) {
      continue;  // of nobody, and told as such
    }
    // A recipient that rejects the registration as not its own erases the step with it, and that is what is told.
    if (WasErased(fact) && !answers_.contains(step.delivery_id())) continue;
    if (ending == nullptr) {
      JudgeReceipt(AsSent(*said->second), step.delivery_id());
    } else if (ending->ran_out) {
      JudgeReceipt({&about, about.municipality, about.key, ending->exchange_id, &about}, step.delivery_id());
    } else {
      const std::string key = KeyOf(ending->consent->consent);
      JudgeReceipt({ending->consent, about.municipality, key, ending->exchange_id, &about}, step.delivery_id());
    }
  }
  if (taken_back != (fact.state() == v1::REGISTRATION_WITHDRAWN ? 1 : 0)) {
    journal_.Violation("taken back, or not, by nobody: ", about.key);
  }
}

// What the receipt must say in the end; none while it is open.
v1::ReceiptState Observer::Expected(const std::string& delivery) const {
  const auto answer = answers_.find(delivery);
  if (answer != answers_.end()) return answer->second.front()->accepted ? v1::ACCEPTED : v1::REJECTED;
  const DeliveryState state = deliveries_.at(delivery).state;
  if (!CameToNothing(state)) return v1::RECEIPT_STATE_UNSPECIFIED;
  return state == DeliveryState::kWithheld ? v1::WITHHELD : v1::UNDELIVERABLE;
}

// Whether the policy in force holds on the day of the case: the day its registration came in, between its sending and its acknowledgement.
bool Observer::HeldOnItsDay(const Epoch& epoch, const Statement& registration) const {
  return !record_.AtSomeMoment(registration.first_sent_us, registration.acknowledged_us, [&](const Epoch&, CivilDate day) {
    return !epoch.policy->HoldsOn(day, registration.provider, registration.municipality);
  });
}

// What became of a message can be told unless the network or the enrolment no longer knows its sender.
bool Observer::MayStayUntold(const Sent& about) const {
  const Statement& said = *about.said;
  return record_.AtSomeMoment(said.first_sent_us, record_.epochs.back().from_us, [&](const Epoch& epoch, CivilDate) {
    return !epoch.enrolled->Knows(said.provider) || !HeldOnItsDay(epoch, *about.of);
  });
}

void Observer::JudgeReceipt(const Sent& about, const std::string& delivery) {
  std::set<std::string> receipts;
  const v1::ReceiptState expected = Expected(delivery);
  const bool came_to_nothing = expected == v1::WITHHELD || expected == v1::UNDELIVERABLE;
  const auto [first, last] = receipts_.equal_range(about.exchange_id);
  for (auto told = first; told != last; ++told) {
    const auto& [item, receipt] = told->second;
    if (item->recipient != about.said->provider) continue;
    receipts.insert(item->delivery_id);
    if (receipt.state() != expected || receipt.request_key() != about.key) {
      journal_.Violation("a receipt does not say what happened: ", about.key);
    }
  }
  if (receipts.size() > 1) journal_.Violation("two receipts about one message: ", about.key);
  if (receipts.empty() && expected != v1::RECEIPT_STATE_UNSPECIFIED && !(came_to_nothing && MayStayUntold(about))) {
    journal_.Violation("what became of it was not told: ", about.key);
  }
  if (receipts.empty()) return;
  journal_.Count("receipt " + v1::ReceiptState_Name(expected));
  if (came_to_nothing) JudgeNothingShownAfter(trail_.PlaceOf(*receipts.begin()), delivery);
}

// Whoever was told that it came to nothing can rely on that.
void Observer::JudgeNothingShownAfter(int64_t place, const std::string& delivery) {
  for (size_t i = static_cast<size_t>(place); i < trail_.events().size(); ++i) {
    const TrailEvent& event = trail_.events()[i];
    if (event.delivery == delivery && (event.code() == v1::AUDIT_READ || event.code() == v1::AUDIT_DISCLOSE)) {
      journal_.Violation("shown after its sender was told that it came to nothing: ", delivery);
    }
  }
}

void Observer::Judge(std::span<const std::string> file_checkpoints, const std::string& public_key_pem) {
  absl::StatusOr<Trail> trail = Trail::Read(store_, record_.chains);
  if (!trail.ok()) return journal_.Violation("the trail: ", std::string(trail.status().message()));
  trail_ = *std::move(trail);
  JudgeChains(file_checkpoints, public_key_pem);
  ReadAnswers();
  ReadReceipts();
  ReadFacts();
  JudgePromises();
  JudgeDeliveries();
  ReadEndings();
  JudgeConsentEnds();
  for (const v1::RegistrationFact& fact : facts_) JudgeFact(fact);
  JudgeLists();
  JudgeItems();
  JudgeLetters();
  JudgeLetterOrder();
  JudgeConsentOrder();
  JudgeTakenBack();
  JudgeErrorsFirst();
  JudgeBreaches();
  JudgeEvents();
}

}  // namespace schotvrij::simulation
