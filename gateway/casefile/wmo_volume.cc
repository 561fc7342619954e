#include "gateway/casefile/wmo_volume.h"

#include <algorithm>

namespace schotvrij::casefile {
namespace {

constexpr std::string_view kPerDay = "1", kPerWeek = "2", kPerMonth = "4", kTotal = "6";
constexpr std::string_view kMinutes = "01", kHours = "04";
constexpr std::string_view kHousehold = "01";
constexpr int64_t kHouseholdWeeks = 6;

bool InRange(int64_t volume) { return volume >= 0 && volume <= kWmoVolumeMax; }

bool Holds(const Days& days, CivilDate day) { return days.from <= day && day <= days.until; }

// The week that is broken off where the allocation ends, if it is counted among `days`.
int64_t BrokenWeek(const Days& allocation, const Days& days) {
  if (IsSunday(allocation.until)) return 0;
  return Holds(days, LastSunday(allocation).value_or(allocation.until)) ? 1 : 0;
}

std::optional<int64_t> WeeksOfLine(const AllocatedVolume& allocated, const Days& product_period) {
  if (allocated.variant == WmoVariant::kEffort) {
    return allocated.category == kHousehold ? kHouseholdWeeks : CountWeeks(product_period);
  }
  if (!allocated.period.until) return std::nullopt;
  return CountSundays(product_period) + BrokenWeek({allocated.period.from, *allocated.period.until}, product_period);
}

int64_t WeeksOfAll(const AllocatedVolume& allocated, const Days& all) {
  if (allocated.variant == WmoVariant::kEffort) return CountWeeks(all);
  return CountSundays(all) + BrokenWeek(all, all);
}

// At most a day for each of ten thousand years, of a volume in range: no overflow.
std::optional<int64_t> Times(std::optional<int64_t> count, int64_t volume) {
  return count ? std::optional(*count * volume) : std::nullopt;
}

}  // namespace

std::optional<int64_t> MaxVolumeOfLine(const AllocatedVolume& allocated, const Days& product_period) {
  if (!InRange(allocated.volume)) return std::nullopt;
  if (allocated.frequency == kPerDay) return Times(CountDays(product_period), allocated.volume);
  if (allocated.frequency == kPerWeek) return Times(WeeksOfLine(allocated, product_period), allocated.volume);
  if (allocated.frequency == kPerMonth || allocated.frequency == kTotal) return allocated.volume;
  return std::nullopt;
}

std::optional<int64_t> MaxVolumeOfAll(const AllocatedVolume& allocated) {
  if (!InRange(allocated.volume)) return std::nullopt;
  if (allocated.frequency == kTotal) return allocated.volume;
  if (!allocated.period.until) return std::nullopt;
  const Days all = {allocated.period.from, *allocated.period.until};
  if (allocated.frequency == kPerDay) return Times(CountDays(all), allocated.volume);
  if (allocated.frequency == kPerWeek) return Times(WeeksOfAll(allocated, all), allocated.volume);
  if (allocated.frequency == kPerMonth) return Times(CountMonths(all), allocated.volume);
  return std::nullopt;
}

std::optional<int64_t> VolumeInUnit(int64_t volume, std::string_view allocated_unit, std::string_view line_unit) {
  if (volume < 0 || volume > INT64_MAX / 60) return std::nullopt;
  if (allocated_unit == line_unit) return volume;
  return allocated_unit == kHours && line_unit == kMinutes ? std::optional(volume * 60) : std::nullopt;
}

int64_t WholeHours(int64_t minutes) {
  if (minutes <= 0) return 0;
  return std::max<int64_t>(1, minutes / 60 + (minutes % 60 >= 30 ? 1 : 0));
}

}  // namespace schotvrij::casefile
