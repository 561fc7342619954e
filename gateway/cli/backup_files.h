// The files of a backup: a folder that is whole or not there.
//
//   about        what it is, a word and its value a line
//   home/…       files as they lay in the home, with their rights
//   SHA256SUMS   a line for each of the others, as sha256sum writes and checks them
//
//   ASSIGN_OR_RETURN(std::unique_ptr<NewFolder> folder, NewFolder::Make("backup"));
//   RETURN_IF_ERROR(folder->Copy(file, "home/keys/kek.hex"));
//   RETURN_IF_ERROR(folder->Finish());
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace schotvrij::cli {

inline constexpr std::string_view kSumsFile = "SHA256SUMS";

// A folder that gets its name last, once all that is in it is on disk. Until then it is called "NAME.unfinished".
class NewFolder {
 public:
  // kAlreadyExists when there is something of that name; what an earlier attempt left unfinished is removed. For its owner only.
  static absl::StatusOr<std::unique_ptr<NewFolder>> Make(const std::string& name);
  NewFolder(const NewFolder&) = delete;
  // Removed, unless it was finished.
  ~NewFolder();

  // Below it, where it is until it is finished; `name` is relative.
  std::filesystem::path At(std::string_view name) const { return unfinished_ / name; }
  // A file's bytes and rights.
  absl::Status Copy(const std::filesystem::path& from, std::string_view name);
  absl::Status Write(std::string_view name, std::string_view text);
  absl::Status MakeFolder(std::string_view name);
  // All is on disk and under its name when this returns.
  absl::Status Finish();

 private:
  explicit NewFolder(const std::filesystem::path& name);
  const std::filesystem::path name_;
  std::filesystem::path unfinished_;
};

// Names of the files below `folder`, relative to it, sorted. kUnavailable when it cannot be read.
absl::StatusOr<std::vector<std::string>> FilesBelow(const std::filesystem::path& folder);

// Lines of SHA256SUMS for all files below `folder`.
absl::StatusOr<std::string> SumsOf(const std::filesystem::path& folder);

// OK when SHA256SUMS names just the files that are there, with the bytes they have. kDataLoss with the first that differs, or
// when there is no SHA256SUMS: it was never finished.
absl::Status CheckSums(const std::filesystem::path& folder);

}  // namespace schotvrij::cli
