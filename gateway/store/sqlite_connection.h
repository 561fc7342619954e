// A connection to one SQLite file and the statements prepared on it: just enough to keep the
// engine's code free of sqlite3_*.
//
//   Statement find(connection, "SELECT facts FROM client WHERE client_id = ?");
//   Rows rows = find.Run(client_id);
//   if (rows.Next()) Use(rows.Bytes(0));
//   RETURN_IF_ERROR(rows.status());
//
// A connection and its statements belong to one thread at a time.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace schotvrij::store {

// Binds as BLOB; a bare string_view binds as TEXT.
struct Blob {
  std::string_view bytes;
};

// Settings of the library as a whole: its allocations take no common lock, for it counts none, and its cache is that of page_cache.h.
// Where the library is in use already it keeps the settings it has, and is slower and no worse.
void ConfigureSqlite();

// Trouble as a status that names no value. kInvalidArgument: a constraint was broken;
// kFailedPrecondition: no SQLite file; kUnavailable: all else.
absl::Status SqliteStatus(int code);

class Connection {
 public:
  // Opens or creates `file` through `vfs` (empty: the system's) and makes every commit durable
  // before it returns.
  static absl::StatusOr<std::unique_ptr<Connection>> Open(const std::string& file,
                                                          const std::string& vfs);
  ~Connection();
  Connection(const Connection&) = delete;

  // Runs statements that give no rows.
  absl::Status Execute(const std::string& sql);
  // First column of the first row, as text; empty when there is no row.
  absl::StatusOr<std::string> Value(const std::string& sql);

  // The write-ahead log's file, open; null while there is none.
  sqlite3_file* Log();

  // Rows that the last INSERT, UPDATE or DELETE changed.
  int64_t changes() const { return sqlite3_changes64(handle_); }
  bool InTransaction() const { return sqlite3_get_autocommit(handle_) == 0; }
  // Not OK once a statement could not be prepared.
  const absl::Status& prepared() const { return prepared_; }

 private:
  friend class Statement;
  Connection() = default;
  absl::Status Configure();

  sqlite3* handle_ = nullptr;
  absl::Status prepared_;
};

// What one run of a statement gives. Ends the run when it goes.
class Rows {
 public:
  explicit Rows(sqlite3_stmt* statement, int code) : statement_(statement), code_(code) {}
  Rows(const Rows&) = delete;
  ~Rows();

  // Steps to the next row; false at the end, and on trouble.
  bool Next();
  absl::Status status() const { return SqliteStatus(code_); }
  // Runs to the end, for statements that give no rows.
  absl::Status Finish();

  int64_t Int(int column) const { return sqlite3_column_int64(statement_, column); }
  std::string Bytes(int column) const;
  bool IsNull(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }

 private:
  sqlite3_stmt* statement_;
  int code_;
};

class Statement {
 public:
  // On trouble: see Connection::prepared().
  Statement(Connection& connection, std::string_view sql);
  Statement(const Statement&) = delete;
  ~Statement() { sqlite3_finalize(statement_); }

  // Arguments in the order of the statement's parameters; they must outlive the Rows.
  template <typename... Arguments>
  [[nodiscard]] Rows Run(const Arguments&... arguments) {
    int index = 0;
    int code = SQLITE_OK;
    ((code = code == SQLITE_OK ? Bind(++index, arguments) : code), ...);
    return Rows(statement_, code);
  }

 private:
  int Bind(int index, int64_t value) { return sqlite3_bind_int64(statement_, index, value); }
  int Bind(int index, std::string_view text);
  int Bind(int index, Blob blob);
  template <typename Value>  // none: NULL
  int Bind(int index, const std::optional<Value>& value) {
    return value ? Bind(index, *value) : sqlite3_bind_null(statement_, index);
  }

  sqlite3_stmt* statement_ = nullptr;
};

}  // namespace schotvrij::store
