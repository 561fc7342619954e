// `schotvrij serve`: runs a home's gateway until it is told to stop. SIGHUP reloads; SIGTERM and SIGINT stop.
#pragma once

#include <ostream>
#include <string>

namespace schotvrij::cli {

int RunServe(const std::string& home, std::ostream& out, std::ostream& err);

}  // namespace schotvrij::cli
