// Journal: the trace of a run, step by step, and what went wrong in it. The same seed writes the same bytes.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tests/simulation/scheduler.h"

namespace schotvrij::simulation {

class Journal {
 public:
  explicit Journal(const Scheduler* scheduler) : scheduler_(scheduler) {}

  template <typename... Parts>
  void Tell(const Parts&... parts) {
    absl::StrAppendFormat(&text_, "%11.6f ", static_cast<double>(scheduler_->now_us()) / 1e6);
    absl::StrAppend(&text_, parts..., "\n");
  }
  // Breaks the run.
  template <typename... Parts>
  void Violation(const Parts&... parts) {
    violations_.push_back(absl::StrCat(parts...));
    Tell("VIOLATION ", violations_.back());
  }
  // That something came to pass: what a set of runs must have shown to be worth anything.
  void Count(const std::string& what) { ++counts_[what]; }

  const std::string& text() const { return text_; }
  const std::vector<std::string>& violations() const { return violations_; }
  const std::map<std::string, uint64_t>& counts() const { return counts_; }

 private:
  const Scheduler* scheduler_;
  std::string text_;
  std::vector<std::string> violations_;
  std::map<std::string, uint64_t> counts_;
};

}  // namespace schotvrij::simulation
