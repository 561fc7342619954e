// ProcessGauges: what the process takes of the machine, under the names that every Prometheus client uses.
#pragma once

#include "prometheus/counter.h"
#include "prometheus/gauge.h"
#include "prometheus/registry.h"
#include "schemas/base/runtime.h"

namespace schotvrij::telemetry {

// Thread-safe.
class ProcessGauges {
 public:
  ProcessGauges(prometheus::Registry& registry, Instant started);

  // Looks again. What the machine does not tell keeps its last value.
  void Refresh() const;

 private:
  prometheus::Gauge& resident_;
  prometheus::Gauge& descriptors_;
  prometheus::Gauge& cpu_;
};

}  // namespace schotvrij::telemetry
