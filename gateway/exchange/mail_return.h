// MailReturn: what follows when a mail of ours came back (Road::MailReturned). Lives until it is done.
#pragma once

#include <memory>

#include "gateway/exchange/events.h"
#include "gateway/exchange/road.h"

namespace schotvrij::exchange {

class MailReturn : public std::enable_shared_from_this<MailReturn> {
 public:
  MailReturn(const RoadParts& parts, Road::ReturnedMail mail, absl::AnyInvocable<void(Road::Returned)> done)
      : parts_(parts), mail_(std::move(mail)), done_(std::move(done)) {}

  // One try on the facts as they are now; on a concurrent change it is made again.
  void Start();

 private:
  void ReturnTrial(store::Delivery trial, const EventFrame& frame);
  void Commit(store::Unit unit, const store::Delivery& ended);
  void Fail(const absl::Status& status);
  void OnCommitted(absl::StatusOr<store::CommitResult> result, const store::Delivery& ended,
                   const std::vector<store::Delivery>& rung);

  const RoadParts& parts_;
  const Road::ReturnedMail mail_;
  absl::AnyInvocable<void(Road::Returned)> done_;
  int tries_ = 0;
};

}  // namespace schotvrij::exchange
