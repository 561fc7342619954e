#include "gateway/store/sqlite_reader.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gateway/store/audit_row.h"
#include "gateway/store/sealed_column.h"
#include "schemas/base/limits.h"
#include "schemas/base/status.h"

namespace schotvrij::store {
namespace {

// One row, or one for each pending part.
absl::StatusOr<std::optional<ClientRow>> ReadClient(Rows&& rows) {
  std::optional<ClientRow> client;
  while (rows.Next()) {
    if (!client) {
      client = {rows.Bytes(0), rows.Bytes(1), static_cast<uint64_t>(rows.Int(2)), ReadSealed(rows, 3), {}};
    }
    if (std::string batch_id = rows.Bytes(5); !batch_id.empty()) {
      client->pending.push_back({{std::move(batch_id), static_cast<uint64_t>(rows.Int(6))}, ReadSealed(rows, 7)});
      ++client->facts_version;
    }
  }
  RETURN_IF_ERROR(rows.status());
  return client;
}

ExchangeRow ReadExchange(const Rows& rows) {
  return {{rows.Bytes(0), rows.Bytes(1), rows.Bytes(2), rows.Bytes(3), rows.Bytes(4),
           Instant{rows.Int(5)}, ReadSealed(rows, 6), rows.Bytes(8)}};
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
          ReadSealed(rows, 10),
          rows.Bytes(12),
          rows.Bytes(13)};
}

// As the queries take it.
std::string HiddenOf(const Store::MailboxQuery& query) {
  std::string hidden;
  for (const std::string& network : query.hidden_networks) absl::StrAppend(&hidden, hidden.empty() ? "," : "", network, ",");
  return hidden;
}

Batch ReadBatch(const Rows& rows) {
  return {rows.Bytes(0), rows.Bytes(1), rows.Bytes(2), static_cast<uint64_t>(rows.Int(3)),
          static_cast<BatchState>(rows.Int(4)), rows.Int(5) != 0, static_cast<uint64_t>(rows.Int(6)),
          ReadSealed(rows, 7)};
}

BatchPart ReadPart(const Rows& rows) {
  BatchPart part{static_cast<uint64_t>(rows.Int(0)), rows.Bytes(1), {}, {}, ReadSealed(rows, 2), rows.Int(4) != 0};
  part.exchange = {rows.Bytes(5), rows.Bytes(6), rows.Bytes(7), rows.Bytes(8), rows.Bytes(9),
                   Instant{rows.Int(10)}, ReadSealed(rows, 11), rows.Bytes(21)};
  part.delivery = {rows.Bytes(13),
                   part.exchange.exchange_id,
                   part.exchange.client_id,
                   rows.Bytes(14),
                   part.exchange.network,
                   part.exchange.content_type,
                   static_cast<DeliveryState>(rows.Int(15)),
                   Instant{rows.Int(16)},
                   static_cast<uint32_t>(rows.Int(17)),
                   rows.Int(18) != 0,
                   ReadSealed(rows, 19),
                   "",
                   rows.Bytes(22)};
  return part;
}

Instant ReadInstant(const Rows& rows) { return Instant{rows.Int(0)}; }

Timer ReadTimer(const Rows& rows) {
  return {rows.Bytes(0), rows.Bytes(1), rows.Bytes(2), Instant{rows.Int(3)}};
}

Store::DayEntry ReadDayEntry(const Rows& rows) {
  return {rows.Bytes(0), rows.Bytes(1), rows.Bytes(2), rows.Bytes(3), rows.Bytes(4), rows.Bytes(5), rows.Bytes(6),
          static_cast<DeliveryState>(rows.Int(7)), rows.Int(8) != 0, rows.Int(9) != 0, rows.Bytes(10), rows.Bytes(11)};
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
  return ReadClient(client_by_identifier_.Run(kIdentifierSpace, Blob{token}));
}

absl::StatusOr<std::optional<ClientRow>> SqliteReader::ClientById(std::string_view client_id) {
  return ReadClient(client_by_id_.Run(client_id));
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

template <typename Result, typename... Arguments>
Result SqliteReader::InOneView(Result (SqliteReader::*read)(Arguments...), Arguments... arguments) {
  RETURN_IF_ERROR(begin_.Run().Finish());
  Result result = (this->*read)(arguments...);
  RETURN_IF_ERROR(end_.Run().Finish());
  return result;
}

absl::StatusOr<std::vector<Delivery>> SqliteReader::DeliveriesById(std::span<const std::string> delivery_ids) {
  return InOneView(&SqliteReader::DeliveriesNow, delivery_ids);
}

absl::StatusOr<std::vector<Delivery>> SqliteReader::DeliveriesNow(std::span<const std::string> delivery_ids) {
  std::vector<Delivery> found;
  found.reserve(delivery_ids.size());
  for (const std::string& id : delivery_ids) {
    ASSIGN_OR_RETURN(std::optional<Delivery> delivery, DeliveryById(id));
    if (delivery) found.push_back(*std::move(delivery));
  }
  return found;
}

absl::StatusOr<std::vector<std::optional<Origin>>> SqliteReader::OriginsOf(std::span<const Delivery> deliveries) {
  return InOneView(&SqliteReader::OriginsNow, deliveries);
}

absl::StatusOr<std::vector<std::optional<Origin>>> SqliteReader::OriginsNow(std::span<const Delivery> deliveries) {
  std::vector<std::optional<Origin>> origins;
  origins.reserve(deliveries.size());
  for (const Delivery& delivery : deliveries) {
    ASSIGN_OR_RETURN(std::optional<ClientRow> client, ClientById(delivery.client_id));
    ASSIGN_OR_RETURN(std::optional<ExchangeRow> exchange, ExchangeById(delivery.exchange_id));
    std::optional<Origin>& origin = origins.emplace_back();
    if (client && exchange) origin = Origin{*std::move(client), *std::move(exchange)};
  }
  return origins;
}

absl::StatusOr<std::vector<Delivery>> SqliteReader::DueDeliveries(Instant now, size_t most) {
  return All(due_deliveries_.Run(now.us, most), ReadDelivery);
}

absl::StatusOr<std::optional<Instant>> SqliteReader::NextDue() {
  return AtMostOne(next_due_.Run(kNever.us - 1, 1), ReadInstant);
}

absl::StatusOr<std::vector<Delivery>> SqliteReader::OpenDeliveriesOf(std::string_view client_id) {
  return All(open_deliveries_of_.Run(client_id), ReadDelivery);
}

absl::StatusOr<std::vector<Store::DayEntry>> SqliteReader::DeliveriesBetween(std::string_view after, std::string_view before,
                                                                             size_t most) {
  return All(deliveries_between_.Run(after, before, static_cast<int64_t>(most)), ReadDayEntry);
}

absl::StatusOr<std::vector<std::string>> SqliteReader::OwnersIn(std::string_view space) {
  return All(owners_in_.Run(space), ReadLine);
}

absl::StatusOr<int64_t> SqliteReader::PlaceAfter(const Store::MailboxQuery& query) {
  if (query.after.empty()) return 0;
  const std::string hidden = HiddenOf(query);
  Rows row = mailbox_place_.Run(query.after, query.recipient, hidden, query.recipient_role);
  const int64_t place = row.Next() ? row.Int(0) : 0;
  RETURN_IF_ERROR(row.status());
  if (place == 0) return absl::InvalidArgumentError("store: no such item in this mailbox");
  return place;
}

absl::StatusOr<std::vector<SqliteReader::Placed>> SqliteReader::PlacedMail(const Store::MailboxQuery& query,
                                                                           int64_t after) {
  const auto read = [](Rows&& rows) {
    return All<Placed>(std::move(rows), [](const Rows& row) { return Placed{ReadDelivery(row), row.Int(14)}; });
  };
  const std::string hidden = HiddenOf(query);
  if (!query.client_id.empty()) {
    Statement& of_client =
        query.unacknowledged_only ? mailbox_open_of_client_ : mailbox_all_of_client_;
    return read(of_client.Run(query.recipient, after, query.content_type, query.most, hidden, query.recipient_role,
                              query.client_id));
  }
  Statement& of_all = query.unacknowledged_only ? mailbox_open_ : mailbox_all_;
  return read(of_all.Run(query.recipient, after, query.content_type, query.most, hidden, query.recipient_role));
}

absl::StatusOr<std::vector<SqliteReader::Placed>> SqliteReader::MailBeingPlaced(const Store::MailboxQuery& query,
                                                                                int64_t after) {
  std::vector<Placed> mail;
  const std::string hidden = HiddenOf(query);
  Rows batches = batches_being_placed_.Run();
  while (mail.size() < query.most && batches.Next()) {
    const int64_t base = batches.Int(1);
    Rows rows = mailbox_of_batch_.Run(query.recipient, after - base, query.content_type, query.most - mail.size(), hidden,
                                      query.recipient_role, query.client_id, batches.Int(0));
    while (rows.Next()) mail.push_back({ReadDelivery(rows), base + rows.Int(14)});
    RETURN_IF_ERROR(rows.status());
  }
  RETURN_IF_ERROR(batches.status());
  return mail;
}

absl::StatusOr<std::vector<Delivery>> SqliteReader::MailboxNow(const Store::MailboxQuery& query) {
  ASSIGN_OR_RETURN(const int64_t after, PlaceAfter(query));
  ASSIGN_OR_RETURN(std::vector<Placed> mail, PlacedMail(query, after));
  ASSIGN_OR_RETURN(const std::vector<Placed> more, MailBeingPlaced(query, after));
  const auto middle = static_cast<std::ptrdiff_t>(mail.size());
  mail.insert(mail.end(), more.begin(), more.end());
  std::ranges::inplace_merge(mail, mail.begin() + middle, {}, &Placed::place);
  std::vector<Delivery> page;
  for (Placed& placed : mail) {
    if (page.size() == query.most) break;
    page.push_back(std::move(placed.delivery));
  }
  return page;
}

absl::StatusOr<std::vector<Delivery>> SqliteReader::Mailbox(const Store::MailboxQuery& query) {
  // What a batch in effect places meanwhile is seen once, before or after.
  return InOneView<absl::StatusOr<std::vector<Delivery>>, const Store::MailboxQuery&>(&SqliteReader::MailboxNow, query);
}

absl::StatusOr<std::optional<Batch>> SqliteReader::BatchByKey(std::string_view key_token) {
  return AtMostOne(batch_by_key_.Run(Blob{key_token}), ReadBatch);
}

absl::StatusOr<std::vector<Batch>> SqliteReader::OpenBatches(size_t most) {
  return All(open_batches_.Run(most), ReadBatch);
}

absl::StatusOr<std::vector<BatchPart>> SqliteReader::BatchParts(std::string_view batch_id, uint64_t after,
                                                                size_t most) {
  return All(batch_parts_.Run(batch_id, after, most), ReadPart);
}

absl::StatusOr<std::optional<std::string>> SqliteReader::HiddenBatch(std::string_view exchange_id) {
  return AtMostOne(hidden_batch_.Run(exchange_id), ReadLine);
}

absl::StatusOr<std::vector<Timer>> SqliteReader::DueTimers(std::string_view kind, Instant now, size_t most) {
  return All(due_timers_.Run(kind, now.us, most), ReadTimer);
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
