// A recording says what was run: every kind of value comes back as it was bound.
#include "tests/bench/recording.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <unistd.h>

#include <filesystem>

namespace schotvrij::bench {
namespace {

TEST(Recording, HoldsTheWritersStatementsWithTheirValuesAndNoReaders) {
  const std::string file = (std::filesystem::temp_directory_path() / ("recording-" + std::to_string(getpid()))).string();
  RecordSql(file);
  sqlite3* reader = nullptr;
  sqlite3* writer = nullptr;
  ASSERT_EQ(sqlite3_open(":memory:", &reader), SQLITE_OK);
  ASSERT_EQ(sqlite3_open(":memory:", &writer), SQLITE_OK);
  sqlite3_exec(reader, "SELECT 1", nullptr, nullptr, nullptr);
  sqlite3_exec(writer, "PRAGMA synchronous", nullptr, nullptr, nullptr);
  sqlite3_exec(writer, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr);
  sqlite3_exec(writer, "CREATE TABLE t (a, b, c, d, e)", nullptr, nullptr, nullptr);
  sqlite3_stmt* insert = nullptr;
  ASSERT_EQ(sqlite3_prepare_v2(writer, "INSERT INTO t VALUES (?, ?, ?, ?, x'')", -1, &insert, nullptr), SQLITE_OK);
  sqlite3_bind_int64(insert, 1, -7);
  sqlite3_bind_text(insert, 2, "it's ? 'so'", -1, SQLITE_STATIC);
  sqlite3_bind_blob(insert, 3, "\0'\xff", 3, SQLITE_STATIC);
  ASSERT_EQ(sqlite3_step(insert), SQLITE_DONE);
  sqlite3_finalize(insert);
  sqlite3_exec(writer, "COMMIT", nullptr, nullptr, nullptr);
  sqlite3_close(reader);
  sqlite3_close(writer);
  FinishRecording();
  sqlite3_reset_auto_extension();

  const std::vector<RecordedStatement> all = ReadRecording(file);
  std::filesystem::remove(file);
  ASSERT_EQ(all.size(), 5u);
  EXPECT_EQ(all[0].sql, "PRAGMA synchronous");
  EXPECT_EQ(all[0].row, "2");
  EXPECT_EQ(all[1].sql, "BEGIN IMMEDIATE");
  const std::vector<Value>& values = all[3].values;
  ASSERT_EQ(values.size(), 4u);
  EXPECT_EQ(std::get<int64_t>(values[0]), -7);
  EXPECT_EQ(std::get<std::string>(values[1]), "it's ? 'so'");
  EXPECT_EQ(std::get<Blob>(values[2]).bytes, std::string("\0'\xff", 3));
  EXPECT_TRUE(std::holds_alternative<std::monostate>(values[3]));
  EXPECT_EQ(all[4].sql, "COMMIT");
}

}  // namespace
}  // namespace schotvrij::bench
