// The file: its settings, its migrations, its indexes.
#include "gateway/store/sqlite_schema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "gateway/store/sqlite_queries.h"
#include "schemas/base/limits.h"
#include "tests/gateway/store/engine.h"

namespace schotvrij::store {
namespace {

std::unique_ptr<Connection> MustOpen(const TempFolder& folder) {
  auto connection = Connection::Open(folder.File(), "");
  EXPECT_TRUE(connection.ok()) << connection.status();
  return *std::move(connection);
}

std::string ReadFile(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(SqliteSettings, MakeEveryCommitDurableAndKeepCheckpointsRare) {
  TempFolder folder;
  const auto connection = MustOpen(folder);
  EXPECT_EQ(*connection->Value("PRAGMA synchronous"), "2") << "FULL";
  EXPECT_EQ(*connection->Value("PRAGMA journal_mode"), "wal");
  EXPECT_EQ(*connection->Value("PRAGMA wal_autocheckpoint"), "16384");
  EXPECT_EQ(*connection->Value("PRAGMA busy_timeout"), "2000");
}

TEST(SqliteLog, IsMovedIntoTheDatabaseOnceMuchWasCommitted) {
  TempFolder folder, copy;
  const auto store = MustOpenSqlite(folder);
  const auto without_log = [&] {
    std::filesystem::copy_file(folder.File(), copy.File(), std::filesystem::copy_options::overwrite_existing);
    return *MustOpen(copy)->Value("SELECT count(*) FROM message");
  };
  size_t bytes = 0;
  int messages = 0;
  while (bytes < limits::kFoldBytes) {
    ASSERT_EQ(without_log(), "0");
    Unit unit = NewRegistration(absl::StrCat(++messages));
    unit.exchanges[0].content.bytes.assign(1 << 20, 'x');
    bytes += unit.Bytes();
    ASSERT_EQ(CommitOne(*store, std::move(unit)), "committed");
  }
  EXPECT_TRUE(store->FoldWhenDue());
  EXPECT_EQ(without_log(), absl::StrCat(messages));
  store->Stop();
  EXPECT_FALSE(store->FoldWhenDue());
}

TEST(SqliteSchema, StepsAreTakenOnceAndInOrder) {
  TempFolder folder;
  const auto connection = MustOpen(folder);
  constexpr std::string_view kFirst[] = {"CREATE TABLE t (a INTEGER)"};
  constexpr std::string_view kBoth[] = {kFirst[0], "ALTER TABLE t ADD COLUMN b INTEGER DEFAULT 7"};
  ASSERT_TRUE(Migrate(*connection, kFirst).ok());
  ASSERT_TRUE(connection->Execute("INSERT INTO t VALUES (1)").ok());
  ASSERT_TRUE(Migrate(*connection, kBoth).ok());
  EXPECT_TRUE(Migrate(*connection, kBoth).ok());
  EXPECT_EQ(*connection->Value("SELECT a + b FROM t"), "8");
  EXPECT_EQ(*connection->Value("SELECT max(version) FROM schema_version"), "2");
}

TEST(SqliteSchema, AStepThatFailsLeavesTheFileAsItWas) {
  TempFolder folder;
  const auto connection = MustOpen(folder);
  constexpr std::string_view kBad[] = {"CREATE TABLE t (a INTEGER)", "CREATE TABLE t (a INTEGER)"};
  EXPECT_FALSE(Migrate(*connection, kBad).ok());
  EXPECT_FALSE(connection->InTransaction());
  EXPECT_EQ(*connection->Value("SELECT count(*) FROM sqlite_schema"), "0");
}

TEST(SqliteSchema, AFileOfANewerReleaseIsRefusedUntouched) {
  TempFolder folder;
  MustOpenSqlite(folder).reset();
  ASSERT_TRUE(MustOpen(folder)->Execute("INSERT INTO schema_version (version) VALUES (99)").ok());
  EXPECT_EQ(OpenSqlite(folder.File(), "chain", {}).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST(SqliteSchema, AFileThatIsNoStoreIsRefused) {
  TempFolder database, text;
  ASSERT_TRUE(MustOpen(database)->Execute("CREATE TABLE somebody_elses (a INTEGER)").ok());
  EXPECT_EQ(OpenSqlite(database.File(), "chain", {}).status().code(),
            absl::StatusCode::kFailedPrecondition);
  std::ofstream(text.File()) << std::string(8192, 'x');
  EXPECT_EQ(OpenSqlite(text.File(), "chain", {}).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST(SqliteSchema, AFolderThatIsNotThereIsUnavailable) {
  EXPECT_EQ(OpenSqlite("/nonexistent/store.db", "chain", {}).status().code(),
            absl::StatusCode::kUnavailable);
}

// version_1.sql is a file that the first release wrote; it stays as it is for ever.
TEST(SqliteSchema, AFileOfTheFirstReleaseIsStillUnderstood) {
  TempFolder folder;
  const std::string dump = ReadFile(SOURCE_DIR "/tests/gateway/store/version_1.sql");
  ASSERT_NE(dump, "");
  const absl::Status loaded = MustOpen(folder)->Execute(dump);
  ASSERT_TRUE(loaded.ok()) << loaded;
  const auto store = MustOpenSqlite(folder, {}, "chain-2");
  EXPECT_EQ(Tell(store->ClientByIdentifier("token-1")), "client-1|wrapped-1|1|1:facts-1");
  EXPECT_EQ(Tell(store->ExchangeById("exchange-1")),
            "exchange-1|client-1|ede|provider|registration|1|1:content-1");
  EXPECT_EQ(Ids(store->DueDeliveries(Instant{0}, 9)), "delivery-1");
  EXPECT_EQ(Tell(store->DueTimers("retry", Instant{9}, 9)), "timer|retry|x|5\n");
  EXPECT_EQ(store->Checkpoints()->size(), 1u);
  EXPECT_EQ(BrokenChain(*store), "");
  EXPECT_EQ(CommitOne(*store, NewRegistration("1")), "duplicate 1 answer-1 of client-1");
  EXPECT_EQ(CommitOne(*store, NewRegistration("2")), "committed");
  Unit batch;
  batch.batch = Batch{"batch", "key", "provider"};
  EXPECT_EQ(CommitOne(*store, batch), "committed");
  EXPECT_EQ(BrokenChain(*store), "");
}

TEST(SqliteQueries, LookNothingUpByReadingATable) {
  TempFolder folder;
  const auto connection = MustOpen(folder);
  ASSERT_TRUE(Migrate(*connection, SchemaSteps()).ok());
  for (const std::string_view query : queries::kIndexed) {
    Statement explain(*connection, "EXPLAIN QUERY PLAN " + std::string(query));
    ASSERT_TRUE(connection->prepared().ok()) << query;
    for (Rows plan = explain.Run(); plan.Next();) {
      EXPECT_THAT(plan.Bytes(3), testing::Not(testing::HasSubstr("SCAN"))) << query;
    }
  }
}

// Steps of SQLite's machine for all that one reading of the backlog asks, with `stored` deliveries
// that were taken over and `waiting` of each kind that waits.
int StepsToReadBacklog(int stored, int waiting) {
  TempFolder folder;
  const auto connection = MustOpen(folder);
  EXPECT_TRUE(Migrate(*connection, SchemaSteps()).ok());
  const struct {
    int rows;
    const char *state, *due;
  } kinds[] = {{stored, "3", "0"}, {waiting, "1", "0"}, {waiting, "1", "9"}, {waiting, "2", "0"}};
  for (const auto& kind : kinds) {
    const absl::Status filled = connection->Execute(absl::StrCat(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ", kind.rows,
        ") INSERT INTO delivery SELECT NULL, hex(randomblob(16)), 'e', hex(randomblob(16)), "
        "'city', 'ede', 'registration', ",
        kind.state, ", ", kind.due, ", 0, 0, 1, x'00', NULL, NULL, NULL, 0, NULL, 0 FROM n"));
    EXPECT_TRUE(filled.ok()) << filled;
  }
  sqlite3* raw = nullptr;
  EXPECT_EQ(sqlite3_open(folder.File().c_str(), &raw), SQLITE_OK);
  int steps = 0;
  for (const std::string_view query : {queries::kSomeDue, queries::kSomePostponed, queries::kSomeAvailable,
                                       queries::kOldestAvailable, queries::kNextRecipient}) {
    sqlite3_stmt* statement = nullptr;
    EXPECT_EQ(sqlite3_prepare_v2(raw, query.data(), static_cast<int>(query.size()), &statement, nullptr), SQLITE_OK);
    const bool of_recipient = query == queries::kSomeAvailable || query == queries::kOldestAvailable;
    if (of_recipient) {
      sqlite3_bind_text(statement, 1, "city", -1, SQLITE_STATIC);
    } else if (query == queries::kNextRecipient) {
      sqlite3_bind_text(statement, 1, "", -1, SQLITE_STATIC);
    } else {
      sqlite3_bind_int64(statement, 1, 5);
    }
    if (sqlite3_bind_parameter_count(statement) > 1) sqlite3_bind_int64(statement, 2, limits::kBacklogCountMax);
    while (sqlite3_step(statement) == SQLITE_ROW) {
    }
    steps += sqlite3_stmt_status(statement, SQLITE_STMTSTATUS_VM_STEP, 0);
    sqlite3_finalize(statement);
  }
  sqlite3_close(raw);
  return steps;
}

TEST(SqliteQueries, ReadTheBacklogAtTheSameCostHoweverMuchIsStoredAndWaits) {
  const int few = StepsToReadBacklog(1, limits::kBacklogCountMax + 1);
  EXPECT_GT(few, 3 * static_cast<int>(limits::kBacklogCountMax)) << "the steps that are counted are those of the counts";
  EXPECT_EQ(StepsToReadBacklog(30'000, limits::kBacklogCountMax + 1), few);
  EXPECT_EQ(StepsToReadBacklog(1, 20 * limits::kBacklogCountMax), few);
}

// Whatever waits, those that are due are found in their order without sorting.
TEST(SqliteQueries, SortNeitherDueDeliveriesNorMailboxes) {
  TempFolder folder;
  const auto connection = MustOpen(folder);
  ASSERT_TRUE(Migrate(*connection, SchemaSteps()).ok());
  for (const std::string_view query :
       {queries::kDueDeliveries, queries::kNextDue, queries::kMailboxOpen, queries::kMailboxAll,
        queries::kDueTimers, queries::kAuditRecords, queries::kOldestAvailable,
        queries::kNextRecipient}) {
    Statement explain(*connection, "EXPLAIN QUERY PLAN " + std::string(query));
    for (Rows plan = explain.Run(); plan.Next();) {
      EXPECT_THAT(plan.Bytes(3), testing::Not(testing::HasSubstr("TEMP B-TREE"))) << query;
    }
  }
}

}  // namespace
}  // namespace schotvrij::store
