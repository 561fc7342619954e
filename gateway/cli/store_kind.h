// A store is of a test home or of a production home from its first start on, and stays so: what was production is never opened by a test
// home, whatever a configuration says (R55).
#pragma once

#include "absl/status/status.h"
#include "gateway/store/store.h"
#include "schotvrij/config/v1/config.pb.h"

namespace schotvrij::cli {

// kInvalidArgument when the store is of another kind than `home`. One that was never started is of neither.
absl::Status CheckStoreKind(store::Store& store, config::v1::Environment home);

// The same, and says in the store of which kind it is from now on: before any unit that is committed later.
absl::Status SetStoreKind(store::Store& store, config::v1::Environment home, Executor* executor);

}  // namespace schotvrij::cli
