#include "schemas/base/runtime.h"

#include <array>

#include "absl/strings/escaping.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "schemas/base/local_time.h"

namespace schotvrij {
namespace {

using IdBytes = std::array<uint8_t, 16>;

std::string ToHex(const IdBytes& bytes) {
  return absl::BytesToHexString({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

}  // namespace

CivilDate TodayInAmsterdam(Instant instant) {
  absl::CivilDay day = absl::ToCivilDay(absl::FromUnixMicros(instant.us), Amsterdam());
  return *CivilDate::FromYmd(static_cast<int>(day.year()), day.month(), day.day());
}

Instant StartInAmsterdam(CivilDate day) {
  return {absl::ToUnixMicros(absl::FromCivil(absl::CivilDay(day.year(), day.month(), day.day()), Amsterdam()))};
}

std::string NewId(Random& random) {
  IdBytes bytes;
  random.Fill(bytes);
  return ToHex(bytes);
}

std::string NewRowId(Instant now, Random& random) {
  constexpr size_t kTimeBytes = 6;
  IdBytes bytes;
  uint64_t ms = static_cast<uint64_t>(now.us / 1000);
  for (size_t i = kTimeBytes; i-- > 0; ms >>= 8) bytes[i] = static_cast<uint8_t>(ms);
  random.Fill(std::span(bytes).subspan<kTimeBytes>());
  return ToHex(bytes);
}

}  // namespace schotvrij
