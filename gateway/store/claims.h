// The tokens a Unit claims, whatever it claims them for: one mechanism keeps identifiers and
// business keys unique.
#pragma once

#include <string_view>
#include <vector>

#include "gateway/store/store.h"

namespace schotvrij::store {

// Points into its Unit.
struct Claim {
  std::string_view space;
  std::string_view token;
  std::string_view owner;
};

// In the order in which they are judged: identifiers, then uniques.
std::vector<Claim> ClaimsOf(const Unit& unit);

// Whether `unit` gives `held` back.
bool Releases(const Unit& unit, const Claim& held);

}  // namespace schotvrij::store
