// ConsentEnd: a registration that rested on a consent ends with it. Whoever withdraws, denies or narrows a consent says so once; that
// the recipients of its own registrations hear of it is the gateway's work. Another provider's registrations are hidden as well, but
// not ended: that is for its provider. What another provider passed on ends nothing here either.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "gateway/exchange/opened_delivery.h"
#include "gateway/exchange/posting.h"

namespace schotvrij::exchange {

class ConsentEnd {
 public:
  // With what `sender` registered of the client and still stands. The store's error.
  static absl::StatusOr<ConsentEnd> Open(const RoadParts& parts, const ClientFile& file, std::string_view sender);

  // `facts` are those after `consent`. Adds to `unit` an ending, as of today, of each registration that its sender's own word lets
  // its recipient know no more of, told to a recipient that may have got it; returns the facts after these.
  v1::Facts Apply(const RoadParts& parts, const Standing& standing, const ClientFile& file, const v1::Exchange& consent,
                  v1::Facts facts, Instant now, const EventFrame& frame, store::Unit* unit) const;

 private:
  struct Resting {
    OpenedDelivery registration;
    std::vector<store::Delivery> deliveries;  // all that tell its recipient of the client
  };

  std::vector<Resting> resting_;
};

}  // namespace schotvrij::exchange
