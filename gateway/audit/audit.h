// Audit: events with NEN 7513's mandatory fields, chained by the store, vouched for by signed checkpoints that also stand in
// a file outside the database.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "schemas/base/audit_chain.h"
#include "schemas/base/runtime.h"
#include "schotvrij/v1/audit.pb.h"

namespace schotvrij::audit {

// Names of mandatory fields (NEN 7513:2018 as tabulated in RFC0021) that `event` lacks; empty: complete.
std::vector<std::string> MissingFields(const v1::AuditEvent& event);

// Exact bytes for the chain (deterministic serialisation).
std::string EventBytes(const v1::AuditEvent& event);

// Signs checkpoints with an Ed25519 key.
class Signer {
 public:
  static absl::StatusOr<std::unique_ptr<Signer>> FromPem(std::string_view private_key_pem);
  virtual ~Signer() = default;
  // One line of text: instant, head of every chain, hash of the checkpoint before it, signature.
  virtual std::string Checkpoint(Instant at, std::span<const ChainHead> heads, std::string_view previous_line) const = 0;
};

// What a verification found.
struct Finding {
  enum class Kind { kChanged, kMissing, kInserted, kReordered, kTailCut, kBadCheckpoint, kUnreadable };
  Kind kind;
  std::string chain;
  uint64_t sequence = 0;
  std::string text;
};

struct Verification {
  std::vector<Finding> findings;  // empty: what is vouched for is whole
  uint64_t records = 0;
  uint64_t checkpoints = 0;
  // Records after the newest checkpoint: whole as a chain, but a cut of the tail would not show.
  uint64_t not_vouched_for = 0;
  Instant newest_checkpoint;      // 0: none
};

// Where the records come from: calls `each` in stored order for one chain, in pages.
struct RecordSource {
  std::function<absl::StatusOr<std::vector<std::string>>()> chains;
  std::function<absl::StatusOr<std::vector<AuditRecord>>(std::string_view chain, uint64_t from, size_t most)> records;
};

// `checkpoints`: lines from the database and from the file, each list oldest first.
absl::StatusOr<Verification> Verify(const RecordSource& source, std::span<const std::string> database_checkpoints,
                                    std::span<const std::string> file_checkpoints, std::string_view public_key_pem);

}  // namespace schotvrij::audit
