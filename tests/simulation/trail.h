// Trail: the audit events of a whole run in the order in which they took effect, chain after chain, with what each is about.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "gateway/store/store.h"
#include "schotvrij/v1/audit.pb.h"

namespace schotvrij::simulation {

struct TrailEvent {
  v1::AuditEvent event;
  std::string exchange;
  std::string delivery;
  v1::AuditCode code() const { return event.code(); }
};

class Trail {
 public:
  // `chains` in the order of their starts. kDataLoss for an event that does not parse, or a chain that is not among them.
  static absl::StatusOr<Trail> Read(store::Store& store, const std::vector<std::string>& chains);

  const std::vector<TrailEvent>& events() const { return events_; }
  // Of the decision about a delivery: its place in the trail, or -1; and the exchange it carries.
  int64_t PlaceOf(const std::string& delivery) const;
  const std::map<std::string, std::string>& exchange_of() const { return exchange_of_; }
  // The delivery that carries an exchange; empty: none.
  std::string DeliveryOf(const std::string& exchange) const;
  size_t Count(v1::AuditCode code, const std::string& delivery, const std::string& trace_id = "") const;

 private:
  std::vector<TrailEvent> events_;
  std::map<std::string, int64_t> decided_;          // delivery → place
  std::map<std::string, std::string> delivery_of_;  // exchange → its delivery
  std::map<std::string, std::vector<size_t>> about_;  // delivery → places
  std::map<std::string, std::string> exchange_of_;  // delivery → exchange
};

}  // namespace schotvrij::simulation
