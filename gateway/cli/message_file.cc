#include "gateway/cli/message_file.h"

#include <cerrno>
#include <cstdio>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "adapters/canonical/canonical.h"
#include "gateway/cli/steady.h"
#include "schemas/base/limits.h"
#include "schemas/base/status.h"
#include "schemas/base/strings.h"

namespace schotvrij::cli {
namespace {

constexpr size_t kPieceBytes = 256 << 10;
constexpr int64_t kProgressUs = 1'000'000;

class Progress {
 public:
  Progress(std::ostream* out, std::string_view name) : out_(out), name_(name), next_us_(SteadyUs() + kProgressUs) {}

  void At(uint64_t bytes, uint64_t clients) {
    if (out_ == nullptr || SteadyUs() < next_us_) return;
    next_us_ = SteadyUs() + kProgressUs;
    *out_ << name_ << ": " << bytes / 1'000'000 << " MB, " << clients << " clients" << std::endl;
  }

 private:
  std::ostream* const out_;
  const std::string_view name_;
  int64_t next_us_;
};

// Kind, sender and key of the message that `part` is or is of; empty: it has no key of its own.
std::string KeyOf(const v1::Exchange& part, std::string_view shape) {
  const v1::Envelope& envelope = part.envelope();
  if (envelope.request_key().empty() || envelope.request_key() == kNoKey) return "";
  const v1::PartyIdentifier& sender = envelope.sender_identifier();
  return absl::StrCat(ToAbsl(shape), "\n", static_cast<int>(part.content_case()), "\n", sender.system(), "\n", sender.value(), "\n",
                      envelope.request_key());
}

// Judges what the decoder finds. A part is held until the next thing that comes, since an error behind a lone message is about it.
class Judge final : public PartSink {
 public:
  Judge(const Decoder& decoder, bool schema_only, absl::FunctionRef<void(v1::Exchange)> visit)
      : decoder_(decoder), schema_only_(schema_only), visit_(visit) {}

  void OnHeader(v1::BatchHeader) override { verdict_.batch = true; }
  void OnExchange(v1::Exchange exchange) override {
    Settle();
    held_ = std::move(exchange);
  }
  void OnTrailer(v1::BatchTrailer) override { Settle(); }
  void OnIssue(Issue issue) override { verdict_.Add(std::move(issue)); }

  uint64_t clients() const { return verdict_.clients; }
  FileVerdict End() {
    Settle();
    return std::move(verdict_);
  }

 private:
  void Settle() {
    if (!held_.has_value()) return;
    v1::Exchange part = *std::exchange(held_, std::nullopt);
    if (!schema_only_ && (verdict_.batch || !verdict_.at_fault)) CheckForm(part);
    if (verdict_.parts++ == 0) verdict_.key = KeyOf(part, decoder_.Shape());
    verdict_.clients += part.has_client();
    verdict_.lines += part.declaration().lines_size() + part.declaration_answer().lines_size();
    visit_(std::move(part));
  }

  void CheckForm(const v1::Exchange& part) {
    for (Issue& issue : canonical::CheckForm(part)) {
      if (verdict_.batch) issue.path = absl::StrCat("exchanges[", verdict_.parts, "].", issue.path);
      verdict_.Add(std::move(issue));
    }
  }

  const Decoder& decoder_;
  const bool schema_only_;
  absl::FunctionRef<void(v1::Exchange)> visit_;
  FileVerdict verdict_;
  std::optional<v1::Exchange> held_;
};

}  // namespace

void FileVerdict::Add(Issue issue) {
  at_fault |= issue.severity == Severity::kError;
  if (issues.size() < limits::kIssuesMax) {
    issues.push_back(std::move(issue));
  } else {
    ++issues_left_out;
  }
}

absl::StatusOr<MessageFile> MessageFile::Open(const std::string& name) {
  ASSIGN_OR_RETURN(OpenFile file, cli::Open(name));
  return MessageFile(name, std::move(file));
}

absl::Status MessageFile::Rewind() {
  if (!std::exchange(read_, true) || std::fseek(file_.get(), 0, SEEK_SET) == 0) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(name_, " comes by a pipe and is of many clients, which takes two readings: name a file"));
}

absl::StatusOr<FileVerdict> MessageFile::Read(const FormatTool& tool, const ReadOptions& options, std::ostream* progress,
                                              absl::FunctionRef<void(v1::Exchange)> visit) {
  RETURN_IF_ERROR(Rewind());
  const std::unique_ptr<Decoder> decoder = tool.decoder(options);
  Judge judge(*decoder, options.level < 2, visit);
  Progress told(progress, name_);
  std::string piece(kPieceBytes, '\0');
  bool wanted = true;
  uint64_t bytes = 0;
  while (wanted) {
    const size_t size = std::fread(piece.data(), 1, piece.size(), file_.get());
    if (size == 0) break;
    wanted = decoder->Feed(std::string_view(piece).substr(0, size), judge);
    told.At(bytes += size, judge.clients());
  }
  if (std::ferror(file_.get()) != 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot read ", name_));
  if (wanted) decoder->Finish(judge);
  return judge.End();
}

}  // namespace schotvrij::cli
