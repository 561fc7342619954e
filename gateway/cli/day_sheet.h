// `schotvrij day-sheet`: what a party of the home and others sent each other on one day, and what became of it.
//
//   schotvrij day-sheet --home demo --as gemeente-ede --day 2026-03-02 --with opella
#pragma once

#include <ostream>
#include <string>

namespace CLI {
class App;
}

namespace schotvrij::cli {

struct DaySheetOptions {
  std::string home;
  std::string as;    // key of the party
  std::string day;   // YYYY-MM-DD; empty: today
  std::string with;  // key of the other party; empty: all
  bool json = false;
};

void AddDaySheetOptions(CLI::App* command, DaySheetOptions* options);

// Exit codes: 1 the day or the other party is none, 2 no such home or party, or a party that is not enrolled, 3 the gateway failed or
// cannot be reached.
int RunDaySheet(const DaySheetOptions& options, std::ostream& out, std::ostream& err);

}  // namespace schotvrij::cli
