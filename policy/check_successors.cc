#include <algorithm>
#include <optional>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "policy/checks.h"
#include "policy/period.h"

namespace schotvrij::policy {
namespace {

using PartiesByKey = absl::flat_hash_map<std::string, const v1::Party*>;

bool HasRoleOn(const v1::Party& party, const std::string& role, CivilDate day) {
  return std::any_of(party.membership().begin(), party.membership().end(), [&](const v1::Membership& held) {
    const std::optional<Period> period = Period::Parse(held.from(), held.until());
    return held.role() == role && period && period->Holds(day);
  });
}

// The party is out when its successor is in, and each role it had goes on.
void CheckHandOver(const v1::Party& party, const v1::Party& successor, CivilDate from, const Place& place, FaultList& faults) {
  for (int i = 0; i < party.membership_size(); ++i) {
    const v1::Membership& held = party.membership(i);
    const std::optional<Period> period = Period::Parse(held.from(), held.until());
    if (!period) continue;
    if (!period->until || from <= *period->until) {
      faults.Add("POLICY-SUCCEEDED-MEMBER", place.In("membership", i).In("until"), held.role());
    }
    if (period->until && period->until->PlusDays(1) == from && !HasRoleOn(successor, held.role(), from)) {
      faults.Add("POLICY-SUCCESSOR-ROLE", place.In("succession").In("party"), held.role());
    }
  }
}

// Whether who follows up `party`, and who follows up that one, come to an end.
bool Ends(const PartiesByKey& parties, const v1::Party& party) {
  const v1::Party* at = &party;
  for (size_t steps = 0; at->has_succession(); ++steps) {
    const auto next = parties.find(at->succession().party());
    if (next == parties.end()) return true;
    if (steps == parties.size()) return false;
    at = next->second;
  }
  return true;
}

}  // namespace

void CheckSuccessors(const CheckContext& context, const v1::Network& network, const Place& place) {
  PartiesByKey parties;
  for (const v1::Party& party : network.party()) parties.emplace(party.key(), &party);
  for (int i = 0; i < network.party_size(); ++i) {
    const v1::Party& party = network.party(i);
    if (!party.has_succession()) continue;
    const Place here = place.In("party", i);
    const Place there = here.In("succession");
    Require(party.succession().from(), there, "from", context.faults);
    CheckDate(party.succession().from(), there, "from", context.faults);
    Require(party.succession().source(), there, "source", context.faults);
    const auto successor = parties.find(party.succession().party());
    if (successor == parties.end()) {
      context.faults.Add("POLICY-UNKNOWN-PARTY", there.In("party"), party.succession().party());
    } else if (!Ends(parties, party)) {
      context.faults.Add("POLICY-SUCCESSOR-CYCLE", there.In("party"), party.succession().party());
    } else if (const std::optional<CivilDate> from = CivilDate::Parse(party.succession().from())) {
      CheckHandOver(party, *successor->second, *from, here, context.faults);
    }
  }
}

}  // namespace schotvrij::policy
