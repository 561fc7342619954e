// The engines behind Store.
#pragma once

#include <memory>
#include <string>

#include "gateway/store/store.h"

namespace schotvrij::store {

// SQLite in WAL mode with synchronous=FULL. Opens or creates `file`, migrates its schema, starts audit chain `chain` (a fresh
// random id per process start). kFailedPrecondition when the file was written by a newer release.
absl::StatusOr<std::unique_ptr<Store>> OpenSqlite(const std::string& file, const std::string& chain, QueueLimits limits);

// The model: plain containers under one lock, nothing durable. What the suite checks the engines against.
std::unique_ptr<Store> NewMemoryStore(const std::string& chain, QueueLimits limits);

}  // namespace schotvrij::store
