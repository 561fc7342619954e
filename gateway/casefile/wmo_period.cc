#include "gateway/casefile/wmo_period.h"

#include <algorithm>

namespace schotvrij::casefile {
namespace {

int64_t FloorDiv(int64_t value, int64_t by) { return value / by - (value % by < 0 ? 1 : 0); }

// Day 0 of CivilDate is a Thursday.
int64_t WeekNumber(CivilDate day) { return FloorDiv(day.DayNumber() + 3, 7); }       // grows by one each Monday
int64_t SundaysUntil(CivilDate day) { return FloorDiv(day.DayNumber() + 4, 7); }     // grows by one each Sunday
int64_t MonthNumber(CivilDate day) { return int64_t{day.year()} * 12 + day.month(); }

CivilDate FirstOfMonth(CivilDate day) { return *CivilDate::FromYmd(day.year(), day.month(), 1); }

CivilDate LastOfMonth(CivilDate day) {
  for (int last = 31;; --last) {
    if (std::optional<CivilDate> found = CivilDate::FromYmd(day.year(), day.month(), last)) return *found;
  }
}

}  // namespace

int64_t CountDays(const Days& days) { return days.until.DayNumber() - days.from.DayNumber() + 1; }
int64_t CountWeeks(const Days& days) { return WeekNumber(days.until) - WeekNumber(days.from) + 1; }
int64_t CountMonths(const Days& days) { return MonthNumber(days.until) - MonthNumber(days.from) + 1; }

int64_t CountSundays(const Days& days) {
  return SundaysUntil(days.until) - SundaysUntil(days.from) + (IsSunday(days.from) ? 1 : 0);
}

std::optional<CivilDate> LastSunday(const Days& days) {
  if (CountSundays(days) == 0) return std::nullopt;
  return days.until.PlusDays(SundaysUntil(days.until) * 7 - 4 - days.until.DayNumber());
}

bool IsSunday(CivilDate day) { return (day.DayNumber() + 4) % 7 == 0; }

std::optional<Days> ProductPeriod(const policy::Period& allocation, CivilDate day) {
  const Days month = {FirstOfMonth(day), LastOfMonth(day)};
  if (allocation.from > month.until || (allocation.until && *allocation.until < month.from)) return std::nullopt;
  return Days{std::max(month.from, allocation.from), allocation.until ? std::min(month.until, *allocation.until) : month.until};
}

}  // namespace schotvrij::casefile
