// One connection at a steady pace: what somebody who sends a message now and then waits, whatever others do meanwhile.
//
//   bench_paced --home DIR --as PARTY [--per-second 20]
//
// Registers one client after the other over gRPC until it is ended or has no more, and prints a line for each: when the call began
// and how long it took, in microseconds of the monotonic clock. Exits 1 when one was refused.
#include <algorithm>
#include <chrono>
#include <cstdio>

#include "CLI/CLI.hpp"
#include "absl/synchronization/notification.h"
#include "gateway/transport/runtime/executor.h"
#include "gateway/transport/runtime/system.h"
#include "tests/bench/caller.h"

namespace schotvrij::bench {
namespace {

using SteadyClock = std::chrono::steady_clock;

int64_t Us(SteadyClock::duration duration) {
  return std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
}

class Paced {
 public:
  Paced(const std::string& folder, const std::string& party, int per_second)
      : registrations_(TodayInAmsterdam(runtime::SystemClock().Now())),
        caller_(NewGrpcCaller(cli::Home(folder), party)),
        interval_(1'000'000 / per_second) {}

  int Run() {
    executor_.Post([this] { Next(); });
    done_.WaitForNotification();
    executor_.Stop();
    return failed_ ? 1 : 0;
  }

 private:
  void Next() {
    if (number_ == Registrations::kClients) return done_.Notify();
    caller_->Prepare(registrations_, number_++);
    const auto begin = SteadyClock::now();
    const std::string fault = caller_->Call();
    const auto end = SteadyClock::now();
    if (!fault.empty()) {
      std::fprintf(stderr, "bench: %s\n", fault.c_str());
      failed_ = true;
      return done_.Notify();
    }
    std::printf("%lld %lld\n", static_cast<long long>(Us(begin.time_since_epoch())), static_cast<long long>(Us(end - begin)));
    std::fflush(stdout);
    due_ = std::max(due_ + interval_, end);
    executor_.PostAfter(Us(due_ - end), [this] { Next(); });
  }

  const Registrations registrations_;
  const std::unique_ptr<Caller> caller_;
  const std::chrono::microseconds interval_;
  SteadyClock::time_point due_ = SteadyClock::now();
  uint64_t number_ = 0;
  bool failed_ = false;
  absl::Notification done_;
  runtime::ThreadExecutor executor_{1};
};

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
    return schotvrij::bench::Paced(home, party, per_second).Run();
  } catch (const std::exception& trouble) {
    std::fprintf(stderr, "bench: %s\n", trouble.what());
    return 1;
  }
}
