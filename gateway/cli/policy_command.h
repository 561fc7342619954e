// `schotvrij policy check|show`: policy documents, offline.
#pragma once

#include <ostream>
#include <string>
#include <vector>

namespace schotvrij::cli {

struct PolicyCommandOptions {
  std::vector<std::string> files;  // empty: the built-in documents
  std::string home;                // check: also says which parties this home has not enrolled
  bool json = false;
};

int RunPolicyCheck(const PolicyCommandOptions& options, std::ostream& out, std::ostream& err);
int RunPolicyShow(const PolicyCommandOptions& options, std::ostream& out, std::ostream& err);

}  // namespace schotvrij::cli
