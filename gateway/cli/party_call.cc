#include "gateway/cli/party_call.h"

#include <CLI/CLI.hpp>
#include <vector>

#include "gateway/cli/report.h"

namespace schotvrij::cli {

void AddRole(CLI::App* command, std::string* role) {
  command->add_option("--role", *role, "role in which the party acts; left out by who has only one");
}

void PrintRefusal(const rpc::Refusal& refusal, bool json, std::ostream& out, std::ostream& err) {
  std::vector<Issue> issues;
  for (const rpc::Violation& violation : refusal.violations) {
    Issue issue;
    issue.rule = violation.rule;
    issue.path = violation.path;
    issue.text = violation.text;
    issues.push_back(std::move(issue));
  }
  if (!json) {
    err << "schotvrij: refused: " << refusal.status << '\n';
    return PrintIssues(err, "  ", issues);
  }
  out << "{\"status\":" << JsonString(refusal.status) << ",\"retry_after_s\":" << refusal.retry_after_s << ",\"issues\":[";
  for (size_t i = 0; i < issues.size(); ++i) {
    out << (i > 0 ? "," : "") << "{\"rule\":" << JsonString(issues[i].rule) << ",\"path\":" << JsonString(issues[i].path)
        << ",\"text\":" << JsonString(issues[i].text) << "}";
  }
  out << "]}\n";
}

int ExitCodeOfRefusal(const rpc::Refusal& refusal) {
  if (refusal.status == "UNAUTHENTICATED") return kWrongUse;
  return refusal.at_fault ? kMessageAtFault : kSystemFailed;
}

}  // namespace schotvrij::cli
