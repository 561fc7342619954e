// OpenerProcess: a mail is taken apart in a process of its own (gateway/opener), started for it and gone with it.
//
//   OpenerProcess opener(OpenerProcess::BesideThisProgram());
//   ASSIGN_OR_RETURN(mail::v1::OpenedMail opened, opener.Open(request));
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "schemas/base/limits.h"
#include "schotvrij/mail/v1/opened_mail.pb.h"

namespace schotvrij::mail {

class OpenerProcess {
 public:
  // Path of the program, and how long it may take for one mail.
  explicit OpenerProcess(std::string program, int64_t most_us = limits::kMailOpenUsMax)
      : program_(std::move(program)), most_us_(most_us) {}

  static std::string BesideThisProgram();

  // kNotFound when the program is not there or may not be run.
  absl::Status Check() const;
  // Blocks for at most that long. The process must ignore SIGPIPE. kInvalidArgument when the process died or took too long over this mail; kUnavailable
  // when it cannot be started.
  absl::StatusOr<v1::OpenedMail> Open(const v1::OpenRequest& request) const;

 private:
  const std::string program_;
  const int64_t most_us_;
};

}  // namespace schotvrij::mail
