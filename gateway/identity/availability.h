// Availability: when a participant may be sent something.
//
//   if (std::optional<Instant> again = identity::ClosedUntil(*recipient, now)) Hold(delivery, *again);
#pragma once

#include <optional>
#include <string_view>

#include "schemas/base/runtime.h"
#include "schotvrij/config/v1/config.pb.h"

namespace schotvrij::identity {

// A moment as RFC 3339 writes it, with its offset; nothing when it is none.
std::optional<Instant> ParseMoment(std::string_view text);

// The end of the closure that `now` lies in, the latest when there are several; the end of time for one that is suspended; nothing
// when it is open.
std::optional<Instant> ClosedUntil(const config::v1::Participant& participant, Instant now);

}  // namespace schotvrij::identity
