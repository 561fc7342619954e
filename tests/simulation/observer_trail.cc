#include <algorithm>
#include <map>

#include "gateway/audit/audit.h"
#include "tests/simulation/observer.h"

namespace schotvrij::simulation {

void Observer::JudgeChains(std::span<const std::string> file_checkpoints, const std::string& public_key_pem) {
  const audit::RecordSource source{
      [this]() -> absl::StatusOr<std::vector<std::string>> {
        absl::StatusOr<std::vector<ChainHead>> heads = store_.AuditHeads();
        if (!heads.ok()) return heads.status();
        std::vector<std::string> chains;
        for (const ChainHead& head : *heads) chains.push_back(head.chain);
        return chains;
      },
      [this](std::string_view chain, uint64_t from, size_t most) { return store_.AuditRecords(chain, from, most); }};
  const auto database_checkpoints = store_.Checkpoints();
  if (!database_checkpoints.ok()) return journal_.Violation("the checkpoints cannot be read");
  const auto verified = audit::Verify(source, *database_checkpoints, file_checkpoints, public_key_pem);
  if (!verified.ok()) return journal_.Violation("the trail cannot be verified");
  for (const audit::Finding& finding : verified->findings) journal_.Violation("audit: ", finding.chain, " ", finding.text);
  if (verified->not_vouched_for > 0) journal_.Violation("records that no checkpoint vouches for after an orderly end");
  if (verified->records != trail_.events().size()) journal_.Violation("the trail has other records than were verified");
}

void Observer::JudgeEvents() {
  for (const TrailEvent& event : trail_.events()) {
    if (!audit::MissingFields(event.event).empty()) journal_.Violation("an event lacks what the norm asks");
  }
  std::map<std::string, const TrailEvent*> refused;  // by trace
  for (const TrailEvent& event : trail_.events()) {
    if (event.code() == v1::AUDIT_REFUSE) refused[event.event.trace_id()] = &event;
  }
  for (const Refusal& refusal : record_.refusals) {
    const auto event = refused.find(refusal.trace_id);
    const bool told = event != refused.end() &&
                      std::equal(refusal.rules.begin(), refusal.rules.end(), event->second->event.rules().begin(),
                                 event->second->event.rules().end());
    if (!told) journal_.Violation("a refusal without its event: ", refusal.trace_id);
  }
  for (const Shown& item : record_.items) {
    if (trail_.Count(v1::AUDIT_READ, item.delivery_id, item.trace_id) != 1) {
      journal_.Violation("a read without its event: ", item.delivery_id);
    }
  }
  std::map<std::string, size_t> sent;
  for (const Shown& letter : record_.letters) ++sent[letter.delivery_id];
  for (const auto& [delivery, times] : sent) {
    if (trail_.Count(v1::AUDIT_DISCLOSE, delivery) < times) journal_.Violation("sent more often than the trail says: ", delivery);
  }
  for (const auto& [trace_id, delivery] : record_.acknowledgements) {
    if (trail_.Count(v1::AUDIT_DELIVER, delivery, trace_id) != 1) {
      journal_.Violation("an acknowledgement without its event: ", delivery);
    }
  }
  for (const auto& [id, delivery] : deliveries_) {
    const bool withheld = delivery.state == store::DeliveryState::kWithheld;
    const bool ended = withheld ? trail_.Count(v1::AUDIT_WITHHOLD, id) > 0
                                : trail_.Count(v1::AUDIT_DELIVER, id) > 0 || answers_.contains(id);
    if (!ended) journal_.Violation("a delivery ended without an event: ", id);
  }
}

}  // namespace schotvrij::simulation
