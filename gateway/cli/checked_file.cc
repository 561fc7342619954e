#include "gateway/cli/checked_file.h"

#include <algorithm>
#include <utility>

#include "gateway/cli/exit_code.h"
#include "gateway/cli/report.h"

namespace schotvrij::cli {

int CheckedFile::Open(uint64_t client) {
  tool_ = ToolFor(options_.from, true, err_);
  if (tool_ == nullptr) return kWrongUse;
  absl::StatusOr<MessageFile> file = MessageFile::Open(options_.files.front());
  if (!file.ok()) return Failed(file.status(), err_);
  file_.emplace(*std::move(file));
  client_ = client;
  const absl::StatusOr<FileVerdict> verdict = Read([this](v1::Exchange part, uint64_t number) {
    if (number == std::max<uint64_t>(client_, 1)) kept_ = std::move(part);
  });
  if (!verdict.ok()) return Failed(verdict.status(), err_);
  if (verdict->at_fault || verdict->parts == 0) {
    PrintIssues(err_, options_.files.front() + ": ", verdict->issues);
    return kMessageAtFault;
  }
  held_ = verdict->parts;
  if (client_ <= held_) return kGood;
  err_ << "schotvrij: " << options_.files.front() << " holds " << held_ << (held_ == 1 ? " part" : " parts")
       << "; --client names none of them.\n";
  return kWrongUse;
}

int CheckedFile::ForEach(absl::FunctionRef<void(v1::Exchange part, uint64_t number)> visit) {
  if (parts() == 1) {
    visit(*std::move(kept_), std::max<uint64_t>(client_, 1));
    return kGood;
  }
  const absl::StatusOr<FileVerdict> verdict = Read(visit);
  return verdict.ok() ? kGood : Failed(verdict.status(), err_);
}

absl::StatusOr<FileVerdict> CheckedFile::Read(absl::FunctionRef<void(v1::Exchange part, uint64_t number)> visit) {
  uint64_t number = 0;
  return file_->Read(*tool_, {.any_size = options_.any_size}, ProgressTo(err_),
                     [&](v1::Exchange part) { visit(std::move(part), ++number); });
}

}  // namespace schotvrij::cli
