#include "gateway/audit/checkpointer.h"

#include <algorithm>
#include <utility>

#include "gateway/audit/checkpoint_line.h"
#include "schemas/base/status.h"

namespace schotvrij::audit {
namespace {

bool SameHeads(std::vector<ChainHead> heads, std::string_view line) {
  absl::StatusOr<CheckpointLine> parsed = ParseCheckpoint(line);
  if (!parsed.ok()) return false;
  std::sort(heads.begin(), heads.end(), [](const ChainHead& a, const ChainHead& b) { return a.chain < b.chain; });
  return std::equal(heads.begin(), heads.end(), parsed->heads.begin(), parsed->heads.end(),
                    [](const ChainHead& a, const ChainHead& b) {
                      return a.chain == b.chain && a.sequence == b.sequence && a.hash == b.hash;
                    });
}

}  // namespace

Checkpointer::Checkpointer(CheckpointDatabase database, AppendLine append, const Signer* signer)
    : database_(std::move(database)), append_(std::move(append)), signer_(signer) {}

absl::StatusOr<std::unique_ptr<Checkpointer>> Checkpointer::Start(CheckpointDatabase database, AppendLine append,
                                                                  const Signer* signer,
                                                                  std::span<const std::string> file_lines) {
  ASSIGN_OR_RETURN(std::vector<std::string> stored, database.lines());
  std::unique_ptr<Checkpointer> made(new Checkpointer(std::move(database), std::move(append), signer));
  bool file_is_newer = file_lines.size() > stored.size();
  if (file_is_newer || !stored.empty()) made->newest_ = file_is_newer ? file_lines.back() : stored.back();
  // The file is written first, so that a crash leaves it one line ahead, never more.
  if (file_lines.size() == stored.size() + 1 && std::equal(stored.begin(), stored.end(), file_lines.begin())) {
    made->pending_ = file_lines.back();
    RETURN_IF_ERROR(made->PutPending());
  }
  return made;
}

absl::Status Checkpointer::PutPending() {
  if (pending_.empty()) return absl::OkStatus();
  RETURN_IF_ERROR(database_.put(pending_));
  pending_.clear();
  return absl::OkStatus();
}

absl::StatusOr<bool> Checkpointer::Run(Instant now) {
  RETURN_IF_ERROR(PutPending());
  ASSIGN_OR_RETURN(std::vector<ChainHead> heads, database_.heads());
  if (!newest_.empty() && SameHeads(heads, newest_)) return false;
  std::string line = signer_->Checkpoint(now, heads, newest_);
  RETURN_IF_ERROR(append_(line));
  newest_ = line;
  pending_ = std::move(line);
  RETURN_IF_ERROR(PutPending());
  return true;
}

}  // namespace schotvrij::audit
