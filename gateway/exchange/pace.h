// Pace: when a mail to a recipient may go, so that no more than so many a minute do (R56).
//
//   Pace pace(100'000);                                          // a tenth of a second apart
//   const Instant turn = pace.TurnOf("gemeente-ede", id, now);   // goes when `turn` has come; else it asks again then
//
// Knows nothing of what was sent before it was made. Not thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "schemas/base/runtime.h"

namespace schotvrij::exchange {

class Pace {
 public:
  // `apart_us`: at least so long between two to one recipient; 0: no pace.
  explicit Pace(int64_t apart_us) : apart_us_(apart_us) {}

  // The turn of a delivery. It keeps the one that it was given, until it has come and it asked, or was too late for it; of more than
  // limits::kPaceTurnsMax that wait the last are only told when to ask again.
  Instant TurnOf(const std::string& recipient, const std::string& delivery_id, Instant now);

  int64_t apart_us() const { return apart_us_; }
  bool AnyWaits() const { return !turns_.empty(); }

 private:
  // Forgets turns that nobody came for: after a standstill not all go at once whose turns passed in it.
  void Forget(Instant now);

  const int64_t apart_us_;
  std::map<std::string, Instant> next_;   // by recipient: the first turn that is not given yet
  std::map<std::string, Instant> turns_;  // by delivery, of those that wait
  Instant forgot_;                        // when it last looked
};

}  // namespace schotvrij::exchange
