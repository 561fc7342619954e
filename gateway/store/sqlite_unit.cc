#include "gateway/store/sqlite_unit.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "gateway/store/claims.h"
#include "gateway/store/sealed_column.h"
#include "schemas/base/limits.h"
#include "schemas/base/status.h"

namespace schotvrij::store {
namespace {

absl::Status NotAsStored() {
  return absl::InvalidArgumentError("store: contradicts what is stored");
}

}  // namespace

absl::StatusOr<CommitResult> UnitWriter::Write(const Unit& unit, ChainTail& tail) {
  for (const auto judge :
       {&UnitWriter::JudgeKey, &UnitWriter::JudgeExpects, &UnitWriter::JudgeBreaches,
        &UnitWriter::JudgeClaims, &UnitWriter::JudgeBatch}) {
    ASSIGN_OR_RETURN(CommitResult result, (this->*judge)(unit));
    if (!std::holds_alternative<Committed>(result)) return result;
  }
  for (const auto put :
       {&UnitWriter::PutClaims, &UnitWriter::PutClients, &UnitWriter::PutMessages,
        &UnitWriter::PutDeliveries, &UnitWriter::UpdateDeliveries, &UnitWriter::PutBatches,
        &UnitWriter::PutTimers, &UnitWriter::PutBreaches}) {
    RETURN_IF_ERROR((this->*put)(unit));
  }
  RETURN_IF_ERROR(PutAudit(unit, tail));
  return Committed{};
}

absl::StatusOr<CommitResult> UnitWriter::JudgeKey(const Unit& unit) {
  if (!unit.idempotency) return Committed{};
  Rows known = find_key_.Run(Blob{unit.idempotency->token});
  if (!known.Next()) {
    RETURN_IF_ERROR(known.status());
    return Committed{};
  }
  if (known.Bytes(0) != unit.idempotency->digest) return OtherContent{};
  return Duplicate{ReadSealed(known, 1), known.Bytes(3)};
}

absl::StatusOr<CommitResult> UnitWriter::JudgeExpects(const Unit& unit) {
  for (const Expect& expect : unit.expects) {
    Rows client = find_version_.Run(expect.subject);
    const uint64_t version = client.Next() ? client.Int(0) : 0;
    RETURN_IF_ERROR(client.status());
    if (version != expect.version) return Stale{expect.subject};
  }
  for (const ExpectDelivery& expect : unit.expects_deliveries) {
    Rows delivery = find_state_.Run(expect.delivery_id);
    const bool holds = delivery.Next() && delivery.Int(0) == static_cast<int>(expect.state) &&
                       (!expect.attempts.has_value() || delivery.Int(1) == *expect.attempts) &&
                       (!expect.read.has_value() || (delivery.Int(2) != 0) == *expect.read);
    RETURN_IF_ERROR(delivery.status());
    if (!holds) return Stale{expect.delivery_id};
  }
  return Committed{};
}

absl::StatusOr<CommitResult> UnitWriter::JudgeBreaches(const Unit& unit) {
  for (const CloseBreach& close : unit.closed_breaches) {
    Rows open = find_open_breach_.Run(close.breach_id);
    const bool holds = open.Next();
    RETURN_IF_ERROR(open.status());
    if (!holds) return Stale{close.breach_id};
  }
  return Committed{};
}

absl::StatusOr<CommitResult> UnitWriter::JudgeClaims(const Unit& unit) {
  for (const Claim& claim : ClaimsOf(unit)) {
    Rows holder = find_owner_.Run(claim.space, Blob{claim.token});
    if (!holder.Next()) {
      RETURN_IF_ERROR(holder.status());
      continue;
    }
    const std::string owner = holder.Bytes(0);
    if (owner == claim.owner || Releases(unit, {claim.space, claim.token, owner})) continue;
    return NotUnique{std::string(claim.space), owner, std::string(claim.token)};
  }
  return Committed{};
}

absl::Status UnitWriter::PutClaims(const Unit& unit) {
  for (const Unique& held : unit.releases) {
    RETURN_IF_ERROR(release_.Run(held.space, Blob{held.token}, held.owner).Finish());
  }
  for (const Claim& claim : ClaimsOf(unit)) {
    RETURN_IF_ERROR(ChangeOne(claim_.Run(claim.space, Blob{claim.token}, claim.owner)));
  }
  return absl::OkStatus();
}

absl::Status UnitWriter::PutClients(const Unit& unit) {
  std::vector<const PutFacts*> put_with_client;
  for (const PutClient& client : unit.clients) {
    const auto first = std::find_if(unit.facts.begin(), unit.facts.end(), [&](const PutFacts& put) {
      return put.client_id == client.client_id;
    });
    static const PutFacts kNone;
    const bool known = first != unit.facts.end();
    if (known) put_with_client.push_back(&*first);
    const Sealed& facts = known ? first->facts : kNone.facts;
    RETURN_IF_ERROR(ChangeOne(put_client_.Run(client.client_id, Blob{client.wrapped_key},
                                              known ? 1 : 0, facts.revision, Blob{facts.bytes})));
  }
  for (const PutFacts& put : unit.facts) {
    if (std::find(put_with_client.begin(), put_with_client.end(), &put) != put_with_client.end()) continue;
    RETURN_IF_ERROR(
        ChangeOne(put_facts_.Run(put.same ? 0 : 1, put.facts.revision, Blob{put.facts.bytes}, put.client_id)));
  }
  return absl::OkStatus();
}

absl::Status UnitWriter::PutMessages(const Unit& unit) {
  const Idempotency* key = unit.idempotency ? &*unit.idempotency : nullptr;
  if (unit.exchanges.empty() && key != nullptr) return PutMessage(nullptr, key);
  for (const PutExchange& exchange : unit.exchanges) {
    RETURN_IF_ERROR(PutMessage(&exchange, key));
    key = nullptr;
  }
  return absl::OkStatus();
}

absl::Status UnitWriter::PutMessage(const PutExchange* exchange, const Idempotency* key) {
  static const PutExchange kNothing;
  const PutExchange& kept = exchange != nullptr ? *exchange : kNothing;
  std::optional<std::string_view> exchange_id;
  if (exchange != nullptr) exchange_id = exchange->exchange_id;
  std::optional<Blob> token, digest, answer;
  std::optional<int64_t> answer_revision;
  if (key != nullptr) {
    token = Blob{key->token};
    digest = Blob{key->digest};
    answer = Blob{key->answer.bytes};
    answer_revision = key->answer.revision;
  }
  return put_message_
      .Run(exchange_id, kept.client_id, kept.network, kept.sender, kept.content_type,
           kept.received.us, kept.content.revision, Blob{kept.content.bytes}, token, digest,
           answer_revision, answer, kept.sender_role)
      .Finish();
}

absl::Status UnitWriter::PutDeliveries(const Unit& unit) {
  for (const Delivery& put : unit.deliveries) {
    RETURN_IF_ERROR(put_delivery_
                        .Run(put.delivery_id, put.exchange_id, put.client_id, put.recipient,
                             put.network, put.content_type, static_cast<int>(put.state), put.due.us,
                             put.attempts, put.answered, put.frozen.revision,
                             Blob{put.frozen.bytes}, put.precedes, put.recipient_role)
                        .Finish());
  }
  return absl::OkStatus();
}

absl::Status UnitWriter::UpdateDeliveries(const Unit& unit) {
  for (const Delivery& update : unit.delivery_updates) {
    RETURN_IF_ERROR(batches_.Place(update.delivery_id));
    if (update.state == DeliveryState::kAvailable) RETURN_IF_ERROR(place_last_.Run(update.delivery_id).Finish());
    RETURN_IF_ERROR(
        ChangeOne(update_delivery_.Run(static_cast<int>(update.state), update.due.us,
                                       update.attempts, update.answered, update.recipient, update.delivery_id)));
    if (update.frozen.bytes.empty()) continue;
    RETURN_IF_ERROR(
        freeze_.Run(update.frozen.revision, Blob{update.frozen.bytes}, update.delivery_id)
            .Finish());
  }
  for (const std::string& id : unit.reads) RETURN_IF_ERROR(read_.Run(id).Finish());
  for (const std::string& id : unit.repeats) RETURN_IF_ERROR(ChangeOne(repeat_.Run(id)));
  return absl::OkStatus();
}

absl::Status UnitWriter::PutBatches(const Unit& unit) {
  RETURN_IF_ERROR(batches_.PutBatch(unit));
  RETURN_IF_ERROR(batches_.Merge(unit));
  return batches_.Finish(unit);
}

absl::Status UnitWriter::PutTimers(const Unit& unit) {
  for (const std::string& id : unit.done_timers) RETURN_IF_ERROR(done_timer_.Run(id).Finish());
  for (const Timer& timer : unit.timers) {
    RETURN_IF_ERROR(
        put_timer_.Run(timer.timer_id, timer.kind, timer.subject, timer.due.us).Finish());
  }
  return absl::OkStatus();
}

absl::Status UnitWriter::PutBreaches(const Unit& unit) {
  for (const Breach& put : unit.breaches) {
    RETURN_IF_ERROR(put_breach_.Run(put.breach_id, put.opened.us, put.record.revision, Blob{put.record.bytes}).Finish());
    for (size_t i = 0; i < put.places.size(); ++i) {
      std::optional<int64_t> contained;
      if (put.places[i].contained) contained = put.places[i].contained->us;
      RETURN_IF_ERROR(
          put_place_.Run(put.breach_id, static_cast<int64_t>(i), put.places[i].contained_by, contained).Finish());
    }
  }
  for (const Containment& containment : unit.containments) {
    std::optional<int64_t> at;
    if (containment.at) at = containment.at->us;
    RETURN_IF_ERROR(contain_.Run(at, containment.delivery_id).Finish());
  }
  for (const CloseBreach& close : unit.closed_breaches) {
    RETURN_IF_ERROR(ChangeOne(close_breach_.Run(close.at.us, close.note, close.breach_id)));
  }
  return absl::OkStatus();
}

absl::Status UnitWriter::PutAudit(const Unit& unit, ChainTail& tail) {
  if (!unit.audit.empty() && tail.number == 0) {
    Rows row = put_chain_.Run(tail.head.chain);
    if (row.Next()) tail.number = row.Int(0);
    RETURN_IF_ERROR(row.Finish());
  }
  for (const std::string& event : unit.audit) {
    tail.unwritten.Append(Extend(tail.head, event));
    if (tail.unwritten.events.size() >= limits::kAuditRowBytes) RETURN_IF_ERROR(WriteAudit(tail));
  }
  return absl::OkStatus();
}

absl::Status UnitWriter::WriteAudit(ChainTail& tail) {
  const AuditRow row = std::exchange(tail.unwritten, {});
  if (row.empty()) return absl::OkStatus();
  return put_audit_
      .Run(tail.number, row.sequence, Blob{row.previous}, Blob{row.events}, Blob{row.hashes},
           Blob{row.sizes})
      .Finish();
}

absl::StatusOr<ChainTail> UnitWriter::ReadTail(std::string_view chain) {
  ChainTail tail;
  tail.head.chain = chain;
  Rows row = find_tail_.Run(chain);
  if (row.Next()) {
    tail.number = row.Int(0);
    if (row.Int(1) > 0) tail.head = HeadOf(chain, row.Int(1), row.Bytes(2));
  }
  RETURN_IF_ERROR(row.status());
  return tail;
}

absl::Status UnitWriter::PutCheckpoint(std::string_view line) {
  return put_checkpoint_.Run(Blob{line}).Finish();
}

absl::Status UnitWriter::ChangeOne(Rows&& rows) {
  RETURN_IF_ERROR(rows.Finish());
  return connection_.changes() == 1 ? absl::OkStatus() : NotAsStored();
}

}  // namespace schotvrij::store
