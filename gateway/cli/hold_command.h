// `schotvrij hold list` and `hold check`: for the privacy officer, which safety holds (veiligheidsstop, OP003) stand, and whether one
// stands on the person whose BSN is given. The gateway may run meanwhile. Nothing that is printed tells who the person is.
#pragma once

#include <istream>
#include <ostream>
#include <string>

namespace schotvrij::cli {

struct HoldOptions {
  std::string home;
  bool json = false;
};

// A line per hold: client, exchange that set it, who set it, since when.
int RunHoldList(const HoldOptions& options, std::ostream& out, std::ostream& err);
// The same of one client, whose BSN is the first line of `in`.
int RunHoldCheck(const HoldOptions& options, std::istream& in, std::ostream& out, std::ostream& err);

}  // namespace schotvrij::cli
