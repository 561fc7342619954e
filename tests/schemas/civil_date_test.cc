#include "schemas/base/civil_date.h"

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "schemas/base/runtime.h"

namespace schotvrij {
namespace {

CivilDate Day(std::string_view text) { return *CivilDate::Parse(text); }

// Every day of eight centuries, and the ends of the calendar.
TEST(CivilDate, AgreesWithAbseilOnEveryDay) {
  const absl::CivilDay epoch(1970, 1, 1);
  for (absl::CivilDay day(1600, 1, 1); day < absl::CivilDay(2401, 1, 1); ++day) {
    std::optional<CivilDate> ours = CivilDate::FromYmd(static_cast<int>(day.year()), day.month(), day.day());
    ASSERT_TRUE(ours.has_value()) << day;
    ASSERT_EQ(ours->DayNumber(), day - epoch) << day;
    ASSERT_EQ(CivilDate::Parse(ours->ToString()), ours) << day;
    ASSERT_EQ(ours->PlusDays(1).DayNumber(), ours->DayNumber() + 1) << day;
    ASSERT_LT(*ours, ours->PlusDays(1)) << day;
  }
}

TEST(CivilDate, PlusDaysReachesOverMonthsYearsAndBack) {
  EXPECT_EQ(Day("2026-01-31").PlusDays(1), Day("2026-02-01"));
  EXPECT_EQ(Day("2024-02-28").PlusDays(2), Day("2024-03-01"));
  EXPECT_EQ(Day("2025-12-31").PlusDays(1), Day("2026-01-01"));
  EXPECT_EQ(Day("2026-03-01").PlusDays(-1), Day("2026-02-28"));
  EXPECT_EQ(Day("1970-01-01").PlusDays(-1).DayNumber(), -1);
  EXPECT_EQ(Day("2026-05-05").PlusDays(0), Day("2026-05-05"));
}

TEST(CivilDate, LeapYearsOfTheGregorianCalendar) {
  for (const char* leap : {"2024-02-29", "2000-02-29", "1600-02-29"}) EXPECT_TRUE(CivilDate::Parse(leap)) << leap;
  for (const char* none : {"2025-02-29", "1900-02-29", "2100-02-29"}) EXPECT_FALSE(CivilDate::Parse(none)) << none;
}

TEST(CivilDate, OnlyTenCharactersOfIso8601) {
  for (const char* bad : {"", "2026", "2026-01", "2026-1-1", "26-01-01", "2026-01-01 ", " 2026-01-01", "20260101",
                          "2026/01/01", "2026-13-01", "2026-00-01", "2026-01-00", "2026-01-32", "2026-04-31", "0000-01-01",
                          "-026-01-01", "2026-+1-01", "2026-01-0x", "10000-01-01", "2026-01-01T00:00:00Z"}) {
    EXPECT_FALSE(CivilDate::Parse(bad).has_value()) << bad;
  }
  EXPECT_EQ(Day("0001-01-01").ToString(), "0001-01-01");
  EXPECT_EQ(Day("9999-12-31").ToString(), "9999-12-31");
}

TEST(InPeriod, BothEndsAreInAndEmptyIsOpen) {
  EXPECT_TRUE(InPeriod(Day("2026-01-01"), "2026-01-01", "2026-01-01"));
  EXPECT_FALSE(InPeriod(Day("2025-12-31"), "2026-01-01", ""));
  EXPECT_FALSE(InPeriod(Day("2026-01-02"), "", "2026-01-01"));
  EXPECT_TRUE(InPeriod(Day("2026-01-02"), "", ""));
}

Instant At(std::string_view utc) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, std::string(utc), &time, &error)) << error;
  return {absl::ToUnixMicros(time)};
}

struct Moment {
  const char* utc;
  const char* today;
};

class Today : public testing::TestWithParam<Moment> {};

TEST_P(Today, IsTheDayInAmsterdam) {
  EXPECT_EQ(TodayInAmsterdam(At(GetParam().utc)).ToString(), GetParam().today);
}

TEST_P(Today, BeginsAtItsFirstInstant) {
  const CivilDate today = *CivilDate::Parse(GetParam().today);
  const Instant start = StartInAmsterdam(today);
  EXPECT_LE(start, At(GetParam().utc));
  EXPECT_LT(At(GetParam().utc), StartInAmsterdam(today.PlusDays(1)));
  EXPECT_EQ(TodayInAmsterdam(start), today);
  EXPECT_EQ(TodayInAmsterdam({start.us - 1}), today.PlusDays(-1));
}

INSTANTIATE_TEST_SUITE_P(
    AroundMidnightAndTheChangeOfTheClock, Today,
    testing::Values(Moment{"2026-01-01T22:59:59.999999Z", "2026-01-01"}, Moment{"2026-01-01T23:00:00Z", "2026-01-02"},
                    Moment{"2026-07-01T21:59:59.999999Z", "2026-07-01"}, Moment{"2026-07-01T22:00:00Z", "2026-07-02"},
                    // 29 March 2026, 02:00 becomes 03:00: midnight before it is at 23:00 UTC, midnight after it at 22:00.
                    Moment{"2026-03-28T22:59:59Z", "2026-03-28"}, Moment{"2026-03-28T23:00:00Z", "2026-03-29"},
                    Moment{"2026-03-29T00:59:59Z", "2026-03-29"}, Moment{"2026-03-29T01:00:00Z", "2026-03-29"},
                    Moment{"2026-03-29T21:59:59Z", "2026-03-29"}, Moment{"2026-03-29T22:00:00Z", "2026-03-30"},
                    // 25 October 2026, 03:00 becomes 02:00.
                    Moment{"2026-10-24T21:59:59Z", "2026-10-24"}, Moment{"2026-10-24T22:00:00Z", "2026-10-25"},
                    Moment{"2026-10-25T22:59:59Z", "2026-10-25"}, Moment{"2026-10-25T23:00:00Z", "2026-10-26"},
                    Moment{"2025-12-31T23:00:00Z", "2026-01-01"}, Moment{"2024-02-28T23:30:00Z", "2024-02-29"}));

}  // namespace
}  // namespace schotvrij
