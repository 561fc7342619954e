// What the gateway does by itself when a consent runs out: registrations that no other consent carries end, and those who have them are
// told (consent_end.h). It also looks at what a batch said of a consent, once that is in effect. One client at a time.
#pragma once

#include "gateway/exchange/timer_rounds.h"

namespace schotvrij::exchange {

// For the timers of consent_due.h.
TimerRounds::Kind ConsentExpiry();

}  // namespace schotvrij::exchange
