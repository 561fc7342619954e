// UnitWriter: judges one Unit against the file and writes it, inside the transaction its owner
// began.
#pragma once

#include <cstdint>
#include <string_view>

#include "gateway/store/audit_row.h"
#include "gateway/store/chain_tail.h"
#include "gateway/store/sqlite_batch.h"
#include "gateway/store/sqlite_connection.h"
#include "gateway/store/store.h"

namespace schotvrij::store {

// Where the writer's audit chain ends.
struct ChainTail {
  ChainHead head;
  int64_t number = 0;  // of its row in audit_chain; 0: not there yet
  AuditRow unwritten;  // what `head` is ahead of the file
};

class UnitWriter {
 public:
  explicit UnitWriter(Connection& connection) : connection_(connection) {}

  // Writes `unit` unless it may not be; its events follow `tail`, which moves on and keeps them
  // until WriteAudit. kInvalidArgument: the unit's own fault, parts of it may be written.
  absl::StatusOr<CommitResult> Write(const Unit& unit, ChainTail& tail);
  // Writes the events that `tail` keeps.
  absl::Status WriteAudit(ChainTail& tail);
  // The tail of `chain` as it stands in the file.
  absl::StatusOr<ChainTail> ReadTail(std::string_view chain);
  absl::Status PutCheckpoint(std::string_view line);

 private:
  absl::StatusOr<CommitResult> JudgeKey(const Unit& unit);
  absl::StatusOr<CommitResult> JudgeExpects(const Unit& unit);
  absl::StatusOr<CommitResult> JudgeBreaches(const Unit& unit);
  absl::StatusOr<CommitResult> JudgeClaims(const Unit& unit);
  absl::StatusOr<CommitResult> JudgeBatch(const Unit& unit) { return batches_.Judge(unit); }

  absl::Status PutClaims(const Unit& unit);
  absl::Status PutClients(const Unit& unit);
  absl::Status PutMessages(const Unit& unit);
  absl::Status PutDeliveries(const Unit& unit);
  absl::Status UpdateDeliveries(const Unit& unit);
  absl::Status PutBatches(const Unit& unit);
  absl::Status PutTimers(const Unit& unit);
  absl::Status PutBreaches(const Unit& unit);
  absl::Status PutAudit(const Unit& unit, ChainTail& tail);

  absl::Status PutMessage(const PutExchange* exchange, const Idempotency* key);
  // Runs a change that must touch exactly one row.
  absl::Status ChangeOne(Rows&& rows);

  Connection& connection_;
  BatchWriter batches_{connection_};
  Statement find_key_{connection_,
                      "SELECT key_digest, answer_revision, answer, client_id FROM message "
                      "WHERE key_token = ?"};
  Statement find_version_{connection_, "SELECT facts_version + (SELECT count(*) FROM batch_part AS p JOIN batch AS b "
                          "ON b.number = p.batch WHERE p.client_id = client.client_id AND p.merged = 0 "
                          "AND b.state = 4) FROM client WHERE client_id = ?"};
  Statement find_state_{connection_, "SELECT abs(state), attempts, read FROM delivery WHERE delivery_id = ? AND (batch IS NULL OR "
                        "(SELECT state FROM batch WHERE number = delivery.batch) = 4)"};
  Statement find_owner_{connection_, "SELECT owner FROM claim WHERE space = ? AND token = ?"};
  Statement release_{connection_, "DELETE FROM claim WHERE space = ? AND token = ? AND owner = ?"};
  Statement claim_{connection_,
                   "INSERT INTO claim (space, token, owner) VALUES (?, ?, ?) "
                   "ON CONFLICT (space, token) DO UPDATE SET owner = excluded.owner "
                   "WHERE owner = excluded.owner"};
  Statement put_client_{connection_,
                        "INSERT INTO client (client_id, wrapped_key, facts_version, "
                        "facts_revision, facts) VALUES (?, ?, ?, ?, ?) "
                        "ON CONFLICT (client_id) DO UPDATE SET facts_version = excluded.facts_version, "
                        "facts_revision = excluded.facts_revision, facts = excluded.facts "
                        "WHERE wrapped_key = excluded.wrapped_key AND facts_version = 0"};
  Statement put_facts_{connection_,
                       "UPDATE client SET facts_version = facts_version + ?, "
                       "facts_revision = ?, facts = ? WHERE client_id = ?"};
  Statement put_message_{connection_,
                         "INSERT INTO message (exchange_id, client_id, network, sender, "
                         "content_type, received, content_revision, content, key_token, "
                         "key_digest, answer_revision, answer, sender_role) "
                         "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, nullif(?, ''))"};
  Statement put_delivery_{connection_,
                          "INSERT INTO delivery (delivery_id, exchange_id, client_id, recipient, "
                          "network, content_type, state, due, attempts, answered, "
                          "frozen_revision, frozen, precedes, recipient_role) "
                          "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, nullif(?, ''), nullif(?, ''))"};
  Statement place_last_{connection_,
                        "UPDATE delivery SET number = (SELECT max(number) + 1 FROM delivery) "
                        "WHERE delivery_id = ? AND state = 1"};
  Statement update_delivery_{connection_,
                             "UPDATE delivery SET state = ?, due = ?, attempts = ?, answered = answered OR ?, "
                             "recipient = coalesce(nullif(?, ''), recipient) WHERE delivery_id = ?"};
  Statement freeze_{connection_,
                    "UPDATE delivery SET frozen_revision = ?, frozen = ? WHERE delivery_id = ?"};
  Statement read_{connection_, "UPDATE delivery SET read = 1 WHERE delivery_id = ? AND read = 0"};
  Statement repeat_{connection_, "UPDATE delivery SET repeats = repeats + 1 WHERE delivery_id = ?"};
  Statement done_timer_{connection_, "DELETE FROM timer WHERE timer_id = ?"};
  Statement put_timer_{connection_,
                       "INSERT INTO timer (timer_id, kind, subject, due) VALUES (?, ?, ?, ?) "
                       "ON CONFLICT (timer_id) DO UPDATE SET kind = excluded.kind, "
                       "subject = excluded.subject, due = excluded.due"};
  Statement find_open_breach_{connection_, "SELECT 1 FROM breach WHERE breach_id = ? AND closed IS NULL"};
  Statement put_breach_{connection_,
                        "INSERT INTO breach (breach_id, opened, note, record_revision, record) VALUES (?, ?, '', ?, ?)"};
  Statement put_place_{connection_,
                       "INSERT INTO breach_place (breach_id, place, contained_by, contained) VALUES (?, ?, nullif(?, ''), ?)"};
  Statement contain_{connection_,
                     "UPDATE breach_place SET contained = CASE WHEN ?1 IS NULL THEN NULL ELSE coalesce(contained, ?1) END "
                     "WHERE contained_by = ?2"};
  Statement close_breach_{connection_, "UPDATE breach SET closed = ?, note = ? WHERE breach_id = ? AND closed IS NULL"};
  Statement put_chain_{connection_, "INSERT INTO audit_chain (chain) VALUES (?) RETURNING number"};
  Statement put_audit_{connection_,
                       "INSERT INTO audit (chain, sequence, previous, event, hash, sizes) "
                       "VALUES (?, ?, ?, ?, ?, ?)"};
  Statement find_tail_{connection_,
                       "SELECT c.number, a.sequence, a.hash FROM audit_chain AS c "
                       "LEFT JOIN audit AS a ON a.chain = c.number "
                       "WHERE c.chain = ? ORDER BY a.sequence DESC LIMIT 1"};
  Statement put_checkpoint_{connection_, "INSERT INTO checkpoint (line) VALUES (?)"};
};

}  // namespace schotvrij::store
