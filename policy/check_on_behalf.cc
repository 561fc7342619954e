#include <algorithm>
#include <string>

#include "policy/checks.h"
#include "policy/period.h"

namespace schotvrij::policy {
namespace {

const v1::Party* FindKey(const v1::Network& network, const std::string& key) {
  const auto found = std::find_if(network.party().begin(), network.party().end(),
                                  [&](const v1::Party& party) { return party.key() == key; });
  return found == network.party().end() ? nullptr : &*found;
}

void CheckOwn(const v1::Network& network, const v1::Party& party, const Place& place, FaultList& faults) {
  for (int i = 0; i < party.acts_on_behalf_size(); ++i) {
    const v1::OnBehalf& other = party.acts_on_behalf(i);
    const Place here = place.In("acts_on_behalf", i);
    if (FindKey(network, other.party()) == nullptr) faults.Add("POLICY-UNKNOWN-PARTY", here.In("party"), other.party());
    if (other.party() == party.key()) faults.Add("POLICY-ON-BEHALF", here.In("party"), party.key());
    Require(other.source(), here, "source", faults);
    CheckPeriod(other.from(), other.until(), here, faults);
  }
}

bool LetsActFor(const v1::Party& actor, const v1::Party& party, CivilDate day) {
  return std::any_of(actor.acts_on_behalf().begin(), actor.acts_on_behalf().end(), [&](const v1::OnBehalf& other) {
    const auto period = Period::Parse(other.from(), other.until());
    return other.party() == party.key() && period && period->Holds(day);
  });
}

// `actor`, at `place`, did something for `party` on `day`; empty: the party did it itself.
void CheckActor(const v1::Network& network, const v1::Party& party, const std::string& actor, const std::string& day,
                const Place& place, FaultList& faults) {
  if (actor.empty()) return;
  const v1::Party* const found = FindKey(network, actor);
  const auto date = CivilDate::Parse(day);
  if (found == nullptr) {
    faults.Add("POLICY-UNKNOWN-PARTY", place, actor);
  } else if (date && !LetsActFor(*found, party, *date)) {
    faults.Add("POLICY-ON-BEHALF", place, actor);
  }
}

}  // namespace

void CheckOnBehalf(const v1::Network& network, const Place& place, FaultList& faults) {
  for (int i = 0; i < network.party_size(); ++i) {
    const v1::Party& party = network.party(i);
    const Place here = place.In("party", i);
    CheckOwn(network, party, here, faults);
    for (int j = 0; j < party.membership_size(); ++j) {
      const v1::Membership& held = party.membership(j);
      CheckActor(network, party, held.joined_by(), held.from(), here.In("membership", j).In("joined_by"), faults);
    }
    for (int j = 0; j < party.signature_size(); ++j) {
      const v1::Signature& signature = party.signature(j);
      CheckActor(network, party, signature.signed_by(), signature.on(), here.In("signature", j).In("signed_by"), faults);
    }
  }
}

}  // namespace schotvrij::policy
