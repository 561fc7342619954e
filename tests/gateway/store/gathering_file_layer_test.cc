// What is written through the layer is what would be written without it, in fewer calls.
#include "gateway/store/gathering_file_layer.h"

#include <gtest/gtest.h>

#include "gateway/store/sqlite_connection.h"
#include "tests/gateway/store/engine.h"
#include "tests/gateway/store/faulty_file_layer.h"

namespace schotvrij::store {
namespace {

constexpr char kRows[] =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) INSERT INTO t (b) SELECT randomblob(500) FROM n";

class GatheringFileLayerTest : public testing::Test {
 protected:
  void SetUp() override {
    FaultyFileLayer::Install();
    layer_ = *GatheringFileLayer::Over(FaultyFileLayer::kName);
    connection_ = *Connection::Open(folder_.File(), layer_->name());
    ASSERT_TRUE(connection_->Execute("CREATE TABLE t (a INTEGER PRIMARY KEY, b BLOB)").ok());
  }
  void TearDown() override { FaultyFileLayer::Install(); }

  // As another sees it, who reads the log without the layer.
  std::string Elsewhere(const std::string& sql) { return *(*Connection::Open(folder_.File(), ""))->Value(sql); }

  TempFolder folder_;
  std::unique_ptr<GatheringFileLayer> layer_;
  std::unique_ptr<Connection> connection_;
};

TEST_F(GatheringFileLayerTest, ACommitIsAFewWritesAndOthersReadIt) {
  FaultyFileLayer::writes = 0;
  ASSERT_TRUE(connection_->Execute(kRows).ok());
  constexpr int kPages = 2000 / 8;  // of 4,096 bytes, at least
  EXPECT_LT(FaultyFileLayer::writes, kPages / 10);
  EXPECT_EQ(Elsewhere("SELECT count(*) FROM t"), "2000");
  EXPECT_EQ(Elsewhere("PRAGMA integrity_check"), "ok");
}

// A transaction that does not fit into the cache writes pages before its end, reads them back and writes them over.
TEST_F(GatheringFileLayerTest, ATransactionReadsBackWhatItSpilled) {
  ASSERT_TRUE(connection_->Execute("PRAGMA cache_size = 10").ok());
  ASSERT_TRUE(connection_->Execute("BEGIN").ok());
  ASSERT_TRUE(connection_->Execute(kRows).ok());
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(connection_->Execute("UPDATE t SET b = CAST(a AS TEXT) || substr(b, 1, 400) WHERE a % 7 = 0").ok());
  }
  EXPECT_EQ(*connection_->Value("SELECT count(*) FROM t WHERE a % 7 = 0 AND substr(b, 1, length(a)) = CAST(a AS TEXT)"), "285");
  EXPECT_EQ(Elsewhere("SELECT count(*) FROM t"), "0") << "not committed";
  ASSERT_TRUE(connection_->Execute("COMMIT").ok());
  EXPECT_EQ(Elsewhere("SELECT count(*) FROM t WHERE a % 7 = 0 AND substr(b, 1, length(a)) = CAST(a AS TEXT)"), "285");
  EXPECT_EQ(Elsewhere("PRAGMA integrity_check"), "ok");
}

TEST_F(GatheringFileLayerTest, WhatWasRolledBackIsNowhereAndTheNextCommitIsWhole) {
  ASSERT_TRUE(connection_->Execute("PRAGMA cache_size = 10").ok());
  ASSERT_TRUE(connection_->Execute("BEGIN").ok());
  ASSERT_TRUE(connection_->Execute(kRows).ok());
  ASSERT_TRUE(connection_->Execute("ROLLBACK").ok());
  ASSERT_TRUE(connection_->Execute("INSERT INTO t (b) VALUES (x'01')").ok());
  EXPECT_EQ(Elsewhere("SELECT count(*) FROM t"), "1");
  EXPECT_EQ(Elsewhere("PRAGMA integrity_check"), "ok");
}

TEST_F(GatheringFileLayerTest, AWriteThatFailsAtTheSyncFailsTheCommitAndNothingElse) {
  for (const int code : {SQLITE_FULL, SQLITE_IOERR_WRITE}) {
    FaultyFileLayer::write_code = code;
    EXPECT_FALSE(connection_->Execute("INSERT INTO t (b) VALUES (x'01')").ok());
    FaultyFileLayer::write_code = SQLITE_OK;
    EXPECT_EQ(Elsewhere("SELECT count(*) FROM t"), "0");
  }
  ASSERT_TRUE(connection_->Execute("INSERT INTO t (b) VALUES (x'01')").ok());
  EXPECT_EQ(Elsewhere("SELECT count(*) FROM t"), "1");
}

TEST_F(GatheringFileLayerTest, ClosesWhatItCannotWrite) {
  ASSERT_TRUE(connection_->Execute("PRAGMA cache_size = 10").ok());
  ASSERT_TRUE(connection_->Execute("BEGIN").ok());
  ASSERT_TRUE(connection_->Execute(kRows).ok());
  FaultyFileLayer::write_code = SQLITE_FULL;
  connection_.reset();
  FaultyFileLayer::write_code = SQLITE_OK;
  EXPECT_EQ(Elsewhere("SELECT count(*) FROM t"), "0");
}

TEST(GatheringFileLayer, OverALayerThatIsNotThereIsUnavailable) {
  EXPECT_EQ(GatheringFileLayer::Over("none").status().code(), absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace schotvrij::store
