// `schotvrij reload`: asks the running gateway of a home to read policy and enrolment again.
#pragma once

#include <ostream>
#include <string>

namespace schotvrij::cli {

// Where the admin listener of a home listens: the configuration's address, with the port that was taken when it says 0.
std::string AdminAddress(const std::string& home);

// What became of asking it.
struct ReloadAsked {
  enum class End { kLoaded, kRefused, kNoGateway, kNoAnswer };
  End end;
  std::string said;  // by the gateway, or why there is no answer
};
ReloadAsked AskReload(const std::string& home);

int RunReload(const std::string& home, std::ostream& out, std::ostream& err);

}  // namespace schotvrij::cli
