#include "tests/simulation/trail.h"

#include <algorithm>

#include "schemas/base/limits.h"
#include "schemas/base/status.h"

namespace schotvrij::simulation {
namespace {

TrailEvent Read(const std::string& bytes, bool* parsed) {
  TrailEvent read;
  *parsed = read.event.ParseFromString(bytes);
  for (const v1::AuditObject& object : read.event.objects()) {
    if (object.type() == "exchange") read.exchange = object.id();
    if (object.type() == "delivery") read.delivery = object.id();
  }
  return read;
}

}  // namespace

absl::StatusOr<Trail> Trail::Read(store::Store& store, const std::vector<std::string>& chains) {
  Trail trail;
  ASSIGN_OR_RETURN(const std::vector<ChainHead> heads, store.AuditHeads());
  for (const ChainHead& head : heads) {
    if (std::find(chains.begin(), chains.end(), head.chain) == chains.end()) {
      return absl::DataLossError("a chain of no gateway");
    }
  }
  for (const std::string& chain : chains) {
    for (uint64_t from = 1;;) {
      ASSIGN_OR_RETURN(const std::vector<AuditRecord> page, store.AuditRecords(chain, from, limits::kAuditPageRecords));
      if (page.empty()) break;
      from = page.back().sequence + 1;
      for (const AuditRecord& record : page) {
        bool parsed = false;
        trail.events_.push_back(simulation::Read(record.event, &parsed));
        if (!parsed) return absl::DataLossError("an event that does not parse");
      }
    }
  }
  for (size_t i = 0; i < trail.events_.size(); ++i) {
    const TrailEvent& event = trail.events_[i];
    trail.about_[event.delivery].push_back(i);
    if (event.code() != v1::AUDIT_DECIDE) continue;
    trail.decided_.emplace(event.delivery, static_cast<int64_t>(i));
    trail.exchange_of_.emplace(event.delivery, event.exchange);
    trail.delivery_of_.emplace(event.exchange, event.delivery);
  }
  return trail;
}

int64_t Trail::PlaceOf(const std::string& delivery) const {
  const auto found = decided_.find(delivery);
  return found == decided_.end() ? -1 : found->second;
}

std::string Trail::DeliveryOf(const std::string& exchange) const {
  const auto found = delivery_of_.find(exchange);
  return found == delivery_of_.end() ? "" : found->second;
}

size_t Trail::Count(v1::AuditCode code, const std::string& delivery, const std::string& trace_id) const {
  const auto places = about_.find(delivery);
  if (places == about_.end()) return 0;
  return static_cast<size_t>(std::ranges::count_if(places->second, [&](size_t place) {
    const TrailEvent& event = events_[place];
    return event.code() == code && (trace_id.empty() || event.event.trace_id() == trace_id);
  }));
}

}  // namespace schotvrij::simulation
