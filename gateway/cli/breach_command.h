// `schotvrij breach list`, `show` and `close`: for the privacy officer, the breach records (datalekken), the 72 hours within which a
// controller tells the supervisor, and what of its form the record fills in. The gateway may run meanwhile. Nothing that is printed
// tells who the person is.
#pragma once

#include <ostream>
#include <string>

namespace schotvrij::cli {

struct BreachOptions {
  std::string home;
  bool json = false;
};

struct BreachListOptions : BreachOptions {
  bool all = false;  // those that are closed as well
};

struct BreachShowOptions : BreachOptions {
  std::string id;
};

struct BreachCloseOptions : BreachOptions {
  std::string id;
  std::string note;  // schemas/codes/breach_note.csv
};

// A line per record, the most urgent first. kMessageAtFault: the 72 hours of one that is open are over.
int RunBreachList(const BreachListOptions& options, std::ostream& out, std::ostream& err);
// One record, and the supervisor's form for each controller.
int RunBreachShow(const BreachShowOptions& options, std::ostream& out, std::ostream& err);
// Ends one for the reason given: an audit event, and 72 hours that run no more. What is contained of it goes on being noted.
int RunBreachClose(const BreachCloseOptions& options, std::ostream& out, std::ostream& err);

}  // namespace schotvrij::cli
