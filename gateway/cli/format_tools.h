// `schotvrij validate|decode|translate|explain`: looking at messages offline, with the same adapters and the same policy engine
// as the gateway, and without a home.
#pragma once

#include <ostream>
#include <string>
#include <vector>

namespace schotvrij::cli {

struct FormatToolOptions {
  std::string from;                // format read
  std::string to;                  // format written; translate only
  std::vector<std::string> files;  // "-": standard input
  bool reveal = false;             // show sensitive leaves
  bool json = false;

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

}  // namespace schotvrij::cli
