#include "gateway/cli/replace_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gateway/cli/files.h"
#include "schemas/base/status.h"

namespace schotvrij::cli {
namespace {

absl::Status CannotReplace(const std::string& path, int error) {
  return absl::UnavailableError(absl::StrCat(path, ": ", std::generic_category().message(error)));
}

absl::StatusOr<std::string> WholeText(const std::string& file) {
  std::error_code error;
  const auto size = std::filesystem::file_size(file, error);
  if (error) return CannotReplace(file, error.value());
  return ReadFile(file, size);
}

// A file beside another, gone with the object unless it was moved.
class FileBeside {
 public:
  explicit FileBeside(const std::string& file)
      : name_(absl::StrCat(file, ".XXXXXX")), descriptor_(mkostemp(name_.data(), O_CLOEXEC)) {}
  FileBeside(const FileBeside&) = delete;
  ~FileBeside() {
    if (descriptor_ < 0) return;
    close(descriptor_);
    if (!moved_) unlink(name_.c_str());
  }

  absl::Status Fill(std::string_view text, const struct stat& like) {
    if (descriptor_ < 0) return CannotReplace(name_, errno);
    while (!text.empty()) {
      const ssize_t written = write(descriptor_, text.data(), text.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return CannotReplace(name_, errno);
      text.remove_prefix(static_cast<size_t>(written));
    }
    const bool same_owner = like.st_uid == geteuid() && like.st_gid == getegid();
    if (!same_owner && fchown(descriptor_, like.st_uid, like.st_gid) != 0) return CannotReplace(name_, errno);
    if (fchmod(descriptor_, like.st_mode & 07777) != 0 || fsync(descriptor_) != 0) return CannotReplace(name_, errno);
    return absl::OkStatus();
  }

  absl::Status MoveTo(const std::string& file) {
    if (rename(name_.c_str(), file.c_str()) != 0) return CannotReplace(file, errno);
    moved_ = true;
    const std::string folder = std::filesystem::path(file).parent_path().string();
    const int opened = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (opened < 0) return CannotReplace(folder, errno);
    const bool synced = fsync(opened) == 0;
    const int error = errno;
    close(opened);
    return synced ? absl::OkStatus() : CannotReplace(folder, error);
  }

 private:
  std::string name_;
  const int descriptor_;
  bool moved_ = false;
};

}  // namespace

absl::StatusOr<FolderLock> FolderLock::Take(const std::string& folder) {
  const int opened = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (opened < 0) return CannotReplace(folder, errno);
  FolderLock lock(opened);
  while (flock(opened, LOCK_EX) != 0) {
    if (errno != EINTR) return CannotReplace(folder, errno);
  }
  return lock;
}

FolderLock::FolderLock(FolderLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

FolderLock::~FolderLock() {
  if (descriptor_ >= 0) close(descriptor_);
}

absl::Status ReplaceFile(const std::string& named, std::string_view known, std::string_view text) {
  std::error_code error;
  const std::string file = std::filesystem::canonical(named, error).string();
  if (error) return CannotReplace(named, error.value());
  struct stat about;
  if (stat(file.c_str(), &about) != 0) return CannotReplace(file, errno);
  FileBeside beside(file);
  RETURN_IF_ERROR(beside.Fill(text, about));
  ASSIGN_OR_RETURN(const std::string present, WholeText(file));
  if (present != known) {
    return absl::AbortedError(absl::StrCat(file, " was changed by another meanwhile; look at it and try again"));
  }
  return beside.MoveTo(file);
}

absl::Status WriteNewFile(const std::string& file, std::string_view text) {
  struct stat about = {};
  if (stat(file.c_str(), &about) == 0) {
    ASSIGN_OR_RETURN(const std::string present, WholeText(file));
    return present == text ? absl::OkStatus() : absl::AlreadyExistsError(absl::StrCat(file, " is there with something else in it"));
  }
  // Its owner is that of the folder, whose gateway has to read it.
  if (stat(std::filesystem::path(file).parent_path().c_str(), &about) != 0) return CannotReplace(file, errno);
  about.st_mode = 0644;
  FileBeside beside(file);
  RETURN_IF_ERROR(beside.Fill(text, about));
  return beside.MoveTo(file);
}

}  // namespace schotvrij::cli
