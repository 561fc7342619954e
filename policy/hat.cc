#include "policy/hat.h"

#include <algorithm>
#include <utility>

namespace schotvrij::policy {

std::vector<std::string> HatsOf(const RuleSet& rules, std::string_view party, std::string_view staff, CivilDate today) {
  std::vector<std::string> hats;
  for (const v1::Network& network : rules.networks()) {
    for (std::string& role : rules.HatsIn(network, party, staff, today)) {
      if (std::find(hats.begin(), hats.end(), role) == hats.end()) hats.push_back(std::move(role));
    }
  }
  return hats;
}

}  // namespace schotvrij::policy
