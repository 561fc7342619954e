// SQLite on a disk that fills up, fails, or is held by somebody else; and a process that is killed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/gateway/store/engine.h"
#include "tests/gateway/store/faulty_file_layer.h"

namespace schotvrij::store {
namespace {

using testing::Each;

class SqliteFaults : public testing::Test {
 protected:
  void SetUp() override {
    FaultyFileLayer::Install();
    store_ = MustOpenSqlite(folder_, {}, "chain-1", {.vfs = FaultyFileLayer::kName});
    ASSERT_EQ(CommitOne(*store_, NewRegistration("before")), "committed");
  }
  void TearDown() override { FaultyFileLayer::Install(); }

  // The store refuses two units of one flush, then goes on as if they had never come.
  void ExpectRefusalThenRecovery(std::atomic<int>& fault, int code) {
    fault = code;
    EXPECT_THAT(CommitTogether(*store_, {NewRegistration("1"), NewRegistration("2")}),
                Each("UNAVAILABLE"));
    EXPECT_EQ(CommitOne(*store_, NewRegistration("1")), "UNAVAILABLE") << "and again";
    EXPECT_EQ(Tell(store_->ExchangeById("exchange-1")), "none");
    EXPECT_EQ(Tell(store_->AnswerByKey("key-before")),
              "digest-before|1:answer-before|client-before");
    fault = SQLITE_OK;
    EXPECT_THAT(CommitTogether(*store_, {NewRegistration("1"), NewRegistration("2")}),
                Each("committed"));
    EXPECT_EQ(store_->AuditHeads()->front().sequence, 6u);
    EXPECT_EQ(BrokenChain(*store_), "");
    store_.reset();
    store_ = MustOpenSqlite(folder_, {}, "chain-2");
    for (const char* id : {"exchange-before", "exchange-1", "exchange-2"}) {
      EXPECT_NE(Tell(store_->ExchangeById(id)), "none");
    }
    EXPECT_EQ(BrokenChain(*store_), "");
  }

  TempFolder folder_;
  std::unique_ptr<Store> store_;
};

TEST_F(SqliteFaults, AFullDiskRefusesAndLosesNothing) {
  ExpectRefusalThenRecovery(FaultyFileLayer::write_code, SQLITE_FULL);
}

TEST_F(SqliteFaults, AWriteErrorRefusesAndLosesNothing) {
  ExpectRefusalThenRecovery(FaultyFileLayer::write_code, SQLITE_IOERR_WRITE);
}

// One that moves on with each look.
struct TickingClock final : Clock {
  Instant Now() const override { return {us += 1000}; }
  mutable int64_t us = 0;
};

TEST_F(SqliteFaults, EachSyncOfTheWriterIsTimed) {
  TempFolder folder;
  TickingClock clock;
  std::vector<int64_t> seen_us;
  const auto timed = MustOpenSqlite(folder, {}, "chain-1",
                                    {.vfs = FaultyFileLayer::kName,
                                     .readers = 1,
                                     .clock = &clock,
                                     .synced = [&](int64_t us) { seen_us.push_back(us); }});
  const int before = FaultyFileLayer::syncs;
  seen_us.clear();
  for (int i = 0; i < 5; ++i) {
    ASSERT_EQ(CommitOne(*timed, NewRegistration(absl::StrCat(i))), "committed");
  }
  EXPECT_EQ(static_cast<int>(seen_us.size()), FaultyFileLayer::syncs - before);
  EXPECT_THAT(seen_us, testing::AllOf(testing::SizeIs(testing::Ge(5)), Each(1000)));

  // The log is full, and the writer moves it into the database: both are synced for that.
  seen_us.clear();
  const int before_checkpoint = FaultyFileLayer::syncs;
  size_t commits = 0;
  while (seen_us.size() <= commits) {
    Unit unit = NewRegistration(absl::StrCat("large-", ++commits));
    unit.exchanges[0].content.bytes.assign(8 << 20, 'x');
    ASSERT_EQ(CommitOne(*timed, std::move(unit)), "committed");
    ASSERT_LT(commits, 100u) << "the log is never moved";
  }
  EXPECT_EQ(static_cast<int>(seen_us.size()), FaultyFileLayer::syncs - before_checkpoint);
}

TEST_F(SqliteFaults, AFileLayerThatIsNotThereIsUnavailable) {
  TickingClock clock;
  TempFolder folder;
  EXPECT_EQ(OpenSqlite(folder.File(), "chain", {},
                       {.vfs = "none", .clock = &clock, .synced = [](int64_t) {}})
                .status()
                .code(),
            absl::StatusCode::kUnavailable);
}

TEST_F(SqliteFaults, WhatCannotBeMadeDurableIsNotAcknowledged) {
  ExpectRefusalThenRecovery(FaultyFileLayer::sync_code, SQLITE_IOERR_FSYNC);
}

TEST_F(SqliteFaults, ACheckpointLineThatCannotBeWrittenIsRefused) {
  FaultyFileLayer::write_code = SQLITE_FULL;
  EXPECT_TRUE(absl::IsUnavailable(store_->PutCheckpoint("line")));
  FaultyFileLayer::write_code = SQLITE_OK;
  EXPECT_TRUE(store_->PutCheckpoint("line").ok());
  EXPECT_EQ(store_->Checkpoints()->size(), 1u);
}

TEST_F(SqliteFaults, EveryFlushIsSyncedBeforeItIsTold) {
  for (int i = 0; i < 3; ++i) {
    const int syncs = FaultyFileLayer::syncs;
    ASSERT_EQ(CommitOne(*store_, NewRegistration(absl::StrCat(i))), "committed");
    EXPECT_GT(FaultyFileLayer::syncs, syncs);
  }
}

// Another process, as far as SQLite's locks go.
class Other {
 public:
  explicit Other(const std::string& file) { sqlite3_open(file.c_str(), &handle_); }
  ~Other() { sqlite3_close(handle_); }
  int Run(const char* sql) { return sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr); }

 private:
  sqlite3* handle_ = nullptr;
};

TEST(SqliteLocks, AWriterElsewhereRefusesTheFlushUntilItIsDoneAndReadsGoOn) {
  TempFolder folder;
  const auto store = MustOpenSqlite(folder);
  ASSERT_EQ(CommitOne(*store, NewRegistration("1")), "committed");
  Other other(folder.File());
  ASSERT_EQ(other.Run("BEGIN IMMEDIATE"), SQLITE_OK);
  EXPECT_THAT(CommitTogether(*store, {NewRegistration("2"), NewRegistration("3")}),
              Each("UNAVAILABLE"));
  EXPECT_NE(Tell(store->ExchangeById("exchange-1")), "none");
  ASSERT_EQ(other.Run("COMMIT"), SQLITE_OK);
  EXPECT_THAT(CommitTogether(*store, {NewRegistration("2"), NewRegistration("3")}),
              Each("committed"));
  EXPECT_EQ(BrokenChain(*store), "");
}

TEST(SqliteLocks, AFileThatSomebodyHoldsForHimselfCannotBeOpened) {
  TempFolder folder;
  MustOpenSqlite(folder).reset();
  Other other(folder.File());
  ASSERT_EQ(other.Run("PRAGMA locking_mode = EXCLUSIVE; DELETE FROM timer"), SQLITE_OK);
  EXPECT_TRUE(absl::IsUnavailable(OpenSqlite(folder.File(), "chain", {}).status()));
}

TEST(SqliteLocks, ReadsOfABrokenFileAreUnavailable) {
  TempFolder folder;
  const auto store = MustOpenSqlite(folder);
  Other other(folder.File());
  ASSERT_EQ(other.Run("DROP TABLE delivery"), SQLITE_OK);
  EXPECT_EQ(Tell(store->DeliveryById("d")), "UNAVAILABLE");
  EXPECT_EQ(Ids(store->DueDeliveries(Instant{0}, 1)), "UNAVAILABLE");
  EXPECT_EQ(CommitOne(*store, NewRegistration("1")), "UNAVAILABLE");
  EXPECT_EQ(Tell(store->ExchangeById("exchange-1")), "none");
}

TEST(SqliteDurability, EverythingIsFoundAfterReopeningUnderANewChain) {
  TempFolder folder;
  ASSERT_EQ(CommitOne(*MustOpenSqlite(folder, {}, "chain-1"), NewRegistration("1")), "committed");
  ASSERT_EQ(CommitOne(*MustOpenSqlite(folder, {}, "chain-2"), NewRegistration("2")), "committed");
  const auto store = MustOpenSqlite(folder, {}, "chain-3");
  ASSERT_EQ(store->AuditHeads()->size(), 2u) << "a start without events leaves no chain";
  EXPECT_EQ(store->AuditHeads()->at(1).chain, "chain-2");
  EXPECT_EQ(store->AuditHeads()->at(1).sequence, 2u);
  EXPECT_EQ(BrokenChain(*store), "");
  EXPECT_EQ(CommitOne(*store, NewRegistration("1")), "duplicate 1 answer-1 of client-1");
  EXPECT_EQ(Ids(store->DueDeliveries(Instant{0}, 9)), "delivery-1 delivery-2");
}

// What a killed process leaves behind: commits in the log that were perhaps never synced.
TEST(SqliteDurability, WhatIsFoundInTheLogIsMadeDurableBeforeItIsToldToAnybody) {
  TempFolder killed;
  const auto running = MustOpenSqlite(killed);
  ASSERT_EQ(CommitOne(*running, NewRegistration("1")), "committed");
  TempFolder found;
  const auto copy = [&](const std::string& end) {
    std::filesystem::copy_file(killed.File() + end, found.File() + end);
  };
  copy("");
  copy("-wal");
  FaultyFileLayer::Install();
  FaultyFileLayer::sync_code = SQLITE_IOERR_FSYNC;
  EXPECT_TRUE(absl::IsUnavailable(
      OpenSqlite(found.File(), "chain-2", {}, {.vfs = FaultyFileLayer::kName}).status()));
  const auto log_bytes = static_cast<int64_t>(std::filesystem::file_size(found.File() + "-wal"));
  EXPECT_GT(log_bytes, 0) << "nothing is moved before the log is safe";
  EXPECT_EQ(FaultyFileLayer::written_bytes, log_bytes) << "a system that failed to sync once may know of no bytes to write";
  FaultyFileLayer::Install();
  const auto store = MustOpenSqlite(found, {}, "chain-2", {.vfs = FaultyFileLayer::kName});
  EXPECT_GE(FaultyFileLayer::syncs, 2) << "the log, and the database it was moved to";
  EXPECT_EQ(std::filesystem::file_size(found.File() + "-wal"), 0u);
  EXPECT_NE(Tell(store->ExchangeById("exchange-1")), "none");
}

TEST(SqliteDurability, AChainThatIsThereAlreadyIsContinued) {
  TempFolder folder;
  ASSERT_EQ(CommitOne(*MustOpenSqlite(folder), NewRegistration("1")), "committed");
  const auto store = MustOpenSqlite(folder);
  ASSERT_EQ(CommitOne(*store, NewRegistration("2")), "committed");
  EXPECT_EQ(store->AuditHeads()->front().sequence, 4u);
  EXPECT_EQ(BrokenChain(*store), "");
}

// Commits without end in a process of its own, and writes to `acknowledged` what it was told is
// committed.
[[noreturn]] void CommitUntilKilled(const TempFolder& folder, int acknowledged) {
  auto store = OpenSqlite(folder.File(), "chain-1", {});
  for (int flush = 0; store.ok(); ++flush) {
    std::vector<Unit> units;
    for (int i = 0; i < 5; ++i) units.push_back(NewRegistration(absl::StrCat(flush * 5 + i)));
    for (const std::string& outcome : CommitTogether(**store, std::move(units))) {
      if (outcome != "committed" || write(acknowledged, "+", 1) != 1) _exit(1);
    }
  }
  _exit(1);
}

TEST(SqliteDurability, EverythingAcknowledgedIsFoundAfterKill9) {
  TempFolder folder;
  int pipe_ends[2];
  ASSERT_EQ(pipe(pipe_ends), 0);
  const pid_t child = fork();
  if (child == 0) CommitUntilKilled(folder, pipe_ends[1]);
  close(pipe_ends[1]);
  int acknowledged = 0;
  for (char told; read(pipe_ends[0], &told, 1) == 1; ++acknowledged) {
    if (acknowledged == 300) kill(child, SIGKILL);
  }
  close(pipe_ends[0]);
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status)) << "the child ended by itself";

  const auto store = MustOpenSqlite(folder, {}, "chain-2");
  for (int i = 0; i < acknowledged; ++i) {
    ASSERT_EQ(CommitOne(*store, NewRegistration(absl::StrCat(i))),
              absl::StrCat("duplicate 1 answer-", i, " of client-", i));
    ASSERT_NE(Tell(store->DeliveryById(absl::StrCat("delivery-", i))), "none");
  }
  EXPECT_EQ(BrokenChain(*store), "");
  EXPECT_GE(store->AuditHeads()->front().sequence, 2u * acknowledged);
  EXPECT_EQ(store->AuditHeads()->front().sequence % 10, 0u) << "a flush is whole or absent";
}

}  // namespace
}  // namespace schotvrij::store
