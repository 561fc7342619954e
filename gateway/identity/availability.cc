#include "gateway/identity/availability.h"

#include <algorithm>
#include <limits>
#include <string>

#include "absl/time/time.h"
#include "schemas/base/strings.h"

namespace schotvrij::identity {

std::optional<Instant> ParseMoment(std::string_view text) {
  absl::Time time;
  std::string error;
  if (!absl::ParseTime(absl::RFC3339_full, ToAbsl(text), &time, &error)) return std::nullopt;
  if (time == absl::InfiniteFuture() || time == absl::InfinitePast()) return std::nullopt;
  return Instant{absl::ToUnixMicros(time)};
}

std::optional<Instant> ClosedUntil(const config::v1::Participant& participant, Instant now) {
  if (participant.suspended()) return Instant{std::numeric_limits<int64_t>::max()};
  std::optional<Instant> latest;
  for (const config::v1::Closure& closure : participant.closure()) {
    const std::optional<Instant> from = ParseMoment(closure.from());
    const std::optional<Instant> until = ParseMoment(closure.until());
    if (!from || !until || now < *from || now >= *until) continue;
    latest = latest ? std::max(*latest, *until) : *until;
  }
  return latest;
}

}  // namespace schotvrij::identity
