// The clock in the Netherlands beside UTC, for standards that tell a local time without a zone.
//
//   OffsetInAmsterdam(day, 9 * 3600)   // 7200 in summer: 09:00:00+02:00
#pragma once

#include <cstdint>

#include "absl/time/time.h"
#include "schemas/base/civil_date.h"
#include "schemas/base/runtime.h"

namespace schotvrij {

// Europe/Amsterdam.
const absl::TimeZone& Amsterdam();

// Seconds that the clock in Europe/Amsterdam is ahead of UTC at `instant`.
int64_t OffsetInAmsterdam(Instant instant);

// The same when that clock shows `second_of_day` of `day`. Of an hour that comes twice it is the first; for a time that the clock
// passes over, what it was until then.
int64_t OffsetInAmsterdam(CivilDate day, int64_t second_of_day);

}  // namespace schotvrij
