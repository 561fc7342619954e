// The checkpoint file on a simulated disk: what gateway/audit/checkpoint_file.h does on a real one.
#pragma once

#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "schemas/base/status.h"
#include "tests/simulation/disk.h"

namespace schotvrij::simulation {

class CheckpointLines {
 public:
  static constexpr char kName[] = "checkpoints";

  // Cuts off what a crash left of a half-written last line.
  static absl::StatusOr<CheckpointLines> Open(Disk* disk) {
    std::shared_ptr<Disk::File> file = disk->Open(kName, /*create=*/true);
    if (file == nullptr) return Failed();
    const std::string text = disk->Text(*file);
    CheckpointLines lines(disk, std::move(file), static_cast<int64_t>(text.rfind('\n') + 1));
    RETURN_IF_ERROR(lines.Cut());
    disk->SyncDirectory();
    return lines;
  }

  static std::vector<std::string> Read(Disk* disk) {
    std::shared_ptr<Disk::File> file = disk->Open(kName, /*create=*/false);
    std::vector<std::string> lines;
    if (file == nullptr) return lines;
    std::istringstream in(disk->Text(*file));
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
  }

  absl::Status Append(std::string_view line) {
    if (!whole_) RETURN_IF_ERROR(Cut());
    if (!Write(line) || !Write("\n")) {
      (void)Cut();
      return Failed();
    }
    size_ += static_cast<int64_t>(line.size()) + 1;
    return absl::OkStatus();
  }

 private:
  CheckpointLines(Disk* disk, std::shared_ptr<Disk::File> file, int64_t size)
      : disk_(disk), file_(std::move(file)), size_(size) {}

  static absl::Status Failed() { return absl::UnavailableError("the checkpoint file cannot be written"); }
  bool Write(std::string_view text) {
    return disk_->Write(*file_, text, disk_->Size(*file_)) == Disk::Result::kOk &&
           disk_->Sync(*file_) == Disk::Result::kOk;
  }
  absl::Status Cut() {
    whole_ = disk_->Truncate(*file_, size_) == Disk::Result::kOk && disk_->Sync(*file_) == Disk::Result::kOk;
    return whole_ ? absl::OkStatus() : Failed();
  }

  Disk* disk_;
  std::shared_ptr<Disk::File> file_;
  int64_t size_;
  bool whole_ = false;
};

}  // namespace schotvrij::simulation
