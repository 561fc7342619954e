#include "absl/container/flat_hash_set.h"
#include "policy/bsn_role.h"
#include "policy/checks.h"

namespace schotvrij::policy {
namespace {

void CheckBsnUse(const v1::Role& role, const Place& place, FaultList& faults) {
  const v1::BsnUse& bsn = role.bsn();
  if (bsn.may() == v1::BsnUse::MAY_UNSPECIFIED) {
    faults.Add("POLICY-BSN-UNSAID", place.In("bsn"), role.key());
    return;
  }
  const bool may = bsn.may() == v1::BsnUse::YES;
  if (may && BsnLimitOf(role.key()) == BsnLimit::kNever) {
    faults.Add("POLICY-BSN-NEVER", place.In("bsn").In("may"), role.key());
  }
  if (may == bsn.statute().empty()) {
    faults.Add("POLICY-BSN-STATUTE", place.In("bsn").In("statute"), role.key());
  }
}

}  // namespace

void CheckRoles(const v1::Document& national, const Place& place, FaultList& faults) {
  absl::flat_hash_set<std::string> keys;
  for (int i = 0; i < national.role_size(); ++i) {
    const v1::Role& role = national.role(i);
    const Place here = place.In("role", i);
    RequireKey(role.key(), here, "key", faults);
    Require(role.title(), here, "title", faults);
    if (!keys.insert(role.key()).second) {
      faults.Add("POLICY-DOUBLE-KEY", here.In("key"), role.key());
    }
    CheckBsnUse(role, here, faults);
  }
}

}  // namespace schotvrij::policy
