// A Store that hands everything on to another: what a test's decorator of one of its doors begins with.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "gateway/store/store.h"

namespace schotvrij::simulation {

class ForwardingStore : public store::Store {
 public:
  explicit ForwardingStore(std::unique_ptr<store::Store> inner) : inner_(std::move(inner)) {}

  absl::Status Commit(store::Unit unit, Executor* executor, Done done) override {
    return inner_->Commit(std::move(unit), executor, std::move(done));
  }
  bool WaitForWork() override { return inner_->WaitForWork(); }
  size_t Flush() override { return inner_->Flush(); }
  void Stop() override { inner_->Stop(); }
  bool FoldWhenDue() override { return inner_->FoldWhenDue(); }
  absl::StatusOr<std::optional<store::ClientRow>> ClientByIdentifier(std::string_view token) override {
    return inner_->ClientByIdentifier(token);
  }
  absl::StatusOr<std::optional<store::ClientRow>> ClientById(std::string_view client_id) override {
    return inner_->ClientById(client_id);
  }
  absl::StatusOr<std::optional<store::ExchangeRow>> ExchangeById(std::string_view exchange_id) override {
    return inner_->ExchangeById(exchange_id);
  }
  absl::StatusOr<std::optional<KnownKey>> AnswerByKey(std::string_view token) override {
    return inner_->AnswerByKey(token);
  }
  absl::StatusOr<std::optional<store::Delivery>> DeliveryById(std::string_view delivery_id) override {
    return inner_->DeliveryById(delivery_id);
  }
  absl::StatusOr<std::vector<store::Delivery>> DeliveriesById(std::span<const std::string> delivery_ids) override {
    return inner_->DeliveriesById(delivery_ids);
  }
  absl::StatusOr<std::vector<std::optional<store::Origin>>> OriginsOf(
      std::span<const store::Delivery> deliveries) override {
    return inner_->OriginsOf(deliveries);
  }
  absl::StatusOr<std::vector<store::Delivery>> DueDeliveries(Instant now, size_t most) override {
    return inner_->DueDeliveries(now, most);
  }
  absl::StatusOr<std::optional<Instant>> NextDue() override { return inner_->NextDue(); }
  absl::StatusOr<std::vector<store::Delivery>> OpenDeliveriesOf(std::string_view client_id) override {
    return inner_->OpenDeliveriesOf(client_id);
  }
  absl::StatusOr<std::vector<DayEntry>> DeliveriesBetween(std::string_view after, std::string_view before, size_t most) override {
    return inner_->DeliveriesBetween(after, before, most);
  }
  absl::StatusOr<std::vector<std::string>> OwnersIn(std::string_view space) override { return inner_->OwnersIn(space); }
  absl::StatusOr<std::vector<store::Delivery>> Mailbox(const MailboxQuery& query) override {
    return inner_->Mailbox(query);
  }
  absl::StatusOr<std::vector<store::Timer>> DueTimers(std::string_view kind, Instant now, size_t most) override {
    return inner_->DueTimers(kind, now, most);
  }
  absl::StatusOr<std::optional<store::Batch>> BatchByKey(std::string_view key_token) override {
    return inner_->BatchByKey(key_token);
  }
  absl::StatusOr<std::vector<store::Batch>> OpenBatches(size_t most) override { return inner_->OpenBatches(most); }
  absl::StatusOr<std::vector<store::BatchPart>> BatchParts(std::string_view batch_id, uint64_t after,
                                                           size_t most) override {
    return inner_->BatchParts(batch_id, after, most);
  }
  absl::StatusOr<std::optional<std::string>> HiddenBatch(std::string_view exchange_id) override {
    return inner_->HiddenBatch(exchange_id);
  }
  absl::StatusOr<std::vector<store::Breach>> Breaches(bool open_only, size_t most) override {
    return inner_->Breaches(open_only, most);
  }
  absl::StatusOr<std::optional<store::Breach>> BreachById(std::string_view breach_id) override {
    return inner_->BreachById(breach_id);
  }
  absl::StatusOr<Backlog> ReadBacklog(Instant now) override { return inner_->ReadBacklog(now); }
  absl::StatusOr<std::vector<ChainHead>> AuditHeads() override { return inner_->AuditHeads(); }
  absl::StatusOr<std::vector<AuditRecord>> AuditRecords(std::string_view chain, uint64_t from_sequence,
                                                        size_t most) override {
    return inner_->AuditRecords(chain, from_sequence, most);
  }
  absl::Status PutCheckpoint(std::string_view line) override { return inner_->PutCheckpoint(line); }
  absl::StatusOr<std::vector<std::string>> Checkpoints() override { return inner_->Checkpoints(); }

 protected:
  store::Store& inner() { return *inner_; }

 private:
  std::unique_ptr<store::Store> inner_;
};

}  // namespace schotvrij::simulation
