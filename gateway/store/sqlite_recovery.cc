#include "gateway/store/sqlite_recovery.h"

#include <algorithm>
#include <string>

#include "schemas/base/status.h"

namespace schotvrij::store {
namespace {

constexpr int64_t kPieceBytes = 64 << 10;  // the system's layer writes less than 128 KiB at once

absl::Status WriteAgain(sqlite3_file& log) {
  sqlite3_int64 size = 0;
  RETURN_IF_ERROR(SqliteStatus(log.pMethods->xFileSize(&log, &size)));
  if (size == 0) return absl::OkStatus();
  std::string piece;
  for (sqlite3_int64 at = 0; at < size; at += kPieceBytes) {
    piece.resize(static_cast<size_t>(std::min<int64_t>(kPieceBytes, size - at)));
    const int bytes = static_cast<int>(piece.size());
    RETURN_IF_ERROR(SqliteStatus(log.pMethods->xRead(&log, piece.data(), bytes, at)));
    RETURN_IF_ERROR(SqliteStatus(log.pMethods->xWrite(&log, piece.data(), bytes, at)));
  }
  return SqliteStatus(log.pMethods->xSync(&log, SQLITE_SYNC_NORMAL));
}

}  // namespace

absl::Status MakeLogDurable(Connection& connection) {
  RETURN_IF_ERROR(connection.Execute("BEGIN IMMEDIATE"));  // nobody appends meanwhile
  sqlite3_file* const log = connection.Log();
  const absl::Status written = log == nullptr ? absl::OkStatus() : WriteAgain(*log);
  const absl::Status ended = connection.Execute("ROLLBACK");
  return written.ok() ? ended : written;
}

absl::Status FoldLog(Connection& connection) {
  ASSIGN_OR_RETURN(const std::string busy, connection.Value("PRAGMA wal_checkpoint(TRUNCATE)"));
  if (busy == "0") return absl::OkStatus();
  return absl::UnavailableError("store: another process is reading the file");
}

}  // namespace schotvrij::store
