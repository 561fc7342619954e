// ConsentEnd: a registration that rested on a consent ends with it. Whoever withdraws, denies or narrows a consent, by itself or in a
// registration, says so once, and who lets one run out says nothing; that the recipients of its own registrations hear of it is the
// gateway's work. Another provider's registrations are hidden as well, but not ended: that is for its provider. What another provider
// passed on ends nothing here either.
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

  // What an ending is worked out with; all must outlive the call.
  struct Moment {
    const RoadParts& parts;
    const Standing& standing;
    const ClientFile& file;
    Instant now;
    const EventFrame& frame;
  };

  // `facts` are those after `said`, in which the sender said something of a consent. Adds to `unit` an ending, as of today, of each
  // registration that its sender's own word lets its recipient know no more of, told to a recipient that may have got it; returns the
  // facts after these. What only ran out is not ended by this.
  v1::Facts TakenBack(const Moment& moment, const v1::Exchange& said, v1::Facts facts, store::Unit* unit) const;
  // The same when nobody said anything: whatever the sender's own word lets its recipient know no more of.
  v1::Facts RunOut(const Moment& moment, v1::Facts facts, store::Unit* unit) const;

 private:
  struct Resting {
    OpenedDelivery registration;
    std::vector<store::Delivery> deliveries;  // all that tell its recipient of the client
  };

  // Whether `end`, of `resting`, was added to `unit` and `facts`.
  static bool Tell(const Moment& moment, const Resting& resting, v1::Exchange end, v1::Facts* facts, store::Unit* unit);

  std::string sender_;
  std::vector<Resting> resting_;
};

}  // namespace schotvrij::exchange
