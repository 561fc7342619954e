#include <map>
#include <string>
#include <utility>

#include "gateway/cli/exit_code.h"
#include "gateway/cli/format_tools.h"
#include "gateway/cli/message_file.h"
#include "gateway/cli/report.h"

namespace schotvrij::cli {
namespace {

constexpr size_t kFilesPerLine = 100;  // between two lines that say how far it is

class Validation {
 public:
  Validation(const FormatTool& tool, const FormatToolOptions& options, std::ostream& out, std::ostream& err)
      : tool_(tool), options_(options), out_(out), err_(err) {}

  int Run() {
    for (size_t i = 0; i < options_.files.size(); ++i) {
      Check(options_.files[i]);
      if (options_.files.size() >= kFilesPerLine && (i + 1) % kFilesPerLine == 0) {
        err_ << i + 1 << " of " << options_.files.size() << " files\n";
      }
    }
    return code_;
  }

 private:
  void Check(const std::string& name) {
    absl::StatusOr<FileVerdict> verdict = Read(name);
    if (!verdict.ok()) {
      code_ = Failed(verdict.status(), err_);
      return;
    }
    if (verdict->at_fault && code_ == kGood) code_ = kMessageAtFault;
    TellTwice(name, *verdict);
    options_.json ? TellProgram(name, *verdict) : TellPerson(name, *verdict);
  }

  absl::StatusOr<FileVerdict> Read(const std::string& name) {
    absl::StatusOr<MessageFile> file = MessageFile::Open(name);
    if (!file.ok()) return file.status();
    const ReadOptions how{.level = options_.level.value_or(ReadOptions().level), .any_size = options_.any_size};
    return file->Read(tool_, how, ProgressTo(err_), [](v1::Exchange) {});
  }

  void TellTwice(const std::string& name, FileVerdict& verdict) {
    if (verdict.key.empty()) return;
    const auto [first, is_first] = files_.emplace(verdict.key, name);
    if (!is_first) verdict.Add(MakeIssue("MESSAGE-TWICE", "", first->second));
  }

  void TellPerson(const std::string& name, const FileVerdict& verdict) {
    PrintIssues(out_, name + ": ", verdict.issues);
    if (verdict.issues_left_out > 0) out_ << name << ": and " << verdict.issues_left_out << " more\n";
    if (verdict.at_fault) return;
    out_ << name << ": good";
    if (verdict.batch) out_ << ", " << verdict.clients << " clients, " << verdict.lines << " lines";
    out_ << '\n';
  }

  void TellProgram(const std::string& name, const FileVerdict& verdict) {
    out_ << "{\"file\":" << JsonString(name) << ",\"clients\":" << verdict.clients << ",\"lines\":" << verdict.lines
         << ",\"issues\":" << IssuesJson(verdict.issues, tool_.return_code)
         << ",\"issues_left_out\":" << verdict.issues_left_out << "}\n";
  }

  const FormatTool& tool_;
  const FormatToolOptions& options_;
  std::ostream& out_;
  std::ostream& err_;
  int code_ = kGood;
  std::map<std::string, std::string> files_;  // of each message, the file it came in first
};

}  // namespace

int RunValidate(const FormatToolOptions& options, std::ostream& out, std::ostream& err) {
  const FormatTool* tool = ToolFor(options.from, true, err);
  if (tool == nullptr) return kWrongUse;
  if (options.level.has_value() && !tool->levels) {
    err << "schotvrij: format '" << tool->name << "' has no levels.\n";
    return kWrongUse;
  }
  return Validation(*tool, options, out, err).Run();
}

}  // namespace schotvrij::cli
