#include <algorithm>
#include <mutex>
#include <set>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "gateway/store/commit_queue.h"
#include "gateway/store/engines.h"
#include "gateway/store/memory_model.h"
#include "schemas/base/limits.h"
#include "schemas/base/status.h"

namespace schotvrij::store {
namespace {

class MemoryStore final : public Store {
 public:
  MemoryStore(const std::string& chain, QueueLimits limits) : queue_(limits), model_(chain) {}

  absl::Status Commit(Unit unit, Executor* executor, Done done) override {
    return queue_.Push(std::move(unit), executor, std::move(done));
  }
  bool WaitForWork() override { return queue_.Wait(); }
  void Stop() override { queue_.Stop(); }
  bool FoldWhenDue() override { return false; }  // there is no log

  size_t Flush() override {
    std::vector<Waiting> batch = queue_.Take();
    std::vector<Outcome> outcomes;
    {
      std::lock_guard lock(mutex_);
      for (const Waiting& waiting : batch) outcomes.push_back(model_.Commit(waiting.unit));
    }
    const size_t flushed = batch.size();
    Report(std::move(batch), std::move(outcomes));
    return flushed;
  }

  absl::StatusOr<std::optional<ClientRow>> ClientByIdentifier(std::string_view token) override {
    std::lock_guard lock(mutex_);
    const auto held = model_.claims.find({std::string(kIdentifierSpace), std::string(token)});
    if (held == model_.claims.end()) return std::nullopt;
    return model_.Client(held->second);
  }

  absl::StatusOr<std::optional<ClientRow>> ClientById(std::string_view client_id) override {
    std::lock_guard lock(mutex_);
    return model_.Client(client_id);
  }

  absl::StatusOr<std::optional<ExchangeRow>> ExchangeById(std::string_view exchange_id) override {
    std::lock_guard lock(mutex_);
    const auto exchange = Get(model_.exchanges, exchange_id);
    if (!exchange) return std::nullopt;
    return ExchangeRow{*exchange};
  }

  absl::StatusOr<std::optional<KnownKey>> AnswerByKey(std::string_view token) override {
    std::lock_guard lock(mutex_);
    const auto known = Get(model_.answers, token);
    if (!known) return std::nullopt;
    return KnownKey{known->digest, known->answer, known->client_id};
  }

  absl::StatusOr<std::optional<Delivery>> DeliveryById(std::string_view delivery_id) override {
    std::lock_guard lock(mutex_);
    const auto number = Get(model_.delivery_numbers, delivery_id);
    if (!number) return std::nullopt;
    return model_.deliveries[*number];
  }

  absl::StatusOr<std::vector<Delivery>> DeliveriesById(std::span<const std::string> delivery_ids) override {
    std::lock_guard lock(mutex_);
    std::vector<Delivery> found;
    for (const std::string& id : delivery_ids) {
      const auto number = Get(model_.delivery_numbers, id);
      if (number) found.push_back(model_.deliveries[*number]);
    }
    return found;
  }

  absl::StatusOr<std::vector<std::optional<Origin>>> OriginsOf(std::span<const Delivery> deliveries) override {
    std::lock_guard lock(mutex_);
    std::vector<std::optional<Origin>> origins;
    for (const Delivery& delivery : deliveries) {
      const std::optional<ClientRow> client = model_.Client(delivery.client_id);
      const auto exchange = Get(model_.exchanges, delivery.exchange_id);
      std::optional<Origin>& origin = origins.emplace_back();
      if (client && exchange) origin = Origin{*client, {*exchange}};
    }
    return origins;
  }

  absl::StatusOr<std::vector<Delivery>> DueDeliveries(Instant now, size_t most) override {
    std::lock_guard lock(mutex_);
    std::vector<Delivery> due = Unpreceded();
    std::erase_if(due, [now](const Delivery& delivery) { return delivery.due > now; });
    if (due.size() > most) due.resize(most);
    return due;
  }

  absl::StatusOr<std::optional<Instant>> NextDue() override {
    std::lock_guard lock(mutex_);
    const std::vector<Delivery> waiting = Unpreceded();
    if (waiting.empty() || waiting.front().due == kNever) return std::nullopt;
    return waiting.front().due;
  }

  absl::StatusOr<std::vector<Delivery>> OpenDeliveriesOf(std::string_view client_id) override {
    std::lock_guard lock(mutex_);
    std::vector<Delivery> open;
    for (const Delivery& delivery : model_.deliveries) {
      const bool waits = delivery.state == DeliveryState::kDue || delivery.state == DeliveryState::kAvailable;
      if (waits && delivery.client_id == client_id) open.push_back(delivery);
    }
    return open;
  }

  absl::StatusOr<std::vector<DayEntry>> DeliveriesBetween(std::string_view after, std::string_view before, size_t most) override {
    std::lock_guard lock(mutex_);
    const std::set<std::string> unfinished = model_.Unfinished();
    std::vector<DayEntry> found;
    for (auto it = model_.delivery_numbers.upper_bound(after);
         it != model_.delivery_numbers.end() && it->first < before && found.size() < most; ++it) {
      const Delivery& d = model_.deliveries[it->second];
      const auto exchange = Get(model_.exchanges, d.exchange_id);
      if (!exchange) continue;
      const bool waits = d.state == DeliveryState::kDue || d.state == DeliveryState::kAvailable;
      found.push_back({d.delivery_id, d.exchange_id, d.client_id, exchange->sender, d.recipient, d.network, d.content_type, d.state,
                       d.answered, !waits || !unfinished.contains(d.delivery_id), exchange->sender_role, d.recipient_role});
    }
    return found;
  }

  absl::StatusOr<std::vector<std::string>> OwnersIn(std::string_view space) override {
    std::lock_guard lock(mutex_);
    std::vector<std::string> owners;
    for (const auto& [claim, owner] : model_.claims) {
      if (claim.first == space) owners.push_back(owner);
    }
    return owners;
  }

  absl::StatusOr<std::vector<Delivery>> Mailbox(const MailboxQuery& query) override {
    std::lock_guard lock(mutex_);
    size_t from = 0;
    if (!query.after.empty()) {
      const auto number = Get(model_.delivery_numbers, query.after);
      if (!number || model_.deliveries[*number].recipient != query.recipient || IsHidden(query, model_.deliveries[*number])) {
        return absl::InvalidArgumentError("store: no such item in this mailbox");
      }
      from = *number + 1;
    }
    std::vector<Delivery> found;
    for (; from < model_.deliveries.size() && found.size() < query.most; ++from) {
      if (Matches(query, model_.deliveries[from])) found.push_back(model_.deliveries[from]);
    }
    return found;
  }

  absl::StatusOr<std::vector<Timer>> DueTimers(std::string_view kind, Instant now, size_t most) override {
    std::lock_guard lock(mutex_);
    std::vector<Timer> due;
    for (const auto& [id, timer] : model_.timers) {
      if (timer.kind == kind && timer.due <= now) due.push_back(timer);
    }
    std::ranges::stable_sort(due, {}, &Timer::due);
    if (due.size() > most) due.resize(most);
    return due;
  }

  absl::StatusOr<std::optional<Batch>> BatchByKey(std::string_view key_token) override {
    std::lock_guard lock(mutex_);
    const auto batch = std::ranges::find(model_.batches, key_token, &Batch::key_token);
    if (batch == model_.batches.end()) return std::nullopt;
    return *batch;
  }

  absl::StatusOr<std::vector<Batch>> OpenBatches(size_t most) override {
    std::lock_guard lock(mutex_);
    std::vector<Batch> open;
    for (const Batch& batch : model_.batches) {
      if (batch.open && open.size() < most) open.push_back(batch);
    }
    return open;
  }

  absl::StatusOr<std::vector<BatchPart>> BatchParts(std::string_view batch_id, uint64_t after, size_t most) override {
    std::lock_guard lock(mutex_);
    std::vector<BatchPart> found;
    const auto of_batch = model_.parts.find(batch_id);
    if (of_batch == model_.parts.end()) return found;
    for (auto part = of_batch->second.upper_bound(after); part != of_batch->second.end() && found.size() < most; ++part) {
      found.push_back(part->second);
      const auto number = Get(model_.delivery_numbers, part->second.delivery.delivery_id);
      if (number) found.back().delivery = model_.deliveries[*number];
    }
    return found;
  }

  absl::StatusOr<std::optional<std::string>> HiddenBatch(std::string_view exchange_id) override {
    std::lock_guard lock(mutex_);
    if (!model_.hidden.contains(exchange_id)) return std::nullopt;
    for (const auto& [id, of_batch] : model_.parts) {
      for (const auto& [sequence, part] : of_batch) {
        if (part.exchange.exchange_id == exchange_id) return id;
      }
    }
    return std::nullopt;
  }

  absl::StatusOr<Backlog> ReadBacklog(Instant now) override {
    Backlog backlog = queue_.Backlog();
    std::map<std::string, Mailboxful> mailboxes;
    std::lock_guard lock(mutex_);
    for (const Delivery& delivery : model_.deliveries) {
      if (delivery.state == DeliveryState::kDue) {
        CountOne(delivery.due <= now ? backlog.due : backlog.postponed);
      } else if (delivery.state == DeliveryState::kAvailable) {
        CountOne(mailboxes
                     .try_emplace(delivery.recipient, Mailboxful{delivery.recipient, 0, delivery.due})
                     .first->second.waiting);
      }
    }
    for (auto& [recipient, mailbox] : mailboxes) backlog.mailboxes.push_back(std::move(mailbox));
    return backlog;
  }

  absl::StatusOr<std::vector<ChainHead>> AuditHeads() override {
    std::lock_guard lock(mutex_);
    if (model_.audit.empty()) return std::vector<ChainHead>();
    const AuditRecord& last = model_.audit.back();
    return std::vector<ChainHead>{{last.chain, last.sequence, last.hash}};
  }

  absl::StatusOr<std::vector<AuditRecord>> AuditRecords(std::string_view chain,
                                                        uint64_t from_sequence,
                                                        size_t most) override {
    std::lock_guard lock(mutex_);
    std::vector<AuditRecord> found;
    for (const AuditRecord& record : model_.audit) {
      if (found.size() == most) break;
      if (record.chain == chain && record.sequence >= from_sequence) found.push_back(record);
    }
    return found;
  }

  absl::Status PutCheckpoint(std::string_view line) override {
    std::lock_guard lock(mutex_);
    model_.checkpoints.emplace_back(line);
    return absl::OkStatus();
  }

  absl::StatusOr<std::vector<std::string>> Checkpoints() override {
    std::lock_guard lock(mutex_);
    return model_.checkpoints;
  }

 private:
  // Deliveries in kDue that no open one of the same order precedes, by due time.
  std::vector<Delivery> Unpreceded() const {
    std::set<std::pair<std::string, std::string>> orders;
    std::set<std::pair<std::string, std::string>> held_senders;
    const std::set<std::string> unfinished = model_.Unfinished();
    std::vector<Delivery> first;
    for (const Delivery& delivery : model_.deliveries) {
      if (delivery.state != DeliveryState::kDue) continue;
      const bool precedes = orders.insert({delivery.recipient, delivery.client_id}).second;
      if (unfinished.contains(delivery.delivery_id)) continue;
      const auto exchange = Get(model_.exchanges, delivery.exchange_id);
      const bool held = exchange && held_senders.contains({delivery.recipient, exchange->sender});
      if ((precedes || delivery.client_id.empty()) && !held) first.push_back(delivery);
      if (!delivery.precedes.empty() && delivery.due != kNever) held_senders.insert({delivery.recipient, delivery.precedes});
    }
    std::ranges::stable_sort(first, {}, &Delivery::due);
    return first;
  }

  static void CountOne(size_t& count) { count += count < limits::kBacklogCountMax ? 1 : 0; }

  static bool IsHidden(const MailboxQuery& query, const Delivery& delivery) {
    const bool other_role = !query.recipient_role.empty() && !delivery.recipient_role.empty() &&
                            query.recipient_role != delivery.recipient_role;
    return other_role || std::ranges::count(query.hidden_networks, delivery.network) > 0;
  }

  static bool Matches(const MailboxQuery& query, const Delivery& delivery) {
    const bool state = delivery.state == DeliveryState::kAvailable ||
                       (delivery.state == DeliveryState::kDelivered && !query.unacknowledged_only);
    return state && delivery.recipient == query.recipient && !IsHidden(query, delivery) &&
           (query.content_type.empty() || delivery.content_type == query.content_type) &&
           (query.client_id.empty() || delivery.client_id == query.client_id);
  }

  CommitQueue queue_;
  std::mutex mutex_;
  Model model_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

std::unique_ptr<Store> NewMemoryStore(const std::string& chain, QueueLimits limits) {
  return std::make_unique<MemoryStore>(chain, limits);
}

}  // namespace schotvrij::store
