#include "gateway/cli/backup_files.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <functional>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "gateway/cli/files.h"
#include "schemas/base/status.h"

namespace schotvrij::cli {
namespace {

namespace fs = std::filesystem;

constexpr size_t kSumsBytesMax = 16 << 20;

absl::Status Trouble(const fs::path& path, int error) {
  return absl::UnavailableError(absl::StrCat(path.string(), ": ", std::generic_category().message(error)));
}

class Descriptor {
 public:
  Descriptor(const fs::path& path, int flags, mode_t mode = 0) : fd_(open(path.c_str(), flags | O_CLOEXEC, mode)) {}
  Descriptor(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  int fd() const { return fd_; }

 private:
  const int fd_;
};

absl::Status WriteAll(int fd, std::string_view bytes, const fs::path& path) {
  while (!bytes.empty()) {
    const ssize_t written = write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return Trouble(path, errno);
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return absl::OkStatus();
}

absl::Status ReadInPieces(const fs::path& path, const std::function<absl::Status(std::string_view)>& take) {
  const Descriptor file(path, O_RDONLY);
  if (file.fd() < 0) return Trouble(path, errno);
  char piece[64 << 10];
  for (;;) {
    const ssize_t size = read(file.fd(), piece, sizeof piece);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return Trouble(path, errno);
    if (size == 0) return absl::OkStatus();
    RETURN_IF_ERROR(take({piece, static_cast<size_t>(size)}));
  }
}

absl::StatusOr<std::string> SumOf(const fs::path& path) {
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> sum(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  EVP_DigestInit_ex(sum.get(), EVP_sha256(), nullptr);
  RETURN_IF_ERROR(ReadInPieces(path, [&sum](std::string_view piece) {
    EVP_DigestUpdate(sum.get(), piece.data(), piece.size());
    return absl::OkStatus();
  }));
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  EVP_DigestFinal_ex(sum.get(), digest, &size);
  return std::string(absl::BytesToHexString({reinterpret_cast<char*>(digest), size}));
}

absl::Status Sync(const fs::path& path) {
  const Descriptor opened(path, O_RDONLY);
  return opened.fd() >= 0 && fsync(opened.fd()) == 0 ? absl::OkStatus() : Trouble(path, errno);
}

fs::path Parent(const fs::path& name) {
  const fs::path parent = name.parent_path();
  return parent.empty() ? "." : parent;
}

}  // namespace

absl::StatusOr<std::vector<std::string>> FilesBelow(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code error;
  fs::recursive_directory_iterator walk(folder, error);
  for (; !error && walk != fs::recursive_directory_iterator(); walk.increment(error)) {
    if (walk->is_regular_file()) names.push_back(walk->path().lexically_relative(folder).string());
  }
  if (error) return Trouble(folder, error.value());
  std::sort(names.begin(), names.end());
  return names;
}

absl::StatusOr<std::string> SumsOf(const fs::path& folder) {
  ASSIGN_OR_RETURN(const std::vector<std::string> names, FilesBelow(folder));
  std::string sums;
  for (const std::string& name : names) {
    if (name == kSumsFile) continue;
    ASSIGN_OR_RETURN(const std::string sum, SumOf(folder / name));
    absl::StrAppend(&sums, sum, "  ", name, "\n");
  }
  return sums;
}

absl::Status CheckSums(const fs::path& folder) {
  absl::StatusOr<std::string> noted = ReadFile((folder / kSumsFile).string(), kSumsBytesMax);
  if (!noted.ok()) {
    return absl::DataLossError(absl::StrCat(folder.string(), " is no whole backup: it has no readable ", std::string(kSumsFile)));
  }
  ASSIGN_OR_RETURN(const std::string found, SumsOf(folder));
  if (*noted == found) return absl::OkStatus();
  const auto differs = std::mismatch(noted->begin(), noted->end(), found.begin(), found.end()).first;
  const size_t line = std::count(noted->begin(), differs, '\n') + 1;
  return absl::DataLossError(absl::StrCat(folder.string(), " is not as it was made: see line ", line, " of ",
                                          std::string(kSumsFile), ", and `sha256sum --check`"));
}

NewFolder::NewFolder(const fs::path& name) : name_(name), unfinished_(name) { unfinished_ += ".unfinished"; }

absl::StatusOr<std::unique_ptr<NewFolder>> NewFolder::Make(const std::string& name) {
  const fs::path normal = fs::path(name).lexically_normal();
  std::unique_ptr<NewFolder> made(new NewFolder(normal.has_filename() ? normal : normal.parent_path()));  // "name/" too
  std::error_code error;
  if (fs::exists(fs::symlink_status(made->name_, error))) {
    made->unfinished_.clear();
    return absl::AlreadyExistsError(absl::StrCat(name, " is there already; name a new folder"));
  }
  fs::remove_all(made->unfinished_, error);
  if (error) return Trouble(made->unfinished_, error.value());
  if (mkdir(made->unfinished_.c_str(), 0700) != 0) return Trouble(made->unfinished_, errno);
  return made;
}

NewFolder::~NewFolder() {
  std::error_code ignored;
  if (!unfinished_.empty()) fs::remove_all(unfinished_, ignored);
}

absl::Status NewFolder::MakeFolder(std::string_view name) {
  std::error_code error;
  fs::create_directories(At(name), error);
  if (!error) fs::permissions(At(name), fs::perms::owner_all, error);
  return error ? Trouble(At(name), error.value()) : absl::OkStatus();
}

absl::Status NewFolder::Copy(const fs::path& from, std::string_view name) {
  struct stat about;
  if (stat(from.c_str(), &about) != 0) return Trouble(from, errno);
  RETURN_IF_ERROR(MakeFolder(fs::path(name).parent_path().string()));
  const fs::path to = At(name);
  const Descriptor file(to, O_CREAT | O_EXCL | O_WRONLY, about.st_mode & 0700);
  if (file.fd() < 0) return Trouble(to, errno);
  RETURN_IF_ERROR(ReadInPieces(from, [&](std::string_view piece) { return WriteAll(file.fd(), piece, to); }));
  return fchmod(file.fd(), about.st_mode & 0777) == 0 ? absl::OkStatus() : Trouble(to, errno);
}

absl::Status NewFolder::Write(std::string_view name, std::string_view text) {
  const fs::path to = At(name);
  const Descriptor file(to, O_CREAT | O_EXCL | O_WRONLY, 0600);
  if (file.fd() < 0) return Trouble(to, errno);
  return WriteAll(file.fd(), text, to);
}

absl::Status NewFolder::Finish() {
  std::error_code error;
  fs::recursive_directory_iterator walk(unfinished_, error);
  for (; !error && walk != fs::recursive_directory_iterator(); walk.increment(error)) RETURN_IF_ERROR(Sync(walk->path()));
  if (error) return Trouble(unfinished_, error.value());
  RETURN_IF_ERROR(Sync(unfinished_));
  if (renameat2(AT_FDCWD, unfinished_.c_str(), AT_FDCWD, name_.c_str(), RENAME_NOREPLACE) != 0) return Trouble(name_, errno);
  unfinished_.clear();
  return Sync(Parent(name_));
}

}  // namespace schotvrij::cli
