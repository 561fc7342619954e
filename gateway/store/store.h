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

// Relied on: the delivery is still in `state`.
struct ExpectDelivery {
  std::string delivery_id;
  DeliveryState state = DeliveryState::kDue;
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
struct PutClient {
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
};
struct PutExchange {
  std::string exchange_id;
  std::string client_id;
  std::string network;
  std::string sender;
  std::string content_type;
  Instant received;
  Sealed content;
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
};

struct Timer {
  std::string timer_id;
  std::string kind;
  std::string subject;
  Instant due;
};

// Judged in this order, on what is stored and the units before it: idempotency, expects, identifiers, uniques. Releases go
// before claims, done timers before new ones, deliveries before their updates.
struct Unit {
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
  std::vector<Delivery> delivery_updates;   // state, due, attempts, answered by delivery_id; frozen when it has bytes
  std::vector<Timer> timers;                // one of the same id is replaced
  std::vector<std::string> done_timers;
  std::vector<std::string> audit;           // exact event bytes, chained by the store in this order

  size_t Bytes() const;  // for the queue's bound
};

// Outcomes are values.
struct Committed {};
struct Duplicate {       // the same key and digest came before
  Sealed answer;
  std::string client_id;  // of the first exchange of the Unit that had the key; empty: it had none
};
struct OtherContent {};  // the same key came before with another digest
struct Stale {           // an Expect or ExpectDelivery no longer holds: decide again
  std::string subject;   // of the Expect; the delivery's id
};
struct NotUnique {
  std::string space;     // "identifier" for PutIdentifier
  std::string owner;     // exchange id (client id for "identifier") that holds the token
};
using CommitResult = std::variant<Committed, Duplicate, OtherContent, Stale, NotUnique>;

struct ClientRow {
  std::string client_id;
  std::string wrapped_key;
  uint64_t facts_version = 0;
  Sealed facts;
};

struct ExchangeRow {
  PutExchange exchange;
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
  // Deliveries in kDue whose time has come and that no earlier open one of the same (recipient, client) precedes; longest due
  // first. Deliveries without a client have no order.
  virtual absl::StatusOr<std::vector<Delivery>> DueDeliveries(Instant now, size_t most) = 0;
  // When the next delivery falls due that none precedes, if any waits; may lie in the past.
  virtual absl::StatusOr<std::optional<Instant>> NextDue() = 0;
  // The recipient's mailbox, oldest first, after the item `after` (empty: from the start). kInvalidArgument when `after` is no
  // delivery to this recipient.
  struct MailboxQuery {
    std::string recipient;
    bool unacknowledged_only = true;  // kAvailable only; false: kDelivered as well
    std::string content_type;         // empty: all
    std::string client_id;            // empty: all
    std::string after;                // delivery id
    size_t most = 100;
  };
  virtual absl::StatusOr<std::vector<Delivery>> Mailbox(const MailboxQuery& query) = 0;
  virtual absl::StatusOr<std::vector<Timer>> DueTimers(Instant now, size_t most) = 0;

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
