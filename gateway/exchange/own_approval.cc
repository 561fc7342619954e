#include "gateway/exchange/own_approval.h"

#include <optional>
#include <string>

#include "policy/membership.h"
#include "schemas/base/civil_date.h"

namespace schotvrij::exchange {

std::string PersonOf(const policy::RuleSet& rules, const identity::Caller& caller, std::string_view network) {
  const policy::v1::Network* const found = rules.FindNetwork(network);
  const policy::v1::Party* const party = found == nullptr ? nullptr : policy::FindParty(*found, caller.peer);
  if (party == nullptr) return "";
  for (const policy::v1::Staff& staff : party->staff()) {
    if (staff.key() == caller.staff) return staff.person();
  }
  return "";
}

bool IsOwnApproval(const v1::Exchange& answer, std::string_view person, const casefile::Carried& answered) {
  const bool same_person = !person.empty() && person == answered.sender_person;
  return answer.receipt().state() == v1::ACCEPTED && (same_person || answer.envelope().sender() == answered.sender);
}

bool MayApproveOwn(const policy::RuleSet& rules, const casefile::Carried& answered) {
  const policy::v1::Network* const network = rules.FindNetwork(answered.network);
  const std::optional<CivilDate> day = CivilDate::Parse(answered.start_date);
  if (network == nullptr || !day.has_value()) return false;
  const policy::v1::Agreement* const agreement = rules.AgreementOn(*network, *day);
  return agreement != nullptr && !agreement->own_approval().empty();
}

void ListOwnApproval(const identity::KeyRing& keys, const EventFrame& frame, const EventObjects& objects, store::Unit* unit) {
  const std::string id(objects.exchange_id);
  unit->uniques.push_back({kOwnApprovalSpace, keys.Token(kOwnApprovalSpace, id), id});
  unit->audit.push_back(OwnApprovalEvent(frame, objects));
}

}  // namespace schotvrij::exchange
