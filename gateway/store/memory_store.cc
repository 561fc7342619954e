#include <algorithm>
#include <map>
#include <mutex>
#include <set>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "gateway/store/chain_tail.h"
#include "gateway/store/claims.h"
#include "gateway/store/commit_queue.h"
#include "gateway/store/engines.h"
#include "schemas/base/status.h"

namespace schotvrij::store {
namespace {

template <typename Map>
auto Get(const Map& map, std::string_view key) -> std::optional<typename Map::mapped_type> {
  const auto found = map.find(key);
  if (found == map.end()) return std::nullopt;
  return found->second;
}

using ClaimKey = std::pair<std::string, std::string>;  // space, token

ClaimKey KeyOf(const Claim& claim) { return {std::string(claim.space), std::string(claim.token)}; }

// All that is stored. Knows nothing of queues, locks or callers.
class Model {
 public:
  explicit Model(std::string chain) { head_.chain = std::move(chain); }

  // kInvalidArgument: the unit contradicts itself or names what is not there; nothing is changed.
  Outcome Commit(const Unit& unit) {
    CommitResult judged = Judge(unit);
    if (std::holds_alternative<Committed>(judged)) judged = JudgeBatch(unit);
    if (!std::holds_alternative<Committed>(judged)) return judged;
    if (HasFault(unit) || HasBatchFault(unit)) return absl::InvalidArgumentError("store: unit contradicts what is stored");
    Apply(unit);
    return judged;
  }

  struct Answer {
    std::string digest;
    Sealed answer;
    std::string client_id;
  };

  std::map<std::string, ClientRow, std::less<>> clients;
  std::map<std::string, PutExchange, std::less<>> exchanges;
  std::map<std::string, Answer, std::less<>> answers;
  std::map<ClaimKey, std::string> claims;
  std::vector<Delivery> deliveries;  // in the order in which they came
  std::map<std::string, size_t, std::less<>> delivery_numbers;
  std::map<std::string, Timer, std::less<>> timers;
  std::vector<Batch> batches;                                     // in the order in which they came
  std::map<std::string, std::map<uint64_t, BatchPart>, std::less<>> parts;  // by batch, not finished
  std::set<std::string, std::less<>> hidden;                      // exchange ids of parts not in effect
  std::vector<AuditRecord> audit;
  std::vector<std::string> checkpoints;

 private:
  CommitResult Judge(const Unit& unit) const {
    if (unit.idempotency) {
      if (const auto known = Get(answers, unit.idempotency->token)) {
        if (known->digest != unit.idempotency->digest) return OtherContent{};
        return Duplicate{known->answer, known->client_id};
      }
    }
    for (const Expect& expect : unit.expects) {
      const auto client = Get(clients, expect.subject);
      if ((client ? VersionOf(*client) : 0) != expect.version) return Stale{expect.subject};
    }
    for (const ExpectDelivery& expect : unit.expects_deliveries) {
      const auto number = Get(delivery_numbers, expect.delivery_id);
      if (!number || deliveries[*number].state != expect.state) return Stale{expect.delivery_id};
    }
    for (const Claim& claim : ClaimsOf(unit)) {
      const auto holder = claims.find(KeyOf(claim));
      if (holder == claims.end() || holder->second == claim.owner) continue;
      if (!Releases(unit, {claim.space, claim.token, holder->second})) {
        return NotUnique{std::string(claim.space), holder->second, std::string(claim.token)};
      }
    }
    return Committed{};
  }

  bool HasFault(const Unit& unit) const {
    std::set<std::string> ids;
    for (const PutClient& put : unit.clients) {
      const auto known = Get(clients, put.client_id);
      if (known && (known->facts_version > 0 || known->wrapped_key != put.wrapped_key)) return true;
      if (!ids.insert(put.client_id).second) return true;
    }
    for (const PutFacts& put : unit.facts) {
      if (!clients.contains(put.client_id) && !ids.contains(put.client_id)) return true;
    }
    ids.clear();
    for (const PutExchange& put : unit.exchanges) {
      if (exchanges.contains(put.exchange_id) || !ids.insert(put.exchange_id).second) return true;
    }
    ids.clear();
    for (const Delivery& put : unit.deliveries) {
      if (delivery_numbers.contains(put.delivery_id)) return true;
      if (!ids.insert(put.delivery_id).second) return true;
    }
    for (const Delivery& update : unit.delivery_updates) {
      if (!delivery_numbers.contains(update.delivery_id) && !ids.contains(update.delivery_id)) {
        return true;
      }
    }
    std::map<ClaimKey, std::string> claimed;
    for (const Claim& claim : ClaimsOf(unit)) {
      const auto [held, fresh] = claimed.emplace(KeyOf(claim), claim.owner);
      if (!fresh && held->second != claim.owner) return true;
    }
    return false;
  }

  void Apply(const Unit& unit) {
    for (const Unique& release : unit.releases) {
      const auto held = claims.find({release.space, release.token});
      if (held != claims.end() && held->second == release.owner) claims.erase(held);
    }
    for (const Claim& claim : ClaimsOf(unit)) claims[KeyOf(claim)] = claim.owner;
    for (const PutClient& put : unit.clients) {
      clients[put.client_id] = {put.client_id, put.wrapped_key, 0, {}};
    }
    for (const PutFacts& put : unit.facts) {
      ClientRow& client = clients[put.client_id];
      ++client.facts_version;
      client.facts = put.facts;
    }
    for (const PutExchange& put : unit.exchanges) exchanges[put.exchange_id] = put;
    if (unit.idempotency) {
      answers[unit.idempotency->token] = {
          unit.idempotency->digest, unit.idempotency->answer,
          unit.exchanges.empty() ? "" : unit.exchanges.front().client_id};
    }
    for (const Delivery& put : unit.deliveries) {
      delivery_numbers[put.delivery_id] = deliveries.size();
      deliveries.push_back(put);
    }
    for (const Delivery& update : unit.delivery_updates) Update(update);
    if (unit.batch) ApplyBatch(unit);
    for (const PartRef& ref : unit.merged) {
      BatchPart& part = parts[ref.batch_id][ref.sequence];
      part.merged = true;
      ++clients[part.exchange.client_id].facts_version;
    }
    for (const PartRef& ref : unit.finished) Finish(ref);
    for (const std::string& id : unit.done_timers) timers.erase(id);
    for (const Timer& timer : unit.timers) timers[timer.timer_id] = timer;
    for (const std::string& event : unit.audit) audit.push_back(Extend(head_, event));
  }

  CommitResult JudgeBatch(const Unit& unit) const {
    if (!unit.batch) return Committed{};
    const Batch* known = FindBatch(&Batch::key_token, unit.batch->key_token);
    if ((known ? known->version : 0) != unit.batch->version) return Stale{unit.batch->batch_id};
    return Committed{};
  }

  bool HasBatchFault(const Unit& unit) const {
    if (!unit.batch && !unit.parts.empty()) return true;
    if (unit.batch) {
      const Batch* known = FindBatch(&Batch::batch_id, unit.batch->batch_id);
      if ((known != nullptr) != (unit.batch->version > 0)) return true;
      if (known != nullptr && known->key_token != unit.batch->key_token) return true;
    }
    for (const BatchPart& part : unit.parts) {
      const auto staged = parts.find(unit.batch->batch_id);
      if (staged != parts.end() && staged->second.contains(part.sequence)) return true;
    }
    for (const PartRef& ref : unit.merged) {
      const BatchPart* part = FindPart(ref);
      if (part == nullptr || part->merged || !InEffect(ref.batch_id)) return true;
    }
    for (const PartRef& ref : unit.finished) {
      const BatchPart* part = FindPart(ref);
      const bool merged = part != nullptr && (part->merged || std::ranges::any_of(unit.merged, [&](const PartRef& m) {
                            return m.batch_id == ref.batch_id && m.sequence == ref.sequence;
                          }));
      if (part == nullptr || (InEffect(ref.batch_id) && !merged)) return true;
    }
    return false;
  }

  void ApplyBatch(const Unit& unit) {
    const std::string& id = unit.batch->batch_id;
    for (const BatchPart& part : unit.parts) {
      parts[id][part.sequence] = part;
      hidden.insert(part.exchange.exchange_id);
    }
    const auto known = std::ranges::find(batches, id, &Batch::batch_id);
    const bool shown = unit.batch->state == BatchState::kInEffect && !InEffect(id);
    Batch& batch = known == batches.end() ? batches.emplace_back() : *known;
    batch = *unit.batch;
    ++batch.version;
    if (!shown) return;
    for (auto& [sequence, part] : parts[id]) {
      hidden.erase(part.exchange.exchange_id);
      exchanges[part.exchange.exchange_id] = part.exchange;
      delivery_numbers[part.delivery.delivery_id] = deliveries.size();
      deliveries.push_back(part.delivery);
    }
  }

  void Finish(const PartRef& ref) {
    const BatchPart part = parts[ref.batch_id][ref.sequence];
    parts[ref.batch_id].erase(ref.sequence);
    if (InEffect(ref.batch_id)) return;
    hidden.erase(part.exchange.exchange_id);
    const std::string& client_id = part.exchange.client_id;
    const auto client = clients.find(client_id);
    if (client == clients.end() || client->second.facts_version > 0) return;
    for (const auto& [id, of_batch] : parts) {
      for (const auto& [sequence, other] : of_batch) {
        if (other.exchange.client_id == client_id) return;
      }
    }
    clients.erase(client);
    const auto held = claims.find({std::string(kIdentifierSpace), part.identifier});
    if (held != claims.end() && held->second == client_id) claims.erase(held);
  }

  const Batch* FindBatch(std::string Batch::*field, std::string_view value) const {
    const auto found = std::ranges::find(batches, value, field);
    return found == batches.end() ? nullptr : &*found;
  }
  bool InEffect(std::string_view batch_id) const {
    const Batch* batch = FindBatch(&Batch::batch_id, batch_id);
    return batch != nullptr && batch->state == BatchState::kInEffect;
  }
  const BatchPart* FindPart(const PartRef& ref) const {
    const auto batch = parts.find(ref.batch_id);
    if (batch == parts.end()) return nullptr;
    const auto part = batch->second.find(ref.sequence);
    return part == batch->second.end() ? nullptr : &part->second;
  }
  uint64_t VersionOf(const ClientRow& client) const { return client.facts_version + PendingOf(client.client_id).size(); }

 public:
  std::vector<PendingFacts> PendingOf(std::string_view client_id) const {
    std::vector<PendingFacts> pending;
    for (const Batch& batch : batches) {
      const auto of_batch = parts.find(batch.batch_id);
      if (batch.state != BatchState::kInEffect || of_batch == parts.end()) continue;
      for (const auto& [sequence, part] : of_batch->second) {
        if (part.exchange.client_id == client_id && !part.merged) {
          pending.push_back({{batch.batch_id, sequence}, part.facts});
        }
      }
    }
    return pending;
  }
  std::optional<ClientRow> Client(std::string_view client_id) const {
    std::optional<ClientRow> client = Get(clients, client_id);
    if (!client) return client;
    client->pending = PendingOf(client_id);
    client->facts_version += client->pending.size();
    return client;
  }
  // Deliveries of parts in effect that are not finished: not due yet.
  std::set<std::string> Unfinished() const {
    std::set<std::string> ids;
    for (const auto& [id, of_batch] : parts) {
      for (const auto& [sequence, part] : of_batch) ids.insert(part.delivery.delivery_id);
    }
    return ids;
  }

 private:
  void Update(const Delivery& update) {
    Delivery& delivery = deliveries[delivery_numbers[update.delivery_id]];
    delivery.state = update.state;
    delivery.due = update.due;
    delivery.attempts = update.attempts;
    delivery.answered = delivery.answered || update.answered;
    if (!update.frozen.bytes.empty()) delivery.frozen = update.frozen;
  }

  ChainHead head_;
};

class MemoryStore final : public Store {
 public:
  MemoryStore(const std::string& chain, QueueLimits limits) : queue_(limits), model_(chain) {}

  absl::Status Commit(Unit unit, Executor* executor, Done done) override {
    return queue_.Push(std::move(unit), executor, std::move(done));
  }
  bool WaitForWork() override { return queue_.Wait(); }
  void Stop() override { queue_.Stop(); }

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
    if (waiting.empty()) return std::nullopt;
    return waiting.front().due;
  }

  absl::StatusOr<std::vector<Delivery>> Mailbox(const MailboxQuery& query) override {
    std::lock_guard lock(mutex_);
    size_t from = 0;
    if (!query.after.empty()) {
      const auto number = Get(model_.delivery_numbers, query.after);
      if (!number || model_.deliveries[*number].recipient != query.recipient) {
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

  absl::StatusOr<std::vector<Timer>> DueTimers(Instant now, size_t most) override {
    std::lock_guard lock(mutex_);
    std::vector<Timer> due;
    for (const auto& [id, timer] : model_.timers) {
      if (timer.due <= now) due.push_back(timer);
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
    const std::set<std::string> unfinished = model_.Unfinished();
    std::vector<Delivery> first;
    for (const Delivery& delivery : model_.deliveries) {
      if (delivery.state != DeliveryState::kDue) continue;
      const bool precedes = orders.insert({delivery.recipient, delivery.client_id}).second;
      if (unfinished.contains(delivery.delivery_id)) continue;
      if (precedes || delivery.client_id.empty()) first.push_back(delivery);
    }
    std::ranges::stable_sort(first, {}, &Delivery::due);
    return first;
  }

  static bool Matches(const MailboxQuery& query, const Delivery& delivery) {
    const bool state = delivery.state == DeliveryState::kAvailable ||
                       (delivery.state == DeliveryState::kDelivered && !query.unacknowledged_only);
    return state && delivery.recipient == query.recipient &&
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
