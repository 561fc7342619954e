#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "gateway/audit/audit.h"
#include "gateway/audit/signature.h"
#include "gateway/audit/vouching.h"
#include "schemas/base/limits.h"
#include "schemas/base/status.h"

namespace schotvrij::audit {
namespace {

using Kind = Finding::Kind;

// Walks one chain in pages. After a fault it goes on from what is stored, so that one change is one or two findings, not all.
class ChainWalk {
 public:
  ChainWalk(std::string chain, const Vouching& vouching, Findings& findings)
      : chain_(std::move(chain)), vouched_(Vouched(chain_, vouching)), findings_(findings) {}

  absl::Status Run(const RecordSource& source) {
    for (;;) {
      ASSIGN_OR_RETURN(std::vector<AuditRecord> page, source.records(chain_, from_, limits::kAuditPageRecords));
      if (page.empty()) break;
      SortPage(page);
      if (page.front().sequence < from_) return absl::InternalError("the source gives records that were not asked for");
      for (const AuditRecord& record : page) Take(record);
      if (page.back().sequence == UINT64_MAX) break;
      from_ = page.back().sequence + 1;
    }
    Finish();
    return absl::OkStatus();
  }

  uint64_t records() const { return records_; }
  uint64_t not_vouched_for() const { return not_vouched_for_; }

 private:
  using Heads = std::map<uint64_t, std::string>;

  static const Heads& Vouched(std::string_view chain, const Vouching& vouching) {
    static const Heads& none = *new Heads();
    auto found = vouching.heads.find(chain);
    return found == vouching.heads.end() ? none : found->second;
  }

  void Find(Kind kind, uint64_t sequence, std::string_view text) { findings_.Add(kind, chain_, sequence, text); }

  void SortPage(std::vector<AuditRecord>& page) {
    auto before = [](const AuditRecord& a, const AuditRecord& b) { return a.sequence < b.sequence; };
    auto late = std::is_sorted_until(page.begin(), page.end(), before);
    if (late == page.end()) return;
    Find(Kind::kReordered, late->sequence, "the record is stored behind a later one");
    std::stable_sort(page.begin(), page.end(), before);
  }

  void Take(const AuditRecord& record) {
    ++records_;
    const uint64_t sequence = record.sequence;
    if (record.chain != chain_ || record.hash.size() != kAuditHashBytes || record.previous.size() != kAuditHashBytes) {
      return Find(Kind::kUnreadable, sequence, "not a record of this chain");
    }
    if (sequence < expected_) return Find(Kind::kInserted, sequence, "the sequence number is there twice");
    if (sequence > expected_) {
      Find(Kind::kMissing, expected_, absl::StrCat(sequence - expected_, " records are missing"));
    } else if (record.previous != previous_) {
      Find(Kind::kInserted, sequence, "the record does not follow from the one before it");
    }
    if (ChainHash(record.previous, chain_, sequence, record.event) != record.hash) {
      Find(Kind::kChanged, sequence, "the record's bytes are not those that were written");
    }
    HoldAgainstCheckpoint(record);
    expected_ = sequence + 1;
    previous_ = record.hash;
  }

  void HoldAgainstCheckpoint(const AuditRecord& record) {
    auto head = vouched_.find(record.sequence);
    if (head != vouched_.end() && head->second != record.hash) {
      Find(Kind::kChanged, record.sequence, "the chain up to here is not the one a checkpoint vouches for");
    }
    if (vouched_.empty() || record.sequence > vouched_.rbegin()->first) ++not_vouched_for_;
  }

  void Finish() {
    if (vouched_.empty() || vouched_.rbegin()->first < expected_) return;
    Find(Kind::kTailCut, expected_,
         absl::StrCat("the chain ends here, but a checkpoint vouches for it up to ", vouched_.rbegin()->first));
  }

  const std::string chain_;
  const Heads& vouched_;
  Findings& findings_;
  uint64_t from_ = 0;
  uint64_t expected_ = 1;
  std::string previous_ = std::string(kAuditHashBytes, '\0');
  uint64_t records_ = 0;
  uint64_t not_vouched_for_ = 0;
};

}  // namespace

absl::StatusOr<Verification> Verify(const RecordSource& source, std::span<const std::string> database_checkpoints,
                                    std::span<const std::string> file_checkpoints, std::string_view public_key_pem) {
  ASSIGN_OR_RETURN(KeyPtr key, ReadPublicKey(public_key_pem));
  Findings findings;
  Vouching vouching = ReadCheckpoints(database_checkpoints, file_checkpoints, key.get(), findings);
  ASSIGN_OR_RETURN(std::vector<std::string> stored, source.chains());
  std::set<std::string> chains(stored.begin(), stored.end());
  for (const auto& [chain, heads] : vouching.heads) chains.insert(chain);

  Verification verification;
  for (const std::string& chain : chains) {
    ChainWalk walk(chain, vouching, findings);
    RETURN_IF_ERROR(walk.Run(source));
    verification.records += walk.records();
    verification.not_vouched_for += walk.not_vouched_for();
  }
  verification.checkpoints = vouching.lines;
  verification.newest_checkpoint = vouching.newest;
  verification.findings = findings.Take();
  return verification;
}

}  // namespace schotvrij::audit
