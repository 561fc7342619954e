// TimerRounds: works off the timers of one kind as they fall due, each in one Unit that removes it. It keeps nothing in memory, so that
// whatever was under way when the gateway died is found again.
//
//   TimerRounds rounds(parts, {kConsentTimer, telemetry::Place("consent-expiry"), &LookAgain});
//   rounds.Start();
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "gateway/exchange/road.h"
#include "gateway/store/store.h"
#include "gateway/telemetry/event.h"

namespace schotvrij::exchange {

// What a timer asks for.
struct TimerWork {
  store::Unit unit;                          // the removal of the timer is added to it
  std::optional<telemetry::Event> recorded;  // told the operator once the unit is committed, at most once
};

class TimerRounds {
 public:
  struct Kind {
    std::string name;
    telemetry::Place place;  // that failures are recorded under
    std::function<absl::StatusOr<TimerWork>(const RoadParts& parts, const store::Timer& timer)> look;
  };

  // `parts.executor`: where the work is done; it may be one whose threads give way to others.
  TimerRounds(RoadParts parts, Kind kind);
  ~TimerRounds();

  // From now on rounds are run on the parts' executor, each limits::kTimerRoundUs.
  void Start();
  // No round begins any more. The executor must be drained before this object goes.
  void Stop();

 private:
  class Rounds;
  std::shared_ptr<Rounds> rounds_;
};

}  // namespace schotvrij::exchange
