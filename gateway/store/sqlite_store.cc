#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "gateway/store/commit_queue.h"
#include "gateway/store/engines.h"
#include "gateway/store/gathering_file_layer.h"
#include "gateway/store/sqlite_reader.h"
#include "gateway/store/sqlite_recovery.h"
#include "gateway/store/sqlite_schema.h"
#include "gateway/store/sqlite_writer.h"
#include "gateway/store/timed_file_layer.h"
#include "schemas/base/limits.h"
#include "schemas/base/status.h"

namespace schotvrij::store {
namespace {

class SqliteStore final : public Store {
 public:
  SqliteStore(std::unique_ptr<TimedFileLayer> timed, std::unique_ptr<GatheringFileLayer> gathering,
              std::unique_ptr<SqliteWriter> writer,
              std::unique_ptr<Connection> folder, std::vector<std::unique_ptr<SqliteReader>> readers,
              QueueLimits limits)
      : timed_(std::move(timed)),
        gathering_(std::move(gathering)),
        queue_(limits),
        writer_(std::move(writer)),
        folder_(std::move(folder)),
        readers_(std::move(readers)) {}

  absl::Status Commit(Unit unit, Executor* executor, Done done) override {
    return queue_.Push(std::move(unit), executor, std::move(done));
  }
  bool WaitForWork() override { return queue_.Wait(); }
  void Stop() override {
    queue_.Stop();
    std::lock_guard lock(folding_);
    stopped_ = true;
    foldable_.notify_all();
  }

  size_t Flush() override {
    std::vector<Waiting> batch = queue_.Take();
    if (batch.empty()) return 0;
    size_t bytes = 0;
    for (const Waiting& waiting : batch) bytes += waiting.bytes;
    std::vector<Outcome> outcomes;
    {
      std::lock_guard lock(writing_);
      outcomes = writer_->Write(batch);
    }
    const size_t flushed = batch.size();
    Report(std::move(batch), std::move(outcomes));
    std::lock_guard lock(folding_);
    unfolded_bytes_ += bytes;
    if (unfolded_bytes_ >= limits::kFoldBytes) foldable_.notify_one();
    return flushed;
  }

  bool FoldWhenDue() override {
    {
      std::unique_lock lock(folding_);
      foldable_.wait(lock, [this] { return stopped_ || unfolded_bytes_ >= limits::kFoldBytes; });
      if (stopped_) return false;
      unfolded_bytes_ = 0;
    }
    // What a reader still needs of the log stays for the next time, and so does all of it when the file gives trouble: the writer, which
    // then has to do it, tells that to its units.
    (void)folder_->Value("PRAGMA wal_checkpoint(PASSIVE)");
    return true;
  }

  absl::StatusOr<std::optional<ClientRow>> ClientByIdentifier(std::string_view token) override {
    return readers_.Ask(&SqliteReader::ClientByIdentifier, token);
  }
  absl::StatusOr<std::optional<ClientRow>> ClientById(std::string_view client_id) override {
    return readers_.Ask(&SqliteReader::ClientById, client_id);
  }
  absl::StatusOr<std::optional<ExchangeRow>> ExchangeById(std::string_view exchange_id) override {
    return readers_.Ask(&SqliteReader::ExchangeById, exchange_id);
  }
  absl::StatusOr<std::optional<KnownKey>> AnswerByKey(std::string_view token) override {
    return readers_.Ask(&SqliteReader::AnswerByKey, token);
  }
  absl::StatusOr<std::optional<Delivery>> DeliveryById(std::string_view delivery_id) override {
    return readers_.Ask(&SqliteReader::DeliveryById, delivery_id);
  }
  absl::StatusOr<std::vector<Delivery>> DeliveriesById(std::span<const std::string> delivery_ids) override {
    return readers_.Ask(&SqliteReader::DeliveriesById, delivery_ids);
  }
  absl::StatusOr<std::vector<std::optional<Origin>>> OriginsOf(std::span<const Delivery> deliveries) override {
    return readers_.Ask(&SqliteReader::OriginsOf, deliveries);
  }
  absl::StatusOr<std::vector<Delivery>> DueDeliveries(Instant now, size_t most) override {
    return readers_.Ask(&SqliteReader::DueDeliveries, now, most);
  }
  absl::StatusOr<std::optional<Instant>> NextDue() override {
    return readers_.Ask(&SqliteReader::NextDue);
  }
  absl::StatusOr<std::vector<Delivery>> OpenDeliveriesOf(std::string_view client_id) override {
    return readers_.Ask(&SqliteReader::OpenDeliveriesOf, client_id);
  }
  absl::StatusOr<std::vector<DayEntry>> DeliveriesBetween(std::string_view after, std::string_view before, size_t most) override {
    return readers_.Ask(&SqliteReader::DeliveriesBetween, after, before, most);
  }
  absl::StatusOr<std::vector<std::string>> OwnersIn(std::string_view space) override {
    return readers_.Ask(&SqliteReader::OwnersIn, space);
  }
  absl::StatusOr<std::vector<Delivery>> Mailbox(const MailboxQuery& query) override {
    return readers_.Ask(&SqliteReader::Mailbox, query);
  }
  absl::StatusOr<std::vector<Timer>> DueTimers(std::string_view kind, Instant now, size_t most) override {
    return readers_.Ask(&SqliteReader::DueTimers, kind, now, most);
  }
  absl::StatusOr<std::optional<Batch>> BatchByKey(std::string_view key_token) override {
    return readers_.Ask(&SqliteReader::BatchByKey, key_token);
  }
  absl::StatusOr<std::vector<Batch>> OpenBatches(size_t most) override {
    return readers_.Ask(&SqliteReader::OpenBatches, most);
  }
  absl::StatusOr<std::vector<BatchPart>> BatchParts(std::string_view batch_id, uint64_t after, size_t most) override {
    return readers_.Ask(&SqliteReader::BatchParts, batch_id, after, most);
  }
  absl::StatusOr<std::optional<std::string>> HiddenBatch(std::string_view exchange_id) override {
    return readers_.Ask(&SqliteReader::HiddenBatch, exchange_id);
  }
  absl::StatusOr<std::vector<Breach>> Breaches(bool open_only, size_t most) override {
    return readers_.Ask(&SqliteReader::Breaches, open_only, most);
  }
  absl::StatusOr<std::optional<Breach>> BreachById(std::string_view breach_id) override {
    return readers_.Ask(&SqliteReader::BreachById, breach_id);
  }
  absl::StatusOr<Backlog> ReadBacklog(Instant now) override {
    ASSIGN_OR_RETURN(Backlog backlog, readers_.Ask(&SqliteReader::ReadBacklog, now));
    const Backlog queued = queue_.Backlog();
    backlog.queued_units = queued.queued_units;
    backlog.queued_bytes = queued.queued_bytes;
    return backlog;
  }
  absl::StatusOr<std::vector<ChainHead>> AuditHeads() override {
    return readers_.Ask(&SqliteReader::AuditHeads);
  }
  absl::StatusOr<std::vector<AuditRecord>> AuditRecords(std::string_view chain,
                                                        uint64_t from_sequence,
                                                        size_t most) override {
    return readers_.Ask(&SqliteReader::AuditRecords, chain, from_sequence, most);
  }
  absl::StatusOr<std::vector<std::string>> Checkpoints() override {
    return readers_.Ask(&SqliteReader::Checkpoints);
  }

  absl::Status PutCheckpoint(std::string_view line) override {
    std::lock_guard lock(writing_);
    return writer_->PutCheckpoint(line);
  }

 private:
  std::unique_ptr<TimedFileLayer> timed_;  // outlives what stands over it; null: nobody asks
  std::unique_ptr<GatheringFileLayer> gathering_;  // the writer's
  CommitQueue queue_;
  std::mutex writing_;
  std::unique_ptr<SqliteWriter> writer_ ABSL_PT_GUARDED_BY(writing_);
  const std::unique_ptr<Connection> folder_;  // of the thread that folds
  std::mutex folding_;
  std::condition_variable foldable_;
  size_t unfolded_bytes_ ABSL_GUARDED_BY(folding_) = 0;  // of units
  bool stopped_ ABSL_GUARDED_BY(folding_) = false;
  SqliteReaders readers_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Store>> OpenSqlite(const std::string& file, const std::string& chain,
                                                  QueueLimits limits, SqliteOptions options) {
  ConfigureSqlite();
  std::unique_ptr<TimedFileLayer> timed;
  if (options.synced != nullptr) {
    ASSIGN_OR_RETURN(timed,
                     TimedFileLayer::Over(options.vfs, options.clock, std::move(options.synced)));
  }
  ASSIGN_OR_RETURN(std::unique_ptr<GatheringFileLayer> gathering,
                   GatheringFileLayer::Over(timed != nullptr ? timed->name() : options.vfs));
  ASSIGN_OR_RETURN(std::unique_ptr<Connection> connection, Connection::Open(file, gathering->name()));
  RETURN_IF_ERROR(MakeLogDurable(*connection));
  RETURN_IF_ERROR(Migrate(*connection, SchemaSteps()));
  RETURN_IF_ERROR(FoldLog(*connection));
  ASSIGN_OR_RETURN(std::unique_ptr<SqliteWriter> writer,
                   SqliteWriter::Open(std::move(connection), chain));
  ASSIGN_OR_RETURN(std::unique_ptr<Connection> folder, Connection::Open(file, options.vfs));
  std::vector<std::unique_ptr<SqliteReader>> readers;
  while (readers.size() < std::max<size_t>(options.readers, 1)) {
    ASSIGN_OR_RETURN(connection, Connection::Open(file, options.vfs));
    ASSIGN_OR_RETURN(readers.emplace_back(), SqliteReader::Open(std::move(connection)));
  }
  return std::make_unique<SqliteStore>(std::move(timed), std::move(gathering), std::move(writer), std::move(folder),
                                       std::move(readers), limits);
}

}  // namespace schotvrij::store
