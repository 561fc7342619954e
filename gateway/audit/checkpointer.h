// Checkpointer: signs the heads of all chains, first into the file outside the database, then into the database.
//
//   ASSIGN_OR_RETURN(std::unique_ptr<Checkpointer> checkpointer,
//                    Checkpointer::Start(database, append, signer.get(), file_lines));
//   checkpointer->Run(clock.Now());   // at start, every interval, after so many records, at shutdown
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "gateway/audit/audit.h"

namespace schotvrij::audit {

// The audit half of the store.
struct CheckpointDatabase {
  std::function<absl::StatusOr<std::vector<ChainHead>>()> heads;
  std::function<absl::StatusOr<std::vector<std::string>>()> lines;  // oldest first
  std::function<absl::Status(std::string_view line)> put;
};

// Appends one line durably: CheckpointFile::Append.
using AppendLine = std::function<absl::Status(std::string_view line)>;

// One thread at a time.
class Checkpointer {
 public:
  // `file_lines`: what the file holds, oldest first. A line that a crash kept from the database is put there now. When the two
  // lists disagree otherwise, nothing is mended (it is evidence, see Verify); the longer one is continued.
  static absl::StatusOr<std::unique_ptr<Checkpointer>> Start(CheckpointDatabase database, AppendLine append,
                                                             const Signer* signer,
                                                             std::span<const std::string> file_lines);

  // Writes a checkpoint; none when no chain has grown since the newest. True when it wrote one. On failure call it again: no line
  // is lost or written twice.
  absl::StatusOr<bool> Run(Instant now);

 private:
  Checkpointer(CheckpointDatabase database, AppendLine append, const Signer* signer);
  absl::Status PutPending();

  const CheckpointDatabase database_;
  const AppendLine append_;
  const Signer* const signer_;
  std::string newest_;   // line; empty: none yet
  std::string pending_;  // line that stands in the file and not yet in the database; empty: none
};

}  // namespace schotvrij::audit
