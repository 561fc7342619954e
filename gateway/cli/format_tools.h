// `schotvrij validate|decode|translate|explain`: looking at messages offline, with the same adapters and the same policy engine
// as the gateway, and without a home.
#pragma once

#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "gateway/cli/formats.h"

namespace schotvrij::cli {

struct FormatToolOptions {
  std::string from;                // format read
  std::string to;                  // format written; translate only
  std::vector<std::string> files;  // "-": standard input
  bool reveal = false;             // show sensitive leaves
  bool json = false;
  std::optional<int> level;        // validate only, of a format with levels
  bool any_size = false;           // ReadOptions::any_size
  uint64_t client = 0;             // of a file of many: which, from 1; 0: each, or for explain the first

  // What the policy is asked, for translate and explain.
  std::string network;
  std::string purpose;    // as in the documents: "REGISTRATION"; lower case is taken too
  std::string to_role;
  std::string from_role;  // empty: the one role that the rules let send this
  std::string on;         // civil date; empty: today
  bool assume_consent = false;
  std::vector<std::string> policy_files;  // empty: the built-in documents
};

// Each returns an exit code (exit_code.h).
int RunValidate(const FormatToolOptions& options, std::ostream& out, std::ostream& err);
int RunDecode(const FormatToolOptions& options, std::ostream& out, std::ostream& err);
int RunTranslate(const FormatToolOptions& options, std::ostream& out, std::ostream& err);
int RunExplain(const FormatToolOptions& options, std::ostream& out, std::ostream& err);

// What they have in common.
//
// The format of that name, or null after having said why it is not read, or written.
const FormatTool* ToolFor(const std::string& name, bool to_read, std::ostream& err);
// Says so, and returns kWrongUse for what the user named and kSystemFailed for what failed here.
int Failed(const absl::Status& status, std::ostream& err);
// `err` where somebody looks on; else null.
std::ostream* ProgressTo(std::ostream& err);

inline constexpr const char* kAssumed =
    "ASSUMED CONSENT: offline only; the gateway would not have let this leave without one.";

}  // namespace schotvrij::cli
