// Records that share a row come out as they went in, and a row that was tampered with comes out as what no chain holds.
#include "gateway/store/audit_row.h"

#include <gtest/gtest.h>

#include "gateway/store/chain_tail.h"
#include "gateway/store/sqlite_connection.h"
#include "schemas/base/limits.h"
#include "tests/gateway/store/engine.h"

namespace schotvrij::store {
namespace {

AuditRow RowOf(const std::vector<std::string>& events) {
  ChainHead head{"chain", 4, std::string(32, 'p')};
  AuditRow row;
  for (const std::string& event : events) row.Append(Extend(head, event));
  return row;
}

bool Holds(const AuditRecord& record) {
  return record.hash == ChainHash(record.previous, record.chain, record.sequence, record.event);
}

TEST(AuditRow, GivesBackWhatWasAppendedEachBoundToTheOneBefore) {
  const std::vector<std::string> events = {"first", "", std::string(70'000, 'x'), std::string("\0\n", 2)};
  const std::vector<AuditRecord> records = Expand("chain", RowOf(events));
  ASSERT_EQ(records.size(), events.size());
  std::string previous(32, 'p');
  for (size_t i = 0; i < records.size(); ++i) {
    EXPECT_EQ(records[i].sequence, 5 + i);
    EXPECT_EQ(records[i].event, events[i]);
    EXPECT_EQ(records[i].previous, previous);
    EXPECT_TRUE(Holds(records[i]));
    previous = records[i].hash;
  }
  const AuditRow row = RowOf(events);
  const ChainHead head = HeadOf("chain", row.sequence, row.hashes);
  EXPECT_EQ(head.sequence, records.back().sequence);
  EXPECT_EQ(head.hash, records.back().hash);
}

TEST(AuditRow, OfOneRecordIsWhatTheFirstReleaseWrote) {
  const AuditRow row = RowOf({"event"});
  EXPECT_EQ(row.sizes, "");
  EXPECT_EQ(row.events, "event");
  EXPECT_EQ(row.hashes.size(), 32u);
  EXPECT_EQ(Expand("chain", row).size(), 1u);
}

TEST(AuditRow, WhosePartsDoNotFitHoldsNoRecordThatHolds) {
  const AuditRow whole = RowOf({"one", "two", "three"});
  std::vector<AuditRow> tampered(6, whole);
  tampered[0].sizes.pop_back();
  tampered[1].sizes.resize(8);
  tampered[2].sizes.clear();
  tampered[3].hashes.resize(64);
  tampered[4].events.push_back('!');
  tampered[5].sizes[0] = '\xff';
  for (const AuditRow& row : tampered) {
    const std::vector<AuditRecord> records = Expand("chain", row);
    ASSERT_EQ(records.size(), 1u);
    EXPECT_EQ(records.front().sequence, whole.sequence);
    EXPECT_FALSE(Holds(records.front()));
  }
}

TEST(AuditRow, IsSharedByTheUnitsOfAFlushUntilItIsFull) {
  TempFolder folder;
  const auto store = MustOpenSqlite(folder);
  const auto commit = [&](size_t count, size_t bytes) {
    std::vector<Unit> units(count);
    for (Unit& unit : units) unit.audit = {std::string(bytes, 'a'), "b"};
    EXPECT_EQ(CommitTogether(*store, std::move(units)), std::vector<std::string>(count, "committed"));
  };
  const auto rows = [&] {
    return *(*Connection::Open(folder.File(), ""))->Value("SELECT count(*) FROM audit");
  };
  commit(10, 100);
  EXPECT_EQ(rows(), "1");
  commit(1, 100);
  EXPECT_EQ(rows(), "2");
  commit(3, limits::kAuditRowBytes);
  EXPECT_EQ(rows(), "6") << "three that are full, and what came behind the last";
  EXPECT_EQ(BrokenChain(*store), "");
  EXPECT_EQ(store->AuditHeads()->front().sequence, 28u);
}

}  // namespace
}  // namespace schotvrij::store
