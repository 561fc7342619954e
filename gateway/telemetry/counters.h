// Counters: what the metrics page shows. Labels are names of our own configuration, rules and states, so that the number of
// series is bounded by what an administrator wrote, not by what peers send.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/synchronization/mutex.h"
#include "gateway/telemetry/event.h"
#include "gateway/telemetry/ledger.h"
#include "prometheus/counter.h"
#include "prometheus/gauge.h"
#include "prometheus/histogram.h"
#include "prometheus/registry.h"

namespace schotvrij::telemetry {

// Thread-safe.
class Counters {
 public:
  Counters();

  void Count(const Event& event);
  void SetBacklog(Backlog what, uint64_t count);
  void ObserveCommit(int64_t duration_us);
  void CountParts(PartStep step, uint64_t parts);
  void SetBatches(BatchStage stage, uint64_t count);
  void SetCertificateExpiry(CertificateUse use, const ParticipantKey& owner, Instant not_after);
  std::string Text() const;

 private:
  // One per event that counts for more than its name.
  void Add(const Started& event);
  void Add(const PolicyLoaded& event);
  void Add(const Received& event);
  void Add(const Accepted& event);
  void Add(const Refused& event);
  void Add(const DeliveryMoved& event);
  void Add(const Failed& event);
  template <typename Other>
  void Add(const Other&) {}
  void ShowPolicySet(const PolicySet& set);

  prometheus::Registry registry_;
  prometheus::Family<prometheus::Counter>& events_;
  prometheus::Family<prometheus::Counter>& intake_;
  prometheus::Family<prometheus::Counter>& decisions_;
  prometheus::Family<prometheus::Counter>& refusals_;
  prometheus::Family<prometheus::Counter>& deliveries_;
  prometheus::Family<prometheus::Counter>& failures_;
  prometheus::Family<prometheus::Counter>& batch_parts_;
  prometheus::Family<prometheus::Gauge>& batches_;
  prometheus::Family<prometheus::Gauge>& backlog_;
  prometheus::Family<prometheus::Gauge>& networks_;
  prometheus::Family<prometheus::Gauge>& policy_set_;
  prometheus::Family<prometheus::Gauge>& certificates_;
  prometheus::Family<prometheus::Histogram>& answers_;
  prometheus::Histogram& commits_;

  absl::Mutex policy_mutex_;
  prometheus::Gauge* policy_set_shown_ ABSL_GUARDED_BY(policy_mutex_) = nullptr;
};

}  // namespace schotvrij::telemetry
