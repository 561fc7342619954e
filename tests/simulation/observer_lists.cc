// Both ends of the road against each other: what the desks hold, and what the providers must take to stand there. Nothing of the
// gateway's own is looked at, but for whether it agrees.
#include <algorithm>
#include <optional>
#include <set>

#include "gateway/casefile/casefile.h"
#include "tests/simulation/consent_model.h"
#include "tests/simulation/observer.h"

namespace schotvrij::simulation {
namespace {

using Own = ConsentModel::Own;

}  // namespace

// One client of one provider, from what was acknowledged to it and what it was told since. What it was told nothing of stands.
class Observer::Book {
 public:
  Book(const Observer& observer, std::vector<const Statement*> said) : observer_(observer), said_(std::move(said)) {
    std::ranges::stable_sort(said_, {}, &Statement::acknowledged_us);
    for (size_t i = 1; i < said_.size(); ++i) doubtful_ |= said_[i]->first_sent_us <= said_[i - 1]->acknowledged_us;
    for (const Statement* each : said_) Take(*each);
  }

  // What came first of two cannot be known from outside.
  bool doubtful() const { return doubtful_; }
  bool Holds(const Statement& registration) const {
    const auto held = held_.find(&registration);
    return held != held_.end() && held->second.holds && !erased_.contains(&registration);
  }
  // What its provider said last, whether or not the recipient could be told.
  bool Stands(const Statement& registration) const {
    const auto held = held_.find(&registration);
    return held != held_.end() && held->second.stands && !erased_.contains(&registration);
  }
  const std::string& SurnameOf(const Statement& registration) const { return held_.at(&registration).surname; }

 private:
  struct Held {
    bool holds = false;
    bool stands = false;
    std::string surname;
  };

  void Take(const Statement& said) {
    const ConsentModel before = words_;
    if (said.HasConsent()) words_.Said(said.provider, said.ConsentAsWritten());
    if (said.IsConsent()) return TakeConsent(said, before);
    const v1::Receipt* told = observer_.ReceiptOf(said.provider, said.exchange_id);
    const Statement& registration = said.registration();
    if (said.Leaves()) held_[&registration].stands = false;
    if (told != nullptr && told->state() != v1::ACCEPTED) {
      if (told->state() == v1::REJECTED && told->reason() == kErases) erased_.insert(&registration);
      return;
    }
    Held& held = held_[&registration];
    if (said.step == v1::REGISTER || said.step == v1::REOPEN) held.holds = held.stands = true;
    if (said.Leaves()) held.holds = false;
    if (!said.Leaves()) held.surname = said.surname;
  }

  void TakeConsent(const Statement& said, const ConsentModel& before) {
    const CivilDate day = said.consent.given_on;
    for (auto& [registration, held] : held_) {
      if (!held.stands) continue;
      const Own now = words_.OwnWord(said.provider, registration->municipality, day);
      const bool permitted = before.OwnWord(said.provider, registration->municipality, day) == Own::kPermit;
      if (now != Own::kWithdrawal && !(permitted && now == Own::kNothing)) continue;
      // Whoever had nothing of it yet is told no end; what it takes over afterwards stands until the next word on consent.
      const std::optional<bool> had = observer_.HadByThen(*registration, said);
      if (!had.has_value()) doubtful_ = true;
      const v1::Receipt* told = observer_.ReceiptByKey(said.provider, KeyOf(said.consent));
      if (!had.value_or(true)) continue;
      held.stands = false;
      if (told == nullptr || told->state() == v1::ACCEPTED) held.holds = false;
    }
  }

  const Observer& observer_;
  std::vector<const Statement*> said_;
  bool doubtful_ = false;
  ConsentModel words_;
  std::map<const Statement*, Held> held_;  // by registration
  std::set<const Statement*> erased_;
};

const v1::Receipt* Observer::ReceiptOf(const std::string& provider, const std::string& exchange) const {
  const auto [first, last] = receipts_.equal_range(exchange);
  const auto told = std::find_if(first, last, [&](const auto& each) { return each.second.item->recipient == provider; });
  return told == last ? nullptr : &told->second.receipt;
}

const v1::Receipt* Observer::ReceiptByKey(const std::string& provider, const std::string& key) const {
  const auto told = receipts_by_key_.find({provider, key});
  return told == receipts_by_key_.end() ? nullptr : told->second;
}

// Whether the desk had something of the registration when `consent` was said; nothing: that cannot be known from outside.
std::optional<bool> Observer::HadByThen(const Statement& registration, const Statement& consent) const {
  bool perhaps = false;
  for (const std::string& delivery : deliveries_of_.at(&registration)) {
    const auto taken = record_.taken_over.find(delivery);
    if (taken == record_.taken_over.end()) continue;
    if (taken->second.heard_us >= 0 && taken->second.heard_us < consent.first_sent_us) return true;
    perhaps |= taken->second.asked_us <= consent.acknowledged_us;
  }
  return perhaps ? std::nullopt : std::optional(false);
}

// The documents let everything be told, by one and the same way, all the time.
bool Observer::IsOrderly() const {
  return std::ranges::all_of(record_.epochs, [](const Epoch& epoch) {
    const Policy& policy = *epoch.policy;
    return policy.registers && !policy.agreement_until && policy.member_until.empty() && epoch.enrolled->orderly;
  });
}

void Observer::JudgeLists() {
  if (!IsOrderly()) return;
  std::map<std::pair<std::string, size_t>, std::vector<const Statement*>> said;  // by provider and person
  for (const auto& [exchange, statement] : by_exchange_) {
    said[{statement->provider, statement->person}].push_back(statement);
    if (!statement->IsConsent()) deliveries_of_[&statement->registration()].push_back(trail_.DeliveryOf(exchange));
  }
  for (const auto& [about, told] : receipts_) receipts_by_key_[{told.item->recipient, told.receipt.request_key()}] = &told.receipt;
  std::map<std::string, std::multiset<Participation>> expected;  // by municipality
  std::set<std::pair<std::string, std::string>> doubtful;        // provider and BSN
  std::map<const Statement*, bool> stands;
  std::set<const Statement*> ran_out;
  for (const auto& [delivery, ending] : endings_) {
    if (ending.ran_out) ran_out.insert(ending.registration);
  }
  for (auto& [whom, statements] : said) {
    const std::string& bsn = record_.persons[whom.second].bsn;
    const std::vector<const Statement*> all = statements;
    const Book book(*this, std::move(statements));
    // When a consent ran out before or behind what its provider said then is the trail's to tell; see JudgeRunOut.
    const bool ended_by_itself = std::ranges::any_of(all, [&](const Statement* each) { return ran_out.contains(each); });
    if (book.doubtful() || ended_by_itself) {
      journal_.Count("order not known");
      doubtful.emplace(whom.first, bsn);
      continue;
    }
    for (const Statement* each : all) {
      if (!each->IsRegistration()) continue;
      stands[each] = book.Stands(*each);
      if (book.Holds(*each)) expected[each->municipality].insert({whom.first, bsn, book.SurnameOf(*each)});
    }
  }
  for (const auto& [municipality, desk] : record_.desks) {
    if (const std::string orphan = desk.FirstOrphan(); !orphan.empty()) {
      journal_.Violation("a step came before what it is about: ", orphan);
    }
    JudgeList(municipality, desk.Clients(), expected[municipality], doubtful);
  }
  for (const v1::RegistrationFact& fact : facts_) {
    const auto about = by_exchange_.find(fact.exchange_id());
    const auto held = about == by_exchange_.end() ? stands.end() : stands.find(about->second);
    if (held == stands.end() || held->second == casefile::IsOpen(fact.state())) continue;
    journal_.Violation("the gateway's list is not its provider's: ", about->second->key);
  }
}

void Observer::JudgeList(const std::string& municipality, std::multiset<Participation> desk,
                         const std::multiset<Participation>& provider,
                         const std::set<std::pair<std::string, std::string>>& doubtful) {
  std::erase_if(desk, [&](const Participation& each) { return doubtful.contains({std::get<0>(each), std::get<1>(each)}); });
  const auto tell = [&](const std::multiset<Participation>& has, const std::multiset<Participation>& lacks, const char* what) {
    std::multiset<Participation> more;
    std::ranges::set_difference(has, lacks, std::inserter(more, more.end()));
    for (const auto& [sender, bsn, surname] : more) {
      journal_.Violation("the list of ", municipality, " is not that of ", sender, ": ", what, " ", bsn, " ", surname);
    }
  };
  tell(desk, provider, "the desk alone has");
  tell(provider, desk, "the desk lacks");
  for (size_t i = 0; i < provider.size(); ++i) journal_.Count("on both lists");
}

}  // namespace schotvrij::simulation
