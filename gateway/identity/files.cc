#include "gateway/identity/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "schemas/base/status.h"

namespace schotvrij::identity {
namespace {

class File {
 public:
  explicit File(const std::string& path) : descriptor_(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  int descriptor() const { return descriptor_; }

 private:
  const int descriptor_;
};

absl::Status SystemFault(std::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat(std::string(what), ": ", std::strerror(errno)));
}

// Looks at the open file, so that what was checked is what is read.
absl::StatusOr<std::string> Read(const std::string& path, size_t most, mode_t forbidden) {
  File file(path);
  struct stat about;
  if (file.descriptor() < 0 || fstat(file.descriptor(), &about) != 0) return SystemFault("cannot be read");
  if (!S_ISREG(about.st_mode)) return absl::InvalidArgumentError("is not a regular file");
  if ((about.st_mode & forbidden) != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("is secret but others than its owner may use it; run: chmod 600 ", path));
  }
  if (static_cast<size_t>(about.st_size) > most) {
    return absl::InvalidArgumentError(absl::StrCat("is larger than ", most, " bytes"));
  }
  std::string text(most + 1, '\0');
  size_t size = 0;
  while (size < text.size()) {
    ssize_t got = read(file.descriptor(), text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return SystemFault("cannot be read");
    if (got == 0) break;
    size += got;
  }
  if (size > most) return absl::InvalidArgumentError(absl::StrCat("is larger than ", most, " bytes"));
  text.resize(size);
  return text;
}

}  // namespace

absl::StatusOr<std::string> ReadTextFile(const std::string& path, size_t most) { return Read(path, most, 0); }

absl::StatusOr<Secret> ReadSecretFile(const std::string& path, size_t most) {
  ASSIGN_OR_RETURN(std::string text, Read(path, most, S_IRWXG | S_IRWXO));
  return Secret(std::move(text));
}

}  // namespace schotvrij::identity
