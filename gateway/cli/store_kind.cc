#include "gateway/cli/store_kind.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "schemas/base/status.h"

namespace schotvrij::cli {
namespace {

// The one who holds it is the kind.
constexpr const char* kKindSpace = "home_kind";

std::string NameOf(config::v1::Environment home) { return config::v1::Environment_Name(home); }

}  // namespace

absl::Status CheckStoreKind(store::Store& store, config::v1::Environment home) {
  ASSIGN_OR_RETURN(const std::vector<std::string> kinds, store.OwnersIn(kKindSpace));
  if (kinds.empty() || kinds.front() == NameOf(home)) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("the store is of a ", kinds.front(), " home, and the configuration says environment: ",
                                                 NameOf(home), "; what was production is no test home's, and the other way round: make"
                                                               " one of its own with `schotvrij init`"));
}

absl::Status SetStoreKind(store::Store& store, config::v1::Environment home, Executor* executor) {
  RETURN_IF_ERROR(CheckStoreKind(store, home));
  store::Unit unit;
  unit.uniques = {{kKindSpace, kKindSpace, NameOf(home)}};
  return store.Commit(std::move(unit), executor, [](const absl::StatusOr<store::CommitResult>&) {});
}

}  // namespace schotvrij::cli
