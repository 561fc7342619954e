// What every command of `schotvrij` ends with.
#pragma once

namespace schotvrij::cli {

inline constexpr int kGood = 0;
inline constexpr int kMessageAtFault = 1;
inline constexpr int kWrongUse = 2;
inline constexpr int kSystemFailed = 3;

}  // namespace schotvrij::cli
