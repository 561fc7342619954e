#include "gateway/cli/commit_trial.h"

#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gateway/cli/steady.h"

namespace schotvrij::cli {
namespace {

constexpr int64_t kGoodForUs = 1'000'000;
constexpr int64_t kWaitUs = 3'000'000;
// A timer that never falls due; the same row each time.
constexpr const char* kTrial = "commit-trial";

}  // namespace

std::string CommitTrial::Trouble() {
  if (SteadyUs() < good_until_us_) return "";
  if (under_way_ == nullptr) {
    auto outcome = std::make_shared<Outcome>();
    store::Unit unit;
    unit.timers = {{kTrial, kTrial, "", Instant{std::numeric_limits<int64_t>::max()}}};
    absl::Status queued =
        store_->Commit(std::move(unit), executor_, [outcome](const absl::StatusOr<store::CommitResult>& result) {
          outcome->status = result.status();
          outcome->there.Notify();
        });
    if (!queued.ok()) return absl::StrCat("the store takes nothing: ", std::string(queued.message()));
    under_way_ = std::move(outcome);
  }
  if (!under_way_->there.WaitForNotificationWithTimeout(absl::Microseconds(kWaitUs))) {
    return "the store has not committed within three seconds";
  }
  const absl::Status status = std::exchange(under_way_, nullptr)->status;
  if (!status.ok()) return absl::StrCat("the store cannot commit: ", std::string(status.message()));
  good_until_us_ = SteadyUs() + kGoodForUs;
  return "";
}

}  // namespace schotvrij::cli
