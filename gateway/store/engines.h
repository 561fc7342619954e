// The engines behind Store.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "gateway/store/store.h"

namespace schotvrij::store {

struct SqliteOptions {
  std::string vfs;            // registered file layer (sqlite3_vfs); empty: the system's
  size_t readers = 4;         // connections for reads: as many run at once
  // Told on the committing thread how long each sync of the writer to the disk took, by `clock`. Both or neither.
  const Clock* clock = nullptr;
  std::function<void(int64_t us)> synced = nullptr;
};

// SQLite in WAL mode with synchronous=FULL. Opens or creates `file`, migrates its schema, starts audit chain `chain` (a fresh
// random id per process start; an id that is there already is continued). kFailedPrecondition when the file was written by a
// newer release or is no store of ours; kUnavailable when it cannot be opened or another process holds it.
absl::StatusOr<std::unique_ptr<Store>> OpenSqlite(const std::string& file, const std::string& chain, QueueLimits limits,
                                                  SqliteOptions options = {});

// The model: plain containers under one lock, nothing durable. What the suite checks the engines against.
std::unique_ptr<Store> NewMemoryStore(const std::string& chain, QueueLimits limits);

}  // namespace schotvrij::store
