// Simulation: one run from one seed: parties, gateway, machine and whatever befalls them, until all is at rest; then the
// observer's judgement.
//
//   Outcome outcome = Simulate(seed, workload, Mutant::kNone);
//   if (!outcome.violations.empty()) Print(outcome.trace);
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tests/simulation/mutants.h"
#include "tests/simulation/workload.pb.h"

namespace schotvrij::simulation {

struct Outcome {
  std::string trace;
  std::vector<std::string> violations;
  std::map<std::string, uint64_t> counts;
};

Outcome Simulate(uint64_t seed, const Workload& workload, Mutant mutant);

}  // namespace schotvrij::simulation
