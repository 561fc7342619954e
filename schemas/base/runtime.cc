#include "schemas/base/runtime.h"

#include <array>

#include "absl/strings/escaping.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace schotvrij {
namespace {

absl::TimeZone LoadAmsterdam() {
  absl::TimeZone zone;
  // Without the zone table every deadline would be off; better not to run (package tzdata).
  if (!absl::LoadTimeZone("Europe/Amsterdam", &zone)) std::abort();
  return zone;
}

}  // namespace

CivilDate TodayInAmsterdam(Instant instant) {
  static const absl::TimeZone zone = LoadAmsterdam();
  absl::CivilDay day = absl::ToCivilDay(absl::FromUnixMicros(instant.us), zone);
  return *CivilDate::FromYmd(static_cast<int>(day.year()), day.month(), day.day());
}

std::string NewId(Random& random) {
  std::array<uint8_t, 16> bytes;
  random.Fill(bytes);
  return absl::BytesToHexString({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

}  // namespace schotvrij
