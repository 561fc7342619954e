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
#include "schemas/base/limits.h"
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
    const CommitResult judged = Judge(unit);
    if (!std::holds_alternative<Committed>(judged)) return judged;
    if (HasFault(unit)) return absl::InvalidArgumentError("store: unit contradicts what is stored");
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
      if ((client ? client->facts_version : 0) != expect.version) return Stale{expect.subject};
    }
    for (const ExpectDelivery& expect : unit.expects_deliveries) {
      const auto number = Get(delivery_numbers, expect.delivery_id);
      if (!number || deliveries[*number].state != expect.state) return Stale{expect.delivery_id};
    }
    for (const Claim& claim : ClaimsOf(unit)) {
      const auto holder = claims.find(KeyOf(claim));
      if (holder == claims.end() || holder->second == claim.owner) continue;
      if (!Releases(unit, {claim.space, claim.token, holder->second})) {
        return NotUnique{std::string(claim.space), holder->second};
      }
    }
    return Committed{};
  }

  bool HasFault(const Unit& unit) const {
    std::set<std::string> ids;
    for (const PutClient& put : unit.clients) {
      if (clients.contains(put.client_id) || !ids.insert(put.client_id).second) return true;
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
    for (const std::string& id : unit.done_timers) timers.erase(id);
    for (const Timer& timer : unit.timers) timers[timer.timer_id] = timer;
    for (const std::string& event : unit.audit) audit.push_back(Extend(head_, event));
  }

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
    return Get(model_.clients, held->second);
  }

  absl::StatusOr<std::optional<ClientRow>> ClientById(std::string_view client_id) override {
    std::lock_guard lock(mutex_);
    return Get(model_.clients, client_id);
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
    std::vector<Delivery> first;
    for (const Delivery& delivery : model_.deliveries) {
      if (delivery.state != DeliveryState::kDue) continue;
      const bool precedes = orders.insert({delivery.recipient, delivery.client_id}).second;
      if (precedes || delivery.client_id.empty()) first.push_back(delivery);
    }
    std::ranges::stable_sort(first, {}, &Delivery::due);
    return first;
  }

  static void CountOne(size_t& count) { count += count < limits::kBacklogCountMax ? 1 : 0; }

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
