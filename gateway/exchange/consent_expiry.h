// ConsentExpiry: what the gateway does by itself when a consent runs out: registrations that no other consent carries end, and those who
// have them are told (consent_end.h). It also looks at what a batch said of a consent, once that is in effect. One client at a time, each in
// one Unit that removes what made it due; it keeps nothing in memory, so that whatever was under way when the gateway died is found again.
#pragma once

#include <memory>

#include "gateway/exchange/road.h"

namespace schotvrij::exchange {

class ConsentExpiry {
 public:
  // `parts.executor`: where the work is done; it may be one whose threads give way to others.
  explicit ConsentExpiry(RoadParts parts);
  ~ConsentExpiry();

  // From now on rounds are run on the parts' executor, each limits::kConsentRoundUs.
  void Start();
  // No round begins any more. The executor must be drained before this object goes.
  void Stop();

 private:
  class Rounds;
  std::shared_ptr<Rounds> rounds_;
};

}  // namespace schotvrij::exchange
