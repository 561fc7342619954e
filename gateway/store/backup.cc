#include "gateway/store/backup.h"

#include <sqlite3.h>

#include <memory>

#include "gateway/store/sqlite_connection.h"
#include "gateway/store/sqlite_reader.h"
#include "schemas/base/limits.h"
#include "schemas/base/status.h"

namespace schotvrij::store {
namespace {

using Handle = std::unique_ptr<sqlite3, int (*)(sqlite3*)>;

absl::StatusOr<Handle> Open(const std::string& file, int flags) {
  sqlite3* opened = nullptr;
  const int code = sqlite3_open_v2(file.c_str(), &opened, flags | SQLITE_OPEN_EXRESCODE, nullptr);
  Handle handle(opened, sqlite3_close);
  if ((code & 0xff) == SQLITE_CANTOPEN && (flags & SQLITE_OPEN_CREATE) == 0) {
    return absl::NotFoundError("store: there is no database yet");
  }
  RETURN_IF_ERROR(SqliteStatus(code));
  sqlite3_busy_timeout(opened, static_cast<int>(limits::kStoreBusyUsMax / 1000));
  return handle;
}

// In one step, so that it is one moment's: a read transaction holds that moment while others write.
absl::Status CopyPages(sqlite3* from, sqlite3* to) {
  sqlite3_backup* backup = sqlite3_backup_init(to, "main", from, "main");
  if (backup == nullptr) return SqliteStatus(sqlite3_extended_errcode(to));
  const int code = sqlite3_backup_step(backup, -1);
  const int finished = sqlite3_backup_finish(backup);
  if (code != SQLITE_DONE) return SqliteStatus(code == SQLITE_OK ? SQLITE_BUSY : code);
  return SqliteStatus(finished);
}

}  // namespace

absl::StatusOr<std::vector<ChainHead>> CopySqlite(const std::string& from, const std::string& to) {
  {
    ASSIGN_OR_RETURN(const Handle source, Open(from, SQLITE_OPEN_READWRITE));
    // A log that a dead process left is recovered by who opens the store, and not moved into the database by who copies it.
    sqlite3_db_config(source.get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    ASSIGN_OR_RETURN(const Handle target, Open(to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE));
    RETURN_IF_ERROR(CopyPages(source.get(), target.get()));
  }
  ASSIGN_OR_RETURN(std::unique_ptr<Connection> copy, Connection::Open(to, ""));
  ASSIGN_OR_RETURN(const std::string checked, copy->Value("PRAGMA quick_check(1)"));
  if (checked != "ok") return absl::FailedPreconditionError("store: the database is damaged");
  ASSIGN_OR_RETURN(const std::unique_ptr<SqliteReader> reader, SqliteReader::Open(std::move(copy)));
  return reader->AuditHeads();
}

}  // namespace schotvrij::store
