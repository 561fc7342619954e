#include "gateway/exchange/own_approval.h"

#include <optional>
#include <string>

#include "schemas/base/civil_date.h"

namespace schotvrij::exchange {

bool IsOwnApproval(const v1::Exchange& answer, const casefile::Carried& answered) {
  return answer.receipt().state() == v1::ACCEPTED && answer.envelope().sender() == answered.sender;
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
