// Instruments of assessment and the range of their total score (schemas/codes/instrument.csv).
#pragma once

#include <optional>
#include <string_view>

namespace schotvrij::policy {

struct Instrument {
  int minimum = 0;
  int maximum = 0;
  bool InRange(int score) const { return minimum <= score && score <= maximum; }
};

std::optional<Instrument> FindInstrument(std::string_view key);

}  // namespace schotvrij::policy
