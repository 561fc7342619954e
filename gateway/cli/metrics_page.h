// The metrics page of a running gateway: what its ledger counted, and what is looked up when somebody asks.
#pragma once

#include <string>

#include "gateway/store/store.h"
#include "gateway/telemetry/ledger.h"
#include "gateway/transport/grpc/server.h"
#include "gateway/transport/http/server.h"
#include "schemas/base/runtime.h"

namespace schotvrij::cli {

// All outlive the page's reading; a listener may be null.
struct MeasuredParts {
  store::Store* store = nullptr;
  telemetry::Ledger* ledger = nullptr;
  const Clock* clock = nullptr;
  std::string database_file;
  const http::Server* https = nullptr;
  const rpc::GrpcServer* grpc = nullptr;
};

// Prometheus text exposition format 0.0.4. Costs the same however much is stored.
std::string MetricsPage(const MeasuredParts& parts);

}  // namespace schotvrij::cli
