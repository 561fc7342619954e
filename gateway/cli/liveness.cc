#include "gateway/cli/liveness.h"

#include <utility>

namespace schotvrij::cli {

bool Liveness::Look(int64_t now_us) {
  const uint64_t flushes = flushes_;
  if (!flushing_ || std::exchange(flushes_seen_, flushes) != flushes || writer_moved_us_ < 0) writer_moved_us_ = now_us;
  if (*ran_ || executor_moved_us_ < 0) executor_moved_us_ = now_us;
  if (ran_->exchange(false)) {
    executor_->Post([ran = ran_] { *ran = true; });
  }
  alive_ = now_us - writer_moved_us_ < standstill_us_ && now_us - executor_moved_us_ < standstill_us_;
  return alive_;
}

}  // namespace schotvrij::cli
