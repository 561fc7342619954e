#include <algorithm>
#include <string>
#include <vector>

#include "gateway/cli/checked_file.h"
#include "gateway/cli/exit_code.h"
#include "gateway/cli/format_tools.h"
#include "gateway/cli/inquiry.h"
#include "gateway/cli/report.h"

namespace schotvrij::cli {
namespace {

// Empty: withheld.
std::string_view AsText(policy::v1::As as) {
  return as == policy::v1::AS_UNSPECIFIED ? "" : std::string_view(policy::v1::As_Name(as));
}

void PrintTable(const std::vector<policy::Explanation>& lines, std::ostream& out) {
  size_t path_width = 5, rule_width = 4;
  for (const policy::Explanation& line : lines) {
    path_width = std::max(path_width, line.path.size());
    rule_width = std::max(rule_width, line.rule.size());
  }
  auto row = [&](std::string_view path, std::string_view shared, std::string_view rule, std::string_view ground) {
    out << path << std::string(path_width + 2 - path.size(), ' ') << shared << std::string(10 - shared.size(), ' ')
        << rule << std::string(rule_width + 2 - rule.size(), ' ') << ground << '\n';
  };
  row("field", "", "rule", "ground");
  for (const policy::Explanation& line : lines) {
    row(line.path, line.shared ? "shared" : "withheld", line.rule, line.ground);
  }
}

void PrintJson(const std::vector<policy::Explanation>& lines, bool assumed, std::ostream& out) {
  out << "{\"assumed_consent\":" << (assumed ? "true" : "false") << ",\"fields\":[";
  for (size_t i = 0; i < lines.size(); ++i) {
    const policy::Explanation& line = lines[i];
    out << (i > 0 ? "," : "") << "{\"path\":" << JsonString(line.path)
        << ",\"shared\":" << (line.shared ? "true" : "false") << ",\"as\":" << JsonString(AsText(line.as))
        << ",\"rule\":" << JsonString(line.rule) << ",\"ground\":" << JsonString(line.ground) << "}";
  }
  out << "]}\n";
}

int Explain(const Inquiry& inquiry, const FormatToolOptions& options, std::ostream& out, std::ostream& err) {
  const policy::Decision decision = inquiry.engine().Decide(inquiry.question());
  if (int code = inquiry.CheckPurpose(decision, err); code != kGood) return code;
  const std::vector<policy::Explanation> lines = inquiry.engine().Explain(inquiry.question(), inquiry.recipient());
  if (options.json) {
    PrintJson(lines, options.assume_consent, out);
  } else {
    if (options.assume_consent) out << kAssumed << "\n\n";
    PrintTable(lines, out);
  }
  PrintIssues(err, "", decision.issues);
  return HasError(decision.issues) ? kMessageAtFault : kGood;
}

}  // namespace

int RunExplain(const FormatToolOptions& options, std::ostream& out, std::ostream& err) {
  CheckedFile file(options, err);
  if (int code = file.Open(std::max<uint64_t>(options.client, 1)); code != kGood) return code;
  Inquiry inquiry;
  if (int code = inquiry.Prepare(options, err); code != kGood) return code;
  int explained = kGood;
  const int code = file.ForEach([&](v1::Exchange part, uint64_t) {
    explained = inquiry.Take(std::move(part), err);
    if (explained == kGood) explained = Explain(inquiry, options, out, err);
  });
  return std::max(explained, code);
}

}  // namespace schotvrij::cli
