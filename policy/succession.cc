#include "policy/succession.h"

#include <string>

namespace schotvrij::policy {
namespace {

void Put(const RuleSet& rules, const v1::Network& network, CivilDate day, std::string* party) {
  const std::string_view holder = HolderOn(rules, network, *party, day);
  if (holder != *party) *party = std::string(holder);
}

// Whether the consent is for that network, or for any.
bool PutNamed(const RuleSet& rules, const v1::Network& network, CivilDate day, schotvrij::v1::Consent* consent) {
  if (!consent->network().empty() && consent->network() != network.key()) return false;
  for (std::string& recipient : *consent->mutable_recipients()) Put(rules, network, day, &recipient);
  return true;
}

}  // namespace

std::string_view HolderOn(const RuleSet& rules, const v1::Network& network, std::string_view party, CivilDate day) {
  for (const RuleSet::Successor* next; (next = rules.SuccessorOf(network, party)) != nullptr && next->from <= day;) {
    party = next->party;
  }
  return party;
}

void PutInPlace(const RuleSet& rules, CivilDate day, schotvrij::v1::Facts* facts) {
  for (const v1::Network& network : rules.networks()) {
    if (!rules.HasSuccessors(network)) continue;
    for (schotvrij::v1::RegistrationFact& fact : *facts->mutable_registrations()) {
      if (fact.network() != network.key()) continue;
      Put(rules, network, day, fact.mutable_sender());
      Put(rules, network, day, fact.mutable_recipient());
    }
    for (schotvrij::v1::MessageFact& fact : *facts->mutable_messages()) {
      if (fact.network() != network.key()) continue;
      Put(rules, network, day, fact.mutable_sender());
      Put(rules, network, day, fact.mutable_recipient());
    }
    for (schotvrij::v1::HoldFact& hold : *facts->mutable_holds()) Put(rules, network, day, hold.mutable_setter());
    for (schotvrij::v1::ConsentFact& fact : *facts->mutable_consents()) {
      if (PutNamed(rules, network, day, fact.mutable_consent())) Put(rules, network, day, fact.mutable_received_from());
    }
  }
}

void PutInPlace(const RuleSet& rules, CivilDate day, schotvrij::v1::Exchange* exchange) {
  const v1::Network* network = rules.FindNetwork(exchange->envelope().network());
  if (network == nullptr || !rules.HasSuccessors(*network)) return;
  schotvrij::v1::Envelope& envelope = *exchange->mutable_envelope();
  Put(rules, *network, day, envelope.mutable_sender());
  if (!envelope.recipient().empty()) Put(rules, *network, day, envelope.mutable_recipient());
  if (exchange->has_consent()) PutNamed(rules, *network, day, exchange->mutable_consent());
  if (!exchange->has_registration()) return;
  for (schotvrij::v1::Consent& consent : *exchange->mutable_registration()->mutable_consents()) {
    PutNamed(rules, *network, day, &consent);
  }
}

}  // namespace schotvrij::policy
