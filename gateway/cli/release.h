// Which release this is.
#pragma once

namespace schotvrij::cli {

inline constexpr const char* kRelease = SCHOTVRIJ_RELEASE;
inline constexpr const char* kPublishedOn = "2026-11-22";

}  // namespace schotvrij::cli
