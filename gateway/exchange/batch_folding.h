// Folding: a batch writes much, so it moves that out of the store's log itself, and waits for it, instead of the writer that
// all share.
//
//   RETURN_IF_ERROR(folding.Wrote(parts));   // after each slice
#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "gateway/store/store.h"
#include "schemas/base/limits.h"

namespace schotvrij::exchange {

class Folding {
 public:
  explicit Folding(store::Store* store) : store_(store) {}

  absl::Status Wrote(uint64_t parts) {
    parts_ += parts;
    if (parts_ < limits::kBatchFoldParts) return absl::OkStatus();
    parts_ = 0;
    return store_->Fold();
  }

 private:
  store::Store* const store_;
  uint64_t parts_ = 0;  // since it was folded
};

}  // namespace schotvrij::exchange
