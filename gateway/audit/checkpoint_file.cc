#include "gateway/audit/checkpoint_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "schemas/base/status.h"

namespace schotvrij::audit {
namespace {

absl::Status Unavailable(std::string_view what) {
  return absl::UnavailableError(absl::StrCat("the checkpoint file ", std::string(what), ": ", std::strerror(errno)));
}

absl::StatusOr<std::string> ReadAll(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return absl::NotFoundError("there is no checkpoint file");
  std::ostringstream text;
  text << in.rdbuf();
  if (in.bad()) return Unavailable("cannot be read");
  return text.str();
}

// A new file is found again after a crash only when its directory was written too.
bool SyncDirectory(const std::string& path) {
  std::string directory = std::filesystem::absolute(path).parent_path().string();
  int descriptor = open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return false;
  bool done = fsync(descriptor) == 0;
  close(descriptor);
  return done;
}

}  // namespace

absl::StatusOr<std::unique_ptr<CheckpointFile>> CheckpointFile::Open(const std::string& path) {
  int descriptor = open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (descriptor < 0) return Unavailable("cannot be opened");
  if (flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    close(descriptor);
    return absl::UnavailableError(absl::StrCat(path, ": another gateway writes this; a home is one gateway's: stop that one"));
  }
  std::unique_ptr<CheckpointFile> file(new CheckpointFile(descriptor, 0));
  ASSIGN_OR_RETURN(std::string text, ReadAll(path));
  file->size_ = static_cast<int64_t>(text.rfind('\n') + 1);
  // Also when there is nothing to cut: lines that a killed process wrote may not be on disk yet.
  if (!file->Cut()) return Unavailable("cannot be mended");
  if (!SyncDirectory(path)) return Unavailable("cannot be made durable");
  return file;
}

CheckpointFile::~CheckpointFile() { close(descriptor_); }

bool CheckpointFile::Cut() { return whole_ = ftruncate(descriptor_, size_) == 0 && fdatasync(descriptor_) == 0; }

bool CheckpointFile::Write(std::string_view text) {
  ssize_t written;
  do {
    written = write(descriptor_, text.data(), text.size());
  } while (written < 0 && errno == EINTR);
  return written == static_cast<ssize_t>(text.size()) && fdatasync(descriptor_) == 0;
}

absl::Status CheckpointFile::Append(std::string_view line) {
  if (!whole_ && !Cut()) return Unavailable("cannot be mended");
  if (!Write(line) || !Write("\n")) {
    absl::Status failed = Unavailable("cannot be written");
    Cut();
    return failed;
  }
  size_ += static_cast<int64_t>(line.size()) + 1;
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> CheckpointFile::Read(const std::string& path) {
  ASSIGN_OR_RETURN(std::string text, ReadAll(path));
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

}  // namespace schotvrij::audit
