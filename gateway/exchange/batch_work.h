// BatchWork: what the gateway does to batches by itself, in slices and in turn: judges those that are whole, puts them in effect
// or refuses them, finishes their parts, and ends those of which nothing comes any more. It keeps nothing in memory: whatever was
// under way when the gateway died is found again.
#pragma once

#include <memory>

#include "gateway/exchange/road.h"

namespace schotvrij::exchange {

class BatchWork {
 public:
  // `parts.executor`: where the work is done; it may be one whose threads give way to others.
  explicit BatchWork(RoadParts parts);
  ~BatchWork();

  // From now on rounds are run on the parts' executor: when a batch becomes whole, and each limits::kBatchRoundUs.
  void Start();
  // No round begins any more. The executor must be drained before this object goes.
  void Stop();

 private:
  class Rounds;
  std::shared_ptr<Rounds> rounds_;
};

}  // namespace schotvrij::exchange
