#include "gateway/exchange/admission.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gateway/casefile/life_cycle.h"
#include "policy/agreement.h"
#include "policy/hat.h"
#include "policy/succession.h"
#include "schemas/base/bsn.h"
#include "schemas/base/strings.h"

namespace schotvrij::exchange {
namespace {

using identity::Enrolment;
using policy::RuleSet;

// Whether `party`, or who has its place, is a member for the message: on the day of its case, which of a later step is not known yet.
// A sender takes part in the role in which it sends.
bool TakesPart(const Standing& standing, const policy::v1::Network& network, std::string_view party, const v1::Exchange& exchange) {
  const std::string_view holder = policy::HolderOn(*standing.rules, network, party, standing.today);
  const std::vector<std::string> roles =
      casefile::IsLaterStep(exchange)
          ? standing.rules->RolesUpTo(network, holder, standing.today)
          : standing.rules->RolesInCase(network, holder, policy::CaseDay(exchange, standing.today), standing.today);
  const v1::Envelope& envelope = exchange.envelope();
  if (party != envelope.sender() || envelope.sender_role().empty()) return !roles.empty();
  return std::find(roles.begin(), roles.end(), envelope.sender_role()) != roles.end();
}

// Networks that are active, that `caller` may know of and in which every one of `parties` takes part.
std::vector<std::string> SharedNetworks(const Standing& standing, const identity::Caller& caller, ActiveNetworks& active,
                                        const v1::Exchange& exchange, std::initializer_list<std::string_view> parties) {
  std::vector<std::string> shared;
  for (const policy::v1::Network& network : standing.rules->networks()) {
    if (IsHidden(standing, caller, exchange.envelope().sender(), network.key())) continue;
    const bool all = std::all_of(parties.begin(), parties.end(),
                                 [&](std::string_view party) { return TakesPart(standing, network, party, exchange); });
    if (all && active.IsActive(standing, network.key())) shared.push_back(network.key());
  }
  return shared;
}

// `any`: several will do, and the first is taken to judge by.
void ResolveNetwork(const Standing& standing, const identity::Caller& caller, ActiveNetworks& active, bool any,
                    v1::Exchange* exchange, std::vector<Issue>* issues) {
  v1::Envelope& envelope = *exchange->mutable_envelope();
  if (!envelope.network().empty()) {
    if (standing.rules->FindNetwork(envelope.network()) == nullptr ||
        IsHidden(standing, caller, envelope.sender(), envelope.network())) {
      issues->push_back(MakeIssue("NETWORK-UNKNOWN", "envelope.network"));
    } else if (!active.IsActive(standing, envelope.network())) {
      issues->push_back(MakeIssue("NETWORK-INACTIVE", "envelope.network"));
    }
    return;
  }
  std::vector<std::string> shared =
      envelope.recipient().empty()
          ? SharedNetworks(standing, caller, active, *exchange, {envelope.sender()})
          : SharedNetworks(standing, caller, active, *exchange, {envelope.sender(), envelope.recipient()});
  if (shared.size() == 1 || (any && !shared.empty())) {
    envelope.set_network(shared.front());
  } else {
    issues->push_back(MakeIssue("NETWORK-WHICH", "envelope.network"));
  }
}

// An old code holds for what is of an old day, and means who has its place now; nobody speaks as a party that was followed up.
void ResolveSuccession(const Standing& standing, v1::Exchange* exchange, std::vector<Issue>* issues) {
  v1::Envelope& envelope = *exchange->mutable_envelope();
  const policy::v1::Network& network = *standing.rules->FindNetwork(envelope.network());
  auto holder = [&](std::string_view party, CivilDate day) { return policy::HolderOn(*standing.rules, network, party, day); };
  if (holder(envelope.sender(), standing.today) != envelope.sender()) {
    issues->push_back(MakeIssue("SENDER-SUCCEEDED", "envelope.sender"));
  }
  const bool anew = policy::IsAddressed(policy::ContentOf(*exchange)) && !casefile::IsLaterStep(*exchange);
  if (anew && holder(envelope.recipient(), policy::CaseDay(*exchange, standing.today)) != envelope.recipient()) {
    issues->push_back(MakeIssue("RECIPIENT-SUCCEEDED", "envelope.recipient"));
  }
  policy::PutInPlace(*standing.rules, standing.today, exchange);
}

// A consent names recipients as "system|value" or by participant key; one that is not enrolled here stays as it is and
// matches nobody.
void ResolveConsent(const Enrolment& enrolment, v1::Consent* consent) {
  for (std::string& recipient : *consent->mutable_recipients()) {
    size_t bar = recipient.find('|');
    if (bar == std::string::npos) continue;
    v1::PartyIdentifier identifier;
    identifier.set_system(recipient.substr(0, bar));
    identifier.set_value(recipient.substr(bar + 1));
    if (const auto* party = enrolment.FindByIdentifier(identifier)) recipient = party->key();
  }
}

void ResolveConsents(const Enrolment& enrolment, v1::Exchange* exchange) {
  if (exchange->has_consent()) ResolveConsent(enrolment, exchange->mutable_consent());
  if (exchange->has_registration()) {
    for (v1::Consent& consent : *exchange->mutable_registration()->mutable_consents()) {
      ResolveConsent(enrolment, &consent);
    }
  }
}

void ResolveRecipient(const Enrolment& enrolment, v1::Envelope* envelope, std::vector<Issue>* issues) {
  const config::v1::Participant* party = enrolment.FindByIdentifier(envelope->recipient_identifier());
  if (party == nullptr) {
    issues->push_back(MakeIssue("RECIPIENT-UNKNOWN", "envelope.recipient"));
  } else {
    envelope->set_recipient(party->key());
  }
}

// Whether a network is there for `caller`, in which the party has or had a role, and none of those is this one's.
bool IsWithoutHat(const Standing& standing, const identity::Caller& caller, std::string_view party) {
  return std::any_of(standing.rules->networks().begin(), standing.rules->networks().end(), [&](const policy::v1::Network& network) {
    return standing.rules->MayHandle(network, party, caller.staff, standing.today) &&
           standing.rules->HatsIn(network, party, caller.staff, standing.today).empty() &&
           !standing.rules->RolesUpTo(network, party, standing.today).empty();
  });
}

}  // namespace

bool ActiveNetworks::IsActive(const Standing& standing, std::string_view network) {
  absl::MutexLock lock(&mutex_);
  if (rules_ != standing.rules || enrolment_ != standing.enrolment || day_ != standing.today) {
    rules_ = standing.rules;
    enrolment_ = standing.enrolment;
    day_ = standing.today;
    active_.clear();
    for (const policy::v1::Network& each : rules_->networks()) {
      if (rules_->MissingParties(each, enrolment_->keys(), standing.today).empty()) active_.push_back(each.key());
    }
  }
  return std::find(active_.begin(), active_.end(), network) != active_.end();
}

bool IsHidden(const Standing& standing, const identity::Caller& caller, std::string_view party, std::string_view network) {
  const policy::v1::Network* found = standing.rules->FindNetwork(network);
  return found != nullptr && !standing.rules->MayHandle(*found, party, caller.staff, standing.today);
}

std::vector<std::string> HiddenNetworks(const Standing& standing, const identity::Caller& caller, std::string_view party) {
  std::vector<std::string> hidden;
  for (const policy::v1::Network& network : standing.rules->networks()) {
    if (IsHidden(standing, caller, party, network.key())) hidden.push_back(network.key());
  }
  return hidden;
}

std::string SpeakerOf(const identity::Caller& caller, std::string_view party) {
  return absl::StrCat(ToAbsl(party), caller.staff.empty() ? "" : "/", caller.staff, caller.role.empty() ? "" : " as ", caller.role);
}

std::optional<std::string> UnlessSuspended(const identity::Caller& caller, const Enrolment& enrolment, const std::string& party,
                                           std::vector<Issue>* issues) {
  for (const std::string& key : {caller.peer, party}) {
    const config::v1::Participant* found = enrolment.Find(key);
    if (found == nullptr || !found->suspended()) continue;
    issues->push_back(MakeIssue("CALLER-SUSPENDED", "envelope.sender"));
    return std::nullopt;
  }
  return party;
}

bool IsIncomplete(const identity::Caller& caller, const Enrolment& enrolment, std::string_view party) {
  return enrolment.IsIncomplete(caller.peer) || enrolment.IsIncomplete(party);
}

Issue IncompleteIssue() { return MakeIssue("CALLER-INCOMPLETE", "envelope.sender"); }

std::optional<std::string> SpeaksAs(const identity::Caller& caller, const Enrolment& enrolment,
                                    const v1::PartyIdentifier& named, std::vector<Issue>* issues) {
  std::optional<std::string> party = SpeaksForTrialAs(caller, enrolment, named, issues);
  if (!party.has_value() || !IsIncomplete(caller, enrolment, *party)) return party;
  issues->push_back(IncompleteIssue());
  return std::nullopt;
}

std::optional<std::string> SpeaksForTrialAs(const identity::Caller& caller, const Enrolment& enrolment,
                                            const v1::PartyIdentifier& named, std::vector<Issue>* issues) {
  if (named.value().empty()) {
    if (caller.speaks_for.size() == 1) return UnlessSuspended(caller, enrolment, caller.speaks_for.front(), issues);
    issues->push_back(MakeIssue("CALLER-WHICH-PARTY", "envelope.sender"));
    return std::nullopt;
  }
  const config::v1::Participant* party = enrolment.FindByIdentifier(named);
  if (party == nullptr || std::find(caller.speaks_for.begin(), caller.speaks_for.end(), party->key()) ==
                              caller.speaks_for.end()) {
    issues->push_back(MakeIssue("CALLER-NOT-FOR", "envelope.sender"));
    return std::nullopt;
  }
  return UnlessSuspended(caller, enrolment, party->key(), issues);
}

std::optional<std::string> HatOf(const Standing& standing, const identity::Caller& caller, std::string_view party,
                                 std::vector<Issue>* issues) {
  const std::vector<std::string> hats = policy::HatsOf(*standing.rules, party, caller.staff, standing.today);
  if (caller.role.empty() && (!hats.empty() || !IsWithoutHat(standing, caller, party))) {
    if (hats.size() <= 1) return hats.empty() ? "" : hats.front();
    issues->push_back(MakeIssue("CALLER-WHICH-ROLE", ""));
    return std::nullopt;
  }
  if (std::find(hats.begin(), hats.end(), caller.role) != hats.end()) return caller.role;
  issues->push_back(MakeIssue("CALLER-NOT-IN-ROLE", ""));
  return std::nullopt;
}

std::vector<Issue> CheckEnvironment(config::v1::Environment environment, const v1::Exchange& exchange) {
  std::optional<Bsn> bsn = Bsn::Parse(exchange.client().bsn());
  if (!bsn.has_value()) return {};
  const bool test_home = environment == config::v1::TEST;
  if (test_home == bsn->InTestRange()) return {};
  return {MakeIssue(test_home ? "BSN-NOT-TEST" : "BSN-TEST", "client.bsn")};
}

std::string RolesOf(const Standing& standing, std::string_view network, std::string_view party) {
  const policy::v1::Network* found = standing.rules->FindNetwork(network);
  return found == nullptr ? "" : absl::StrJoin(standing.rules->RolesOn(*found, party, standing.today), ",");
}

std::string RoleOr(std::string_view role, const Standing& standing, std::string_view network, std::string_view party) {
  return role.empty() ? RolesOf(standing, network, party) : std::string(role);
}

std::vector<Issue> Admit(const Standing& standing, const identity::Caller& caller, ActiveNetworks& active, v1::Exchange* exchange) {
  std::vector<Issue> issues;
  v1::Envelope* envelope = exchange->mutable_envelope();
  const std::string& first_day = exchange->registration().start_date();
  const bool of_its_day = !first_day.empty() && !casefile::IsLaterStep(*exchange);
  envelope->set_judged_on(of_its_day ? first_day : standing.today.ToString());
  envelope->set_sender_role(HatOf(standing, caller, envelope->sender(), &issues).value_or(""));
  envelope->clear_recipient_role();
  ResolveConsents(*standing.enrolment, exchange);
  if (policy::IsAddressed(policy::ContentOf(*exchange))) ResolveRecipient(*standing.enrolment, envelope, &issues);
  if (issues.empty() && !exchange->has_receipt()) {
    // FHIR's Consent and Flag have no place for a network: what they say holds in all that the client takes part in.
    ResolveNetwork(standing, caller, active, /*any=*/exchange->has_consent() || exchange->has_safety_hold(), exchange, &issues);
    if (issues.empty()) ResolveSuccession(standing, exchange, &issues);
  }
  envelope->clear_sender_identifier();
  envelope->clear_recipient_identifier();
  return issues;
}

}  // namespace schotvrij::exchange
