// R23: deadlines count Dutch working days from a dated holiday table.
#include "schemas/base/working_days.h"

#include <random>
#include <set>
#include <string>

#include "absl/time/civil_time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "schemas/base/table.h"

namespace schotvrij::working_days {
namespace {

constexpr int kFirstYear = 2023;
constexpr int kLastYear = 2035;

CivilDate Day(std::string_view text) { return *CivilDate::Parse(text); }
CivilDate Ours(absl::CivilDay day) { return *CivilDate::FromYmd(static_cast<int>(day.year()), day.month(), day.day()); }

// By the tables of the church: the Sunday after the full moon (the golden number's, with the corrections of 1900 to 2199) that comes on or
// after 21 March.
absl::CivilDay EasterOf(int year) {
  const int golden = year % 19;
  int epact = (24 + 19 * golden) % 30;
  if (epact == 29 || (epact == 28 && golden > 10)) --epact;
  const absl::CivilDay full_moon = absl::CivilDay(year, 3, 21) + epact;
  return absl::NextWeekday(full_moon, absl::Weekday::sunday);
}

std::set<absl::CivilDay> HolidaysOf(int year) {
  const absl::CivilDay easter = EasterOf(year);
  const absl::CivilDay birthday(year, 4, 27);
  return {absl::CivilDay(year, 1, 1),
          easter - 2,
          easter + 1,
          absl::GetWeekday(birthday) == absl::Weekday::sunday ? birthday - 1 : birthday,
          absl::CivilDay(year, 5, 5),
          easter + 39,
          easter + 50,
          absl::CivilDay(year, 12, 25),
          absl::CivilDay(year, 12, 26)};
}

bool CountsByTheRule(absl::CivilDay day) {
  const absl::Weekday weekday = absl::GetWeekday(day);
  return weekday != absl::Weekday::saturday && weekday != absl::Weekday::sunday &&
         !HolidaysOf(static_cast<int>(day.year())).contains(day);
}

TEST(WorkingDays, R23_TheTableHasTheHolidaysOfEachYear) {
  std::set<std::string> expected, found;
  for (int year = kFirstYear; year <= kLastYear; ++year) {
    for (const absl::CivilDay day : HolidaysOf(year)) expected.insert(Ours(day).ToString());
  }
  for (const Table::Row& row : Table::Embedded("schemas/codes/holiday.csv").rows()) {
    found.emplace(row["day"]);
  }
  EXPECT_EQ(found, expected);
}

// Days that anybody can look up: what both computations could have wrong alike.
TEST(WorkingDays, R23_DaysThatWereSeenOnACalendar) {
  for (const char* holiday : {"2023-04-07", "2024-04-01", "2024-05-09", "2024-05-20", "2025-04-18", "2025-04-26", "2026-04-06",
                              "2026-05-14", "2026-05-25", "2026-12-25"}) {
    EXPECT_NE(Table::Embedded("schemas/codes/holiday.csv").Find("day", holiday), nullptr) << holiday;
    EXPECT_FALSE(*IsWorkingDay(Day(holiday))) << holiday;
  }
  for (const char* day : {"2025-04-28", "2026-05-15", "2026-12-24", "2026-12-31"}) EXPECT_TRUE(*IsWorkingDay(Day(day))) << day;
}

TEST(WorkingDays, R23_EveryDayOfTheTableIsWhatTheRuleSays) {
  for (absl::CivilDay day(kFirstYear, 1, 1); day.year() <= kLastYear; ++day) {
    ASSERT_EQ(*IsWorkingDay(Ours(day)), CountsByTheRule(day)) << day;
  }
}

TEST(WorkingDays, R23_AddingCountsOneByOne) {
  std::mt19937 chance(23);
  for (int i = 0; i < 5000; ++i) {
    const absl::CivilDay from = absl::CivilDay(kFirstYear, 1, 1) + static_cast<int>(chance() % 4500);
    const int count = static_cast<int>(chance() % 61);
    absl::CivilDay last = from;
    for (int left = count; left > 0; left -= CountsByTheRule(last)) ++last;
    ASSERT_EQ(*AddWorkingDays(Ours(from), count), Ours(last)) << from << " + " << count;
  }
}

TEST(WorkingDays, R23_OverEasterChristmasAndTheYear) {
  EXPECT_EQ(*AddWorkingDays(Day("2026-04-02"), 1), Day("2026-04-07"));
  EXPECT_EQ(*AddWorkingDays(Day("2026-11-20"), 5), Day("2026-11-27"));
  EXPECT_EQ(*AddWorkingDays(Day("2026-12-24"), 1), Day("2026-12-28"));
  EXPECT_EQ(*AddWorkingDays(Day("2026-12-31"), 1), Day("2027-01-04"));
  EXPECT_EQ(*AddWorkingDays(Day("2026-11-21"), 0), Day("2026-11-21")) << "a Saturday";
}

TEST(WorkingDays, R23_AYearThatTheTableDoesNotHoldIsAnErrorAndNotAGuess) {
  for (const char* day : {"2022-12-30", "2036-01-01", "1970-01-01", "9999-12-30"}) {
    EXPECT_EQ(IsWorkingDay(Day(day)).status().code(), absl::StatusCode::kOutOfRange) << day;
    EXPECT_EQ(AddWorkingDays(Day(day), 1).status().code(), absl::StatusCode::kOutOfRange) << day;
  }
  EXPECT_EQ(*AddWorkingDays(Day("2035-12-28"), 1), Day("2035-12-31"));
  EXPECT_EQ(AddWorkingDays(Day("2035-12-31"), 1).status().code(), absl::StatusCode::kOutOfRange);
}

}  // namespace
}  // namespace schotvrij::working_days
