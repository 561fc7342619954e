#include "gateway/exchange/consent_expiry.h"

#include <set>
#include <string>
#include <utility>

#include "gateway/casefile/casefile.h"
#include "gateway/exchange/closing.h"
#include "gateway/exchange/consent_due.h"
#include "gateway/exchange/consent_end.h"
#include "schemas/base/status.h"

namespace schotvrij::exchange {
namespace {

std::set<std::string> WhoRegistered(const v1::Facts& facts) {
  std::set<std::string> senders;
  for (const v1::RegistrationFact& fact : facts.registrations()) {
    if (casefile::IsOpen(fact.state())) senders.insert(fact.sender());
  }
  return senders;
}

absl::StatusOr<TimerWork> LookAtConsents(const RoadParts& parts, const store::Timer& timer) {
  TimerWork work;
  store::Unit& unit = work.unit;
  ASSIGN_OR_RETURN(std::optional<store::ClientRow> row, parts.store->ClientById(timer.subject));
  if (!row.has_value()) return work;
  const Instant now = parts.clock->Now();
  const Standing standing{parts.engine->rules(), parts.enrolment(), TodayInAmsterdam(now)};
  ASSIGN_OR_RETURN(const ClientFile file, ClientFile::OpenOn(*parts.keys, *standing.rules, standing.today, *row));
  const EventFrame frame{now, parts.gateway_id, standing.rules->name(), "", "", "", ""};
  v1::Facts facts = file.facts();
  for (const std::string& sender : WhoRegistered(facts)) {
    ASSIGN_OR_RETURN(const ConsentEnd end, ConsentEnd::Open(parts, file, sender));
    facts = end.RunOut({parts, standing, file, now, frame}, std::move(facts), &unit);
  }
  if (unit.exchanges.empty()) {
    file.Expect(&unit);  // a registration may come at this moment
    return work;
  }
  MoveClaims(*parts.keys, file, facts, &unit);
  file.PutFacts(facts, "", standing.today, &unit);
  return work;
}

}  // namespace

TimerRounds::Kind ConsentExpiry() { return {kConsentTimer, telemetry::Place("consent-expiry"), &LookAtConsents}; }

}  // namespace schotvrij::exchange
