// Roles that may never have the BSN, or only for some purposes, whatever a document says (R4;
// schemas/codes/bsn_role.csv).
#pragma once

#include <string_view>

#include "schotvrij/v1/consent.pb.h"

namespace schotvrij::policy {

enum class BsnLimit { kNone, kSomePurposes, kNever };

BsnLimit BsnLimitOf(std::string_view role);
// Whether that table lets `role` have the BSN for `purpose`; a role that is not in it is not
// limited here.
bool BsnAllowedFor(std::string_view role, schotvrij::v1::Purpose purpose);

}  // namespace schotvrij::policy
