#include <algorithm>

#include "gateway/store/memory_model.h"

namespace schotvrij::store {

CommitResult Model::JudgeBatch(const Unit& unit) const {
  for (const PartRef& ref : unit.merged) {
    const BatchPart* part = FindPart(ref);
    if (FindBatch(&Batch::batch_id, ref.batch_id) != nullptr && (part == nullptr || part->merged)) return Stale{ref.batch_id};
  }
  if (!unit.batch) return Committed{};
  const Batch* known = FindBatch(&Batch::key_token, unit.batch->key_token);
  if ((known ? known->version : 0) != unit.batch->version) return Stale{unit.batch->batch_id};
  return Committed{};
}

bool Model::HasBatchFault(const Unit& unit) const {
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
    if (!InEffect(ref.batch_id)) return true;
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

void Model::ApplyBatch(const Unit& unit) {
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

void Model::Finish(const PartRef& ref) {
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

const Batch* Model::FindBatch(std::string Batch::*field, std::string_view value) const {
  const auto found = std::ranges::find(batches, value, field);
  return found == batches.end() ? nullptr : &*found;
}

bool Model::InEffect(std::string_view batch_id) const {
  const Batch* batch = FindBatch(&Batch::batch_id, batch_id);
  return batch != nullptr && batch->state == BatchState::kInEffect;
}

const BatchPart* Model::FindPart(const PartRef& ref) const {
  const auto batch = parts.find(ref.batch_id);
  if (batch == parts.end()) return nullptr;
  const auto part = batch->second.find(ref.sequence);
  return part == batch->second.end() ? nullptr : &part->second;
}

uint64_t Model::VersionOf(const ClientRow& client) const { return client.facts_version + PendingOf(client.client_id).size(); }

std::vector<PendingFacts> Model::PendingOf(std::string_view client_id) const {
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

std::optional<ClientRow> Model::Client(std::string_view client_id) const {
  std::optional<ClientRow> client = Get(clients, client_id);
  if (!client) return client;
  client->pending = PendingOf(client_id);
  client->facts_version += client->pending.size();
  return client;
}

std::set<std::string> Model::Unfinished() const {
  std::set<std::string> ids;
  for (const auto& [id, of_batch] : parts) {
    for (const auto& [sequence, part] : of_batch) ids.insert(part.delivery.delivery_id);
  }
  return ids;
}

}  // namespace schotvrij::store
