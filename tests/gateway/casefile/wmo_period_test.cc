#include "gateway/casefile/wmo_period.h"

#include <ctime>
#include <set>
#include <string>

#include "gtest/gtest.h"

namespace schotvrij::casefile {
namespace {

CivilDate WmoDay(std::string_view text) { return *CivilDate::Parse(text); }
Days From(std::string_view from, std::string_view until) { return {WmoDay(from), WmoDay(until)}; }

// ISO year and week, and whether it is a Sunday, as the C library has them.
std::string Strftime(CivilDate day, const char* format) {
  const time_t seconds = static_cast<time_t>(day.DayNumber() * 86'400);
  std::tm fields = {};
  gmtime_r(&seconds, &fields);
  char text[16];
  return std::string(text, std::strftime(text, sizeof text, format, &fields));
}

TEST(WmoPeriod, WeeksAndSundaysAreThoseOfTheCLibrary) {
  for (const char* begin : {"1969-12-20", "1999-12-27", "2020-12-21", "2024-02-20", "2026-11-28"}) {
    std::set<std::string> weeks;
    int64_t sundays = 0;
    std::optional<CivilDate> last;
    for (Days days = From(begin, begin); CountDays(days) <= 1200; days.until = days.until.PlusDays(1)) {
      weeks.insert(Strftime(days.until, "%G-%V"));
      if (Strftime(days.until, "%u") == "7") {
        ++sundays;
        last = days.until;
      }
      ASSERT_EQ(CountWeeks(days), static_cast<int64_t>(weeks.size())) << begin << " " << days.until.ToString();
      ASSERT_EQ(CountSundays(days), sundays) << begin << " " << days.until.ToString();
      ASSERT_EQ(LastSunday(days), last) << begin << " " << days.until.ToString();
      ASSERT_EQ(IsSunday(days.until), last == days.until);
    }
  }
}

// A year of weeks runs from the Monday of the week with its first Thursday to the Sunday before that of the next.
TEST(WmoPeriod, AnIsoYearHas52Or53Weeks) {
  const auto first_monday = [](int year) {
    CivilDate day = *CivilDate::FromYmd(year, 1, 4);
    while (Strftime(day, "%u") != "1") day = day.PlusDays(-1);
    return day;
  };
  for (int year = 1971; year < 2400; ++year) {
    const Days days = {first_monday(year), first_monday(year + 1).PlusDays(-1)};
    const int64_t weeks = Strftime(*CivilDate::FromYmd(year, 12, 28), "%V") == "53" ? 53 : 52;
    ASSERT_EQ(CountWeeks(days), weeks) << year;
    ASSERT_EQ(CountSundays(days), weeks) << year;
    ASSERT_EQ(CountDays(days), weeks * 7) << year;
  }
}

TEST(WmoPeriod, TheFirstDaysOfAYearMayBeInItsPredecessorsLastWeek) {
  EXPECT_EQ(CountWeeks(From("2020-12-28", "2021-01-03")), 1);  // week 53
  EXPECT_EQ(CountWeeks(From("2021-01-03", "2021-01-04")), 2);
  EXPECT_EQ(CountWeeks(From("2024-12-30", "2025-01-05")), 1);
  EXPECT_EQ(CountWeeks(From("2024-02-29", "2024-02-29")), 1);
  EXPECT_EQ(CountMonths(From("2024-12-31", "2025-01-01")), 2);
  EXPECT_EQ(CountMonths(From("2024-02-29", "2024-02-29")), 1);
}

std::optional<Days> PeriodIn(std::string_view month, std::string_view from, std::string_view until) {
  return ProductPeriod(*policy::Period::Parse(from, until), WmoDay(month));
}

TEST(WmoPeriod, AProductPeriodIsTheMonthCutByTheAllocation_TR387_TR388) {
  EXPECT_EQ(PeriodIn("2025-03-31", "2025-04-08", "2025-06-17"), std::nullopt);
  EXPECT_EQ(PeriodIn("2025-04-01", "2025-04-08", "2025-06-17"), From("2025-04-08", "2025-04-30"));
  EXPECT_EQ(PeriodIn("2025-05-15", "2025-04-08", "2025-06-17"), From("2025-05-01", "2025-05-31"));
  EXPECT_EQ(PeriodIn("2025-06-30", "2025-04-08", "2025-06-17"), From("2025-06-01", "2025-06-17"));
  EXPECT_EQ(PeriodIn("2025-07-01", "2025-04-08", "2025-06-17"), std::nullopt);
  EXPECT_EQ(PeriodIn("2024-02-10", "2024-01-31", ""), From("2024-02-01", "2024-02-29"));
  EXPECT_EQ(PeriodIn("2024-02-29", "2024-02-29", "2024-02-29"), From("2024-02-29", "2024-02-29"));
  EXPECT_EQ(PeriodIn("9999-12-01", "2024-01-31", ""), From("9999-12-01", "9999-12-31"));
}

TEST(WmoPeriod, TheProductPeriodsOfAnAllocationAreItsDaysOnceEach) {
  for (int start = 0; start < 800; start += 7) {
    for (int length : {0, 1, 27, 28, 29, 30, 31, 32, 59, 60, 365, 366, 1461}) {
      const CivilDate from = WmoDay("2023-01-01").PlusDays(start);
      const policy::Period allocation = {from, from.PlusDays(length)};
      int64_t days = 0, months = 0;
      for (CivilDate next = from; next <= *allocation.until; ++months) {
        const Days period = *ProductPeriod(allocation, next);
        ASSERT_EQ(period.from, next);
        days += CountDays(period);
        next = period.until.PlusDays(1);
      }
      ASSERT_EQ(days, length + 1) << from.ToString();
      ASSERT_EQ(months, CountMonths({from, *allocation.until}));
    }
  }
}

}  // namespace
}  // namespace schotvrij::casefile
