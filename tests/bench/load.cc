// Closed loop: each connection sends its next registration when the last one was answered, while the municipality drains its mailbox.
//
//   bench_load --home DIR --gateway PID --edge https|grpc --connections 64 [--messages N] [--seconds N] [--from N]
//
// Prints one JSON object; the gateway's processor time in it is without the handshakes before and with the mailbox after. Exits 1
// when a message was refused or the mailbox did not run empty.
#include <time.h>

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

// That the process has used; 0: there is no such process.
double ProcessorSeconds(int process) {
  clockid_t clock;
  timespec used{};
  if (clock_getcpuclockid(process, &clock) == 0) clock_gettime(clock, &used);
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) * 1e-9;
}

struct Options {
  std::string home;
  int gateway = 0;
  std::string edge = "https";
  int connections = 1;
  uint64_t from = 0;                            // the first registration
  uint64_t messages = Registrations::kClients;  // so many from there on, at most
  double seconds = 3600;                        // and none begun later than this
};

class Load {
 public:
  explicit Load(Options options)
      : options_(std::move(options)),
        home_(options_.home),
        registrations_(TodayInAmsterdam(runtime::SystemClock().Now())),
        end_(options_.from + options_.messages),
        next_(options_.from) {}

  int Run() {
    Drain drain(home_, "gemeente-ede");
    std::vector<std::vector<uint32_t>> latencies(options_.connections);
    std::vector<std::thread> threads;
    double processor = 0;
    std::barrier connected(options_.connections + 1, [this, &processor]() noexcept {
      processor = ProcessorSeconds(options_.gateway);
      begun_ = SteadyClock::now();
    });
    for (std::vector<uint32_t>& own : latencies) {
      threads.emplace_back([this, &own, &connected] { Connection(own, [&] { connected.arrive_and_wait(); }); });
    }
    connected.arrive_and_wait();
    for (std::thread& thread : threads) thread.join();
    const double seconds = std::chrono::duration<double>(SteadyClock::now() - begun_).count();
    const uint64_t backlog = accepted_ - std::min<uint64_t>(accepted_, drain.acknowledged());
    const bool drained = drain.WaitFor(accepted_);
    processor = ProcessorSeconds(options_.gateway) - processor;
    Print(latencies, seconds, processor, backlog, drained);
    return drained && failed_ == 0 && accepted_ > 0 ? 0 : 1;
  }

 private:
  template <typename WaitForAll>
  void Connection(std::vector<uint32_t>& latencies, WaitForAll wait_for_all) {
    std::unique_ptr<Caller> caller =
        options_.edge == "grpc" ? NewGrpcCaller(home_, "opella") : NewHttpsCaller(home_, "opella");
    wait_for_all();
    while (true) {
      const uint64_t number = next_++;
      if (number >= end_) return;
      caller->Prepare(registrations_, number);
      const auto begin = SteadyClock::now();
      if (begin - begun_ > std::chrono::duration<double>(options_.seconds)) return;
      const std::string fault = caller->Call();
      const auto end = SteadyClock::now();
      if (!fault.empty()) {
        if (failed_++ == 0) std::fprintf(stderr, "bench: %s\n", fault.c_str());
        return;
      }
      ++accepted_;
      latencies.push_back(
          static_cast<uint32_t>(std::chrono::duration_cast<std::chrono::microseconds>(end - begin).count()));
    }
  }

  void Print(const std::vector<std::vector<uint32_t>>& latencies, double seconds, double processor, uint64_t backlog,
             bool drained) const {
    std::vector<uint32_t> all;
    for (const std::vector<uint32_t>& own : latencies) all.insert(all.end(), own.begin(), own.end());
    std::sort(all.begin(), all.end());
    const auto at = [&](double share) { return all.empty() ? 0 : all[static_cast<size_t>(share * (all.size() - 1))]; };
    std::printf("{\"edge\": \"%s\", \"connections\": %d, \"seconds\": %.3f, \"messages\": %zu, \"per_second\": %.1f, "
                "\"p50_us\": %u, \"p99_us\": %u, \"cpu_us_per_message\": %.1f, \"accepted\": %llu, \"failed\": %llu, \"backlog\": %llu, "
                "\"bundle_bytes\": %zu, \"drained\": %s}\n",
                options_.edge.c_str(), options_.connections, seconds, all.size(), all.size() / seconds, at(0.5), at(0.99),
                processor * 1e6 / static_cast<double>(std::max<uint64_t>(accepted_, 1)),
                static_cast<unsigned long long>(accepted_), static_cast<unsigned long long>(failed_),
                static_cast<unsigned long long>(backlog), registrations_.Bundle(options_.from).size(),
                drained ? "true" : "false");
  }

  const Options options_;
  const cli::Home home_;
  const Registrations registrations_;
  const uint64_t end_;
  std::atomic<uint64_t> next_;
  SteadyClock::time_point begun_;  // by all, once each is connected
  std::atomic<uint64_t> accepted_ = 0;
  std::atomic<uint64_t> failed_ = 0;
};

}  // namespace
}  // namespace schotvrij::bench

int main(int argc, char** argv) {
  schotvrij::bench::Options options;
  CLI::App app("closed loop of registrations");
  app.add_option("--home", options.home)->required();
  app.add_option("--gateway", options.gateway)->required();
  app.add_option("--edge", options.edge)->check(CLI::IsMember({"https", "grpc"}));
  app.add_option("--connections", options.connections)->check(CLI::PositiveNumber);
  app.add_option("--messages", options.messages);
  app.add_option("--seconds", options.seconds)->check(CLI::PositiveNumber);
  app.add_option("--from", options.from);
  CLI11_PARSE(app, argc, argv);
  try {
    return schotvrij::bench::Load(std::move(options)).Run();
  } catch (const std::exception& trouble) {
    std::fprintf(stderr, "bench: %s\n", trouble.what());
    return 1;
  }
}
