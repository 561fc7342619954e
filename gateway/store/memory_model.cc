#include "gateway/store/memory_model.h"

#include <algorithm>
#include <cstddef>

namespace schotvrij::store {
namespace {

ClaimKey KeyOf(const Claim& claim) { return {std::string(claim.space), std::string(claim.token)}; }

}  // namespace

Outcome Model::Commit(const Unit& unit) {
  CommitResult judged = Judge(unit);
  if (std::holds_alternative<Committed>(judged)) judged = JudgeBatch(unit);
  if (!std::holds_alternative<Committed>(judged)) return judged;
  if (HasFault(unit) || HasBatchFault(unit)) return absl::InvalidArgumentError("store: unit contradicts what is stored");
  Apply(unit);
  return judged;
}

CommitResult Model::Judge(const Unit& unit) const {
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
    if (deliveries[*number].attempts != expect.attempts.value_or(deliveries[*number].attempts)) return Stale{expect.delivery_id};
    if (deliveries[*number].read != expect.read.value_or(deliveries[*number].read)) return Stale{expect.delivery_id};
  }
  for (const CloseBreach& close : unit.closed_breaches) {
    const auto known = Get(breaches, close.breach_id);
    if (!known || known->closed) return Stale{close.breach_id};
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

bool Model::HasFault(const Unit& unit) const {
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
  for (const std::string& id : unit.repeats) {
    if (!delivery_numbers.contains(id) && !ids.contains(id)) return true;
  }
  ids.clear();
  for (const Breach& put : unit.breaches) {
    if (breaches.contains(put.breach_id) || !ids.insert(put.breach_id).second) return true;
  }
  std::map<ClaimKey, std::string> claimed;
  for (const Claim& claim : ClaimsOf(unit)) {
    const auto [held, fresh] = claimed.emplace(KeyOf(claim), claim.owner);
    if (!fresh && held->second != claim.owner) return true;
  }
  return false;
}

void Model::Apply(const Unit& unit) {
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
    if (!put.same) ++client.facts_version;
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
  for (const std::string& id : unit.reads) {
    if (const auto number = delivery_numbers.find(id); number != delivery_numbers.end()) deliveries[number->second].read = true;
  }
  for (const std::string& id : unit.repeats) ++repeats[id];
  if (unit.batch) ApplyBatch(unit);
  for (const PartRef& ref : unit.merged) {
    BatchPart& part = parts[ref.batch_id][ref.sequence];
    part.merged = true;
    ++clients[part.exchange.client_id].facts_version;
  }
  for (const PartRef& ref : unit.finished) Finish(ref);
  for (const std::string& id : unit.done_timers) timers.erase(id);
  for (const Timer& timer : unit.timers) timers[timer.timer_id] = timer;
  ApplyBreaches(unit);
  for (const std::string& event : unit.audit) audit.push_back(Extend(head_, event));
}

void Model::Update(const Delivery& update) {
  const size_t number = delivery_numbers[update.delivery_id];
  if (deliveries[number].state == DeliveryState::kDue && update.state == DeliveryState::kAvailable) {
    std::rotate(deliveries.begin() + static_cast<std::ptrdiff_t>(number),
                deliveries.begin() + static_cast<std::ptrdiff_t>(number) + 1, deliveries.end());
    for (size_t i = number; i < deliveries.size(); ++i) delivery_numbers[deliveries[i].delivery_id] = i;
  }
  Delivery& delivery = deliveries[delivery_numbers[update.delivery_id]];
  delivery.state = update.state;
  delivery.due = update.due;
  delivery.attempts = update.attempts;
  delivery.answered = delivery.answered || update.answered;
  if (!update.recipient.empty()) delivery.recipient = update.recipient;
  if (!update.frozen.bytes.empty()) delivery.frozen = update.frozen;
}

void Model::ApplyBreaches(const Unit& unit) {
  for (const Breach& put : unit.breaches) breaches[put.breach_id] = put;
  for (const Containment& containment : unit.containments) {
    for (auto& [id, breach] : breaches) {
      for (BreachPlace& place : breach.places) {
        if (place.contained_by.empty() || place.contained_by != containment.delivery_id) continue;
        if (!containment.at || !place.contained) place.contained = containment.at;
      }
    }
  }
  for (const CloseBreach& close : unit.closed_breaches) {
    breaches[close.breach_id].closed = close.at;
    breaches[close.breach_id].note = close.note;
  }
}

}  // namespace schotvrij::store
