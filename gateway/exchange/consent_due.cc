#include "gateway/exchange/consent_due.h"

#include <optional>
#include <set>

#include "absl/strings/str_cat.h"

namespace schotvrij::exchange {
namespace {

// Days after the last ones of permits that did not end before `today`.
std::set<CivilDate> DaysOf(const v1::Facts& facts, CivilDate today) {
  std::set<CivilDate> days;
  for (const v1::ConsentFact& fact : facts.consents()) {
    const v1::Consent& consent = fact.consent();
    const std::optional<CivilDate> last = CivilDate::Parse(consent.valid_until());
    const bool permits = consent.state() == v1::CONSENT_ACTIVE && consent.decision() == v1::PERMIT;
    if (permits && last && *last >= today) days.insert(last->PlusDays(1));
  }
  return days;
}

}  // namespace

store::Timer ConsentTimer(const std::string& client_id, CivilDate day) {
  return {absl::StrCat("consent/", client_id, "/", day.ToString()), kConsentTimer, client_id, StartInAmsterdam(day)};
}

void PutConsentTimers(const std::string& client_id, const v1::Facts& before, const v1::Facts& after, CivilDate today,
                      store::Unit* unit) {
  const std::set<CivilDate> known = DaysOf(before, today);
  for (const CivilDate day : DaysOf(after, today)) {
    if (!known.contains(day)) unit->timers.push_back(ConsentTimer(client_id, day));
  }
}

}  // namespace schotvrij::exchange
