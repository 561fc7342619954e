// `schotvrij day-sheet`: what a party sent and was sent on one day, by counterpart, and what of it is missing.
//
//   schotvrij day-sheet --home demo --as gemeente-ede --day 2026-11-27
#pragma once

#include <ostream>
#include <string>

namespace CLI {
class App;
}

namespace schotvrij::cli {

struct DaySheetOptions {
  std::string home;
  std::string as;   // key of the party
  std::string role;  // hat (pet) in which it acts; empty: the only one it has
  std::string day;  // YYYY-MM-DD, in the Netherlands; empty: today
  bool json = false;
};

void AddDaySheetOptions(CLI::App* command, DaySheetOptions* options);

// Exit codes: as of RunMailboxList.
int RunDaySheet(const DaySheetOptions& options, std::ostream& out, std::ostream& err);

}  // namespace schotvrij::cli
