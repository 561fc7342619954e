// CivilDate: a day of the calendar, without time or zone. Text form is ISO 8601, YYYY-MM-DD. Periods are inclusive.
//
//   std::optional<CivilDate> day = CivilDate::Parse("2026-02-29");   // nullopt: no such day
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace schotvrij {

class CivilDate {
 public:
  // Years 1 to 9999; exactly ten characters.
  static std::optional<CivilDate> Parse(std::string_view text);
  static std::optional<CivilDate> FromYmd(int year, int month, int day);

  int year() const { return year_; }
  int month() const { return month_; }
  int day() const { return day_; }

  std::string ToString() const;
  // Days since 1970-01-01; negative before.
  int64_t DayNumber() const;
  CivilDate PlusDays(int64_t days) const;

  friend auto operator<=>(CivilDate, CivilDate) = default;

 private:
  constexpr CivilDate(int year, int month, int day)
      : year_(static_cast<int16_t>(year)), month_(static_cast<int8_t>(month)), day_(static_cast<int8_t>(day)) {}
  int16_t year_;
  int8_t month_;
  int8_t day_;
};

// Whether `day` lies in [from, until]; an empty `until` (or `from`) is open. Both are ISO dates that were checked at load.
bool InPeriod(CivilDate day, std::string_view from, std::string_view until);

}  // namespace schotvrij
