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
  // One delivery cannot be shown, which the operator is told; others are.
  void Unseen(const absl::Status& status, std::string_view trace_id);
  void ShowTrial(Reading& reading, const store::Delivery& trial, const EventFrame& frame);
  void TryAcknowledge(std::shared_ptr<Taking> taking);
  // Of what the actor of `frame` asks for in its role there, which is in its mailbox; not what the caller may not know of, and for who is
  // incomplete its trial only. Says on `page` how far it looked, and what is wrong with the request.
  absl::StatusOr<std::vector<store::Delivery>> Find(const Road::MailboxRequest& request, const Standing& standing,
                                                    const EventFrame& frame, Road::MailboxPage* page);
  absl::StatusOr<std::vector<store::Delivery>> FindWaiting(const Road::AcknowledgeRequest& request, const Standing& standing,
                                                           const EventFrame& frame);
  // It was asked for by who may not know of it; the answer does not wait for the event, as one about what is not there.
  void NoteHidden(const store::Delivery& delivery, EventFrame frame, const Standing& standing);
  EventFrame Frame(const Standing& standing, Instant now, std::string_view peer, std::string_view actor,
                   std::string_view trace_id) const;

  const RoadParts& parts_;
};

}  // namespace schotvrij::exchange
