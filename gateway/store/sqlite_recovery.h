// What a run that ended badly left in the write-ahead log.
//
//   RETURN_IF_ERROR(MakeLogDurable(connection));   // before anything is written
//   RETURN_IF_ERROR(FoldLog(connection));          // before anything is told
#pragma once

#include "absl/status/status.h"
#include "gateway/store/sqlite_connection.h"

namespace schotvrij::store {

// Writes and syncs every byte of the log again. It may hold commits that were written and never synced, of a process that was killed,
// and commits whose sync failed: the system may have forgotten that these are to be written, and shows them still. kUnavailable: the
// disk refuses, or another process writes.
absl::Status MakeLogDurable(Connection& connection);

// Moves what the log holds into the database, which empties it. kUnavailable: as above, or another process reads.
absl::Status FoldLog(Connection& connection);

}  // namespace schotvrij::store
