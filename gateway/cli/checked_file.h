// CheckedFile: the one file of `decode`, `translate` or `explain`, read to its end and found good before anything of it is shown.
#pragma once

#include <cstdint>
#include <optional>
#include <ostream>

#include "absl/functional/function_ref.h"
#include "gateway/cli/format_tools.h"
#include "gateway/cli/message_file.h"

namespace schotvrij::cli {

class CheckedFile {
 public:
  CheckedFile(const FormatToolOptions& options, std::ostream& err) : options_(options), err_(err) {}

  // kGood, or an exit code after having said what is wrong. `client`: only that one is asked for, from 1; 0: each.
  int Open(uint64_t client);
  // How many parts ForEach gives.
  uint64_t parts() const { return client_ == 0 ? held_ : 1; }
  // kGood, or kSystemFailed or kWrongUse after having said why the file is not read again. The number of the part, from 1, goes along.
  int ForEach(absl::FunctionRef<void(v1::Exchange part, uint64_t number)> visit);

 private:
  absl::StatusOr<FileVerdict> Read(absl::FunctionRef<void(v1::Exchange part, uint64_t number)> visit);

  const FormatToolOptions& options_;
  std::ostream& err_;
  const FormatTool* tool_ = nullptr;
  std::optional<MessageFile> file_;
  uint64_t client_ = 0;
  uint64_t held_ = 0;                // parts in the file
  std::optional<v1::Exchange> kept_;  // the only part, or the one asked for
};

}  // namespace schotvrij::cli
