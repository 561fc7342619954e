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

// Names of mandatory fields (NEN 7513:2018 as tabulated in RFC0021) that `event` lacks; empty: complete. The outcome, which the
// norm leaves open, is mandatory here. The consent profile is conditional: only its writer knows whether the event rests on one.
std::vector<std::string> MissingFields(const v1::AuditEvent& event);

// Signs checkpoints with an Ed25519 key.
class Signer {
 public:
  // kInvalidArgument when the PEM holds no unencrypted Ed25519 key.
  static absl::StatusOr<std::unique_ptr<Signer>> FromPem(std::string_view private_key_pem);
  virtual ~Signer() = default;
  // One line of text: instant, head of every chain, hash of the checkpoint before it, signature (checkpoint_line.h).
  virtual std::string Checkpoint(Instant at, std::span<const ChainHead> heads, std::string_view previous_line) const = 0;
};

// What a verification found.
struct Finding {
  enum class Kind {
    kChanged,        // a record's bytes, or a chain's, are not those that were written
    kMissing,        // records between others are gone
    kInserted,       // a record that does not follow from the one before it
    kReordered,      // stored order is not the chain's
    kTailCut,        // records that a checkpoint vouches for are gone from the end
    kBadCheckpoint,  // a line is altered, unsigned, out of its order, or in one list only
    kUnreadable,     // not a record
  };
  Kind kind;
  std::string chain;      // empty: about the checkpoints
  uint64_t sequence = 0;  // first one concerned; for a checkpoint its line, from 1
  std::string text;
};

struct Verification {
  std::vector<Finding> findings;  // empty: what is vouched for is whole; at most limits::kAuditFindingsMax
  uint64_t records = 0;
  uint64_t checkpoints = 0;  // distinct lines that are signed and in order
  // The window: records after the newest checkpoint. They are whole as a chain, but a cut of the tail, or records rewritten with all
  // that follow, would not show.
  uint64_t not_vouched_for = 0;
  Instant newest_checkpoint;  // since when; 0: there is none, and nothing is vouched for
};

// Where the records come from: pages of one chain's records with a sequence of at least `from`, in stored order.
struct RecordSource {
  std::function<absl::StatusOr<std::vector<std::string>>()> chains;
  std::function<absl::StatusOr<std::vector<AuditRecord>>(std::string_view chain, uint64_t from, size_t most)> records;
};

// Holds the records against their chains, and the chains against the checkpoints: lines from the database and from the file, each
// list oldest first. The lists must be the same; read while the gateway runs, the file may be a line ahead for a moment, so
// verify again. The newest line of either counts. Memory grows with the checkpoints, not with the records. kInvalidArgument for
// the key; trouble with the source is returned as it came.
absl::StatusOr<Verification> Verify(const RecordSource& source, std::span<const std::string> database_checkpoints,
                                    std::span<const std::string> file_checkpoints, std::string_view public_key_pem);

}  // namespace schotvrij::audit
