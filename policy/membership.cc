#include "policy/membership.h"

namespace schotvrij::policy {
namespace {

template <typename Keep>
std::vector<RoleInNetwork> RolesThat(const RuleSet& rules, std::string_view party, const Keep& keep) {
  std::vector<RoleInNetwork> found;
  for (const v1::Network& network : rules.networks()) {
    const v1::Party* member = FindParty(network, party);
    if (member == nullptr) continue;
    for (const v1::Membership& held : member->membership()) {
      if (keep(network, held)) found.push_back({network.key(), held.role(), held.from(), held.until()});
    }
  }
  return found;
}

}  // namespace

std::vector<RoleInNetwork> RolesToday(const RuleSet& rules, std::string_view party, CivilDate today) {
  return RolesThat(rules, party, [&](const v1::Network& network, const v1::Membership& held) {
    return rules.AgreementOn(network, today) != nullptr && InPeriod(today, held.from(), held.until());
  });
}

std::vector<RoleInNetwork> RolesFrom(const RuleSet& rules, std::string_view party, CivilDate today) {
  return RolesThat(rules, party,
                   [&](const v1::Network&, const v1::Membership& held) { return InPeriod(today, "", held.until()); });
}

const v1::Party* FindParty(const v1::Network& network, std::string_view party) {
  for (const v1::Party& each : network.party()) {
    if (each.key() == party) return &each;
  }
  return nullptr;
}

}  // namespace schotvrij::policy
