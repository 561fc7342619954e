// `schotvrij participant list|show`: who takes part, as the home has it.
#pragma once

#include <ostream>
#include <string>

namespace schotvrij::cli {

struct ParticipantViewOptions {
  std::string home;
  std::string key;  // show
  bool json = false;
};

int RunParticipantList(const ParticipantViewOptions& options, std::ostream& out, std::ostream& err);
int RunParticipantShow(const ParticipantViewOptions& options, std::ostream& out, std::ostream& err);

}  // namespace schotvrij::cli
