#include "tests/simulation/mutants.h"

#include <algorithm>
#include <map>
#include <utility>

#include "tests/simulation/forwarding_store.h"

namespace schotvrij::simulation {
namespace {

constexpr std::pair<std::string_view, Mutant> kMutants[] = {
    {"none", Mutant::kNone},
    {"missing-fsync", Mutant::kMissingFsync},
    {"early-answer", Mutant::kEarlyAnswer},
    {"lost-delivery", Mutant::kLostDelivery},
    {"lost-event", Mutant::kLostEvent},
    {"forgotten-key", Mutant::kForgottenKey},
    {"ignored-conflict", Mutant::kIgnoredConflict},
    {"old-facts", Mutant::kOldFacts},
    {"second-dispatcher", Mutant::kSecondDispatcher},
    {"deaf-to-reload", Mutant::kDeafToReload},
    {"newest-first", Mutant::kNewestFirst},
    {"deaf-to-consent", Mutant::kDeafToConsent},
    {"overtaking", Mutant::kOvertaking},
    {"gives-up", Mutant::kGivesUp},
    {"forgotten-timers", Mutant::kForgottenTimers},
    {"no-breach", Mutant::kNoBreach},
    {"errors-in-turn", Mutant::kErrorsInTurn},
};

// Says "committed" at once, where nothing that is stored stands against it.
class EarlyAnswer final : public ForwardingStore {
 public:
  using ForwardingStore::ForwardingStore;
  absl::Status Commit(store::Unit unit, Executor* executor, Done done) override {
    if (unit.idempotency) {
      const auto known = inner().AnswerByKey(unit.idempotency->token);
      if (!known.ok() || known->has_value()) return inner().Commit(std::move(unit), executor, std::move(done));
    }
    absl::Status queued = inner().Commit(std::move(unit), executor, [](absl::StatusOr<store::CommitResult>) {});
    if (queued.ok()) {
      executor->Post([done = std::move(done)]() mutable { std::move(done)(store::CommitResult(store::Committed{})); });
    }
    return queued;
  }
};

// Takes something from every unit before it is written.
class Robbed final : public ForwardingStore {
 public:
  Robbed(std::unique_ptr<store::Store> inner, Mutant how) : ForwardingStore(std::move(inner)), how_(how) {}

  absl::Status Commit(store::Unit unit, Executor* executor, Done done) override {
    constexpr int kNowAndThen = 7;
    constexpr uint32_t kAttemptsOfDays = 20;
    if (how_ == Mutant::kForgottenKey) unit.idempotency.reset();
    if (how_ == Mutant::kNoBreach) unit.breaches.clear();
    if (how_ == Mutant::kIgnoredConflict) {
      unit.expects.clear();
      unit.uniques.clear();
    }
    if (how_ == Mutant::kLostDelivery && !unit.deliveries.empty() && ++counted_ % kNowAndThen == 0) {
      unit.deliveries.pop_back();
    }
    if (how_ == Mutant::kGivesUp) {
      for (store::Delivery& delivery : unit.delivery_updates) {
        const bool late = delivery.state == store::DeliveryState::kDue && delivery.attempts >= kAttemptsOfDays;
        if (late) delivery.state = store::DeliveryState::kDelivered;
      }
    }
    if (how_ == Mutant::kForgottenTimers) unit.timers.clear();
    if (how_ == Mutant::kErrorsInTurn) {
      for (store::Delivery& delivery : unit.deliveries) delivery.precedes.clear();
    }
    if (how_ == Mutant::kLostEvent && !unit.audit.empty() && ++counted_ % kNowAndThen == 0) unit.audit.pop_back();
    return inner().Commit(std::move(unit), executor, std::move(done));
  }

 private:
  const Mutant how_;
  int counted_ = 0;
};

// Believes what it read first of a client, as a cache without an end would; what is written over it is no longer stale then.
class OldFacts final : public ForwardingStore {
 public:
  using ForwardingStore::ForwardingStore;
  absl::StatusOr<std::optional<store::ClientRow>> ClientById(std::string_view client_id) override {
    auto row = inner().ClientById(client_id);
    if (row.ok() && row->has_value()) Believe(**row);
    return row;
  }
  absl::StatusOr<std::vector<std::optional<store::Origin>>> OriginsOf(
      std::span<const store::Delivery> deliveries) override {
    auto origins = inner().OriginsOf(deliveries);
    if (!origins.ok()) return origins;
    for (std::optional<store::Origin>& origin : *origins) {
      if (origin.has_value()) Believe(origin->client);
    }
    return origins;
  }
  absl::Status Commit(store::Unit unit, Executor* executor, Done done) override {
    unit.expects.clear();
    return inner().Commit(std::move(unit), executor, std::move(done));
  }

 private:
  void Believe(store::ClientRow& row) { row = rows_.emplace(row.client_id, row).first->second; }

  std::map<std::string, store::ClientRow> rows_;
};

class NewestFirst final : public ForwardingStore {
 public:
  using ForwardingStore::ForwardingStore;
  absl::StatusOr<std::vector<store::Delivery>> Mailbox(const MailboxQuery& query) override {
    auto found = inner().Mailbox(query);
    if (found.ok()) std::reverse(found->begin(), found->end());
    return found;
  }
};

// Knows of no order among the deliveries that it was given: the newest go first.
class Overtaking final : public ForwardingStore {
 public:
  using ForwardingStore::ForwardingStore;
  absl::Status Commit(store::Unit unit, Executor* executor, Done done) override {
    for (const store::Delivery& delivery : unit.deliveries) given_.push_back(delivery.delivery_id);
    return inner().Commit(std::move(unit), executor, std::move(done));
  }
  absl::StatusOr<std::vector<store::Delivery>> DueDeliveries(Instant now, size_t most) override {
    std::vector<store::Delivery> found;
    for (auto id = given_.rbegin(); id != given_.rend() && found.size() < most; ++id) {
      auto delivery = inner().DeliveryById(*id);
      if (!delivery.ok()) return delivery.status();
      const bool due = delivery->has_value() && (*delivery)->state == store::DeliveryState::kDue && (*delivery)->due <= now;
      if (due) found.push_back(**std::move(delivery));
    }
    return found;
  }

 private:
  std::vector<std::string> given_;
};

// Of several deliveries it finds only those that lie in a mailbox.
class DeafToConsent final : public ForwardingStore {
 public:
  using ForwardingStore::ForwardingStore;
  absl::StatusOr<std::vector<store::Delivery>> DeliveriesById(std::span<const std::string> delivery_ids) override {
    auto found = inner().DeliveriesById(delivery_ids);
    if (found.ok()) {
      std::erase_if(*found, [](const store::Delivery& each) { return each.state != store::DeliveryState::kAvailable; });
    }
    return found;
  }
};

}  // namespace

std::optional<Mutant> FindMutant(std::string_view name) {
  for (const auto& [known, mutant] : kMutants) {
    if (known == name) return mutant;
  }
  return std::nullopt;
}

std::vector<std::string> MutantNames() {
  std::vector<std::string> names;
  for (const auto& [name, mutant] : kMutants) names.emplace_back(name);
  return names;
}

std::unique_ptr<store::Store> Mutate(Mutant mutant, std::unique_ptr<store::Store> store) {
  switch (mutant) {
    case Mutant::kEarlyAnswer:
      return std::make_unique<EarlyAnswer>(std::move(store));
    case Mutant::kNewestFirst:
      return std::make_unique<NewestFirst>(std::move(store));
    case Mutant::kOldFacts:
      return std::make_unique<OldFacts>(std::move(store));
    case Mutant::kOvertaking:
      return std::make_unique<Overtaking>(std::move(store));
    case Mutant::kDeafToConsent:
      return std::make_unique<DeafToConsent>(std::move(store));
    case Mutant::kLostDelivery:
    case Mutant::kLostEvent:
    case Mutant::kForgottenKey:
    case Mutant::kIgnoredConflict:
    case Mutant::kGivesUp:
    case Mutant::kForgottenTimers:
    case Mutant::kNoBreach:
    case Mutant::kErrorsInTurn:
      return std::make_unique<Robbed>(std::move(store), mutant);
    default:
      return store;
  }
}

}  // namespace schotvrij::simulation
