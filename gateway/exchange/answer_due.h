// When a recipient's answer is due (policy/deadline.h). Who posts a message puts a timer beside it for when the day is over; the operator
// is then told of it if the answer has not come, and it counts as overdue.
#pragma once

#include <string>

#include "gateway/exchange/road.h"
#include "gateway/exchange/timer_rounds.h"
#include "gateway/store/store.h"
#include "policy/rule_set.h"
#include "schemas/base/civil_date.h"

namespace schotvrij::exchange {

// Adds to `unit` the timer of a delivery that is taken in `today`, where the agreement names a deadline. One that cannot be counted is
// told the operator, and keeps no message from its recipient.
void PutAnswerTimer(const RoadParts& parts, const policy::RuleSet& rules, const store::Delivery& delivery, CivilDate today,
                    store::Unit* unit);

// For those timers.
TimerRounds::Kind AnswersDue();

}  // namespace schotvrij::exchange
