// Forms of primitive values that more than one element shares.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace schotvrij::fhir {

// Rule a text breaks that we would keep: TEXT-SIZE, or FHIR-VALUE for an empty one or control characters (C0, DEL, C1);
// empty when it is sound.
std::string_view TextFault(std::string_view text);

// An idempotency key or other opaque reference: 1 to kKeyBytesMax bytes without control characters.
bool IsKey(std::string_view text);

// FHIR type id: 1 to 64 of A-Z a-z 0-9 - and full stop.
bool IsId(std::string_view text);

// The civil day of a FHIR date or dateTime, the latter in Europe/Amsterdam; nullopt when it names no whole day.
std::optional<std::string> CivilDay(std::string_view text);

// What the clock in the Netherlands shows at a FHIR dateTime; `time` is empty where it names a day only.
struct LocalMoment {
  std::string day;   // YYYY-MM-DD
  std::string time;  // hh:mm:ss, with the fraction that was sent
};
std::optional<LocalMoment> ReadMoment(std::string_view text);
// The same the other way: a dateTime with the offset that the clock had. The day alone when `time` is empty or no time (hh:mm:ss).
std::string MomentText(std::string_view day, std::string_view time);

// FHIR type time: hh:mm:ss, with or without a fraction.
bool IsTime(std::string_view text);

// A text of several lines.
bool IsRemark(std::string_view text);

// A number as a standard's field of at most nine digits has it, without leading zeros.
std::optional<int64_t> Digits(std::string_view text);

// FHIR type date: YYYY, YYYY-MM or YYYY-MM-DD, of the calendar.
bool IsPartialDate(std::string_view text);

}  // namespace schotvrij::fhir
