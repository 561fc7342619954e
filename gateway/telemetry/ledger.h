// Ledger: the gateway's log and its metrics. It takes typed events only (event.h): one line of JSON per event, and counters.
//
//   ASSIGN_OR_RETURN(std::unique_ptr<Ledger> ledger, Ledger::Create({.clock = &clock}));
//   ledger->Record(telemetry::Repeated{.edge = EdgeName("grpc"), .sender = ParticipantKey("opella")});
//   std::string page = ledger->Metrics();
#pragma once

#include <cstdint>
#include <iosfwd>
#include <memory>
#include <span>
#include <string>

#include "absl/status/statusor.h"
#include "gateway/telemetry/event.h"
#include "schemas/base/runtime.h"

namespace schotvrij::telemetry {

struct LedgerOptions {
  const Clock* clock = nullptr;    // outlives the ledger
  std::string log_file = {};       // appended to; empty: standard error
  std::ostream* stream = nullptr;  // instead of either, for tests; outlives the ledger
  ReleaseNumber release = {};
  // Lines that are no warning wait a moment for each other, and are written as one; null: each is written at once. Outlives the ledger.
  Executor* executor = nullptr;
};

// What waits. Counts of deliveries stop at limits::kBacklogCountMax.
enum class Backlog { kQueuedUnits, kQueuedBytes, kDueDeliveries, kPostponedDeliveries, kUnvouchedRecords };

// What was done to a part of a batch.
enum class PartStep { kReceived, kJudged, kFinished, kRemoved };

// What lies in a mailbox.
struct MailboxBacklog {
  ParticipantKey recipient;
  uint64_t waiting = 0;   // stops at limits::kBacklogCountMax
  int64_t oldest_us = 0;  // how long the oldest has waited
};

// What a certificate is for: one that the gateway shows, one whose holders it lets in or trusts, or one it encrypts for.
enum class CertificateUse {
  kHttpsServer,
  kHttpsClientCa,
  kGrpcServer,
  kGrpcClientCa,
  kMailSigning,
  kMailServerCa,
  kMailRecipient,
  kMailInbox,   // what senders encrypt to
  kMailSender,  // what one signs with
};

struct CertificateExpiry {
  CertificateUse use = CertificateUse::kHttpsServer;
  ParticipantKey owner;  // empty: the gateway's own
  Instant not_after;     // of several in one file: the first to expire
};

// The files of the store.
enum class StoreFile { kDatabase, kLog, kFree };

// Thread-safe.
class Ledger {
 public:
  // kInvalidArgument when the log file cannot be opened.
  static absl::StatusOr<std::unique_ptr<Ledger>> Create(LedgerOptions options);
  ~Ledger();

  void Record(const Event& event);

  // Measurements that are no events.
  void SetBacklog(Backlog what, uint64_t count);
  // Each takes the place of what was shown before.
  void ShowMailboxes(std::span<const MailboxBacklog> mailboxes);
  void ShowCertificates(std::span<const CertificateExpiry> certificates);
  void SetStoreBytes(StoreFile file, uint64_t bytes);
  // Breach records that are open, and how long the oldest of them has been; 0 without one.
  void SetBreaches(uint64_t open, int64_t oldest_us);
  // One flush of units to the disk; and one sync within it, or at a checkpoint of the database.
  void ObserveCommit(int64_t duration_us);
  void ObserveSync(int64_t duration_us);
  void CountParts(PartStep step, uint64_t parts);
  void SetBatches(BatchStage stage, uint64_t count);  // that something is left to do for

  // Prometheus text exposition format 0.0.4.
  std::string Metrics() const;

 private:
  struct Parts;
  explicit Ledger(std::shared_ptr<Parts> parts);
  const std::shared_ptr<Parts> parts_;
};

}  // namespace schotvrij::telemetry
