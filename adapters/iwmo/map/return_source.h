// The message that a return answers, from an Echo.
#pragma once

#include <optional>
#include <string_view>

#include "absl/status/statusor.h"
#include "adapters/iwmo/wire/reader.h"
#include "policy/disclosure/answer.h"

namespace schotvrij::iwmo {

// Whether a rule within the message is broken (level 2). kInvalidArgument: an issue is of no rule of the standard, so that no return code
// says it.
absl::StatusOr<bool> IsTechnical(const policy::Echo& echo);

// kInvalidArgument: the schema refuses it (level 1), so that no return of it can be made.
absl::Status Unreadable();

// Of a message that is one part, or the frame of another. As Unreadable.
absl::StatusOr<Tree> ReadWhole(std::string_view wire);

// What was accepted when it came in is not refused for its size when it is answered.
inline constexpr ReaderOptions kReadAgain{.bytes_max = limits::kIwmoLiftedBytesMax};

}  // namespace schotvrij::iwmo
