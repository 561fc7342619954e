#include "gateway/store/sqlite_batch.h"

#include "schemas/base/status.h"

namespace schotvrij::store {
namespace {

absl::Status NotThisBatch() { return absl::InvalidArgumentError("store: contradicts what is stored of a batch"); }

}  // namespace

absl::StatusOr<CommitResult> BatchWriter::Judge(const Unit& unit) {
  for (const PartRef& ref : unit.merged) {
    Rows batch = find_number_.Run(ref.batch_id);
    if (!batch.Next()) return NotThisBatch();
    Rows part = find_part_.Run(batch.Int(0), ref.sequence);
    if (!part.Next() || part.Int(4) != 0) return Stale{ref.batch_id};
  }
  if (!unit.batch) return Committed{};
  Rows row = find_.Run(Blob{unit.batch->key_token});
  const bool known = row.Next();
  RETURN_IF_ERROR(row.status());
  const uint64_t version = known ? row.Int(1) : 0;
  if (version != unit.batch->version) return Stale{unit.batch->batch_id};
  if (known && row.Bytes(0) != unit.batch->batch_id) return NotThisBatch();
  return Committed{};
}

absl::Status BatchWriter::PutBatch(const Unit& unit) {
  if (!unit.batch) return unit.parts.empty() ? absl::OkStatus() : NotThisBatch();
  const Batch& batch = *unit.batch;
  const int state = static_cast<int>(batch.state);
  if (batch.version == 0) {
    RETURN_IF_ERROR(put_.Run(batch.batch_id, Blob{batch.key_token}, batch.sender, state, batch.open, batch.parts,
                             batch.account.revision, Blob{batch.account.bytes})
                        .Finish());
  }
  Rows row = find_number_.Run(batch.batch_id);
  if (!row.Next()) return row.status().ok() ? NotThisBatch() : row.status();
  const int64_t number = row.Int(0);
  const bool shown = batch.state == BatchState::kInEffect && row.Int(1) != state;
  RETURN_IF_ERROR(row.Finish());
  for (const BatchPart& part : unit.parts) RETURN_IF_ERROR(PutPart(number, part));
  if (shown) RETURN_IF_ERROR(ShowAll(number));
  if (batch.version == 0) return absl::OkStatus();
  return ChangeOne(change_.Run(state, batch.open, batch.parts, batch.account.revision, Blob{batch.account.bytes}, number));
}

absl::Status BatchWriter::PutPart(int64_t batch, const BatchPart& part) {
  const PutExchange& exchange = part.exchange;
  const Delivery& delivery = part.delivery;
  RETURN_IF_ERROR(put_message_
                      .Run(exchange.exchange_id, exchange.client_id, exchange.network, exchange.sender,
                           exchange.content_type, exchange.received.us, exchange.content.revision,
                           Blob{exchange.content.bytes}, batch, exchange.sender_role)
                      .Finish());
  RETURN_IF_ERROR(put_delivery_
                      .Run(delivery.delivery_id, delivery.exchange_id, delivery.client_id, delivery.recipient,
                           delivery.network, delivery.content_type, -static_cast<int>(delivery.state), delivery.due.us,
                           delivery.frozen.revision, Blob{delivery.frozen.bytes}, batch, part.sequence,
                           delivery.recipient_role)
                      .Finish());
  return put_part_
      .Run(batch, part.sequence, exchange.client_id, exchange.exchange_id, delivery.delivery_id, Blob{part.identifier},
           part.facts.revision, Blob{part.facts.bytes})
      .Finish();
}

absl::Status BatchWriter::ShowAll(int64_t batch) {
  RETURN_IF_ERROR(ChangeOne(show_.Run(batch)));
  return reserve_.Run(batch).Finish();
}

absl::Status BatchWriter::Merge(const Unit& unit) {
  for (const PartRef& part : unit.merged) {
    Rows row = find_number_.Run(part.batch_id);
    if (!row.Next() || row.Int(1) != static_cast<int>(BatchState::kInEffect)) return NotThisBatch();
    const int64_t batch = row.Int(0);
    RETURN_IF_ERROR(row.Finish());
    RETURN_IF_ERROR(ChangeOne(merge_.Run(batch, part.sequence)));
    RETURN_IF_ERROR(ChangeOne(keep_version_.Run(batch, part.sequence)));
  }
  return absl::OkStatus();
}

absl::Status BatchWriter::Finish(const Unit& unit) {
  for (const PartRef& ref : unit.finished) {
    Rows row = find_number_.Run(ref.batch_id);
    if (!row.Next()) return NotThisBatch();
    const int64_t batch = row.Int(0);
    const bool in_effect = row.Int(1) == static_cast<int>(BatchState::kInEffect);
    RETURN_IF_ERROR(row.Finish());
    if (!in_effect) {
      RETURN_IF_ERROR(Remove(batch, ref.sequence));
      continue;
    }
    Rows part = find_part_.Run(batch, ref.sequence);
    if (!part.Next() || part.Int(4) == 0) return NotThisBatch();
    const std::string delivery_id = part.Bytes(2);
    RETURN_IF_ERROR(part.Finish());
    RETURN_IF_ERROR(Place(delivery_id));
    RETURN_IF_ERROR(ChangeOne(drop_part_.Run(batch, ref.sequence)));
  }
  return absl::OkStatus();
}

absl::Status BatchWriter::Place(std::string_view delivery_id) {
  Rows unplaced = find_unplaced_.Run(delivery_id);
  const bool of_batch = unplaced.Next();
  RETURN_IF_ERROR(unplaced.Finish());
  return of_batch ? place_.Run(delivery_id).Finish() : absl::OkStatus();
}

absl::Status BatchWriter::Remove(int64_t batch, uint64_t sequence) {
  Rows part = find_part_.Run(batch, sequence);
  if (!part.Next()) return NotThisBatch();
  const std::string client_id = part.Bytes(0), exchange_id = part.Bytes(1), delivery_id = part.Bytes(2),
                    identifier = part.Bytes(3);
  RETURN_IF_ERROR(part.Finish());
  RETURN_IF_ERROR(ChangeOne(drop_part_.Run(batch, sequence)));
  RETURN_IF_ERROR(ChangeOne(drop_message_.Run(exchange_id)));
  RETURN_IF_ERROR(ChangeOne(drop_delivery_.Run(delivery_id)));
  RETURN_IF_ERROR(drop_client_.Run(client_id).Finish());
  return drop_identifier_.Run(Blob{identifier}, client_id).Finish();
}

absl::Status BatchWriter::ChangeOne(Rows&& rows) {
  RETURN_IF_ERROR(rows.Finish());
  return connection_.changes() == 1 ? absl::OkStatus() : NotThisBatch();
}

}  // namespace schotvrij::store
