// `schotvrij submit`: sends FHIR messages to the gateway of a home over HTTPS, as one of the home's parties.
//
//   schotvrij submit --home demo --as opella registration.json
#pragma once

#include <ostream>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace schotvrij::cli {

struct SubmitOptions {
  std::string home;
  std::string as;                  // key of the party
  std::string role;  // hat (pet) in which it acts; empty: the only one it has
  std::vector<std::string> files;  // "-" is standard input
  std::string batch;               // a Bundle of many registrations instead; see submit_batch.h
  std::string key;                 // of the batch
  bool json = false;
};

void AddSubmitOptions(CLI::App* command, SubmitOptions* options);

// A line per file and one per issue, or with --json an array of {file, status, answer}. The worst of all files decides: 1 a message
// is at fault, 2 no such home, party or file, 3 the gateway failed or cannot be reached.
int RunSubmit(const SubmitOptions& options, std::ostream& out, std::ostream& err);

}  // namespace schotvrij::cli
