// One connection at a steady pace: what somebody who sends a message now and then waits, whatever others do meanwhile.
//
//   bench_paced --home DIR --as PARTY [--per-second 20]
//
// Registers one client after the other over gRPC until it is ended or has no more, and prints a line for each: when the call began
// and how long it took, in microseconds of the monotonic clock. Exits 1 when one was refused.
#include <chrono>
#include <cstdio>
#include <thread>

#include "CLI/CLI.hpp"
#include "gateway/transport/runtime/system.h"
#include "tests/bench/caller.h"

namespace schotvrij::bench {
namespace {

using SteadyClock = std::chrono::steady_clock;

int64_t Us(SteadyClock::duration duration) {
  return std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
}

int Run(const std::string& folder, const std::string& party, int per_second) {
  const cli::Home home(folder);
  const Registrations registrations(TodayInAmsterdam(runtime::SystemClock().Now()));
  const std::unique_ptr<Caller> caller = NewGrpcCaller(home, party);
  auto due = SteadyClock::now();
  for (uint64_t number = 0; number < Registrations::kClients; ++number) {
    caller->Prepare(registrations, number);
    std::this_thread::sleep_until(due);
    const auto begin = SteadyClock::now();
    const std::string fault = caller->Call();
    const auto end = SteadyClock::now();
    if (!fault.empty()) {
      std::fprintf(stderr, "bench: %s\n", fault.c_str());
      return 1;
    }
    std::printf("%lld %lld\n", static_cast<long long>(Us(begin.time_since_epoch())), static_cast<long long>(Us(end - begin)));
    std::fflush(stdout);
    due = std::max(due + std::chrono::microseconds(1'000'000 / per_second), end);
  }
  return 0;
}

}  // namespace
}  // namespace schotvrij::bench

int main(int argc, char** argv) {
  std::string home, party;
  int per_second = 20;
  CLI::App app("registrations at a steady pace");
  app.add_option("--home", home)->required();
  app.add_option("--as", party)->required();
  app.add_option("--per-second", per_second)->check(CLI::Range(1, 1000));
  CLI11_PARSE(app, argc, argv);
  try {
    return schotvrij::bench::Run(home, party, per_second);
  } catch (const std::exception& trouble) {
    std::fprintf(stderr, "bench: %s\n", trouble.what());
    return 1;
  }
}
