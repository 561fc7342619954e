// Copies of a store that is written to meanwhile.
#include "gateway/store/backup.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "tests/gateway/store/engine.h"

namespace schotvrij::store {
namespace {

TEST(CopySqlite, HoldsWhatWasCommittedBeforeAndNothingInPart) {
  TempFolder folder, copies;
  const auto store = MustOpenSqlite(folder);
  for (int i = 0; i < 20; ++i) {
    ASSERT_EQ(CommitOne(*store, NewRegistration(absl::StrCat("before-", i))), "committed");
  }
  std::atomic<bool> end = false;
  std::atomic<int> written = 0;
  std::thread writer([&] {
    while (!end) CommitOne(*store, NewRegistration(absl::StrCat("during-", ++written)));
  });
  auto heads = CopySqlite(folder.File(), copies.File());
  end = true;
  writer.join();
  ASSERT_TRUE(heads.ok()) << heads.status();
  EXPECT_FALSE(std::filesystem::exists(copies.File() + "-wal")) << "all is in the one file";

  const auto copy = MustOpenSqlite(copies, {}, "chain-2");
  for (int i = 0; i < 20; ++i) {
    EXPECT_NE(Tell(copy->ExchangeById(absl::StrCat("exchange-before-", i))), "none") << i;
  }
  EXPECT_EQ(BrokenChain(*copy), "");
  ASSERT_EQ(heads->size(), 1u);
  EXPECT_EQ(heads->front().sequence, copy->AuditHeads()->front().sequence);
  EXPECT_EQ(heads->front().hash, copy->AuditHeads()->front().hash);
  EXPECT_EQ(heads->front().sequence % 2, 0u) << "a registration leaves two events: both or neither";
  EXPECT_EQ(CommitOne(*copy, NewRegistration("after")), "committed");
}

TEST(CopySqlite, LeavesTheLogOfADeadProcessAsItIs) {
  TempFolder folder, dead, copies;
  const auto running = MustOpenSqlite(folder);
  ASSERT_EQ(CommitOne(*running, NewRegistration("1")), "committed");
  for (const char* end : {"", "-wal"}) std::filesystem::copy_file(folder.File() + end, dead.File() + end);
  const auto log_bytes = std::filesystem::file_size(dead.File() + "-wal");
  ASSERT_TRUE(CopySqlite(dead.File(), copies.File()).ok());
  EXPECT_EQ(std::filesystem::file_size(dead.File() + "-wal"), log_bytes);
  EXPECT_NE(Tell(MustOpenSqlite(copies, {}, "chain-2")->ExchangeById("exchange-1")), "none");
}

TEST(CopySqlite, WhatIsNotThereOrDamagedIsRefused) {
  TempFolder folder, copies;
  EXPECT_EQ(CopySqlite(folder.File(), copies.File()).status().code(), absl::StatusCode::kNotFound);
  {
    const auto store = MustOpenSqlite(folder);
    for (int i = 0; i < 200; ++i) CommitOne(*store, NewRegistration(absl::StrCat(i)));
  }
  {
    std::fstream file(folder.File(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(9 * 4096);
    file << std::string(4096, 'x');
  }
  TempFolder others;
  EXPECT_FALSE(CopySqlite(folder.File(), others.File()).ok());
}

}  // namespace
}  // namespace schotvrij::store
