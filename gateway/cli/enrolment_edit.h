// EnrolmentEdit: one change to the enrolment file of a home, from reading it to the gateway that takes it over.
//
//   ASSIGN_OR_RETURN(EnrolmentEdit edit, EnrolmentEdit::Begin("demo", now));
//   ASSIGN_OR_RETURN(identity::EnrolmentText changed, edit.before().Suspend("opella"));
//   RETURN_IF_ERROR(edit.Check(changed).status());
//   RETURN_IF_ERROR(edit.Write(changed));
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "gateway/cli/replace_file.h"
#include "gateway/identity/config.h"
#include "gateway/identity/enrolment_text.h"
#include "schemas/base/runtime.h"

namespace schotvrij::cli {

class EnrolmentEdit {
 public:
  // Other edits of the home wait as long as it lives. kInvalidArgument when configuration or enrolment cannot be read as such.
  static absl::StatusOr<EnrolmentEdit> Begin(const std::string& home, Instant now);

  const identity::EnrolmentText& before() const { return before_; }
  Instant now() const { return now_; }
  // How the enrolment names a file of the home.
  std::string NameInEnrolment(const std::string& file) const;

  // What `serve` would load. kInvalidArgument with a line per fault when it would not. Policy that the gateway does not take as it
  // is now is no fault of the change, so that it may be one of several that mend it.
  absl::StatusOr<identity::LoadedConfig> Check(const identity::EnrolmentText& after) const;
  // kAborted when somebody else changed the file; kUnavailable when the system fails. The file is then as it was.
  absl::Status Write(const identity::EnrolmentText& after) const;

 private:
  EnrolmentEdit(std::string config_file, FolderLock lock, identity::EnrolmentText before, Instant now)
      : config_file_(std::move(config_file)), lock_(std::move(lock)), before_(std::move(before)), now_(now) {}
  std::string config_file_;
  FolderLock lock_;
  identity::EnrolmentText before_;
  Instant now_;
};

// `faults` with those in the block of `key` of `after` placed where `file` has it: who gave that file looks there.
std::string FaultsInFile(std::string_view faults, const identity::EnrolmentText& after, std::string_view key,
                         const identity::EnrolmentText& file);

}  // namespace schotvrij::cli
