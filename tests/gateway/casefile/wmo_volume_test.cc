#include "gateway/casefile/wmo_volume.h"

#include <string>

#include "gtest/gtest.h"

namespace schotvrij::casefile {
namespace {

AllocatedVolume Allocated(WmoVariant variant, int64_t volume, std::string_view frequency, std::string_view from, std::string_view until,
                          std::string_view category = "02") {
  return {*policy::Period::Parse(from, until), variant, category, volume, frequency};
}

std::optional<int64_t> MaxIn(const AllocatedVolume& allocated, std::string_view month) {
  const std::optional<Days> period = ProductPeriod(allocated.period, *CivilDate::Parse(std::string(month) + "-01"));
  return period ? MaxVolumeOfLine(allocated, *period) : std::nullopt;
}

TEST(WmoVolume, EffortPerWeekCountsBrokenWeeks_IV077) {
  const AllocatedVolume allocated = Allocated(WmoVariant::kEffort, 3, "2", "2025-10-07", "2025-12-30");
  EXPECT_EQ(MaxIn(allocated, "2025-10"), 12);
  EXPECT_EQ(MaxIn(allocated, "2025-11"), 15);
  EXPECT_EQ(MaxIn(allocated, "2025-12"), 15);
  EXPECT_EQ(MaxVolumeOfAll(allocated), 39);
}

TEST(WmoVolume, HelpInTheHouseholdIsSixWeeksWhateverTheMonth) {
  const AllocatedVolume allocated = Allocated(WmoVariant::kEffort, 3, "2", "2025-10-07", "2025-12-30", "01");
  for (const char* month : {"2025-10", "2025-11", "2025-12"}) EXPECT_EQ(MaxIn(allocated, month), 18) << month;
  EXPECT_EQ(MaxVolumeOfAll(allocated), 39);
  // Output is reckoned by Sundays there as well.
  EXPECT_EQ(MaxIn(Allocated(WmoVariant::kOutput, 3, "2", "2025-10-07", "2025-12-30", "01"), "2025-10"), 9);
}

TEST(WmoVolume, OutputPerWeekCountsSundaysAndTheBrokenLastWeek_IV077) {
  const AllocatedVolume allocated = Allocated(WmoVariant::kOutput, 30'000, "2", "2025-07-07", "2025-09-05");
  EXPECT_EQ(MaxIn(allocated, "2025-07"), 90'000);
  EXPECT_EQ(MaxIn(allocated, "2025-08"), 180'000);
  EXPECT_EQ(MaxIn(allocated, "2025-09"), 0);
  EXPECT_EQ(MaxVolumeOfAll(allocated), 270'000);
}

TEST(WmoVolume, OutputThatEndsOnASundayHasNoBrokenWeek_IV076) {
  const AllocatedVolume allocated = Allocated(WmoVariant::kOutput, 30'000, "2", "2025-07-07", "2025-09-07");
  EXPECT_EQ(MaxIn(allocated, "2025-07"), 90'000);
  EXPECT_EQ(MaxIn(allocated, "2025-08"), 150'000);
  EXPECT_EQ(MaxIn(allocated, "2025-09"), 30'000);
  EXPECT_EQ(MaxVolumeOfAll(allocated), 270'000);
}

TEST(WmoVolume, OutputWithoutAnySundayIsOneWeekWhereItEnds) {
  const AllocatedVolume allocated = Allocated(WmoVariant::kOutput, 5, "2", "2025-06-30", "2025-07-04");
  EXPECT_EQ(MaxIn(allocated, "2025-06"), 0);
  EXPECT_EQ(MaxIn(allocated, "2025-07"), 5);
  EXPECT_EQ(MaxVolumeOfAll(allocated), 5);
}

TEST(WmoVolume, PerMonthIsTheWholeVolumeInABrokenMonth) {
  const AllocatedVolume allocated = Allocated(WmoVariant::kEffort, 15, "4", "2025-10-14", "2025-12-31");
  EXPECT_EQ(MaxIn(allocated, "2025-10"), 15);
  EXPECT_EQ(MaxVolumeOfAll(allocated), 45);
}

TEST(WmoVolume, PerDayIsEachDayAndTotalTheWhole) {
  const AllocatedVolume day = Allocated(WmoVariant::kEffort, 2, "1", "2024-02-15", "2024-03-02");
  EXPECT_EQ(MaxIn(day, "2024-02"), 30);
  EXPECT_EQ(MaxVolumeOfAll(day), 34);
  const AllocatedVolume total = Allocated(WmoVariant::kOutput, 100, "6", "2024-02-15", "");
  EXPECT_EQ(MaxIn(total, "2024-02"), 100);
  EXPECT_EQ(MaxVolumeOfAll(total), 100);
}

TEST(WmoVolume, WhatCannotBeReckonedIsNothing) {
  EXPECT_EQ(MaxIn(Allocated(WmoVariant::kOutput, 5, "2", "2025-07-01", ""), "2025-07"), std::nullopt);
  EXPECT_EQ(MaxIn(Allocated(WmoVariant::kEffort, 5, "2", "2025-07-01", ""), "2025-07"), 25);
  for (const char* frequency : {"", "3", "5", "02"}) {
    EXPECT_EQ(MaxIn(Allocated(WmoVariant::kEffort, 5, frequency, "2025-07-01", "2025-07-31"), "2025-07"), std::nullopt);
    EXPECT_EQ(MaxVolumeOfAll(Allocated(WmoVariant::kEffort, 5, frequency, "2025-07-01", "2025-07-31")), std::nullopt);
  }
  for (const char* frequency : {"1", "2", "4"}) {
    EXPECT_EQ(MaxVolumeOfAll(Allocated(WmoVariant::kEffort, 5, frequency, "2025-07-01", "")), std::nullopt);
  }
  for (int64_t volume : {int64_t{-1}, kWmoVolumeMax + 1, INT64_MAX, INT64_MIN}) {
    const AllocatedVolume allocated = Allocated(WmoVariant::kEffort, volume, "1", "2025-07-01", "2025-07-31");
    EXPECT_EQ(MaxIn(allocated, "2025-07"), std::nullopt);
    EXPECT_EQ(MaxVolumeOfAll(allocated), std::nullopt);
  }
  EXPECT_EQ(MaxVolumeOfAll(Allocated(WmoVariant::kEffort, kWmoVolumeMax, "1", "0001-01-01", "9999-12-31")), 3'652'059 * kWmoVolumeMax);
}

// What is allowed per line and in all agree: no week of an output allocation is lost or counted twice.
TEST(WmoVolume, TheLinesOfAnOutputAllocationAddUpToAll) {
  for (int start = 0; start < 800; start += 3) {
    for (int length : {0, 1, 4, 5, 6, 7, 30, 31, 61, 365}) {
      const CivilDate from = CivilDate::Parse("2023-01-01")->PlusDays(start);
      const AllocatedVolume allocated = {{from, from.PlusDays(length)}, WmoVariant::kOutput, "02", 1, "2"};
      int64_t lines = 0;
      for (CivilDate next = from; next <= *allocated.period.until;) {
        const Days period = *ProductPeriod(allocated.period, next);
        lines += *MaxVolumeOfLine(allocated, period);
        next = period.until.PlusDays(1);
      }
      ASSERT_EQ(lines, MaxVolumeOfAll(allocated)) << from.ToString() << " " << length;
      ASSERT_LE(lines, CountWeeks({from, from.PlusDays(length)}));
    }
  }
}

TEST(WmoVolume, HoursMayBeDeclaredInMinutesAndNothingElseInAnything_TR341) {
  EXPECT_EQ(VolumeInUnit(3, "04", "01"), 180);
  EXPECT_EQ(VolumeInUnit(3, "04", "04"), 3);
  EXPECT_EQ(VolumeInUnit(3, "01", "04"), std::nullopt);
  EXPECT_EQ(VolumeInUnit(3, "16", "04"), std::nullopt);
  EXPECT_EQ(VolumeInUnit(3, "82", "84"), std::nullopt);
  EXPECT_EQ(VolumeInUnit(-1, "04", "01"), std::nullopt);
  EXPECT_EQ(VolumeInUnit(INT64_MAX, "04", "01"), std::nullopt);
}

TEST(WmoVolume, HoursAreMadeWholeOverThePeriod) {
  EXPECT_EQ(WholeHours(4 * 95), 6);
  EXPECT_EQ(WholeHours(389), 6);
  EXPECT_EQ(WholeHours(390), 7);
  EXPECT_EQ(WholeHours(60), 1);
  EXPECT_EQ(WholeHours(89), 1);
  EXPECT_EQ(WholeHours(90), 2);
  EXPECT_EQ(WholeHours(29), 1);
  EXPECT_EQ(WholeHours(1), 1);
  EXPECT_EQ(WholeHours(0), 0);
  EXPECT_EQ(WholeHours(INT64_MAX), INT64_MAX / 60);  // 7 minutes over
}

}  // namespace
}  // namespace schotvrij::casefile
