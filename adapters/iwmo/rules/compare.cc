#include "adapters/iwmo/rules/compare.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "schemas/base/strings.h"

namespace schotvrij::iwmo {
namespace {

constexpr Day kLastYear = 999'999'999;

// -1: other characters than digits. No more than `kLastYear`.
Day Number(std::string_view digits) {
  Day value = 0;
  for (char c : digits) {
    if (c < '0' || c > '9') return -1;
    value = std::min(value * 10 + (c - '0'), kLastYear);
  }
  return value;
}

}  // namespace

std::string_view PlainValue(const SimpleType& type, std::string_view text) {
  if (type.base == Base::kString) return text;
  text = FromAbsl(absl::StripAsciiWhitespace(ToAbsl(text)));
  if (type.base != Base::kInteger) return text;
  if (text.starts_with('+') || (text.starts_with('-') && text.find_first_not_of('0', 1) == text.npos)) text.remove_prefix(1);
  while (text.size() > 1 && text.front() == '0') text.remove_prefix(1);
  return text;
}

Day DayOf(std::string_view text) {
  text = FromAbsl(absl::StripAsciiWhitespace(ToAbsl(text)));
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  if (text.size() < 10) return kNoDay;
  const size_t year_digits = text.size() - 6;
  if (text[year_digits] != '-' || text[year_digits + 3] != '-') return kNoDay;
  const Day year = Number(text.substr(0, year_digits));
  const Day month = Number(text.substr(year_digits + 1, 2));
  const Day day = Number(text.substr(year_digits + 4, 2));
  if (year < 0 || month < 0 || day < 0) return kNoDay;
  return (negative ? -year : year) * 10000 + month * 100 + day;
}

Day LastOfMonth(Day day) {
  static constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const Day year = YearOf(day);
  const int month = MonthDay(day) / 100;
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return MonthOf(day) + (month == 2 && leap ? 29 : kDays[std::clamp(month, 1, 12) - 1]);
}

Day YearsBefore(Day day, int years) {
  const Day then = day - static_cast<Day>(years) * 10000;
  return std::min(then, LastOfMonth(then));
}

bool IsDutchPostcode(std::string_view text) {
  return text.size() == 6 && Number(text.substr(0, 4)) >= 1000 && absl::ascii_isupper(text[4]) && absl::ascii_isupper(text[5]);
}

bool IsAlphanumeric(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), absl::ascii_isalnum);
}

int64_t SignedCents(const Tree& tree, NodeIndex amount) {
  int64_t cents = 0;
  bool credit = false;
  for (NodeIndex child = amount + 1; child < tree.at(amount).end; child = tree.at(child).end) {
    if (tree.ElementOf(child).type->base == Base::kInteger) {
      if (!absl::SimpleAtoi(ToAbsl(PlainValue(tree, child)), &cents)) return 0;
    } else {
      credit = tree.Text(child) == "C";
    }
  }
  return credit ? -cents : cents;
}

}  // namespace schotvrij::iwmo
