#include "gateway/cli/submit_batch.h"

#include <algorithm>
#include <fstream>
#include <iostream>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "gateway/cli/exit_code.h"
#include "gateway/cli/report.h"
#include "schemas/base/audit_chain.h"
#include "schemas/base/status.h"

namespace schotvrij::cli {
namespace {

constexpr size_t kChunkBytes = 64 << 10;

// A file of any size, read from any place; standard input from where it is.
class Source {
 public:
  explicit Source(const std::string& name) : name_(name), in_(name == "-" ? std::cin : file_) {
    if (name != "-") file_.open(name, std::ios::binary);
  }

  bool ok() const { return name_ == "-" || file_.is_open(); }

  absl::StatusOr<std::string> Read(uint64_t offset) {
    while (at_ < offset) {
      const std::string skipped = Piece(std::min<uint64_t>(kChunkBytes, offset - at_));
      if (skipped.empty()) return absl::InvalidArgumentError(absl::StrCat(name_, ": is shorter than what the gateway has of it"));
    }
    std::string piece = Piece(kChunkBytes);
    if (in_.bad()) return absl::UnavailableError(absl::StrCat(name_, ": cannot be read"));
    return piece;
  }

 private:
  std::string Piece(size_t most) {
    std::string piece(most, '\0');
    in_.read(piece.data(), static_cast<std::streamsize>(most));
    piece.resize(static_cast<size_t>(in_.gcount()));
    at_ += piece.size();
    return piece;
  }

  const std::string name_;
  std::ifstream file_;
  std::istream& in_;
  uint64_t at_ = 0;
};

absl::StatusOr<std::string> KeyOf(const std::string& name) {
  Source source(name);
  if (!source.ok()) return absl::NotFoundError(absl::StrCat(name, ": no such file"));
  std::string digest;
  for (uint64_t at = 0;;) {
    ASSIGN_OR_RETURN(const std::string piece, source.Read(at));
    if (piece.empty()) return absl::StrCat("file-", absl::BytesToHexString(digest));
    at += piece.size();
    digest = Sha256(digest + piece);
  }
}

std::string Words(const v1::BatchProgress& progress) {
  switch (progress.state()) {
    case v1::BATCH_RECEIVING:
      return absl::StrCat(progress.parts(), " registrations received");
    case v1::BATCH_STAGED:
      return absl::StrCat(progress.judged(), " of ", progress.parts(), " registrations judged");
    case v1::BATCH_REFUSED:
      return "refused";
    default:
      return absl::StrCat(progress.parts(), " registrations in effect");
  }
}

}  // namespace

int RunSubmitBatch(const SubmitBatchOptions& options, rpc::GrpcClient& client, std::ostream& out, std::ostream& err) {
  v1::BatchHeader header;
  header.set_batch_key(options.key);
  if (options.key.empty()) {
    if (options.file == "-") {
      err << "schotvrij: standard input needs --key\n";
      return kWrongUse;
    }
    absl::StatusOr<std::string> key = KeyOf(options.file);
    if (!key.ok()) {
      err << "schotvrij: " << key.status().message() << '\n';
      return kWrongUse;
    }
    header.set_batch_key(*std::move(key));
  }
  Source source(options.file);
  const rpc::Outcome<v1::BatchProgress> outcome =
      client.RegisterBatch(header, [&](uint64_t offset) { return source.Read(offset); },
                           [&](const v1::BatchProgress& progress) { err << Words(progress) << std::endl; });
  if (outcome.ok()) {
    if (options.json) {
      out << "{\"batch\":" << JsonString(outcome.value().batch_id()) << ",\"registrations\":" << outcome.value().parts() << "}\n";
    } else {
      out << options.file << ": " << Words(outcome.value()) << ", batch " << outcome.value().batch_id() << '\n';
    }
    return kGood;
  }
  const rpc::Refusal& refusal = outcome.refusal();
  std::vector<Issue> issues;
  for (const rpc::Violation& violation : refusal.violations) {
    issues.push_back({.rule = violation.rule, .path = violation.path, .text = violation.text});
  }
  if (options.json) {
    out << "{\"status\":" << JsonString(refusal.status) << ",\"issues\":" << IssuesJson(issues) << "}\n";
  } else {
    out << options.file << ": " << (refusal.at_fault ? "refused, none of it is in effect\n" : "not finished; the same command goes on\n");
    PrintIssues(out, "  ", issues);
  }
  return refusal.at_fault ? kMessageAtFault : kSystemFailed;
}

}  // namespace schotvrij::cli
