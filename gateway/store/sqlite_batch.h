// BatchWriter: what one Unit does to batches, inside the transaction its owner began.
//
// A part's message and delivery stand in their own tables from the start. A hidden delivery has its state negated, so that no
// index of those that wait knows it; once its batch is in effect its place among the deliveries is batch.base + its sequence,
// and a finished part's delivery has moved there.
#pragma once

#include <cstdint>
#include <string_view>

#include "gateway/store/sqlite_connection.h"
#include "gateway/store/store.h"

namespace schotvrij::store {

class BatchWriter {
 public:
  explicit BatchWriter(Connection& connection) : connection_(connection) {}

  // Stale when the unit's batch is at another version than it follows on, or a part that it merges is merged.
  absl::StatusOr<CommitResult> Judge(const Unit& unit);
  // All below: kInvalidArgument when the unit contradicts what is stored.
  absl::Status PutBatch(const Unit& unit);
  absl::Status Merge(const Unit& unit);
  absl::Status Finish(const Unit& unit);
  // Gives a delivery of a batch in effect its place; nothing for any other.
  absl::Status Place(std::string_view delivery_id);

 private:
  absl::Status PutPart(int64_t batch, const BatchPart& part);
  absl::Status ShowAll(int64_t batch);
  absl::Status Remove(int64_t batch, uint64_t sequence);
  absl::Status ChangeOne(Rows&& rows);

  Connection& connection_;
  Statement find_{connection_, "SELECT batch_id, version FROM batch WHERE key_token = ?"};
  Statement find_number_{connection_, "SELECT number, state FROM batch WHERE batch_id = ?"};
  Statement put_{connection_,
                 "INSERT INTO batch (batch_id, key_token, sender, version, state, open, parts, account_revision, account) "
                 "VALUES (?, ?, ?, 1, ?, ?, ?, ?, ?)"};
  Statement change_{connection_,
                    "UPDATE batch SET version = version + 1, state = ?, open = ?, parts = ?, account_revision = ?, "
                    "account = ? WHERE number = ?"};
  Statement put_message_{connection_,
                         "INSERT INTO message (exchange_id, client_id, network, sender, content_type, received, "
                         "content_revision, content, batch, sender_role) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, nullif(?, ''))"};
  Statement put_delivery_{connection_,
                          "INSERT INTO delivery (delivery_id, exchange_id, client_id, recipient, network, content_type, "
                          "state, due, attempts, answered, frozen_revision, frozen, batch, batch_sequence, "
                          "recipient_role) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, 0, ?, ?, ?, ?, nullif(?, ''))"};
  Statement put_part_{connection_,
                      "INSERT INTO batch_part (batch, sequence, client_id, exchange_id, delivery_id, identifier, "
                      "facts_revision, facts, merged) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0)"};
  Statement show_{connection_,
                  "UPDATE batch SET base = (SELECT coalesce(max(number), 0) FROM delivery) WHERE number = ?"};
  // The last of them stands in its place at once, so that what comes after stands behind them all.
  Statement reserve_{connection_,
                     "UPDATE delivery SET number = batch_sequence + (SELECT base FROM batch WHERE number = ?1) "
                     "WHERE delivery_id = (SELECT delivery_id FROM batch_part WHERE batch = ?1 "
                     "ORDER BY sequence DESC LIMIT 1)"};
  Statement merge_{connection_, "UPDATE batch_part SET merged = 1 WHERE batch = ? AND sequence = ? AND merged = 0"};
  // A pending part counts in the version; one that is merged does so no more.
  Statement keep_version_{connection_,
                          "UPDATE client SET facts_version = facts_version + 1 WHERE client_id = "
                          "(SELECT client_id FROM batch_part WHERE batch = ? AND sequence = ?)"};
  // Asked first: an update that finds nothing opens each index that it might have changed.
  Statement find_unplaced_{connection_, "SELECT 1 FROM delivery WHERE delivery_id = ? AND batch IS NOT NULL"};
  Statement place_{connection_,
                   "UPDATE delivery SET state = -state, batch = NULL, batch_sequence = NULL, "
                   "number = batch_sequence + (SELECT base FROM batch WHERE number = delivery.batch) "
                   "WHERE delivery_id = ? AND batch IN (SELECT number FROM batch WHERE state = 4 AND open = 1)"};
  Statement find_part_{connection_,
                       "SELECT client_id, exchange_id, delivery_id, identifier, merged FROM batch_part "
                       "WHERE batch = ? AND sequence = ?"};
  Statement drop_part_{connection_, "DELETE FROM batch_part WHERE batch = ? AND sequence = ?"};
  Statement drop_message_{connection_, "DELETE FROM message WHERE exchange_id = ?"};
  Statement drop_delivery_{connection_, "DELETE FROM delivery WHERE delivery_id = ?"};
  Statement drop_client_{connection_,
                         "DELETE FROM client WHERE client_id = ?1 AND facts_version = 0 "
                         "AND NOT EXISTS (SELECT 1 FROM batch_part WHERE client_id = ?1 AND merged = 0)"};
  Statement drop_identifier_{connection_,
                             "DELETE FROM claim WHERE space = 'identifier' AND token = ?1 AND owner = ?2 "
                             "AND NOT EXISTS (SELECT 1 FROM client WHERE client_id = ?2)"};
};

}  // namespace schotvrij::store
