// How the Wmo counts days, weeks and months (iWmo 3.2, IV076 and IV077). Civil dates only; no time zone.
#pragma once

#include <cstdint>
#include <optional>

#include "policy/period.h"
#include "schemas/base/civil_date.h"

namespace schotvrij::casefile {

// Both inclusive; `until` is not before `from`.
struct Days {
  CivilDate from;
  CivilDate until;

  friend bool operator==(const Days&, const Days&) = default;
};

int64_t CountDays(const Days& days);
// Weeks from Monday to Sunday (ISO 8601) of which a day is among them: broken ones count.
int64_t CountWeeks(const Days& days);
int64_t CountSundays(const Days& days);
// Calendar months of which a day is among them.
int64_t CountMonths(const Days& days);
// Nothing: there is no Sunday among them.
std::optional<CivilDate> LastSunday(const Days& days);
bool IsSunday(CivilDate day);

// ProductPeriode of an allocation in the month of `day` (TR387, TR388): the month, cut off where the allocation begins or ends, whenever the
// care itself began or ended. Nothing: no day of the month is allocated.
std::optional<Days> ProductPeriod(const policy::Period& allocation, CivilDate day);

}  // namespace schotvrij::casefile
