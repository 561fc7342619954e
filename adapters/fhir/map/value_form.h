// Forms of primitive values that more than one element shares.
#pragma once

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

// FHIR type date: YYYY, YYYY-MM or YYYY-MM-DD, of the calendar.
bool IsPartialDate(std::string_view text);

}  // namespace schotvrij::fhir
