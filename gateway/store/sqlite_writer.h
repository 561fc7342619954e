// SqliteWriter: many independent units in one transaction (group commit), on the file's one writing
// connection.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/store/commit_queue.h"
#include "gateway/store/sqlite_connection.h"
#include "gateway/store/sqlite_unit.h"

namespace schotvrij::store {

class SqliteWriter {
 public:
  static absl::StatusOr<std::unique_ptr<SqliteWriter>> Open(std::unique_ptr<Connection> connection,
                                                            std::string chain);

  // What became of each unit, in their order. One that contradicts itself ends with
  // kInvalidArgument and leaves the others alone; on trouble with the file nothing is written and
  // all end with kUnavailable.
  std::vector<Outcome> Write(std::span<const Waiting> batch);
  absl::Status PutCheckpoint(std::string_view line);

 private:
  // kSavepoints lets one unit be undone alone. It costs a copy of every page that a unit touches,
  // so it is used only once a unit turned out to need it.
  enum class Care { kPlain, kSavepoints };

  SqliteWriter(std::unique_ptr<Connection> connection, std::string chain)
      : connection_(std::move(connection)), chain_(std::move(chain)) {}

  absl::StatusOr<std::vector<Outcome>> Try(std::span<const Waiting> batch, Care care);
  absl::StatusOr<std::vector<Outcome>> WriteAll(std::span<const Waiting> batch, Care care,
                                                ChainTail& tail);
  absl::StatusOr<Outcome> WriteAlone(const Unit& unit, ChainTail& tail);
  absl::Status Begin();
  absl::Status Commit(const ChainTail& tail);
  void Rollback();

  std::unique_ptr<Connection> connection_;
  const std::string chain_;
  UnitWriter units_{*connection_};
  Statement begin_{*connection_, "BEGIN IMMEDIATE"};
  Statement commit_{*connection_, "COMMIT"};
  Statement savepoint_{*connection_, "SAVEPOINT unit"};
  Statement undo_{*connection_, "ROLLBACK TO unit"};
  Statement release_{*connection_, "RELEASE unit"};
  std::optional<ChainTail> tail_;  // as committed; none: to be read from the file
};

}  // namespace schotvrij::store
