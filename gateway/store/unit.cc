#include "gateway/store/store.h"

namespace schotvrij::store {
namespace {

// What one row weighs, whatever it holds: an empty unit must not be free.
constexpr size_t kRowBytes = 64;

size_t Weigh(const std::string& value) { return value.size(); }
size_t Weigh(const Sealed& value) { return value.bytes.size(); }
size_t Weigh(const Instant& value) { return sizeof(value.us); }

template <typename... Values>
size_t Row(const Values&... values) {
  return (kRowBytes + ... + Weigh(values));
}

size_t RowBytes(const std::string& row) { return Row(row); }
size_t RowBytes(const Expect& row) { return Row(row.subject); }
size_t RowBytes(const ExpectDelivery& row) { return Row(row.delivery_id); }
size_t RowBytes(const Unique& row) { return Row(row.space, row.token, row.owner); }
size_t RowBytes(const Idempotency& row) { return Row(row.token, row.digest, row.answer); }
size_t RowBytes(const PutClient& row) { return Row(row.client_id, row.wrapped_key); }
size_t RowBytes(const PutIdentifier& row) { return Row(row.token, row.client_id); }
size_t RowBytes(const PutFacts& row) { return Row(row.client_id, row.facts); }
size_t RowBytes(const PutExchange& row) {
  return Row(row.exchange_id, row.client_id, row.network, row.sender, row.sender_role, row.content_type,
             row.received, row.content);
}
size_t RowBytes(const Delivery& row) {
  return Row(row.delivery_id, row.exchange_id, row.client_id, row.recipient, row.recipient_role, row.network,
             row.content_type, row.due, row.frozen);
}
size_t RowBytes(const Batch& row) { return Row(row.batch_id, row.key_token, row.sender, row.account); }
size_t RowBytes(const BatchPart& row) {
  return Row(row.identifier, row.facts) + RowBytes(row.exchange) + RowBytes(row.delivery);
}
size_t RowBytes(const PartRef& row) { return Row(row.batch_id); }
size_t RowBytes(const Breach& row) { return Row(row.breach_id, row.opened, row.record) + row.places.size() * kRowBytes; }
size_t RowBytes(const Containment& row) { return Row(row.delivery_id); }
size_t RowBytes(const CloseBreach& row) { return Row(row.breach_id, row.note); }
size_t RowBytes(const Timer& row) { return Row(row.timer_id, row.kind, row.subject, row.due); }

template <typename... Lists>
size_t Sum(const Lists&... lists) {
  size_t bytes = 0;
  const auto add = [&bytes](const auto& list) {
    for (const auto& row : list) bytes += RowBytes(row);
  };
  (add(lists), ...);
  return bytes;
}

}  // namespace

size_t Unit::Bytes() const {
  return sizeof(Unit) + (idempotency ? RowBytes(*idempotency) : 0) + (batch ? RowBytes(*batch) : 0) +
         Sum(parts, merged, finished, expects, expects_deliveries, uniques, releases, clients, identifiers, facts, exchanges,
             deliveries, delivery_updates, reads, repeats, timers, done_timers, breaches, containments, closed_breaches, audit);
}

}  // namespace schotvrij::store
