// OpenerProcess: a mail is taken apart in a process of its own (gateway/opener), started for it and gone with it.
//
//   OpenerProcess opener(OpenerProcess::BesideThisProgram());
//   ASSIGN_OR_RETURN(mail::v1::OpenedMail opened, opener.Open(request));
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "schotvrij/mail/v1/opened_mail.pb.h"

namespace schotvrij::mail {

class OpenerProcess {
 public:
  // Path of the program.
  explicit OpenerProcess(std::string program) : program_(std::move(program)) {}

  static std::string BesideThisProgram();

  // kNotFound when the program is not there or may not be run.
  absl::Status Check() const;
  // Blocks for at most limits::kMailOpenUsMax. kInvalidArgument when the process died or took too long over this mail; kUnavailable
  // when it cannot be started.
  absl::StatusOr<v1::OpenedMail> Open(const v1::OpenRequest& request) const;

 private:
  const std::string program_;
};

}  // namespace schotvrij::mail
