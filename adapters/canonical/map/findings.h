// Findings: the Issues of one check, bounded in number.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "schemas/base/issue.h"
#include "schemas/base/limits.h"

namespace schotvrij::canonical {

class Findings {
 public:
  void Add(std::string_view rule, std::string_view path, std::string_view detail = "") {
    if (issues_.size() < limits::kIssuesMax) issues_.push_back(MakeIssue(rule, path, detail));
  }
  bool empty() const { return issues_.empty(); }
  std::vector<Issue> Take() { return std::move(issues_); }

 private:
  std::vector<Issue> issues_;
};

}  // namespace schotvrij::canonical
