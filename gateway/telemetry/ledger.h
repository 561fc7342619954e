// Ledger: the gateway's log and its metrics. It takes typed events only (event.h): one line of JSON per event, and counters.
//
//   ASSIGN_OR_RETURN(std::unique_ptr<Ledger> ledger, Ledger::Create({.clock = &clock}));
//   ledger->Record(telemetry::Repeated{.edge = EdgeName("grpc"), .sender = ParticipantKey("opella")});
//   std::string page = ledger->Metrics();
#pragma once

#include <cstdint>
#include <iosfwd>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "gateway/telemetry/event.h"
#include "schemas/base/runtime.h"

namespace schotvrij::telemetry {

struct LedgerOptions {
  const Clock* clock = nullptr;    // outlives the ledger
  std::string log_file = {};       // appended to; empty: standard error
  std::ostream* stream = nullptr;  // instead of either, for tests; outlives the ledger
};

// What waits.
enum class Backlog { kQueuedUnits, kQueuedBytes, kDueDeliveries, kUnvouchedRecords };

// What was done to a part of a batch.
enum class PartStep { kReceived, kJudged, kFinished, kRemoved };

// What a certificate is for.
enum class CertificateUse { kServer, kMailSigning, kMailRecipient };

// Thread-safe.
class Ledger {
 public:
  // kInvalidArgument when the log file cannot be opened.
  static absl::StatusOr<std::unique_ptr<Ledger>> Create(LedgerOptions options);
  ~Ledger();

  void Record(const Event& event);

  // Measurements that are no events.
  void SetBacklog(Backlog what, uint64_t count);
  void ObserveCommit(int64_t duration_us);
  void CountParts(PartStep step, uint64_t parts);
  void SetBatches(BatchStage stage, uint64_t count);  // that something is left to do for
  // `owner`: the participant, or empty for the gateway's own.
  void SetCertificateExpiry(CertificateUse use, const ParticipantKey& owner, Instant not_after);

  // Prometheus text exposition format 0.0.4.
  std::string Metrics() const;

 private:
  struct Parts;
  explicit Ledger(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace schotvrij::telemetry
