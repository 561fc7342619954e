#include "gateway/store/sqlite_reader.h"

#include <limits>
#include <utility>

#include "gateway/store/audit_row.h"
#include "schemas/base/limits.h"
#include "schemas/base/status.h"

namespace schotvrij::store {
namespace {

Sealed ReadSealed(const Rows& rows, int column) {
  return {static_cast<uint32_t>(rows.Int(column)), rows.Bytes(column + 1)};
}

ClientRow ReadClient(const Rows& rows) {
  return {rows.Bytes(0), rows.Bytes(1), static_cast<uint64_t>(rows.Int(2)), ReadSealed(rows, 3)};
}

ExchangeRow ReadExchange(const Rows& rows) {
  return {{rows.Bytes(0), rows.Bytes(1), rows.Bytes(2), rows.Bytes(3), rows.Bytes(4),
           Instant{rows.Int(5)}, ReadSealed(rows, 6)}};
}

Store::KnownKey ReadKnownKey(const Rows& rows) {
  return {rows.Bytes(0), ReadSealed(rows, 1), rows.Bytes(3)};
}

Delivery ReadDelivery(const Rows& rows) {
  return {rows.Bytes(0),
          rows.Bytes(1),
          rows.Bytes(2),
          rows.Bytes(3),
          rows.Bytes(4),
          rows.Bytes(5),
          static_cast<DeliveryState>(rows.Int(6)),
          Instant{rows.Int(7)},
          static_cast<uint32_t>(rows.Int(8)),
          rows.Int(9) != 0,
          ReadSealed(rows, 10)};
}

Instant ReadInstant(const Rows& rows) { return Instant{rows.Int(0)}; }

Timer ReadTimer(const Rows& rows) {
  return {rows.Bytes(0), rows.Bytes(1), rows.Bytes(2), Instant{rows.Int(3)}};
}

ChainHead ReadHead(const Rows& rows) {
  return HeadOf(rows.Bytes(0), static_cast<uint64_t>(rows.Int(1)), rows.Bytes(2));
}

std::string ReadLine(const Rows& rows) { return rows.Bytes(0); }

template <typename Row>
absl::StatusOr<std::optional<Row>> AtMostOne(Rows&& rows, Row (*read)(const Rows&)) {
  std::optional<Row> row;
  if (rows.Next()) row = read(rows);
  RETURN_IF_ERROR(rows.status());
  return row;
}

template <typename Row>
absl::StatusOr<std::vector<Row>> All(Rows&& rows, Row (*read)(const Rows&)) {
  std::vector<Row> all;
  while (rows.Next()) all.push_back(read(rows));
  RETURN_IF_ERROR(rows.status());
  return all;
}

absl::StatusOr<size_t> Count(Rows&& rows) {
  size_t count = 0;
  while (rows.Next()) ++count;
  RETURN_IF_ERROR(rows.status());
  return count;
}

}  // namespace

absl::StatusOr<std::unique_ptr<SqliteReader>> SqliteReader::Open(
    std::unique_ptr<Connection> connection) {
  RETURN_IF_ERROR(connection->Execute("PRAGMA query_only = ON"));
  std::unique_ptr<SqliteReader> reader(new SqliteReader(std::move(connection)));
  RETURN_IF_ERROR(reader->connection_->prepared());
  return reader;
}

absl::StatusOr<std::optional<ClientRow>> SqliteReader::ClientByIdentifier(std::string_view token) {
  return AtMostOne(client_by_identifier_.Run(kIdentifierSpace, Blob{token}), ReadClient);
}

absl::StatusOr<std::optional<ClientRow>> SqliteReader::ClientById(std::string_view client_id) {
  return AtMostOne(client_by_id_.Run(client_id), ReadClient);
}

absl::StatusOr<std::optional<ExchangeRow>> SqliteReader::ExchangeById(
    std::string_view exchange_id) {
  return AtMostOne(exchange_by_id_.Run(exchange_id), ReadExchange);
}

absl::StatusOr<std::optional<Store::KnownKey>> SqliteReader::AnswerByKey(std::string_view token) {
  return AtMostOne(answer_by_key_.Run(Blob{token}), ReadKnownKey);
}

absl::StatusOr<std::optional<Delivery>> SqliteReader::DeliveryById(std::string_view delivery_id) {
  return AtMostOne(delivery_by_id_.Run(delivery_id), ReadDelivery);
}

absl::StatusOr<std::vector<Delivery>> SqliteReader::DueDeliveries(Instant now, size_t most) {
  return All(due_deliveries_.Run(now.us, most), ReadDelivery);
}

absl::StatusOr<std::optional<Instant>> SqliteReader::NextDue() {
  return AtMostOne(next_due_.Run(std::numeric_limits<int64_t>::max(), 1), ReadInstant);
}

absl::StatusOr<std::vector<Delivery>> SqliteReader::Mailbox(const Store::MailboxQuery& query) {
  int64_t after = 0;
  if (!query.after.empty()) {
    Rows place = mailbox_place_.Run(query.after, query.recipient);
    if (place.Next()) after = place.Int(0);
    RETURN_IF_ERROR(place.status());
    if (after == 0) return absl::InvalidArgumentError("store: no such item in this mailbox");
  }
  if (!query.client_id.empty()) {
    Statement& of_client =
        query.unacknowledged_only ? mailbox_open_of_client_ : mailbox_all_of_client_;
    return All(
        of_client.Run(query.recipient, after, query.content_type, query.most, query.client_id),
        ReadDelivery);
  }
  Statement& of_all = query.unacknowledged_only ? mailbox_open_ : mailbox_all_;
  return All(of_all.Run(query.recipient, after, query.content_type, query.most), ReadDelivery);
}

absl::StatusOr<std::vector<Timer>> SqliteReader::DueTimers(Instant now, size_t most) {
  return All(due_timers_.Run(now.us, most), ReadTimer);
}

absl::StatusOr<Store::Backlog> SqliteReader::ReadBacklog(Instant now) {
  Store::Backlog backlog;
  ASSIGN_OR_RETURN(backlog.due, Count(some_due_.Run(now.us, limits::kBacklogCountMax)));
  ASSIGN_OR_RETURN(backlog.postponed, Count(some_postponed_.Run(now.us, limits::kBacklogCountMax)));
  for (std::string recipient;;) {
    ASSIGN_OR_RETURN(const std::optional<std::string> next,
                     AtMostOne(next_recipient_.Run(recipient), ReadLine));
    if (!next) return backlog;
    recipient = *next;
    ASSIGN_OR_RETURN(const size_t waiting,
                     Count(some_available_.Run(recipient, limits::kBacklogCountMax)));
    ASSIGN_OR_RETURN(const std::optional<Instant> oldest,
                     AtMostOne(oldest_available_.Run(recipient), ReadInstant));
    if (waiting > 0 && oldest) backlog.mailboxes.push_back({recipient, waiting, *oldest});
  }
}

absl::StatusOr<std::vector<ChainHead>> SqliteReader::AuditHeads() {
  return All(audit_heads_.Run(), ReadHead);
}

absl::StatusOr<std::vector<AuditRecord>> SqliteReader::AuditRecords(std::string_view chain,
                                                                    uint64_t from_sequence,
                                                                    size_t most) {
  std::vector<AuditRecord> records;
  Rows rows = audit_records_.Run(chain, from_sequence, most);
  while (records.size() < most && rows.Next()) {
    const AuditRow row{static_cast<uint64_t>(rows.Int(0)), rows.Bytes(1), rows.Bytes(2), rows.Bytes(3),
                       rows.Bytes(4)};
    for (AuditRecord& record : Expand(chain, row)) {
      if (record.sequence >= from_sequence && records.size() < most) records.push_back(std::move(record));
    }
  }
  RETURN_IF_ERROR(rows.status());
  return records;
}

absl::StatusOr<std::vector<std::string>> SqliteReader::Checkpoints() {
  return All(checkpoints_.Run(), ReadLine);
}

std::unique_ptr<SqliteReader> SqliteReaders::Borrow() {
  std::unique_lock lock(mutex_);
  returned_.wait(lock, [this] { return !idle_.empty(); });
  std::unique_ptr<SqliteReader> reader = std::move(idle_.back());
  idle_.pop_back();
  return reader;
}

void SqliteReaders::Return(std::unique_ptr<SqliteReader> reader) {
  {
    std::lock_guard lock(mutex_);
    idle_.push_back(std::move(reader));
  }
  returned_.notify_one();
}

}  // namespace schotvrij::store
