// Counters: what the metrics page shows. Labels are names of our own configuration, rules and states, so that the number of
// series is bounded by what an administrator wrote, not by what peers send.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "gateway/telemetry/event.h"
#include "gateway/telemetry/ledger.h"
#include "gateway/telemetry/process_gauges.h"
#include "prometheus/counter.h"
#include "prometheus/gauge.h"
#include "prometheus/histogram.h"
#include "prometheus/registry.h"

namespace schotvrij::telemetry {

// Thread-safe.
class Counters {
 public:
  // `started`: of the process, near enough.
  Counters(const ReleaseNumber& release, Instant started);

  void Count(const Event& event);
  void SetBacklog(Backlog what, uint64_t count);
  void ShowMailboxes(std::span<const MailboxBacklog> mailboxes);
  void ShowCertificates(std::span<const CertificateExpiry> certificates);
  void SetStoreBytes(StoreFile file, uint64_t bytes);
  void SetBreaches(uint64_t open, int64_t oldest_us);
  void ObserveCommit(int64_t duration_us);
  void CountParts(PartStep step, uint64_t parts);
  void SetBatches(BatchStage stage, uint64_t count);
  void ObserveSync(int64_t duration_us);
  std::string Text() const;

 private:
  template <size_t... I>
  void ShowZeros(std::index_sequence<I...>);
  // One per event that counts for more than its name.
  void Add(const Started& event);
  void Add(const PolicyLoaded& event);
  void Add(const Received& event);
  void Add(const Accepted& event);
  void Add(const Refused& event);
  void Add(const DeliveryMoved& event);
  void Add(const AnswerOverdue& event);
  void Add(const MailIn& event);
  void Add(const Failed& event);
  template <typename Other>
  void Add(const Other&) {}

  // One gauge per member of a list that is replaced as a whole.
  class Shown {
   public:
    Shown(prometheus::Registry& registry, const char* name, const char* help);
    void Replace(std::vector<std::pair<prometheus::Labels, double>> values);

   private:
    prometheus::Family<prometheus::Gauge>& family_;
    absl::Mutex mutex_;
    std::vector<prometheus::Gauge*> gauges_ ABSL_GUARDED_BY(mutex_);
  };

  prometheus::Registry registry_;
  prometheus::Family<prometheus::Counter>& events_;
  prometheus::Family<prometheus::Counter>& intake_;
  prometheus::Family<prometheus::Counter>& decisions_;
  prometheus::Family<prometheus::Counter>& refusals_;
  prometheus::Family<prometheus::Counter>& deliveries_;
  prometheus::Family<prometheus::Counter>& overdue_answers_;
  prometheus::Family<prometheus::Counter>& mails_in_;
  prometheus::Family<prometheus::Counter>& failures_;
  prometheus::Family<prometheus::Counter>& batch_parts_;
  prometheus::Family<prometheus::Gauge>& batches_;
  prometheus::Family<prometheus::Gauge>& backlog_;
  prometheus::Family<prometheus::Gauge>& networks_;
  prometheus::Family<prometheus::Gauge>& store_bytes_;
  prometheus::Gauge& breaches_;
  prometheus::Gauge& breach_age_;
  prometheus::Family<prometheus::Histogram>& answers_;
  prometheus::Histogram& commits_;
  prometheus::Histogram& syncs_;
  Shown policy_set_;
  Shown mailboxes_;
  Shown mailbox_ages_;
  Shown certificates_;
  ProcessGauges process_;
};

}  // namespace schotvrij::telemetry
