#include "adapters/iwmo/wire/value.h"

#include <algorithm>
#include <charconv>

#include "adapters/iwmo/wire/characters.h"

namespace schotvrij::iwmo {
namespace {

std::string_view Stripped(std::string_view text) {
  while (!text.empty() && IsBlank(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsBlank(text.back())) text.remove_suffix(1);
  return text;
}

bool OnlyDigits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return IsDigit(c); });
}
bool AllDigits(std::string_view text) { return !text.empty() && OnlyDigits(text); }

bool HasInk(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return !IsBlank(c); });
}

bool HasLineEnd(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return c == '\r' || c == '\n'; });
}

// One number of a version: no leading zeros. Its digits are taken from `text`.
bool TakeVersionNumber(std::string_view* text) {
  const size_t digits = std::min(text->find_first_not_of("0123456789"), text->size());
  if (digits == 0 || (digits > 1 && text->front() == '0')) return false;
  text->remove_prefix(digits);
  return true;
}

bool TakeCharacter(std::string_view* text, char c) {
  if (!text->starts_with(c)) return false;
  text->remove_prefix(1);
  return true;
}

bool IsVersion3(std::string_view text) {
  return TakeVersionNumber(&text) && TakeCharacter(&text, '.') && TakeVersionNumber(&text) && TakeCharacter(&text, '.') &&
         TakeVersionNumber(&text) && text.empty();
}

// [a-zA-Z] and U+00C0 to U+1EF3.
bool AllWideLetters(std::string_view text) {
  if (text.empty()) return false;
  while (!text.empty()) {
    const char32_t c = TakeCodePoint(&text);
    if (c < 0x80 ? !IsLetter(static_cast<char>(c)) : c < 0xC0 || c > 0x1EF3) return false;
  }
  return true;
}

// Of strings. The forms of a date and a time are looked at where these are read.
const char* FormFault(Form form, std::string_view text) {
  switch (form) {
    case Form::kAny:
    case Form::kNoZone:
      return nullptr;
    case Form::kDigits:
      return OnlyDigits(text) ? nullptr : "IWMO-DIGITS";
    case Form::kOneLine:
      return HasInk(text) && !HasLineEnd(text) ? nullptr : "IWMO-ONE-LINE";
    case Form::kAnyLine:
      return HasInk(text) ? nullptr : "IWMO-BLANK";
    case Form::kLetters:
      return AllWideLetters(text) ? nullptr : "IWMO-LETTERS";
    case Form::kLettersAndDigits:
      return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return IsLetter(c) || IsDigit(c); })
                 ? nullptr
                 : "IWMO-LETTERS-DIGITS";
    case Form::kVersion:
      return IsVersion3(text) ? nullptr : "IWMO-VERSION-FORM";
  }
  return nullptr;
}

int64_t CodePoints(std::string_view text) {
  return std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
}

const char* StringFault(const SimpleType& type, std::string_view text) {
  if (!type.code_list.empty()) return type.codes.contains(text) ? nullptr : "IWMO-CODE";
  // A character has at most four bytes: most texts need not be counted.
  const auto bytes = static_cast<int64_t>(text.size());
  if (bytes < type.min || bytes > type.max || bytes < 4 * type.min) {
    const int64_t length = CodePoints(text);
    if (length < type.min || length > type.max) return "IWMO-LENGTH";
  }
  return FormFault(type.form, text);
}

const char* IntegerFault(const SimpleType& type, std::string_view text) {
  text = Stripped(text);
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (!AllDigits(text)) return "IWMO-INTEGER";
  text.remove_prefix(std::min(text.find_first_not_of('0'), text.size() - 1));
  int64_t value = 0;
  if (std::from_chars(text.data(), text.data() + text.size(), value).ec != std::errc()) return "IWMO-RANGE";
  if (negative) value = -value;
  return value < type.min || value > type.max ? "IWMO-RANGE" : nullptr;
}

// Two digits from `text`; -1: there are none.
int TakeTwo(std::string_view* text) {
  if (text->size() < 2 || !IsDigit((*text)[0]) || !IsDigit((*text)[1])) return -1;
  const int value = ((*text)[0] - '0') * 10 + ((*text)[1] - '0');
  text->remove_prefix(2);
  return value;
}

// A year of XML Schema: four digits, or more without leading zero, perhaps negative, not zero; what matters of it is its place in the
// four centuries of the calendar. -1: it is none.
int TakeYear(std::string_view* text) {
  if (text->starts_with('-')) text->remove_prefix(1);
  const std::string_view digits = text->substr(0, text->find_first_not_of("0123456789"));
  // The calendar of years beyond eighteen digits is not worked with.
  if (digits.size() < 4 || digits.size() > 18 || (digits.size() > 4 && digits[0] == '0') || digits == "0000") return -1;
  int year = 0;
  for (char c : digits) year = (year * 10 + (c - '0')) % 400;
  text->remove_prefix(digits.size());
  return year;
}

int DaysOf(int year, int month) {
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return kDays[month - 1] + (month == 2 && leap ? 1 : 0);
}

const char* DateFault(std::string_view text) {
  text = Stripped(text);
  const int year = TakeYear(&text);
  if (year < 0 || !TakeCharacter(&text, '-')) return "IWMO-DATE";
  const int month = TakeTwo(&text);
  if (month < 1 || month > 12 || !TakeCharacter(&text, '-')) return "IWMO-DATE";
  const int day = TakeTwo(&text);
  return day < 1 || day > DaysOf(year, month) || !text.empty() ? "IWMO-DATE" : nullptr;
}

const char* TimeFault(std::string_view text) {
  text = Stripped(text);
  const int hour = TakeTwo(&text);
  if (hour < 0 || hour > 24 || !TakeCharacter(&text, ':')) return "IWMO-TIME";
  const int minute = TakeTwo(&text);
  if (minute < 0 || minute > 59 || !TakeCharacter(&text, ':')) return "IWMO-TIME";
  const int second = TakeTwo(&text);
  if (second < 0 || second > 59) return "IWMO-TIME";
  bool more = false;
  if (TakeCharacter(&text, '.')) {
    if (!AllDigits(text)) return "IWMO-TIME";
    more = text.find_first_not_of('0') != text.npos;
    text = {};
  }
  if (!text.empty()) return "IWMO-TIME";
  return hour == 24 && (minute > 0 || second > 0 || more) ? "IWMO-TIME" : nullptr;
}

const char* TypeFault(const SimpleType& type, std::string_view text) {
  switch (type.base) {
    case Base::kString:
      return StringFault(type, text);
    case Base::kInteger:
      return IntegerFault(type, text);
    case Base::kDate:
      return DateFault(text);
    case Base::kTime:
      return TimeFault(text);
  }
  return nullptr;
}

// "1 to 200 characters"
std::string BoundsOf(const SimpleType& type) {
  const bool open = type.max == std::numeric_limits<int64_t>::max();
  std::string bounds;
  if (open) {
    bounds.append("at least ").append(std::to_string(type.min));
  } else if (type.min == type.max) {
    bounds = std::to_string(type.min);
  } else {
    bounds.append(std::to_string(type.min)).append(" to ").append(std::to_string(type.max));
  }
  return type.base == Base::kString ? bounds + " characters" : bounds;
}

}  // namespace

const char* ValueFault(const Element& element, std::string_view text) {
  if (const char* rule = TypeFault(*element.type, text)) return rule;
  if (!element.value.empty() && (element.type->base == Base::kString ? text : Stripped(text)) != element.value) return "IWMO-FIXED";
  return FormFault(element.form, text);
}

std::string Expected(const Element& element, std::string_view rule) {
  std::string text(element.type->name);
  if (rule == "IWMO-CODE") return text.append(": list ").append(element.type->code_list);
  if (rule == "IWMO-FIXED") return text.append(": ").append(element.value);
  if (rule == "IWMO-LENGTH" || rule == "IWMO-RANGE") return text.append(": ").append(BoundsOf(*element.type));
  return text;
}

}  // namespace schotvrij::iwmo
