// Every question the SQLite engine is asked by readers. Each must be answered from an index; a test
// holds that.
#pragma once

#include <string_view>

namespace schotvrij::store::queries {

// One row, or one for each part that its facts do not hold yet; batch_id is NULL for one that is not in effect.
#define SCHOTVRIJ_CLIENT(condition)                                                              \
  "SELECT c.client_id, c.wrapped_key, c.facts_version, c.facts_revision, c.facts, b.batch_id, "  \
  "p.sequence, p.facts_revision, p.facts FROM client AS c LEFT JOIN batch_part AS p "            \
  "ON p.client_id = c.client_id AND p.merged = 0 "                                               \
  "LEFT JOIN batch AS b ON b.number = p.batch AND b.state = 4 WHERE " condition " ORDER BY p.batch, p.sequence"
#define SCHOTVRIJ_DELIVERY                                                                   \
  "delivery_id, exchange_id, client_id, recipient, network, content_type, abs(state), due, " \
  "attempts, answered, frozen_revision, frozen, coalesce(precedes, ''), coalesce(recipient_role, '')"
#define SCHOTVRIJ_SHOWN(table) \
  "(batch IS NULL OR (SELECT b.state FROM batch AS b WHERE b.number = " table ".batch) = 4)"

inline constexpr std::string_view kClientById = SCHOTVRIJ_CLIENT("c.client_id = ?1");

inline constexpr std::string_view kClientByIdentifier =
    SCHOTVRIJ_CLIENT("c.client_id = (SELECT owner FROM claim WHERE space = ?1 AND token = ?2)");

inline constexpr std::string_view kExchangeById =
    "SELECT exchange_id, client_id, network, sender, content_type, received, content_revision, "
    "content, coalesce(sender_role, '') FROM message WHERE exchange_id = ?1 AND " SCHOTVRIJ_SHOWN("message");

inline constexpr std::string_view kAnswerByKey =
    "SELECT key_digest, answer_revision, answer, client_id FROM message WHERE key_token = ?1";

inline constexpr std::string_view kDeliveryById =
    "SELECT " SCHOTVRIJ_DELIVERY " FROM delivery WHERE delivery_id = ?1 AND " SCHOTVRIJ_SHOWN("delivery");

// Where a delivery stands; NULL while its batch hides it.
#define SCHOTVRIJ_PLACE(table)                                                               \
  "CASE WHEN " table ".batch IS NULL THEN " table ".number ELSE (SELECT b.base + " table     \
  ".batch_sequence FROM batch AS b WHERE b.number = " table ".batch AND b.state = 4) END"

// Of deliveries that wait, those that no earlier one of the same order precedes, nor one that precedes all of their sender's.
#define SCHOTVRIJ_UNPRECEDED                                                       \
  "FROM delivery AS d INDEXED BY delivery_due WHERE d.state = 1 AND d.due <= ?1 "  \
  "AND (d.client_id = '' OR NOT EXISTS (SELECT 1 FROM delivery AS e "              \
  "WHERE e.client_id = d.client_id AND e.recipient = d.recipient AND e.state IN (1, -1) " \
  "AND " SCHOTVRIJ_PLACE("e") " < d.number)) "                                     \
  "AND NOT EXISTS (SELECT 1 FROM delivery AS f INDEXED BY delivery_precedes "      \
  "WHERE f.state = 1 AND f.precedes IS NOT NULL AND f.recipient = d.recipient AND f.number < d.number " \
  "AND f.due < 9223372036854775807 " \
  "AND f.precedes = (SELECT m.sender FROM message AS m WHERE m.exchange_id = d.exchange_id)) " \
  "ORDER BY d.due, d.number LIMIT ?2"

inline constexpr std::string_view kDueDeliveries =
    "SELECT " SCHOTVRIJ_DELIVERY " " SCHOTVRIJ_UNPRECEDED;

inline constexpr std::string_view kNextDue = "SELECT d.due " SCHOTVRIJ_UNPRECEDED;

inline constexpr std::string_view kOpenDeliveriesOf =
    "SELECT " SCHOTVRIJ_DELIVERY " FROM delivery INDEXED BY delivery_order WHERE client_id = ?1 AND state IN (1, 2, -1, -2) "
    "AND " SCHOTVRIJ_SHOWN("delivery") " ORDER BY " SCHOTVRIJ_PLACE("delivery");

inline constexpr std::string_view kDeliveriesBetween =
    "SELECT d.delivery_id, d.exchange_id, d.client_id, m.sender, d.recipient, d.network, d.content_type, abs(d.state), d.answered, "
    "d.state > 0, coalesce(m.sender_role, ''), coalesce(d.recipient_role, '') "
    "FROM delivery AS d CROSS JOIN message AS m ON m.exchange_id = d.exchange_id "
    "WHERE d.delivery_id > ?1 AND d.delivery_id < ?2 "
    "AND (d.batch IS NULL OR (SELECT b.state FROM batch AS b WHERE b.number = d.batch) = 4) "
    "ORDER BY d.delivery_id LIMIT ?3";

inline constexpr std::string_view kOwnersIn = "SELECT owner FROM claim WHERE space = ?1";

// `hidden`: networks of which nothing is there, each with a comma before and behind it, or ''.
#define SCHOTVRIJ_NOT_IN(hidden) " AND (" hidden " = '' OR instr(" hidden ", ',' || network || ',') = 0)"
// What the recipient gets in that role, or whatever for ''.
#define SCHOTVRIJ_IN_ROLE(role) " AND (" role " = '' OR coalesce(recipient_role, " role ") = " role ")"

inline constexpr std::string_view kMailboxPlace =
    "SELECT " SCHOTVRIJ_PLACE("d") " FROM delivery AS d WHERE delivery_id = ?1 AND recipient = ?2" SCHOTVRIJ_NOT_IN("?3") SCHOTVRIJ_IN_ROLE("?4");

// ?1 recipient, ?2 number after which, ?3 content type or '', ?4 most, ?5 hidden networks, ?6 role or '', ?7 client.
#define SCHOTVRIJ_MAILBOX(state)                                             \
  "SELECT " SCHOTVRIJ_DELIVERY                                               \
  ", number FROM delivery INDEXED BY delivery_mailbox WHERE recipient = ?1 " \
  "AND state = " state " AND number > ?2 AND (?3 = '' OR content_type = ?3)" SCHOTVRIJ_NOT_IN("?5") SCHOTVRIJ_IN_ROLE("?6")
#define SCHOTVRIJ_MAILBOX_OF_CLIENT(states)                                \
  "SELECT " SCHOTVRIJ_DELIVERY                                             \
  ", number FROM delivery INDEXED BY delivery_order WHERE client_id = ?7 " \
  "AND recipient = ?1 AND state IN " states " AND number > ?2 AND (?3 = '' OR content_type = ?3)" SCHOTVRIJ_NOT_IN("?5") SCHOTVRIJ_IN_ROLE("?6")
#define SCHOTVRIJ_PAGE " ORDER BY number LIMIT ?4"

inline constexpr std::string_view kMailboxOpen = SCHOTVRIJ_MAILBOX("2") SCHOTVRIJ_PAGE;
inline constexpr std::string_view kMailboxAll =
    SCHOTVRIJ_MAILBOX("2") " UNION ALL " SCHOTVRIJ_MAILBOX("3") SCHOTVRIJ_PAGE;
inline constexpr std::string_view kMailboxOpenOfClient =
    SCHOTVRIJ_MAILBOX_OF_CLIENT("(2)") SCHOTVRIJ_PAGE;
inline constexpr std::string_view kMailboxAllOfClient =
    SCHOTVRIJ_MAILBOX_OF_CLIENT("(2, 3)") SCHOTVRIJ_PAGE;

// The same of what a batch in effect has not placed yet: those batches, and what lies in one of them behind ?2.
inline constexpr std::string_view kBatchesBeingPlaced =
    "SELECT number, base FROM batch INDEXED BY batch_open WHERE open = 1 AND state = 4 ORDER BY base";
inline constexpr std::string_view kMailboxOfBatch =
    "SELECT " SCHOTVRIJ_DELIVERY
    ", batch_sequence FROM delivery INDEXED BY delivery_batch WHERE batch = ?8 AND recipient = ?1 AND state = -2 "
    "AND batch_sequence > ?2 AND (?3 = '' OR content_type = ?3) AND (?7 = '' OR client_id = ?7)" SCHOTVRIJ_NOT_IN("?5") SCHOTVRIJ_IN_ROLE("?6")
    " ORDER BY batch_sequence LIMIT ?4";

#define SCHOTVRIJ_BATCH "batch_id, key_token, sender, version, state, open, parts, account_revision, account"
inline constexpr std::string_view kBatchByKey = "SELECT " SCHOTVRIJ_BATCH " FROM batch WHERE key_token = ?1";
inline constexpr std::string_view kOpenBatches =
    "SELECT " SCHOTVRIJ_BATCH " FROM batch INDEXED BY batch_open WHERE open = 1 ORDER BY number LIMIT ?1";
inline constexpr std::string_view kBatchParts =
    "SELECT p.sequence, p.identifier, p.facts_revision, p.facts, p.merged, m.exchange_id, m.client_id, m.network, "
    "m.sender, m.content_type, m.received, m.content_revision, m.content, d.delivery_id, d.recipient, abs(d.state), "
    "d.due, d.attempts, d.answered, d.frozen_revision, d.frozen, coalesce(m.sender_role, ''), coalesce(d.recipient_role, '') "
    "FROM batch_part AS p "
    "JOIN message AS m ON m.exchange_id = p.exchange_id JOIN delivery AS d ON d.delivery_id = p.delivery_id "
    "WHERE p.batch = (SELECT number FROM batch WHERE batch_id = ?1) AND p.sequence > ?2 ORDER BY p.sequence LIMIT ?3";
inline constexpr std::string_view kHiddenBatch =
    "SELECT b.batch_id FROM message AS m JOIN batch AS b ON b.number = m.batch WHERE m.exchange_id = ?1 "
    "AND b.state <> 4";

inline constexpr std::string_view kDueTimers =
    "SELECT timer_id, kind, subject, due FROM timer WHERE kind = ?1 AND due <= ?2 "
    "ORDER BY due, timer_id LIMIT ?3";

// One row for each that waits, up to a bound.
inline constexpr std::string_view kSomeDue =
    "SELECT 1 FROM delivery INDEXED BY delivery_due WHERE state = 1 AND due <= ?1 LIMIT ?2";
inline constexpr std::string_view kSomePostponed =
    "SELECT 1 FROM delivery INDEXED BY delivery_due WHERE state = 1 AND due > ?1 LIMIT ?2";
inline constexpr std::string_view kSomeAvailable =
    "SELECT 1 FROM delivery INDEXED BY delivery_mailbox WHERE recipient = ?1 AND state = 2 "
    "LIMIT ?2";

inline constexpr std::string_view kOldestAvailable =
    "SELECT due FROM delivery INDEXED BY delivery_mailbox WHERE recipient = ?1 AND state = 2 "
    "ORDER BY number LIMIT 1";

// The recipients with a mailbox, one after another.
inline constexpr std::string_view kNextRecipient =
    "SELECT recipient FROM delivery INDEXED BY delivery_mailbox "
    "WHERE (state = 2 OR state = 3) AND recipient > ?1 ORDER BY recipient LIMIT 1";

// A handful of chains, one per start of the program; each head is one step into the index. A row's sequence is that of its first
// record (audit_row.h).
inline constexpr std::string_view kAuditHeads =
    "SELECT c.chain, a.sequence, a.hash FROM audit_chain AS c JOIN audit AS a "
    "ON a.chain = c.number "
    "AND a.sequence = (SELECT max(sequence) FROM audit WHERE chain = c.number) "
    "ORDER BY c.number";

// From the row that has record ?2 on, or would have it.
inline constexpr std::string_view kAuditRecords =
    "SELECT sequence, previous, event, hash, sizes FROM audit "
    "WHERE chain = (SELECT number FROM audit_chain WHERE chain = ?1) "
    "AND sequence >= ifnull((SELECT max(sequence) FROM audit WHERE chain = "
    "(SELECT number FROM audit_chain WHERE chain = ?1) AND sequence <= ?2), ?2) "
    "ORDER BY sequence LIMIT ?3";

inline constexpr std::string_view kCheckpoints = "SELECT line FROM checkpoint ORDER BY number";

#undef SCHOTVRIJ_CLIENT
#undef SCHOTVRIJ_DELIVERY
#undef SCHOTVRIJ_SHOWN
#undef SCHOTVRIJ_PLACE
#undef SCHOTVRIJ_BATCH
#undef SCHOTVRIJ_UNPRECEDED
#undef SCHOTVRIJ_MAILBOX
#undef SCHOTVRIJ_MAILBOX_OF_CLIENT
#undef SCHOTVRIJ_PAGE
#undef SCHOTVRIJ_NOT_IN
#undef SCHOTVRIJ_IN_ROLE

// Those that a road full of messages asks: none of them may look through a table.
inline constexpr std::string_view kIndexed[] = {
    kClientById,  kClientByIdentifier,  kExchangeById,
    kAnswerByKey, kDeliveryById,        kDueDeliveries,
    kNextDue,     kMailboxPlace,        kMailboxOpen,
    kMailboxAll,  kMailboxOpenOfClient, kMailboxAllOfClient,
    kDueTimers,   kAuditRecords,        kMailboxOfBatch,
    kBatchByKey,  kBatchParts,          kHiddenBatch,
    kSomeDue,     kSomePostponed,       kSomeAvailable,
    kOldestAvailable, kNextRecipient,   kOpenDeliveriesOf,
    kOwnersIn,    kDeliveriesBetween,
};

}  // namespace schotvrij::store::queries
