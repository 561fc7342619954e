// How much of an allocation with an Omvang may be declared (iWmo 3.2: IV042, IV076 to IV080, TR321, TR322). Volumes are whole numbers of
// the unit that was allocated (WJ756); of unit 83 they are cents.
//
//   std::optional<int64_t> most = MaxVolumeOfLine(allocated, *ProductPeriod(allocated.period, day));
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "gateway/casefile/wmo_period.h"

namespace schotvrij::casefile {

inline constexpr int64_t kWmoVolumeMax = 99'999'999;  // LDT_Volume

// What was agreed on in the contract (uitvoeringsvariant); no message says it.
enum class WmoVariant { kEffort, kOutput };  // inspanningsgericht, outputgericht

struct AllocatedVolume {
  policy::Period period;
  WmoVariant variant = WmoVariant::kEffort;
  std::string_view category;   // WMO020
  int64_t volume = 0;          // per what `frequency` says
  std::string_view frequency;  // WMO757: 1 day, 2 week, 4 month, 6 the whole period
};

// The most that one line may hold, for a ProductPeriode of the allocation. Nothing: a frequency that is none, a volume out of range, or
// output per week without an end (CD076).
//   per week, effort   each week that the ProductPeriode touches; of category 01 (help in the household) six weeks, whatever the month
//   per week, output   each Sunday in it. The week in which the allocation ends, when not on a Sunday, belongs to where its last Sunday
//                      lies. Of an allocation without any Sunday the standard says nothing: here it is one week, where its end lies
//   per month          the whole volume, in a broken month as well. Seen of effort; inferred of output
//   per day, total     volume for each day; the whole volume. Inferred
std::optional<int64_t> MaxVolumeOfLine(const AllocatedVolume& allocated, const Days& product_period);

// The most that all lines of the allocation together may hold. Nothing: as above, or there is no end and the volume is no total.
//   per week, effort   each week that the allocation touches, of category 01 too
//   per week, output   the sum of the lines: its Sundays, and one for a last week that is broken
//   per day, month     each day or calendar month that it touches. Inferred
std::optional<int64_t> MaxVolumeOfAll(const AllocatedVolume& allocated);

// `volume` of the allocated unit in the unit of a line (TR341): hours may be declared in minutes. Nothing: the units do not go together, or
// out of range.
std::optional<int64_t> VolumeInUnit(int64_t volume, std::string_view allocated_unit, std::string_view line_unit);

// Whole hours of what was delivered in a period, all visits of it together: half an hour or more counts as one, less as none, but of
// anything one hour at least.
int64_t WholeHours(int64_t minutes);

}  // namespace schotvrij::casefile
