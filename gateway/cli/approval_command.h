// `schotvrij approval list`: for the check, which parties approved what they asked for themselves, under another hat (pet), as their
// network's document lets them. The gateway may run meanwhile. Nothing that is printed tells who the client is.
#pragma once

#include <ostream>
#include <string>

namespace schotvrij::cli {

struct ApprovalOptions {
  std::string home;
  bool json = false;
};

// A line per approval: client, exchange of the approval, network, party, role in which it approved, when.
int RunApprovalList(const ApprovalOptions& options, std::ostream& out, std::ostream& err);

}  // namespace schotvrij::cli
