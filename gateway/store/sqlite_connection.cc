#include "gateway/store/sqlite_connection.h"

#include <mutex>

#include "absl/strings/str_cat.h"
#include "gateway/store/page_cache.h"
#include "schemas/base/limits.h"
#include "schemas/base/status.h"
#include "schemas/base/strings.h"

namespace schotvrij::store {
namespace {

// SQLite takes a null pointer for NULL, also where its length says empty.
const char* Pointer(std::string_view bytes) { return bytes.data() == nullptr ? "" : bytes.data(); }

// Pages that each connection allocates as one; a reader lets all of its go whenever something was committed.
constexpr int kBulkPages = 128;

struct Setting {
  const char* pragma;
  const char* value;
  const char* read_back;
};

constexpr Setting kSettings[] = {
    {"journal_mode", "WAL", "wal"},           {"synchronous", "FULL", "2"},
    {"wal_autocheckpoint", "16384", "16384"}, {"temp_store", "MEMORY", "2"},
    {"cache_size", "-16384", "-16384"},       {"secure_delete", "ON", "1"},
};

}  // namespace

void ConfigureSqlite() {
  static std::once_flag once;
  std::call_once(once, [] {
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    sqlite3_config(SQLITE_CONFIG_PAGECACHE, nullptr, 0, kBulkPages);
    ConfigurePageCache();
  });
}

absl::Status SqliteStatus(int code) {
  const int primary = code & 0xff;
  if (primary == SQLITE_OK || primary == SQLITE_ROW || primary == SQLITE_DONE) {
    return absl::OkStatus();
  }
  if (primary == SQLITE_CONSTRAINT) {
    return absl::InvalidArgumentError("store: contradicts what is stored");
  }
  if (primary == SQLITE_NOTADB) {
    return absl::FailedPreconditionError("store: the file is no SQLite database");
  }
  return absl::UnavailableError(absl::StrCat("store: ", sqlite3_errstr(code), " (", code, ")"));
}

absl::StatusOr<std::unique_ptr<Connection>> Connection::Open(const std::string& file,
                                                             const std::string& vfs) {
  std::unique_ptr<Connection> connection(new Connection());
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX |
                    SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_PRIVATECACHE;
  RETURN_IF_ERROR(SqliteStatus(sqlite3_open_v2(file.c_str(), &connection->handle_, flags,
                                               vfs.empty() ? nullptr : vfs.c_str())));
  RETURN_IF_ERROR(connection->Configure());
  return connection;
}

Connection::~Connection() { sqlite3_close_v2(handle_); }

absl::Status Connection::Configure() {
  sqlite3_busy_timeout(handle_, static_cast<int>(limits::kStoreBusyUsMax / 1000));
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  for (const Setting& setting : kSettings) {
    RETURN_IF_ERROR(Execute(absl::StrCat("PRAGMA ", setting.pragma, "=", setting.value)));
    ASSIGN_OR_RETURN(const std::string now, Value(absl::StrCat("PRAGMA ", setting.pragma)));
    if (now != setting.read_back) {
      return absl::UnavailableError(
          absl::StrCat("store: SQLite refuses ", setting.pragma, "=", setting.value));
    }
  }
  return absl::OkStatus();
}

absl::Status Connection::Execute(const std::string& sql) {
  return SqliteStatus(sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr));
}

absl::StatusOr<std::string> Connection::Value(const std::string& sql) {
  sqlite3_stmt* statement = nullptr;
  RETURN_IF_ERROR(SqliteStatus(
      sqlite3_prepare_v2(handle_, sql.c_str(), static_cast<int>(sql.size()), &statement, nullptr)));
  const int code = sqlite3_step(statement);
  std::string value;
  if (code == SQLITE_ROW) {
    const void* text = sqlite3_column_blob(statement, 0);
    value.assign(static_cast<const char*>(text), sqlite3_column_bytes(statement, 0));
  }
  sqlite3_finalize(statement);
  RETURN_IF_ERROR(SqliteStatus(code));
  return value;
}

sqlite3_file* Connection::Log() {
  sqlite3_file* log = nullptr;
  sqlite3_file_control(handle_, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
  return log == nullptr || log->pMethods == nullptr ? nullptr : log;
}

Rows::~Rows() { sqlite3_reset(statement_); }

bool Rows::Next() {
  if (code_ != SQLITE_OK && code_ != SQLITE_ROW) return false;
  code_ = sqlite3_step(statement_);
  return code_ == SQLITE_ROW;
}

absl::Status Rows::Finish() {
  while (Next()) {
  }
  return status();
}

std::string Rows::Bytes(int column) const {
  const void* bytes = sqlite3_column_blob(statement_, column);
  const size_t size = sqlite3_column_bytes(statement_, column);
  return size == 0 ? std::string() : std::string(static_cast<const char*>(bytes), size);
}

Statement::Statement(Connection& connection, std::string_view sql) {
  const int code = sqlite3_prepare_v3(connection.handle_, sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &statement_, nullptr);
  if (code != SQLITE_OK && connection.prepared_.ok()) connection.prepared_ = SqliteStatus(code);
}

int Statement::Bind(int index, std::string_view text) {
  return sqlite3_bind_text64(statement_, index, Pointer(text), text.size(), SQLITE_STATIC,
                             SQLITE_UTF8);
}

int Statement::Bind(int index, Blob blob) {
  return sqlite3_bind_blob64(statement_, index, Pointer(blob.bytes), blob.bytes.size(),
                             SQLITE_STATIC);
}

}  // namespace schotvrij::store
