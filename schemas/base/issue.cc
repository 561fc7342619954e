#include "schemas/base/issue.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "schemas/base/table.h"

namespace schotvrij {
namespace {

constexpr std::array<std::pair<std::string_view, IssueCode>, 12> kCodes = {{
    {"structure", IssueCode::kStructure},
    {"required", IssueCode::kRequired},
    {"value", IssueCode::kValue},
    {"code", IssueCode::kCode},
    {"business-rule", IssueCode::kBusinessRule},
    {"forbidden", IssueCode::kForbidden},
    {"not-found", IssueCode::kNotFound},
    {"conflict", IssueCode::kConflict},
    {"too-large", IssueCode::kTooLarge},
    {"transient", IssueCode::kTransient},
    {"gone", IssueCode::kGone},
    {"not-supported", IssueCode::kNotSupported},
}};

constexpr std::array<std::pair<std::string_view, Severity>, 3> kSeverities = {{
    {"information", Severity::kInformation},
    {"warning", Severity::kWarning},
    {"error", Severity::kError},
}};

struct Rule {
  Severity severity;
  IssueCode code;
  std::string text;
};

template <typename Pairs>
auto Lookup(const Pairs& pairs, std::string_view name) {
  auto found = std::find_if(pairs.begin(), pairs.end(), [&](const auto& pair) { return pair.first == name; });
  if (found == pairs.end()) {
    std::fprintf(stderr, "schotvrij: issue.csv: unknown word %.*s\n", static_cast<int>(name.size()), name.data());
    std::abort();
  }
  return found->second;
}

template <typename Pairs, typename Value>
std::string_view Reverse(const Pairs& pairs, Value value) {
  return std::find_if(pairs.begin(), pairs.end(), [&](const auto& pair) { return pair.second == value; })->first;
}

const absl::flat_hash_map<std::string, Rule>& Rules() {
  static const auto* rules = [] {
    auto* map = new absl::flat_hash_map<std::string, Rule>();
    for (const Table::Row& row : Table::Embedded("schemas/codes/issue.csv").rows()) {
      std::string text(row["text"]);
      text.append(" ").append(row["remedy"]);
      (*map)[std::string(row["rule"])] = {Lookup(kSeverities, row["severity"]), Lookup(kCodes, row["code"]),
                                          std::move(text)};
    }
    return map;
  }();
  return *rules;
}

}  // namespace

Issue MakeIssue(std::string_view rule, std::string_view path, std::string_view detail) {
  auto found = Rules().find(std::string(rule));
  if (found == Rules().end()) {
    std::fprintf(stderr, "schotvrij: rule %.*s is not in issue.csv\n", static_cast<int>(rule.size()), rule.data());
    std::abort();
  }
  Issue issue{found->second.severity, found->second.code, std::string(rule), std::string(path), found->second.text};
  if (!detail.empty()) issue.text.append(" (").append(detail).append(")");
  return issue;
}

bool HasError(std::span<const Issue> issues) {
  return std::any_of(issues.begin(), issues.end(),
                     [](const Issue& issue) { return issue.severity == Severity::kError; });
}

std::string_view Name(IssueCode code) { return Reverse(kCodes, code); }
std::string_view Name(Severity severity) { return Reverse(kSeverities, severity); }

}  // namespace schotvrij
