// `schotvrij serve`: runs a home's gateway until it is told to stop. SIGHUP reloads; SIGTERM and SIGINT stop, a second one ends
// what was begun as well. As a service of systemd it tells how it goes, and takes sockets that are handed over.
#pragma once

#include <cstdint>
#include <ostream>
#include <string>

namespace schotvrij::cli {

struct ServeOptions {
  std::string home;
  uint32_t grace_seconds = 10;
};

int RunServe(const ServeOptions& options, std::ostream& out, std::ostream& err);

}  // namespace schotvrij::cli
