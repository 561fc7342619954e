#include "gateway/cli/checked_file.h"
#include "gateway/cli/exit_code.h"
#include "gateway/cli/format_tools.h"
#include "schemas/base/redact.h"

namespace schotvrij::cli {

int RunDecode(const FormatToolOptions& options, std::ostream& out, std::ostream& err) {
  CheckedFile file(options, err);
  if (int code = file.Open(options.client); code != kGood) return code;
  absl::Status shown;
  const int code = file.ForEach([&](v1::Exchange part, uint64_t) {
    const absl::StatusOr<std::string> json = ToJson(part, options.reveal);
    if (json.ok()) out << *json << '\n';
    shown.Update(json.status());
  });
  if (shown.ok()) return code;
  err << "schotvrij: " << shown.message() << '\n';
  return kSystemFailed;
}

}  // namespace schotvrij::cli
