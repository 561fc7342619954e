// CommitTrial: whether the store can commit now, found out by committing.
//
//   CommitTrial trial(store, executor);
//   std::string trouble = trial.Trouble();   // "": a commit was on disk less than a second ago
#pragma once

#include <memory>
#include <string>

#include "absl/synchronization/notification.h"
#include "gateway/store/store.h"

namespace schotvrij::cli {

class CommitTrial {
 public:
  // Both outlive this.
  CommitTrial(store::Store* store, Executor* executor) : store_(store), executor_(executor) {}

  // What keeps the store from committing, in a line; empty: nothing. Commits one row of its own, unless it did so less than a
  // second ago, and waits for that at most three seconds. One thread at a time.
  std::string Trouble();

 private:
  struct Outcome {
    absl::Status status;  // set before `there`
    absl::Notification there;
  };

  store::Store* const store_;
  Executor* const executor_;
  std::shared_ptr<Outcome> under_way_;  // null: no trial is
  int64_t good_until_us_ = 0;
};

}  // namespace schotvrij::cli
