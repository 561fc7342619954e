// Putting another text in the place of a file's: whole, or not at all.
//
//   ASSIGN_OR_RETURN(FolderLock alone, FolderLock::Take(folder));   // nobody else edits in it meanwhile
//   ASSIGN_OR_RETURN(std::string text, ReadFile(file, most));
//   RETURN_IF_ERROR(ReplaceFile(file, text, Edited(text)));
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace schotvrij::cli {

// Held by one command at a time, as long as it lives; others wait for it.
class FolderLock {
 public:
  // kUnavailable when the folder cannot be opened.
  static absl::StatusOr<FolderLock> Take(const std::string& folder);
  FolderLock(FolderLock&& other) noexcept;
  FolderLock& operator=(FolderLock&&) = delete;
  ~FolderLock();

 private:
  explicit FolderLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

// The file has `text`, its owner and its rights, and both are on disk, when this returns; until then it has what it had. A link is
// followed. kAborted when it does not have `known` any more; kUnavailable when the system fails.
absl::Status ReplaceFile(const std::string& file, std::string_view known, std::string_view text);

// A new file that all may read, on disk when this returns; OK as well when there is one with the same text. kAlreadyExists: with
// another.
absl::Status WriteNewFile(const std::string& file, std::string_view text);

}  // namespace schotvrij::cli
