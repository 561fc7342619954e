#include "tests/simulation/record.h"

#include <algorithm>
#include <limits>

namespace schotvrij::simulation {

bool Record::AtSomeMoment(int64_t from_us, int64_t until_us,
                          const std::function<bool(const Epoch&, CivilDate)>& holds) const {
  for (size_t i = 0; i < epochs.size(); ++i) {
    const Epoch& epoch = epochs[i];
    const int64_t ends_us = i + 1 < epochs.size() ? epochs[i + 1].from_us : std::numeric_limits<int64_t>::max();
    if (ends_us < from_us || epoch.from_us > until_us) continue;
    const CivilDate first = DayAt(std::max(epoch.from_us, from_us) + epoch.wall_minus_now_us);
    const CivilDate last = DayAt(std::min(ends_us, until_us) + epoch.wall_minus_now_us);
    for (CivilDate day = first; day <= last; day = day.PlusDays(1)) {
      if (holds(epoch, day)) return true;
    }
  }
  return false;
}

}  // namespace schotvrij::simulation
