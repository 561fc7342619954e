// Membership: what a party is in each network, and when.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "policy/rule_set.h"
#include "schemas/base/civil_date.h"

namespace schotvrij::policy {

// A role in a network; dates as the document has them.
struct RoleInNetwork {
  std::string network;
  std::string role;
  std::string from;
  std::string until;
};

// What `party` is on `today`, as long as an agreement of the network is in force; and what it is then or will be later.
std::vector<RoleInNetwork> RolesToday(const RuleSet& rules, std::string_view party, CivilDate today);
std::vector<RoleInNetwork> RolesFrom(const RuleSet& rules, std::string_view party, CivilDate today);

// What the network's document says of it, or null.
const v1::Party* FindParty(const v1::Network& network, std::string_view party);

}  // namespace schotvrij::policy
