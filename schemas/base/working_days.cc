#include "schemas/base/working_days.h"

#include <cstdio>
#include <cstdlib>
#include <optional>
#include <set>

#include "absl/strings/str_cat.h"
#include "schemas/base/status.h"
#include "schemas/base/table.h"

namespace schotvrij {
namespace {

constexpr int64_t kDaysInWeek = 7;

struct Holidays {
  std::set<CivilDate> days;
  std::set<int> years;
};

const Holidays& HolidaysOfTheTable() {
  static const auto* holidays = [] {
    auto* read = new Holidays();
    for (const Table::Row& row : Table::Embedded("schemas/codes/holiday.csv").rows()) {
      const std::optional<CivilDate> day = CivilDate::Parse(row["day"]);
      if (!day.has_value()) {
        std::fprintf(stderr, "schotvrij: holiday.csv: a day is no date\n");
        std::abort();
      }
      read->days.insert(*day);
      read->years.insert(day->year());
    }
    return read;
  }();
  return *holidays;
}

bool IsWeekend(CivilDate day) {
  const int64_t since_thursday = (day.DayNumber() % kDaysInWeek + kDaysInWeek) % kDaysInWeek;  // 1970-01-01 was one
  return since_thursday == 2 || since_thursday == 3;
}

}  // namespace

absl::StatusOr<bool> IsWorkingDay(CivilDate day) {
  const Holidays& holidays = HolidaysOfTheTable();
  if (!holidays.years.contains(day.year())) {
    return absl::OutOfRangeError(absl::StrCat("schemas/codes/holiday.csv has no days of ", day.year()));
  }
  return !IsWeekend(day) && !holidays.days.contains(day);
}

absl::StatusOr<CivilDate> AddWorkingDays(CivilDate day, int count) {
  while (count > 0) {
    day = day.PlusDays(1);
    ASSIGN_OR_RETURN(const bool counts, IsWorkingDay(day));
    count -= counts;
  }
  return day;
}

}  // namespace schotvrij
