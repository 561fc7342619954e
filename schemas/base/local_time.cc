#include "schemas/base/local_time.h"

#include <cstdlib>

#include "absl/time/civil_time.h"

namespace schotvrij {
namespace {

absl::TimeZone LoadAmsterdam() {
  absl::TimeZone zone;
  // Without the zone table every deadline would be off; better not to run (package tzdata).
  if (!absl::LoadTimeZone("Europe/Amsterdam", &zone)) std::abort();
  return zone;
}

}  // namespace

const absl::TimeZone& Amsterdam() {
  static const absl::TimeZone zone = LoadAmsterdam();
  return zone;
}

int64_t OffsetInAmsterdam(Instant instant) { return Amsterdam().At(absl::FromUnixMicros(instant.us)).offset; }

int64_t OffsetInAmsterdam(CivilDate day, int64_t second_of_day) {
  const absl::CivilSecond shown = absl::CivilSecond(day.year(), day.month(), day.day()) + second_of_day;
  return shown - absl::CivilSecond(1970) - absl::ToUnixSeconds(Amsterdam().At(shown).pre);
}

}  // namespace schotvrij
