// Extending an audit chain: both engines number and bind events with this.
#pragma once

#include <string_view>

#include "schemas/base/audit_chain.h"

namespace schotvrij::store {

// The record that follows `head`, which moves on to it.
AuditRecord Extend(ChainHead& head, std::string_view event);

}  // namespace schotvrij::store
