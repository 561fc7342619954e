// A copy of a store's file as it stood at one moment, made while others go on writing to it.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "schemas/base/audit_chain.h"

namespace schotvrij::store {

// Copies the SQLite store `from` to the new file `to` and looks through the copy. It holds every
// commit that was reported before the call, and none in part. The heads of its audit chains.
// kNotFound: no `from`; kFailedPrecondition: what was copied is no whole database; kUnavailable:
// trouble with the disk. On failure `to` may be there in part.
absl::StatusOr<std::vector<ChainHead>> CopySqlite(const std::string& from, const std::string& to);

}  // namespace schotvrij::store
