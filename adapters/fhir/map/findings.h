// Findings: what is wrong with the message at hand, at most limits::kIssuesMax, in the order it was found.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/fhir/wire/tree.h"
#include "schemas/base/issue.h"
#include "schemas/base/limits.h"

namespace schotvrij::fhir {

class Findings {
 public:
  // `below` is a path from `node` to what is not there; `detail` as in MakeIssue.
  void Add(std::string_view rule, Node node, std::string_view below = "", std::string_view detail = "") {
    if (issues_.size() >= limits::kIssuesMax) return;
    std::string path = node.Path();
    if (!below.empty()) path.append(".").append(below);
    AddAt(rule, path, detail);
  }
  void AddAt(std::string_view rule, std::string_view path, std::string_view detail = "") {
    if (issues_.size() < limits::kIssuesMax) issues_.push_back(MakeIssue(rule, path, detail));
  }

  bool empty() const { return issues_.empty(); }
  std::vector<Issue> Take() { return std::move(issues_); }

 private:
  std::vector<Issue> issues_;
};

}  // namespace schotvrij::fhir
