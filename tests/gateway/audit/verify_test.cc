#include <functional>
#include <random>

#include "absl/strings/str_cat.h"
#include "gateway/audit/checkpoint_line.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "schemas/base/limits.h"
#include "tests/gateway/audit/audit_fixture.h"

namespace schotvrij::audit {
namespace {

using Kind = Finding::Kind;
using ::testing::Contains;
using ::testing::Field;
using ::testing::IsEmpty;

const Signer& OneSigner() {
  static const Signer& signer = *Signer::FromPem(kPrivateKey)->release();
  return signer;
}

auto Found(Kind kind) { return Contains(Field(&Finding::kind, kind)); }

// Two chains; `vouched` records each before the newest checkpoint, `window` after it.
Log MakeLog(int vouched, int window) {
  Log log;
  for (int i = 0; i < vouched; ++i) {
    log.Write("chain-a", absl::StrCat("event a", i));
    log.Write("chain-b", absl::StrCat("event b", i));
    if (i % 4 == 3) log.Checkpoint(OneSigner(), {i + 1});
  }
  log.Checkpoint(OneSigner(), {1000});
  for (int i = 0; i < window; ++i) log.Write("chain-b", absl::StrCat("late event b", i));
  return log;
}

TEST(Verify, AWholeLogHasNoFindingsAndTellsItsWindow) {
  Verification found = MakeLog(10, 3).Verify();
  EXPECT_THAT(found.findings, IsEmpty());
  EXPECT_EQ(found.records, 23);
  EXPECT_EQ(found.checkpoints, 3);
  EXPECT_EQ(found.not_vouched_for, 3);
  EXPECT_EQ(found.newest_checkpoint, Instant{1000});
}

TEST(Verify, WithoutCheckpointsNothingIsVouchedFor) {
  Log log;
  log.Write("chain-a", "event");
  Verification found = log.Verify();
  EXPECT_THAT(found.findings, IsEmpty());
  EXPECT_EQ(found.not_vouched_for, 1);
  EXPECT_EQ(found.newest_checkpoint, Instant{0});
}

TEST(Verify, AnEmptyLogIsWhole) { EXPECT_THAT(Log().Verify().findings, IsEmpty()); }

TEST(Verify, FindsAChangedRecord) {
  Log log = MakeLog(10, 0);
  log.records[4].event += "!";
  EXPECT_THAT(log.Verify().findings, testing::ElementsAre(Field(&Finding::kind, Kind::kChanged)));
}

TEST(Verify, FindsARemovedRecord) {
  Log log = MakeLog(10, 0);
  log.records.erase(log.records.begin() + 4);
  EXPECT_THAT(log.Verify().findings, Found(Kind::kMissing));
}

TEST(Verify, FindsAnInsertedRecord) {
  Log log = MakeLog(10, 0);
  log.records.insert(log.records.begin() + 4, log.records[4]);
  EXPECT_THAT(log.Verify().findings, Found(Kind::kInserted));
}

TEST(Verify, FindsReorderedRecords) {
  Log log = MakeLog(10, 0);
  std::swap(log.records[4], log.records[8]);
  EXPECT_THAT(log.Verify().findings, Found(Kind::kReordered));
}

TEST(Verify, FindsATailCutBelowTheNewestCheckpoint) {
  Log log = MakeLog(10, 0);
  log.records.pop_back();
  EXPECT_THAT(log.Verify().findings, Found(Kind::kTailCut));
}

TEST(Verify, FindsAWholeChainThatIsGone) {
  Log log = MakeLog(10, 0);
  std::erase_if(log.records, [](const AuditRecord& record) { return record.chain == "chain-a"; });
  EXPECT_THAT(log.Verify().findings, Found(Kind::kTailCut));
}

TEST(Verify, FindsAChainRewrittenWithGoodHashes) {
  Log log = MakeLog(10, 0);
  Log forged;
  for (const AuditRecord& record : log.records) {
    forged.Write(record.chain, record.event == "event a2" ? "another event" : record.event);
  }
  log.records = forged.records;
  EXPECT_THAT(log.Verify().findings, Found(Kind::kChanged));
}

TEST(Verify, TheFileAloneShowsATailCutWhenTheDatabaseListWasCutWithIt) {
  Log log = MakeLog(10, 0);
  log.records.pop_back();
  log.database_lines.pop_back();
  EXPECT_THAT(log.Verify().findings, Found(Kind::kTailCut));
  EXPECT_THAT(log.Verify().findings, Found(Kind::kBadCheckpoint));
}

TEST(Verify, TheDatabaseAloneShowsATailCutWhenTheFileWasLost) {
  Log log = MakeLog(10, 0);
  log.records.pop_back();
  log.file_lines.clear();
  EXPECT_THAT(log.Verify().findings, Found(Kind::kTailCut));
  EXPECT_THAT(log.Verify().findings, Found(Kind::kBadCheckpoint));
}

TEST(Verify, FindsADatabaseListThatDiffersFromTheFile) {
  Log log = MakeLog(10, 0);
  log.database_lines[1] = log.database_lines[0];
  EXPECT_THAT(log.Verify().findings, Found(Kind::kBadCheckpoint));
}

TEST(Verify, FindsACheckpointSignedByAnotherKey) {
  Log log = MakeLog(10, 0);
  log.file_lines.back().replace(log.file_lines.back().size() - 8, 4, "AAAA");
  log.database_lines = log.file_lines;
  EXPECT_THAT(log.Verify().findings, Found(Kind::kBadCheckpoint));
}

TEST(Verify, PagesThroughAChainLongerThanOnePage) {
  Log log;
  for (size_t i = 0; i < 2 * limits::kAuditPageRecords + 1; ++i) log.Write("chain-a", "event");
  log.Checkpoint(OneSigner(), {1});
  EXPECT_THAT(log.Verify().findings, IsEmpty());
  EXPECT_EQ(log.Verify().records, 2 * limits::kAuditPageRecords + 1);
  log.records[limits::kAuditPageRecords].event = "other";
  EXPECT_THAT(log.Verify().findings, Found(Kind::kChanged));
}

TEST(Verify, KeepsABoundedNumberOfFindings) {
  Log log;
  for (size_t i = 0; i < limits::kAuditFindingsMax + 10; ++i) log.Write("chain-a", "event");
  for (AuditRecord& record : log.records) record.event = "other";
  EXPECT_EQ(log.Verify().findings.size(), limits::kAuditFindingsMax);
}

TEST(Verify, TroubleWithTheSourceIsNoFinding) {
  Log log = MakeLog(4, 0);
  RecordSource source = log.Source();
  source.records = [](std::string_view, uint64_t, size_t) { return absl::UnavailableError("locked"); };
  EXPECT_EQ(Verify(source, {}, {}, kPublicKey).status().code(), absl::StatusCode::kUnavailable);
}

TEST(Verify, RefusesAKeyThatIsNone) {
  Log log;
  EXPECT_EQ(Verify(log.Source(), {}, {}, "no key").status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Verify(log.Source(), {}, {}, kPrivateKey).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Signer::FromPem(kPublicKey).status().code(), absl::StatusCode::kInvalidArgument);
}

// Any one thing done to the log is found, unless it is a cut inside the window that Verify itself tells of.
class Tampering {
 public:
  explicit Tampering(unsigned seed) : random_(seed) {}

  // Returns what was done, for the failure message; empty when nothing came of it.
  std::string Do(Log& log) {
    const std::vector<std::function<std::string(Log&)>> deeds = {
        [this](Log& l) { return Flip(l); },
        [this](Log& l) { return Remove(l); },
        [this](Log& l) { return Duplicate(l); },
        [this](Log& l) { return Forge(l); },
        [this](Log& l) { return Swap(l); },
        [this](Log& l) { return CutTail(l); },
        [this](Log& l) { return AlterLine(l.database_lines, "database"); },
        [this](Log& l) { return AlterLine(l.file_lines, "file"); },
        [this](Log& l) { return RemoveLine(l.database_lines, "database"); },
        [this](Log& l) { return RemoveLine(l.file_lines, "file"); },
    };
    return deeds[Below(deeds.size())](log);
  }

 private:
  size_t Below(size_t bound) { return std::uniform_int_distribution<size_t>(0, bound - 1)(random_); }

  void FlipBit(std::string& bytes) { bytes[Below(bytes.size())] ^= static_cast<char>(1 << Below(8)); }

  std::string Flip(Log& log) {
    size_t at = Below(log.records.size());
    AuditRecord& record = log.records[at];
    const size_t part = Below(4);
    if (part == 0) FlipBit(record.event);
    if (part == 1) FlipBit(record.hash);
    if (part == 2) FlipBit(record.previous);
    if (part == 3) record.sequence ^= uint64_t{1} << Below(6);
    return absl::StrCat("flipped a bit of part ", part, " of record ", at);
  }
  std::string Remove(Log& log) {
    size_t at = Below(log.records.size());
    log.records.erase(log.records.begin() + at);
    return absl::StrCat("removed record ", at);
  }
  std::string Duplicate(Log& log) {
    size_t at = Below(log.records.size());
    log.records.insert(log.records.begin() + Below(log.records.size()), log.records[at]);
    return absl::StrCat("inserted record ", at, " again");
  }
  // Puts a record of its own in the place of one, with a hash that fits it.
  std::string Forge(Log& log) {
    size_t at = Below(log.records.size());
    AuditRecord& record = log.records[at];
    record.event = "forged";
    record.hash = ChainHash(record.previous, record.chain, record.sequence, record.event);
    return absl::StrCat("forged record ", at);
  }
  std::string Swap(Log& log) {
    size_t a = Below(log.records.size()), b = Below(log.records.size());
    if (log.records[a].chain != log.records[b].chain || a == b) return "";
    std::swap(log.records[a].event, log.records[b].event);
    return log.records[a].event == log.records[b].event ? "" : absl::StrCat("swapped the events of ", a, " and ", b);
  }
  std::string CutTail(Log& log) {
    size_t left = Below(log.records.size());
    log.records.resize(left);
    return absl::StrCat("cut after record ", left);
  }
  std::string AlterLine(std::vector<std::string>& lines, const char* list) {
    size_t at = Below(lines.size());
    FlipBit(lines[at]);
    return absl::StrCat("flipped a bit of line ", at, " in the ", list);
  }
  std::string RemoveLine(std::vector<std::string>& lines, const char* list) {
    size_t at = Below(lines.size());
    lines.erase(lines.begin() + at);
    return absl::StrCat("removed line ", at, " of the ", list);
  }

  std::mt19937 random_;
};

// A record the checkpoint does not vouch for, and that no later record of its chain holds in place, may go unseen.
bool LiesInTheWindow(const Log& whole, const Log& tampered) {
  constexpr size_t kWindowStart = 40;
  if (tampered.records.size() < kWindowStart || tampered.file_lines != whole.file_lines ||
      tampered.database_lines != whole.database_lines) {
    return false;
  }
  for (size_t i = 0; i < kWindowStart; ++i) {
    if (tampered.records[i].hash != whole.records[i].hash || tampered.records[i].event != whole.records[i].event) return false;
  }
  return true;
}

TEST(Verify, WhateverIsDoneIsFoundOrFallsInTheWindow) {
  const Log whole = MakeLog(20, 6);
  ASSERT_EQ(whole.Verify().not_vouched_for, 6);
  int found = 0, in_window = 0;
  for (unsigned seed = 0; seed < 1000; ++seed) {
    Log log = whole;
    std::string deed = Tampering(seed).Do(log);
    if (deed.empty()) continue;
    bool seen = !log.Verify().findings.empty();
    seen ? ++found : ++in_window;
    EXPECT_TRUE(seen || LiesInTheWindow(whole, log)) << "seed " << seed << ": " << deed;
  }
  EXPECT_GT(found, 700);
  EXPECT_GT(in_window, 0);
}

}  // namespace
}  // namespace schotvrij::audit
