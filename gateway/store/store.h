// Store: one interface, several engines. It sees sealed bytes, random ids and keyed tokens; it knows no content types.
//
// Everything the road changes goes in one Unit: all of it or nothing, with what it relied on. Units that wait together share
// one flush (group commit) and stay independent: one's conflict never undoes another's.
//
//   store.Commit(std::move(unit), executor, [](absl::StatusOr<CommitResult> result) { ... });   // posted to `executor`
//
// The writer is driven by its owner (a thread in main, a step in a simulation): `while (store.WaitForWork()) store.Flush();`
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "schemas/base/audit_chain.h"
#include "schemas/base/runtime.h"

namespace schotvrij::store {

// A sealed value with the revision of the schema it was written with.
struct Sealed {
  uint32_t revision = 1;
  std::string bytes;
};

// Relied on: `subject` (a client id) still has facts of `version`; 0: none yet.
struct Expect {
  std::string subject;
  uint64_t version = 0;
};

enum class DeliveryState : int {
  kDue = 1,          // waits for its time and for the deliveries before it in its order
  kAvailable = 2,    // lies in the recipient's mailbox
  kDelivered = 3,    // taken over by the recipient's system (SMTP accepted, mailbox acknowledged)
  kDeadLetter = 4,
  kWithheld = 5,
};

// Of a delivery in kDue: until another time is put.
inline constexpr Instant kNever{std::numeric_limits<int64_t>::max()};

// Relied on: the delivery is still in `state`, and no attempt was made after those.
struct ExpectDelivery {
  std::string delivery_id;
  DeliveryState state = DeliveryState::kDue;
  std::optional<uint32_t> attempts = std::nullopt;  // none: however many there were
};

// The space in which PutIdentifier claims its tokens.
inline constexpr std::string_view kIdentifierSpace = "identifier";

// Relied on: nobody else holds `token` in `space`. `owner` (an exchange id) holds it from this Unit on.
struct Unique {
  std::string space;
  std::string token;
  std::string owner;
};

// The sender's key of this message, as a keyed token, with the keyed digest of its content and the answer it gets.
struct Idempotency {
  std::string token;
  std::string digest;
  Sealed answer;
};

// Ids of rows that are put are new, those that are updated are there: else the Unit ends with kInvalidArgument, our own fault.
struct PutClient {  // one of whom nothing is known yet may be put again, with the same key
  std::string client_id;
  std::string wrapped_key;
};
struct PutIdentifier {  // keyed token of a BSN (or another number) → client; NotUnique when another client has it
  std::string token;
  std::string client_id;
};
struct PutFacts {  // becomes the version after the one that Expect names
  std::string client_id;
  Sealed facts;
  bool same = false;  // they say what was known before, with what `merged` adds written into them: the version stays
};
struct PutExchange {
  std::string exchange_id;
  std::string client_id;
  std::string network;
  std::string sender;
  std::string content_type;
  Instant received;
  Sealed content;
  std::string sender_role = {};  // in which it was sent; empty: from before roles were kept
};

struct Delivery {
  std::string delivery_id;
  std::string exchange_id;
  std::string client_id;
  std::string recipient;
  std::string network;
  std::string content_type;
  DeliveryState state = DeliveryState::kDue;
  Instant due;
  uint32_t attempts = 0;
  bool answered = false;  // the recipient gave its verdict; an update that knows of none takes none back
  Sealed frozen;          // v1::FrozenDelivery
  // A sender (participant key) of whom nothing that came later is due to this recipient before this one has ended, unless it is due
  // kNever. Empty: none.
  std::string precedes;
  std::string recipient_role = {};  // in which its recipient gets it; empty: from before roles were kept
};

struct Timer {
  std::string timer_id;
  std::string kind;
  std::string subject;
  Instant due;
};

// A batch: messages of one sender that come into effect together or not at all. Its parts are stored as they come, and hidden.
// The Unit that puts it in effect shows all of them at once; what is left to do then (facts to merge, parts to finish) changes
// nothing that a read says.
enum class BatchState : int {
  kReceiving = 1,
  kStaged = 2,    // whole
  kJudged = 3,    // every part still holds
  kInEffect = 4,
  kRefused = 5,   // no part of it was or will be in effect
};

struct Batch {
  std::string batch_id;
  std::string key_token;  // the sender's key of the batch, as a keyed token
  std::string sender;
  uint64_t version = 0;   // put: the one it follows on, 0 for a new batch; read: the one it is at
  BatchState state = BatchState::kReceiving;
  bool open = true;       // something is left to do
  uint64_t parts = 0;     // received; those in effect are numbered 1 up to this
  Sealed account;         // the road's own
};

// One message of a batch, to one recipient. Sequences of a batch rise.
struct BatchPart {
  uint64_t sequence = 0;
  std::string identifier;  // token under which its client is found
  PutExchange exchange;
  Delivery delivery;       // kDue or kAvailable
  Sealed facts;            // what it adds to its client's
  bool merged = false;
};
struct PartRef {
  std::string batch_id;
  uint64_t sequence = 0;
};

// Judged in this order, on what is stored and the units before it: idempotency, expects, identifiers, uniques, batch. Releases
// go before claims, done timers before new ones, deliveries before their updates.
struct Unit {
  std::string participant;  // on whose behalf, for its share of the queue; empty: the gateway's own
  bool background = false;  // gives way to others, as often as commit_queue.h says
  std::vector<Expect> expects;
  std::vector<ExpectDelivery> expects_deliveries;
  std::vector<Unique> uniques;
  std::vector<Unique> releases;  // tokens given back; without effect unless `owner` holds it
  std::optional<Idempotency> idempotency;
  std::vector<PutClient> clients;
  std::vector<PutIdentifier> identifiers;
  std::vector<PutFacts> facts;
  std::vector<PutExchange> exchanges;
  std::vector<Delivery> deliveries;         // inserted
  // State, due, attempts, answered by delivery_id; frozen when it has bytes, recipient when it has text. What goes
  // from kDue to kAvailable takes the last place in the mailbox.
  std::vector<Delivery> delivery_updates;
  std::vector<Timer> timers;                // one of the same id is replaced
  std::vector<std::string> done_timers;
  std::vector<std::string> audit;           // exact event bytes, chained by the store in this order
  std::optional<Batch> batch;
  std::vector<BatchPart> parts;             // of `batch`, new
  // PutFacts of this Unit holds what these parts of batches in effect add. Stale when one was merged meanwhile.
  std::vector<PartRef> merged;
  // Nothing is left to do for these parts. Of a batch in effect: merged, and its delivery takes its place among the others. Of
  // any other: message and delivery go, and so does the client if nothing else was ever said of it.
  std::vector<PartRef> finished;

  size_t Bytes() const;  // for the queue's bound
};

// Outcomes are values.
struct Committed {};
struct Duplicate {       // the same key and digest came before
  Sealed answer;
  std::string client_id;  // of the first exchange of the Unit that had the key; empty: it had none
};
struct OtherContent {};  // the same key came before with another digest
struct Stale {           // an Expect or ExpectDelivery no longer holds, or the batch is at another version: decide again
  std::string subject;   // of the Expect; the delivery's or the batch's id
};
struct NotUnique {
  std::string space;     // "identifier" for PutIdentifier
  std::string owner;     // exchange id (client id for "identifier") that holds the token
  std::string token;
};
using CommitResult = std::variant<Committed, Duplicate, OtherContent, Stale, NotUnique>;

// What a part of a batch in effect adds to its client's facts, while they do not hold it yet.
struct PendingFacts {
  PartRef part;
  Sealed facts;
};

struct ClientRow {
  std::string client_id;
  std::string wrapped_key;
  uint64_t facts_version = 0;  // each pending part counts
  Sealed facts;                // empty: none yet
  std::vector<PendingFacts> pending;  // oldest first
};

struct ExchangeRow {
  PutExchange exchange;
};

// What a delivery came of.
struct Origin {
  ClientRow client;
  ExchangeRow exchange;
};

// Limits of one store's queue; zeros are the defaults of schemas/base/limits.h.
struct QueueLimits {
  size_t units = 0;
  size_t bytes = 0;
};

class Store {
 public:
  using Done = absl::AnyInvocable<void(absl::StatusOr<CommitResult>)>;

  virtual ~Store() = default;

  // Queues `unit`. `done` is posted to `executor` exactly once, after the flush that holds the unit is on disk (or failed):
  // kUnavailable: nothing was written and the same may be tried again (disk full, database locked). When the queue is full
  // returns kResourceExhausted at once, after Stop kUnavailable, and `done` is never called. Thread-safe.
  virtual absl::Status Commit(Unit unit, Executor* executor, Done done) = 0;

  // Blocks until units wait (true) or Stop was called and none is left (false).
  virtual bool WaitForWork() = 0;
  // Commits what waits, up to limits::kFlushUnitsMax, in one flush. Returns how many units were in it.
  virtual size_t Flush() = 0;
  // Refuses new units from now on; those queued are still flushed.
  virtual void Stop() = 0;
  // Waits until limits::kFoldBytes were committed since the last time, and moves them from the engine's log into its database, beside the
  // writer, which else would hold up its units for it. False: never again is there anything to move, or Stop was called. For one thread
  // of its own.
  virtual bool FoldWhenDue() = 0;

  // Reads; each sees every commit that was reported before it was called. Thread-safe. kUnavailable on trouble with the store.
  virtual absl::StatusOr<std::optional<ClientRow>> ClientByIdentifier(std::string_view token) = 0;
  virtual absl::StatusOr<std::optional<ClientRow>> ClientById(std::string_view client_id) = 0;
  virtual absl::StatusOr<std::optional<ExchangeRow>> ExchangeById(std::string_view exchange_id) = 0;
  struct KnownKey {
    std::string digest;
    Sealed answer;
    std::string client_id;  // as in Duplicate
  };
  virtual absl::StatusOr<std::optional<KnownKey>> AnswerByKey(std::string_view idempotency_token) = 0;
  virtual absl::StatusOr<std::optional<Delivery>> DeliveryById(std::string_view delivery_id) = 0;
  // Of many, as they stood at one moment: those that are there, in the order of `delivery_ids`; what each of `deliveries` came of,
  // nothing where its client or its exchange is gone.
  virtual absl::StatusOr<std::vector<Delivery>> DeliveriesById(std::span<const std::string> delivery_ids) = 0;
  virtual absl::StatusOr<std::vector<std::optional<Origin>>> OriginsOf(std::span<const Delivery> deliveries) = 0;
  // Deliveries in kDue whose time has come and that no earlier open one of the same (recipient, client) precedes; longest due
  // first. Deliveries without a client have no order. One of a batch in effect is due once its part is finished.
  virtual absl::StatusOr<std::vector<Delivery>> DueDeliveries(Instant now, size_t most) = 0;
  // When the next delivery falls due that none precedes, if any waits; may lie in the past.
  virtual absl::StatusOr<std::optional<Instant>> NextDue() = 0;
  // The client's deliveries in kDue or kAvailable, in their order.
  virtual absl::StatusOr<std::vector<Delivery>> OpenDeliveriesOf(std::string_view client_id) = 0;
  // Deliveries whose ids lie between `after` and `before`, by id, whoever is party to them: an id begins with when it was drawn
  // (NewRowId), so that a day is a range.
  struct DayEntry {
    std::string delivery_id;
    std::string exchange_id;
    std::string client_id;
    std::string sender;
    std::string recipient;
    std::string network;
    std::string content_type;
    DeliveryState state = DeliveryState::kDue;
    bool answered = false;
    bool placed = true;  // false: it waits, in a batch in effect whose part is not finished
    std::string sender_role = {};
    std::string recipient_role = {};
  };
  virtual absl::StatusOr<std::vector<DayEntry>> DeliveriesBetween(std::string_view after, std::string_view before, size_t most) = 0;
  // Who hold a token in `space`.
  virtual absl::StatusOr<std::vector<std::string>> OwnersIn(std::string_view space) = 0;
  // The recipient's mailbox, oldest first, after the item `after` (empty: from the start). kInvalidArgument when `after` is no
  // delivery to this recipient.
  struct MailboxQuery {
    std::string recipient;
    bool unacknowledged_only = true;  // kAvailable only; false: kDelivered as well
    std::string content_type;         // empty: all
    std::string client_id;            // empty: all
    std::string after;                // delivery id
    size_t most = 100;
    std::vector<std::string> hidden_networks;  // what is of one of these is not there
    std::string recipient_role = {};  // nor what the recipient gets in another role; empty: all
  };
  virtual absl::StatusOr<std::vector<Delivery>> Mailbox(const MailboxQuery& query) = 0;
  // Of one kind, longest due first.
  virtual absl::StatusOr<std::vector<Timer>> DueTimers(std::string_view kind, Instant now, size_t most) = 0;

  // Batches. Those with something left to do, oldest first; the parts of one that are not finished, behind `after`.
  virtual absl::StatusOr<std::optional<Batch>> BatchByKey(std::string_view key_token) = 0;
  virtual absl::StatusOr<std::vector<Batch>> OpenBatches(size_t most) = 0;
  virtual absl::StatusOr<std::vector<BatchPart>> BatchParts(std::string_view batch_id, uint64_t after, size_t most) = 0;
  // The batch that keeps this exchange hidden, if one does.
  virtual absl::StatusOr<std::optional<std::string>> HiddenBatch(std::string_view exchange_id) = 0;

  // What waits, for the operator. Costs the same however much is stored: no count goes beyond limits::kBacklogCountMax, which
  // then means "so many or more".
  struct Mailboxful {
    std::string recipient;
    size_t waiting = 0;  // in kAvailable
    Instant oldest;      // when the oldest of them was put there
  };
  struct Backlog {
    size_t queued_units = 0;  // for a flush
    size_t queued_bytes = 0;
    size_t due = 0;           // in kDue, their time has come
    size_t postponed = 0;     // in kDue, their time is still to come
    std::vector<Mailboxful> mailboxes;  // those in which something waits, by recipient
  };
  virtual absl::StatusOr<Backlog> ReadBacklog(Instant now) = 0;

  // Audit. Heads of all chains that have records, oldest chain first; records of one chain from `from_sequence` on.
  virtual absl::StatusOr<std::vector<ChainHead>> AuditHeads() = 0;
  virtual absl::StatusOr<std::vector<AuditRecord>> AuditRecords(std::string_view chain, uint64_t from_sequence,
                                                                size_t most) = 0;
  // Signed checkpoints, oldest first: opaque lines that the audit room writes and reads.
  virtual absl::Status PutCheckpoint(std::string_view line) = 0;
  virtual absl::StatusOr<std::vector<std::string>> Checkpoints() = 0;
};

}  // namespace schotvrij::store
