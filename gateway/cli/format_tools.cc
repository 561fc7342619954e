#include "gateway/cli/format_tools.h"

#include <unistd.h>

#include "gateway/cli/exit_code.h"

namespace schotvrij::cli {

const FormatTool* ToolFor(const std::string& name, bool to_read, std::ostream& err) {
  const FormatTool* tool = FindFormat(name);
  if (tool == nullptr) {
    err << "schotvrij: there is no format '" << name << "'. Formats:";
    for (const FormatTool& each : FormatTools()) err << ' ' << each.name;
    err << '\n';
    return nullptr;
  }
  if (to_read ? tool->decoder == nullptr : tool->encode == nullptr) {
    err << "schotvrij: format '" << name << "' is not " << (to_read ? "read" : "written") << " by this release yet.\n";
    return nullptr;
  }
  return tool;
}

int Failed(const absl::Status& status, std::ostream& err) {
  err << "schotvrij: " << status.message() << '\n';
  return absl::IsInternal(status) ? kSystemFailed : kWrongUse;
}

std::ostream* ProgressTo(std::ostream& err) { return isatty(STDERR_FILENO) == 1 ? &err : nullptr; }

}  // namespace schotvrij::cli
