#include "schemas/base/civil_date.h"

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"

namespace schotvrij {
namespace {

bool Digits(std::string_view text, int& value) {
  value = 0;
  for (char c : text) {
    if (c < '0' || c > '9') return false;
    value = value * 10 + (c - '0');
  }
  return true;
}

}  // namespace

std::optional<CivilDate> CivilDate::FromYmd(int year, int month, int day) {
  if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || day > 31) return std::nullopt;
  absl::CivilDay normal(year, month, day);
  if (normal.month() != month || normal.day() != day) return std::nullopt;
  return CivilDate(year, month, day);
}

std::optional<CivilDate> CivilDate::Parse(std::string_view text) {
  int year, month, day;
  if (text.size() != 10 || text[4] != '-' || text[7] != '-' || !Digits(text.substr(0, 4), year) ||
      !Digits(text.substr(5, 2), month) || !Digits(text.substr(8, 2), day)) {
    return std::nullopt;
  }
  return FromYmd(year, month, day);
}

std::string CivilDate::ToString() const {
  return absl::StrCat(absl::Dec(year_, absl::kZeroPad4), "-", absl::Dec(month_, absl::kZeroPad2), "-",
                      absl::Dec(day_, absl::kZeroPad2));
}

int64_t CivilDate::DayNumber() const {
  return absl::CivilDay(year_, month_, day_) - absl::CivilDay(1970, 1, 1);
}

CivilDate CivilDate::PlusDays(int64_t days) const {
  absl::CivilDay sum = absl::CivilDay(year_, month_, day_) + days;
  return CivilDate(static_cast<int>(sum.year()), sum.month(), sum.day());
}

bool InPeriod(CivilDate day, std::string_view from, std::string_view until) {
  std::string text = day.ToString();
  return (from.empty() || text >= from) && (until.empty() || text <= until);
}

}  // namespace schotvrij
