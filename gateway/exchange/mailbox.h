// Mailbox: what waits for a participant that fetches. Each read is decided afresh and is an event before it is answered.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "gateway/exchange/admission.h"
#include "gateway/exchange/events.h"
#include "gateway/exchange/road.h"

namespace schotvrij::exchange {

class Mailbox {
 public:
  explicit Mailbox(const RoadParts& parts) : parts_(parts) {}

  void Read(Road::MailboxRequest request, absl::AnyInvocable<void(Road::MailboxPage)> done);
  void Acknowledge(Road::AcknowledgeRequest request, absl::AnyInvocable<void(Road::Acknowledged)> done);

 private:
  absl::StatusOr<std::vector<store::Delivery>> Find(const Road::MailboxRequest& request,
                                                    const std::string& participant);
  absl::StatusOr<std::vector<store::Delivery>> FindWaiting(const Road::AcknowledgeRequest& request,
                                                           const std::string& participant);
  EventFrame Frame(const Standing& standing, Instant now, std::string_view peer, std::string_view actor,
                   std::string_view trace_id) const;

  const RoadParts& parts_;
};

}  // namespace schotvrij::exchange
