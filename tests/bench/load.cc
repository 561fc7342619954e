// Closed loop: each connection sends its next registration when the last one was answered, while the municipality drains its mailbox.
//
//   bench_load --home DIR --edge https|grpc --connections 64 --warm-up 3 --seconds 30 [--messages N] [--wide] [--from N]
//
// Prints one JSON object. Exits 1 when a message was refused or the mailbox did not run empty.
#include <algorithm>
#include <atomic>
#include <barrier>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <thread>

#include "CLI/CLI.hpp"
#include "gateway/transport/runtime/system.h"
#include "tests/bench/caller.h"
#include "tests/bench/drain.h"

namespace schotvrij::bench {
namespace {

using SteadyClock = std::chrono::steady_clock;

struct Options {
  std::string home;
  std::string edge = "https";
  int connections = 1;
  double warm_up = 3;
  double seconds = 30;
  uint64_t messages = 0;  // stop after so many instead of after a time
  bool wide = false;
  uint64_t from = 0;
};

enum class Phase { kWarmUp, kMeasure, kOver };

class Load {
 public:
  explicit Load(Options options)
      : options_(std::move(options)),
        home_(options_.home),
        registrations_(options_.wide ? BsnRange::kWide : BsnRange::kTest,
                       TodayInAmsterdam(runtime::SystemClock().Now())),
        next_(options_.from) {}

  int Run() {
    Drain drain(home_, "gemeente-ede");
    std::vector<std::vector<uint32_t>> latencies(options_.connections);
    std::vector<std::thread> threads;
    std::barrier connected(options_.connections + 1);
    for (std::vector<uint32_t>& own : latencies) {
      threads.emplace_back([this, &own, &connected] { Connection(own, connected); });
    }
    connected.arrive_and_wait();
    double seconds = 0;
    uint64_t backlog = 0;
    if (options_.messages == 0) {
      Wait(options_.warm_up);
      const auto begin = SteadyClock::now();
      phase_ = Phase::kMeasure;
      Wait(options_.seconds);
      phase_ = Phase::kOver;
      seconds = std::chrono::duration<double>(SteadyClock::now() - begin).count();
      backlog = accepted_ - std::min<uint64_t>(accepted_, drain.acknowledged());
      for (std::thread& thread : threads) thread.join();
    } else {
      const auto begin = SteadyClock::now();
      for (std::thread& thread : threads) thread.join();
      seconds = std::chrono::duration<double>(SteadyClock::now() - begin).count();
      backlog = accepted_ - std::min<uint64_t>(accepted_, drain.acknowledged());
    }
    const bool drained = drain.WaitFor(accepted_);
    Print(latencies, seconds, backlog, drained);
    return drained && failed_ == 0 && accepted_ > 0 ? 0 : 1;
  }

 private:
  static void Wait(double seconds) {
    std::mutex mutex;
    std::unique_lock lock(mutex);
    std::condition_variable never;
    never.wait_for(lock, std::chrono::duration<double>(seconds), [] { return false; });
  }

  void Connection(std::vector<uint32_t>& latencies, std::barrier<>& connected) {
    std::unique_ptr<Caller> caller =
        options_.edge == "grpc" ? NewGrpcCaller(home_, "opella") : NewHttpsCaller(home_, "opella");
    connected.arrive_and_wait();
    while (phase_ != Phase::kOver) {
      const uint64_t number = next_++;
      if (options_.messages > 0 && number >= options_.from + options_.messages) return;
      caller->Prepare(registrations_, number);
      const auto begin = SteadyClock::now();
      const std::string fault = caller->Call();
      const auto end = SteadyClock::now();
      if (!fault.empty()) {
        if (failed_++ == 0) std::fprintf(stderr, "bench: %s\n", fault.c_str());
        return;
      }
      ++accepted_;
      if (phase_ == Phase::kMeasure || options_.messages > 0) {
        latencies.push_back(
            static_cast<uint32_t>(std::chrono::duration_cast<std::chrono::microseconds>(end - begin).count()));
      }
    }
  }

  void Print(const std::vector<std::vector<uint32_t>>& latencies, double seconds, uint64_t backlog, bool drained) const {
    std::vector<uint32_t> all;
    for (const std::vector<uint32_t>& own : latencies) all.insert(all.end(), own.begin(), own.end());
    std::sort(all.begin(), all.end());
    const auto at = [&](double share) { return all.empty() ? 0 : all[static_cast<size_t>(share * (all.size() - 1))]; };
    std::printf("{\"edge\": \"%s\", \"connections\": %d, \"seconds\": %.3f, \"messages\": %zu, \"per_second\": %.1f, "
                "\"p50_us\": %u, \"p99_us\": %u, \"accepted\": %llu, \"failed\": %llu, \"backlog\": %llu, "
                "\"bundle_bytes\": %zu, \"drained\": %s}\n",
                options_.edge.c_str(), options_.connections, seconds, all.size(), all.size() / seconds, at(0.5), at(0.99),
                static_cast<unsigned long long>(accepted_), static_cast<unsigned long long>(failed_),
                static_cast<unsigned long long>(backlog), registrations_.Bundle(options_.from).size(),
                drained ? "true" : "false");
  }

  const Options options_;
  const cli::Home home_;
  const Registrations registrations_;
  std::atomic<uint64_t> next_;
  std::atomic<uint64_t> accepted_ = 0;
  std::atomic<uint64_t> failed_ = 0;
  std::atomic<Phase> phase_ = Phase::kWarmUp;
};

}  // namespace
}  // namespace schotvrij::bench

int main(int argc, char** argv) {
  schotvrij::bench::Options options;
  CLI::App app("closed loop of registrations");
  app.add_option("--home", options.home)->required();
  app.add_option("--edge", options.edge)->check(CLI::IsMember({"https", "grpc"}));
  app.add_option("--connections", options.connections)->check(CLI::PositiveNumber);
  app.add_option("--warm-up", options.warm_up);
  app.add_option("--seconds", options.seconds);
  app.add_option("--messages", options.messages);
  app.add_option("--from", options.from);
  app.add_flag("--wide", options.wide);
  CLI11_PARSE(app, argc, argv);
  try {
    return schotvrij::bench::Load(std::move(options)).Run();
  } catch (const std::exception& trouble) {
    std::fprintf(stderr, "bench: %s\n", trouble.what());
    return 1;
  }
}
