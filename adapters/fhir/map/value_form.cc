#include "adapters/fhir/map/value_form.h"

#include <algorithm>
#include <cctype>
#include <charconv>

#include "schemas/base/civil_date.h"
#include "schemas/base/limits.h"
#include "schemas/base/local_time.h"
#include "schemas/base/runtime.h"

namespace schotvrij::fhir {
namespace {

constexpr size_t kIdBytesMax = 64;
constexpr size_t kDigitsMax = 9;
constexpr int64_t kUsPerSecond = 1'000'000;
constexpr int64_t kSecondsPerDay = 86'400;
constexpr int kOffsetHoursMax = 14;
// Years whose every instant falls on a day of the calendar we know, whatever its zone.
constexpr int kZonedYearMin = 2;
constexpr int kZonedYearMax = 9998;

// Text is UTF-8. C1 controls are U+0080 to U+009F: C2 80 to C2 9F.
bool HasControl(std::string_view text) {
  for (size_t at = 0; at < text.size(); ++at) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte < 0x20 || byte == 0x7F) return true;
    if (byte == 0xC2 && at + 1 < text.size() && static_cast<unsigned char>(text[at + 1]) < 0xA0) return true;
  }
  return false;
}

// Two digits at the start of `text`, at most `most`; takes them off, and `before` before them.
std::optional<int> TwoDigits(std::string_view* text, char before, int most) {
  if (before != '\0') {
    if (!text->starts_with(before)) return std::nullopt;
    text->remove_prefix(1);
  }
  if (text->size() < 2 || !std::isdigit((*text)[0]) || !std::isdigit((*text)[1])) return std::nullopt;
  const int value = ((*text)[0] - '0') * 10 + ((*text)[1] - '0');
  text->remove_prefix(2);
  return value <= most ? std::optional(value) : std::nullopt;
}

// Seconds that "Z" or "+02:00" is ahead of UTC.
std::optional<int64_t> Offset(std::string_view zone) {
  if (zone == "Z") return 0;
  const int sign = zone.starts_with('-') ? -1 : 1;
  if (!zone.starts_with('-') && !zone.starts_with('+')) return std::nullopt;
  zone.remove_prefix(1);
  const std::optional<int> hours = TwoDigits(&zone, '\0', kOffsetHoursMax);
  const std::optional<int> minutes = TwoDigits(&zone, ':', 59);
  if (!hours || !minutes || !zone.empty()) return std::nullopt;
  return sign * (*hours * 3600 + *minutes * 60);
}

// "hh:mm:ss" and what may follow it.
struct ClockTime {
  int64_t second_of_day = 0;
  std::string_view fraction;  // ".25"
};

// Takes the time off the front of `text`.
std::optional<ClockTime> TakeTime(std::string_view* text) {
  const std::optional<int> hour = TwoDigits(text, '\0', 23);
  const std::optional<int> minute = hour ? TwoDigits(text, ':', 59) : std::nullopt;
  const std::optional<int> second = minute ? TwoDigits(text, ':', 60) : std::nullopt;
  if (!second) return std::nullopt;
  ClockTime time{*hour * 3600 + *minute * 60 + *second, ""};
  if (text->starts_with('.')) {
    const size_t end = std::min(text->find_first_not_of("0123456789", 1), text->size());
    if (end == 1) return std::nullopt;
    time.fraction = text->substr(0, end);
    text->remove_prefix(end);
  }
  return time;
}

std::string TimeText(int64_t second_of_day) {
  std::string text = "00:00:00";
  const int64_t parts[] = {second_of_day / 3600, second_of_day / 60 % 60, second_of_day % 60};
  for (size_t i = 0; i < 3; ++i) {
    text[3 * i] = static_cast<char>('0' + parts[i] / 10);
    text[3 * i + 1] = static_cast<char>('0' + parts[i] % 10);
  }
  return text;
}

}  // namespace

std::string_view TextFault(std::string_view text) {
  if (text.size() > limits::kTextBytesMax) return "TEXT-SIZE";
  if (text.empty() || HasControl(text)) return "FHIR-VALUE";
  return "";
}

bool IsKey(std::string_view text) {
  return !text.empty() && text.size() <= limits::kKeyBytesMax && !HasControl(text);
}

bool IsId(std::string_view text) {
  return !text.empty() && text.size() <= kIdBytesMax && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return c < 0x80 && (std::isalnum(c) || c == '-' || c == '.');
  });
}

std::optional<LocalMoment> ReadMoment(std::string_view text) {
  const std::optional<CivilDate> date = CivilDate::Parse(text.substr(0, 10));
  if (!date) return std::nullopt;
  if (text.size() == 10) return LocalMoment{std::string(text), ""};
  if (date->year() < kZonedYearMin || date->year() > kZonedYearMax || text[10] != 'T') return std::nullopt;
  text.remove_prefix(11);
  const std::optional<ClockTime> time = TakeTime(&text);
  const std::optional<int64_t> offset = time ? Offset(text) : std::nullopt;
  if (!offset) return std::nullopt;
  const int64_t utc = date->DayNumber() * kSecondsPerDay + time->second_of_day - *offset;
  const Instant instant{utc * kUsPerSecond};
  const int64_t shown = (utc + OffsetInAmsterdam(instant)) % kSecondsPerDay;
  const int64_t second_of_day = shown < 0 ? shown + kSecondsPerDay : shown;
  return LocalMoment{TodayInAmsterdam(instant).ToString(), TimeText(second_of_day).append(time->fraction)};
}

std::string MomentText(std::string_view day, std::string_view time) {
  std::string text(day);
  const std::optional<CivilDate> date = CivilDate::Parse(day);
  std::string_view rest = time;
  const std::optional<ClockTime> clock = TakeTime(&rest);
  if (!date || !clock || !rest.empty()) return text;
  const int64_t minutes = OffsetInAmsterdam(*date, clock->second_of_day) / 60;
  return text.append("T").append(time).append("+").append(TimeText(minutes * 60).substr(0, 5));
}

bool IsTime(std::string_view text) { return TakeTime(&text) && text.empty(); }

bool IsRemark(std::string_view text) {
  std::string flat(text);
  for (char& c : flat) {
    if (c == '\n' || c == '\r' || c == '\t') c = ' ';
  }
  return TextFault(flat).empty();
}

std::optional<std::string> CivilDay(std::string_view text) {
  if (text.size() == 10) return CivilDate::Parse(text) ? std::optional(std::string(text)) : std::nullopt;
  std::optional<LocalMoment> moment = ReadMoment(text);
  return moment ? std::optional(std::move(moment->day)) : std::nullopt;
}

std::optional<int64_t> Digits(std::string_view text) {
  if (text.empty() || text.size() > kDigitsMax || (text.size() > 1 && text.front() == '0')) return std::nullopt;
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 0) return std::nullopt;
  return number;
}

bool IsPartialDate(std::string_view text) {
  std::string whole(text);
  if (text.size() == 4) whole += "-01-01";
  if (text.size() == 7) whole += "-01";
  return CivilDate::Parse(whole).has_value();
}

}  // namespace schotvrij::fhir
