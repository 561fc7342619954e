// Mailbox: what waits for a participant that fetches. Each read is decided afresh and is an event before it is answered. A
// registration of which nothing may leave any more when it is read has ended: withheld, and its sender is told.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "gateway/exchange/admission.h"
#include "gateway/exchange/events.h"
#include "gateway/exchange/opened_delivery.h"
#include "gateway/exchange/road.h"

namespace schotvrij::exchange {

class Mailbox {
 public:
  explicit Mailbox(const RoadParts& parts) : parts_(parts) {}

  void Read(Road::MailboxRequest request, absl::AnyInvocable<void(Road::MailboxPage)> done);
  void Acknowledge(Road::AcknowledgeRequest request, absl::AnyInvocable<void(Road::Acknowledged)> done);

 private:
  struct Reading;
  struct Taking;

  void TryRead(std::shared_ptr<Reading> reading);
  // Adds what `standing` lets the reader know of one delivery, and that it is told so.
  void Show(Reading& reading, const Standing& standing, const OpenedDelivery& opened, EventFrame frame);
  void TryAcknowledge(std::shared_ptr<Taking> taking);
  // Says on `page` how far it looked, and what is wrong with the request.
  absl::StatusOr<std::vector<store::Delivery>> Find(const Road::MailboxRequest& request, const std::string& participant,
                                                    CivilDate today, Road::MailboxPage* page);
  absl::StatusOr<std::vector<store::Delivery>> FindWaiting(const Road::AcknowledgeRequest& request,
                                                           const std::string& participant);
  EventFrame Frame(const Standing& standing, Instant now, std::string_view peer, std::string_view actor,
                   std::string_view trace_id) const;

  const RoadParts& parts_;
};

}  // namespace schotvrij::exchange
