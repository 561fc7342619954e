#include <algorithm>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "policy/checks.h"
#include "policy/deadline.h"
#include "schemas/base/limits.h"

namespace schotvrij::policy {

void CheckDeadlines(const v1::Agreement& agreement, const Place& place, FaultList& faults) {
  absl::flat_hash_set<std::string> contents;
  for (int i = 0; i < agreement.deadline_size(); ++i) {
    const v1::Deadline& deadline = agreement.deadline(i);
    const Place here = place.In("deadline", i);
    const bool sent = std::find(agreement.step().begin(), agreement.step().end(), deadline.content()) != agreement.step().end();
    if (!sent || !IsAnswered(deadline.content())) {
      faults.Add("POLICY-DEADLINE-CONTENT", here.In("content"), deadline.content());
    } else if (!contents.insert(deadline.content()).second) {
      faults.Add("POLICY-DOUBLE-KEY", here.In("content"), deadline.content());
    }
    const uint32_t days = deadline.answer_within_working_days();
    if (days < 1 || days > limits::kDeadlineWorkingDaysMax) {
      faults.Add("POLICY-DEADLINE-DAYS", here.In("answer_within_working_days"),
                 absl::StrCat("1 to ", limits::kDeadlineWorkingDaysMax));
    }
  }
}

}  // namespace schotvrij::policy
