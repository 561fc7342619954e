// The checkpoint file: outside the database, only ever appended to. Put it where the database's administrator cannot write.
//
//   ASSIGN_OR_RETURN(std::unique_ptr<CheckpointFile> file, CheckpointFile::Open("audit/checkpoints"));
//   RETURN_IF_ERROR(file->Append(line));   // on disk when it returns
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace schotvrij::audit {

class CheckpointFile {
 public:
  // Creates the file (for its owner only) when there is none. What a crash left of a half-written last line is cut off.
  // Locked until the object goes: lines of two writers would not follow from each other. kUnavailable when it cannot be opened or
  // written, or when another has it open.
  static absl::StatusOr<std::unique_ptr<CheckpointFile>> Open(const std::string& path);
  CheckpointFile(const CheckpointFile&) = delete;
  CheckpointFile& operator=(const CheckpointFile&) = delete;
  ~CheckpointFile();

  // The whole line or nothing, also when the power goes: its end is written once the rest is on disk. kUnavailable: nothing was
  // added, and the same may be tried again.
  absl::Status Append(std::string_view line);

  // Lines of the file, oldest first. kNotFound when there is none, kUnavailable when it cannot be read.
  static absl::StatusOr<std::vector<std::string>> Read(const std::string& path);

 private:
  CheckpointFile(int descriptor, int64_t size) : descriptor_(descriptor), size_(size) {}
  bool Cut();
  bool Write(std::string_view text);

  const int descriptor_;
  int64_t size_;        // of whole lines
  bool whole_ = false;  // nothing stands behind them
};

}  // namespace schotvrij::audit
