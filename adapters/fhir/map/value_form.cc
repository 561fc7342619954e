#include "adapters/fhir/map/value_form.h"

#include <algorithm>
#include <cctype>

#include "schemas/base/civil_date.h"
#include "schemas/base/limits.h"
#include "schemas/base/runtime.h"

namespace schotvrij::fhir {
namespace {

constexpr size_t kIdBytesMax = 64;
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

std::optional<std::string> CivilDay(std::string_view text) {
  const std::optional<CivilDate> date = CivilDate::Parse(text.substr(0, 10));
  if (!date) return std::nullopt;
  if (text.size() == 10) return std::string(text);
  if (date->year() < kZonedYearMin || date->year() > kZonedYearMax) return std::nullopt;
  text.remove_prefix(10);
  const std::optional<int> hour = TwoDigits(&text, 'T', 23);
  const std::optional<int> minute = hour ? TwoDigits(&text, ':', 59) : std::nullopt;
  const std::optional<int> second = minute ? TwoDigits(&text, ':', 60) : std::nullopt;
  if (!second) return std::nullopt;
  if (text.starts_with('.')) {
    const size_t end = text.find_first_not_of("0123456789", 1);
    if (end == 1 || end == text.npos) return std::nullopt;
    text.remove_prefix(end);
  }
  const std::optional<int64_t> offset = Offset(text);
  if (!offset) return std::nullopt;
  const int64_t seconds = date->DayNumber() * kSecondsPerDay + *hour * 3600 + *minute * 60 + *second - *offset;
  return TodayInAmsterdam(Instant{seconds * kUsPerSecond}).ToString();
}

bool IsPartialDate(std::string_view text) {
  std::string whole(text);
  if (text.size() == 4) whole += "-01-01";
  if (text.size() == 7) whole += "-01";
  return CivilDate::Parse(whole).has_value();
}

}  // namespace schotvrij::fhir
