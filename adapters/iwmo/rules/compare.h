// Values as the rules compare them: what is said, not how it was written.
#pragma once

#include <cstdint>
#include <limits>
#include <string_view>

#include "adapters/iwmo/wire/tree.h"

namespace schotvrij::iwmo {

// Of anything but a string, white space around the value, a plus sign and leading zeros say nothing.
std::string_view PlainValue(const SimpleType& type, std::string_view text);
inline std::string_view PlainValue(const Tree& tree, NodeIndex node) {
  return PlainValue(*tree.ElementOf(node).type, tree.Text(node));
}

// A day as one number that sorts: year * 10000 + month * 100 + day. A year may have more than four digits or be negative, as in xs:date.
using Day = int64_t;
inline constexpr Day kNoDay = std::numeric_limits<Day>::min();

// kNoDay: no date of xs:date without time zone. Years from a billion on are one.
Day DayOf(std::string_view text);
inline int MonthDay(Day day) { return static_cast<int>(((day % 10000) + 10000) % 10000); }
inline Day YearOf(Day day) { return (day - MonthDay(day)) / 10000; }
inline Day MonthOf(Day day) { return day - MonthDay(day) % 100; }
Day LastOfMonth(Day day);
// The same day of the month `years` before; the last of the month where it has no such day.
Day YearsBefore(Day day, int years);

// Forms.
bool IsDutchPostcode(std::string_view text);   // 1234AB
bool IsAlphanumeric(std::string_view text);    // letters and digits of ASCII, one at least

// Cents with their sign: less than nothing for a credit. `amount` is a class with an amount and a DebetCredit.
int64_t SignedCents(const Tree& tree, NodeIndex amount);

}  // namespace schotvrij::iwmo
