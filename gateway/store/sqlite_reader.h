// SqliteReader: one connection that answers Store's reads. SqliteReaders: a fixed number of them,
// lent to whoever reads.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "gateway/store/sqlite_connection.h"
#include "gateway/store/sqlite_queries.h"
#include "gateway/store/store.h"

namespace schotvrij::store {

// Each member as in Store.
class SqliteReader {
 public:
  static absl::StatusOr<std::unique_ptr<SqliteReader>> Open(std::unique_ptr<Connection> connection);

  absl::StatusOr<std::optional<ClientRow>> ClientByIdentifier(std::string_view token);
  absl::StatusOr<std::optional<ClientRow>> ClientById(std::string_view client_id);
  absl::StatusOr<std::optional<ExchangeRow>> ExchangeById(std::string_view exchange_id);
  absl::StatusOr<std::optional<Store::KnownKey>> AnswerByKey(std::string_view token);
  absl::StatusOr<std::optional<Delivery>> DeliveryById(std::string_view delivery_id);
  absl::StatusOr<std::vector<Delivery>> DeliveriesById(std::span<const std::string> delivery_ids);
  absl::StatusOr<std::vector<std::optional<Origin>>> OriginsOf(std::span<const Delivery> deliveries);
  absl::StatusOr<std::vector<Delivery>> DueDeliveries(Instant now, size_t most);
  absl::StatusOr<std::optional<Instant>> NextDue();
  absl::StatusOr<std::vector<Delivery>> OpenDeliveriesOf(std::string_view client_id);
  absl::StatusOr<std::vector<Store::DayEntry>> DeliveriesBetween(std::string_view after, std::string_view before, size_t most);
  absl::StatusOr<std::vector<std::string>> OwnersIn(std::string_view space);
  absl::StatusOr<std::vector<Delivery>> Mailbox(const Store::MailboxQuery& query);
  absl::StatusOr<std::vector<Timer>> DueTimers(std::string_view kind, Instant now, size_t most);
  absl::StatusOr<std::optional<Batch>> BatchByKey(std::string_view key_token);
  absl::StatusOr<std::vector<Batch>> OpenBatches(size_t most);
  absl::StatusOr<std::vector<BatchPart>> BatchParts(std::string_view batch_id, uint64_t after, size_t most);
  absl::StatusOr<std::optional<std::string>> HiddenBatch(std::string_view exchange_id);
  absl::StatusOr<std::vector<Breach>> Breaches(bool open_only, size_t most);
  absl::StatusOr<std::optional<Breach>> BreachById(std::string_view breach_id);
  absl::StatusOr<Store::Backlog> ReadBacklog(Instant now);
  absl::StatusOr<std::vector<ChainHead>> AuditHeads();
  absl::StatusOr<std::vector<AuditRecord>> AuditRecords(std::string_view chain,
                                                        uint64_t from_sequence, size_t most);
  absl::StatusOr<std::vector<std::string>> Checkpoints();

 private:
  explicit SqliteReader(std::unique_ptr<Connection> connection)
      : connection_(std::move(connection)) {}

  // A delivery and where it stands in its mailbox.
  struct Placed {
    Delivery delivery;
    int64_t place;
  };
  // `(this->*read)(arguments...)`, all of which sees the file as it stands at one moment.
  template <typename Result, typename... Arguments>
  Result InOneView(Result (SqliteReader::*read)(Arguments...), Arguments... arguments);

  absl::StatusOr<std::vector<Delivery>> DeliveriesNow(std::span<const std::string> delivery_ids);
  absl::StatusOr<std::vector<std::optional<Origin>>> OriginsNow(std::span<const Delivery> deliveries);
  absl::StatusOr<int64_t> PlaceAfter(const Store::MailboxQuery& query);
  absl::StatusOr<std::vector<Placed>> PlacedMail(const Store::MailboxQuery& query, int64_t after);
  absl::StatusOr<std::vector<Placed>> MailBeingPlaced(const Store::MailboxQuery& query, int64_t after);
  absl::StatusOr<std::vector<Delivery>> MailboxNow(const Store::MailboxQuery& query);

  std::unique_ptr<Connection> connection_;
  Statement begin_{*connection_, "BEGIN"};
  Statement end_{*connection_, "COMMIT"};
  Statement batches_being_placed_{*connection_, queries::kBatchesBeingPlaced};
  Statement mailbox_of_batch_{*connection_, queries::kMailboxOfBatch};
  Statement batch_by_key_{*connection_, queries::kBatchByKey};
  Statement open_batches_{*connection_, queries::kOpenBatches};
  Statement batch_parts_{*connection_, queries::kBatchParts};
  Statement hidden_batch_{*connection_, queries::kHiddenBatch};
  Statement client_by_id_{*connection_, queries::kClientById};
  Statement client_by_identifier_{*connection_, queries::kClientByIdentifier};
  Statement exchange_by_id_{*connection_, queries::kExchangeById};
  Statement answer_by_key_{*connection_, queries::kAnswerByKey};
  Statement delivery_by_id_{*connection_, queries::kDeliveryById};
  Statement due_deliveries_{*connection_, queries::kDueDeliveries};
  Statement next_due_{*connection_, queries::kNextDue};
  Statement open_deliveries_of_{*connection_, queries::kOpenDeliveriesOf};
  Statement deliveries_between_{*connection_, queries::kDeliveriesBetween};
  Statement owners_in_{*connection_, queries::kOwnersIn};
  Statement mailbox_place_{*connection_, queries::kMailboxPlace};
  Statement mailbox_open_{*connection_, queries::kMailboxOpen};
  Statement mailbox_all_{*connection_, queries::kMailboxAll};
  Statement mailbox_open_of_client_{*connection_, queries::kMailboxOpenOfClient};
  Statement mailbox_all_of_client_{*connection_, queries::kMailboxAllOfClient};
  Statement due_timers_{*connection_, queries::kDueTimers};
  Statement open_breaches_{*connection_, queries::kOpenBreaches};
  Statement all_breaches_{*connection_, queries::kAllBreaches};
  Statement breach_by_id_{*connection_, queries::kBreachById};
  Statement some_breaches_{*connection_, queries::kSomeBreaches};
  Statement oldest_breach_{*connection_, queries::kOldestBreach};
  Statement some_due_{*connection_, queries::kSomeDue};
  Statement some_postponed_{*connection_, queries::kSomePostponed};
  Statement some_available_{*connection_, queries::kSomeAvailable};
  Statement oldest_available_{*connection_, queries::kOldestAvailable};
  Statement next_recipient_{*connection_, queries::kNextRecipient};
  Statement audit_heads_{*connection_, queries::kAuditHeads};
  Statement audit_records_{*connection_, queries::kAuditRecords};
  Statement checkpoints_{*connection_, queries::kCheckpoints};
};

class SqliteReaders {
 public:
  explicit SqliteReaders(std::vector<std::unique_ptr<SqliteReader>> readers)
      : idle_(std::move(readers)) {}

  // `(reader.*read)(arguments...)` on the first reader that is idle; waits for one.
  template <typename Result, typename... Parameters, typename... Arguments>
  Result Ask(Result (SqliteReader::*read)(Parameters...), const Arguments&... arguments) {
    std::unique_ptr<SqliteReader> reader = Borrow();
    Result result = (reader.get()->*read)(arguments...);
    Return(std::move(reader));
    return result;
  }

 private:
  std::unique_ptr<SqliteReader> Borrow();
  void Return(std::unique_ptr<SqliteReader> reader);

  std::mutex mutex_;
  std::condition_variable returned_;
  std::vector<std::unique_ptr<SqliteReader>> idle_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace schotvrij::store
