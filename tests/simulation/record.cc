#include "tests/simulation/record.h"

#include <algorithm>
#include <limits>

namespace schotvrij::simulation {
namespace {

constexpr int64_t kHourUs = 3'600'000'000;
constexpr int64_t kDayUs = 24 * kHourUs;
const CivilDate kFirstDay = *CivilDate::FromYmd(1970, 1, 1);  // a Thursday

// When the clocks change in that month: at one o'clock UTC on its last Sunday.
int64_t ChangeUs(int year, int month) {
  const int64_t last = CivilDate::FromYmd(year, month, 31)->DayNumber();
  const int64_t since_sunday = (last + 4) % 7;
  return (last - since_sunday) * kDayUs + kHourUs;
}

}  // namespace

CivilDate DayAt(int64_t wall_us) {
  const int year = kFirstDay.PlusDays(wall_us / kDayUs).year();
  const bool summer = wall_us >= ChangeUs(year, 3) && wall_us < ChangeUs(year, 10);
  return kFirstDay.PlusDays((wall_us + (summer ? 2 : 1) * kHourUs) / kDayUs);
}

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
