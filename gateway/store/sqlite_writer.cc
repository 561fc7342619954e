#include "gateway/store/sqlite_writer.h"

#include <utility>

#include "schemas/base/status.h"

namespace schotvrij::store {

absl::StatusOr<std::unique_ptr<SqliteWriter>> SqliteWriter::Open(
    std::unique_ptr<Connection> connection, std::string chain) {
  std::unique_ptr<SqliteWriter> writer(new SqliteWriter(std::move(connection), std::move(chain)));
  RETURN_IF_ERROR(writer->connection_->prepared());
  return writer;
}

std::vector<Outcome> SqliteWriter::Write(std::span<const Waiting> batch) {
  absl::StatusOr<std::vector<Outcome>> outcomes = Try(batch, Care::kPlain);
  if (absl::IsInvalidArgument(outcomes.status())) outcomes = Try(batch, Care::kSavepoints);
  if (outcomes.ok()) return *std::move(outcomes);
  const std::string reason(outcomes.status().message());
  return std::vector<Outcome>(batch.size(), absl::UnavailableError(reason));
}

absl::StatusOr<std::vector<Outcome>> SqliteWriter::Try(std::span<const Waiting> batch, Care care) {
  RETURN_IF_ERROR(Begin());
  ChainTail tail = *tail_;
  absl::StatusOr<std::vector<Outcome>> outcomes = WriteAll(batch, care, tail);
  absl::Status committed = outcomes.status();
  if (committed.ok()) committed = units_.WriteAudit(tail);
  if (committed.ok()) committed = Commit(tail);
  if (committed.ok()) return outcomes;
  Rollback();
  return committed;
}

absl::StatusOr<std::vector<Outcome>> SqliteWriter::WriteAll(std::span<const Waiting> batch,
                                                            Care care, ChainTail& tail) {
  std::vector<Outcome> outcomes;
  outcomes.reserve(batch.size());
  for (const Waiting& waiting : batch) {
    if (care == Care::kPlain) {
      ASSIGN_OR_RETURN(CommitResult result, units_.Write(waiting.unit, tail));
      outcomes.push_back(std::move(result));
    } else {
      ASSIGN_OR_RETURN(Outcome outcome, WriteAlone(waiting.unit, tail));
      outcomes.push_back(std::move(outcome));
    }
  }
  return outcomes;
}

absl::StatusOr<Outcome> SqliteWriter::WriteAlone(const Unit& unit, ChainTail& tail) {
  RETURN_IF_ERROR(savepoint_.Run().Finish());
  ChainTail moved = tail;
  Outcome outcome = units_.Write(unit, moved);
  if (outcome.ok()) {
    tail = std::move(moved);
  } else {
    if (!absl::IsInvalidArgument(outcome.status())) return outcome.status();
    RETURN_IF_ERROR(undo_.Run().Finish());
  }
  RETURN_IF_ERROR(release_.Run().Finish());
  return outcome;
}

absl::Status SqliteWriter::Begin() {
  RETURN_IF_ERROR(begin_.Run().Finish());
  if (tail_) return absl::OkStatus();
  absl::StatusOr<ChainTail> tail = units_.ReadTail(chain_);
  if (!tail.ok()) {
    Rollback();
    return tail.status();
  }
  tail_ = *std::move(tail);
  return absl::OkStatus();
}

absl::Status SqliteWriter::Commit(const ChainTail& tail) {
  const absl::Status committed = commit_.Run().Finish();
  if (committed.ok()) {
    tail_ = tail;
    return committed;
  }
  // COMMIT failed: what the file holds now is what happened, whatever the answer was.
  Rollback();
  const bool moved = tail.head.sequence != tail_->head.sequence;
  tail_.reset();
  const absl::StatusOr<ChainTail> stands = units_.ReadTail(chain_);
  if (!stands.ok()) return committed;
  tail_ = *stands;
  return moved && stands->head.hash == tail.head.hash ? absl::OkStatus() : committed;
}

void SqliteWriter::Rollback() {
  if (connection_->InTransaction()) (void)connection_->Execute("ROLLBACK");
}

absl::Status SqliteWriter::PutCheckpoint(std::string_view line) {
  return units_.PutCheckpoint(line);
}

}  // namespace schotvrij::store
