// `schotvrij seed region`: fills a test home with a synthetic year to learn with, by its own front door: a client for each week of the
// year behind us, and what became of it since (schemas/codes/seed_step.csv), sent as the provider of the examples (deploy/examples).
// What waits for the municipality is left to who learns.
#pragma once

#include <ostream>
#include <string>

namespace schotvrij::cli {

struct SeedOptions {
  std::string home;
};

// The gateway of the home must run. A line per week. Again: what was sent before has no second effect. Refuses a production home.
int RunSeedRegion(const SeedOptions& options, std::ostream& out, std::ostream& err);

}  // namespace schotvrij::cli
