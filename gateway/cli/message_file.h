// A file of one message, or of a batch of many clients, read through a decoder in pieces: no more of it is held than the decoder
// holds.
//
//   ASSIGN_OR_RETURN(MessageFile file, MessageFile::Open("declaration.xml"));
//   ASSIGN_OR_RETURN(FileVerdict verdict, file.Read(*tool, {}, nullptr, [](v1::Exchange) {}));
#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "gateway/cli/files.h"
#include "gateway/cli/formats.h"
#include "schemas/base/issue.h"
#include "schotvrij/v1/exchange.pb.h"

namespace schotvrij::cli {

// What was found in a file.
struct FileVerdict {
  std::vector<Issue> issues;     // at most limits::kIssuesMax
  uint64_t issues_left_out = 0;  // found beside those
  bool at_fault = false;         // one of them all was an error
  bool batch = false;            // of many clients, by its form
  uint64_t parts = 0;            // Exchanges; one in a file that is no batch
  uint64_t clients = 0;          // of those the ones about a client
  uint64_t lines = 0;            // of declarations and of the answers to them
  std::string key;               // same in two files: the same message; empty: it has no key of its own

  void Add(Issue issue);
};

class MessageFile {
 public:
  // "-": standard input. As Open of files.h.
  static absl::StatusOr<MessageFile> Open(const std::string& name);

  // From its start to its end; each client's part goes to `visit` once it was checked. What is printed of a file is printed in a
  // second reading, since the first may find a fault at its end. `progress` is told how far it is, each second; null: nobody is.
  // kFailedPrecondition: it was read before and comes by a pipe.
  absl::StatusOr<FileVerdict> Read(const FormatTool& tool, const ReadOptions& options, std::ostream* progress,
                                   absl::FunctionRef<void(v1::Exchange)> visit);

 private:
  MessageFile(std::string name, OpenFile file) : name_(std::move(name)), file_(std::move(file)) {}
  absl::Status Rewind();

  std::string name_;
  OpenFile file_;
  bool read_ = false;
};

}  // namespace schotvrij::cli
