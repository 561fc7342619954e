// Working days (werkdagen): every day but Saturdays, Sundays and those of schemas/codes/holiday.csv.
//
//   absl::StatusOr<CivilDate> due = AddWorkingDays(*CivilDate::Parse("2026-04-02"), 1);   // 2026-04-07: Easter is between
#pragma once

#include "absl/status/statusor.h"
#include "schemas/base/civil_date.h"

namespace schotvrij {

// kOutOfRange where the table has nothing of the day's year.
absl::StatusOr<bool> IsWorkingDay(CivilDate day);

// The `count`th working day after `day`, which itself does not count; 0: `day`. kOutOfRange where the table has nothing of a year on
// the way.
absl::StatusOr<CivilDate> AddWorkingDays(CivilDate day, int count);

}  // namespace schotvrij
