// When what rests on a client's consent is to be looked at again because a consent runs out by then. Whoever writes facts puts these
// timers beside them (ClientFile::PutFacts); consent_expiry.h works them off.
#pragma once

#include <string>

#include "gateway/store/store.h"
#include "schotvrij/v1/facts.pb.h"

namespace schotvrij::exchange {

// Kind of these timers; their subject is the client.
inline constexpr const char* kConsentTimer = "consent";

// Adds to `unit` a timer for the day after the last one of each permit in `after` that did not end before `today`, but for the days for
// which there is one since the facts were `before`. The same timer has the same id whenever it is put; one that is due already stays.
void PutConsentTimers(const std::string& client_id, const v1::Facts& before, const v1::Facts& after, CivilDate today,
                      store::Unit* unit);

// The timer that is due since `day` began.
store::Timer ConsentTimer(const std::string& client_id, CivilDate day);

}  // namespace schotvrij::exchange
