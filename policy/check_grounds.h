// The four grounds of one rule: AVG article 6, AVG article 9, professional secrecy and the statute
// for the BSN (R1).
#pragma once

#include "policy/checks.h"

namespace schotvrij::policy {

// What kinds of data the leaves of a rule carry, as far as a ground depends on it.
struct SharedKinds {
  bool bsn = false;
  bool health = false;
};

void CheckGrounds(const CheckContext& context, const v1::Rule& rule, const SharedKinds& shared,
                  const Place& place);

}  // namespace schotvrij::policy
