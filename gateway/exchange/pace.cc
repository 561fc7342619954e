#include "gateway/exchange/pace.h"

#include <algorithm>

#include "schemas/base/limits.h"

namespace schotvrij::exchange {

void Pace::Forget(Instant now) {
  const Instant lost{now.us - limits::kPaceLateUs};
  if (forgot_ > lost) return;
  std::erase_if(turns_, [lost](const auto& each) { return each.second < lost; });
  forgot_ = now;
}

Instant Pace::TurnOf(const std::string& recipient, const std::string& delivery_id, Instant now) {
  if (apart_us_ == 0) return now;
  Forget(now);
  const auto given = turns_.find(delivery_id);
  if (given != turns_.end()) {
    const Instant turn = given->second;
    if (turn <= now) turns_.erase(given);
    return turn;
  }
  Instant& next = next_[recipient];
  const Instant turn = std::max(next, now);
  const bool waits = turn > now;
  if (waits && turns_.size() >= limits::kPaceTurnsMax) return turn;
  if (waits) turns_[delivery_id] = turn;
  next = {turn.us + apart_us_};
  return turn;
}

}  // namespace schotvrij::exchange
