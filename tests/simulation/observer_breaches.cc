#include <algorithm>
#include <map>
#include <set>

#include "schotvrij/v1/breach.pb.h"
#include "tests/simulation/observer.h"

namespace schotvrij::simulation {

// Whether its recipient saw anything of the registration; its withdrawal says nothing of the client.
bool Observer::WasSeen(const v1::RegistrationFact& fact) const {
  std::set<std::string> deliveries = {fact.delivery_id()};
  for (const v1::StepFact& step : fact.steps()) {
    if (step.step() != v1::WITHDRAW) deliveries.insert(step.delivery_id());
  }
  const auto of_it = [&](const Shown& shown) { return deliveries.contains(shown.delivery_id); };
  return std::any_of(record_.items.begin(), record_.items.end(), of_it) ||
         std::any_of(record_.letters.begin(), record_.letters.end(), of_it);
}

// What was taken back, or should never have been there, has one breach record if it got to anybody, and nothing else has one.
void Observer::JudgeBreaches() {
  const auto breaches = store_.Breaches(/*open_only=*/false, record_.statements.size() + 1);
  if (!breaches.ok()) return journal_.Violation("the breach records cannot be read");
  std::map<std::string, size_t> records;  // by registration
  for (const store::Breach& breach : *breaches) {
    v1::BreachRecord record;
    if (!record.ParseFromString(breach.record.bytes)) return journal_.Violation("a breach record does not read: ", breach.breach_id);
    ++records[record.exchange_id()];
    journal_.Count("breach " + v1::BreachCause_Name(record.cause()));
  }
  for (const v1::RegistrationFact& fact : facts_) {
    const size_t found = records[fact.exchange_id()];
    records.erase(fact.exchange_id());
    const bool taken_back = fact.state() == v1::REGISTRATION_WITHDRAWN || WasErased(fact);
    if (found > 1) journal_.Violation("two breach records of one registration: ", fact.request_key());
    if (found == 1 && !taken_back) journal_.Violation("a breach record of what was never taken back: ", fact.request_key());
    if (found == 0 && taken_back && WasSeen(fact)) journal_.Violation("taken back without a breach record: ", fact.request_key());
  }
  if (!records.empty()) journal_.Violation("a breach record of no registration: ", records.begin()->first);
}

}  // namespace schotvrij::simulation
