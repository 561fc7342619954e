#include "gateway/store/claims.h"

#include <algorithm>

namespace schotvrij::store {

std::vector<Claim> ClaimsOf(const Unit& unit) {
  std::vector<Claim> claims;
  claims.reserve(unit.identifiers.size() + unit.uniques.size());
  for (const PutIdentifier& put : unit.identifiers) {
    claims.push_back({kIdentifierSpace, put.token, put.client_id});
  }
  for (const Unique& unique : unit.uniques) {
    claims.push_back({unique.space, unique.token, unique.owner});
  }
  return claims;
}

bool Releases(const Unit& unit, const Claim& held) {
  return std::ranges::any_of(unit.releases, [&held](const Unique& release) {
    return release.space == held.space && release.token == held.token &&
           release.owner == held.owner;
  });
}

}  // namespace schotvrij::store
