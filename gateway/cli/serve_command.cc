#include "gateway/cli/serve_command.h"

#include <unistd.h>

#include <atomic>
#include <csignal>

#include "gateway/cli/exit_code.h"
#include "gateway/cli/home.h"
#include "gateway/cli/serving.h"
#include "gateway/transport/runtime/loop_thread.h"
#include "schemas/base/status.h"

namespace schotvrij::cli {
namespace {

// Sent by this process to itself: the gateway has stopped.
constexpr int kStopped = SIGUSR1;

absl::Status Serve(const ServeOptions& options, const sigset_t& signals, std::ostream& out, std::ostream& err) {
  ASSIGN_OR_RETURN(const std::unique_ptr<runtime::ServiceManager> manager, runtime::ServiceManager::FromEnvironment());
  ASSIGN_OR_RETURN(const std::unique_ptr<Serving> serving,
                   Serving::Start(Home(options.home).ConfigFile(), "",
                                  {.grace_us = int64_t{options.grace_seconds} * 1'000'000, .manager = manager.get()}));
  out << serving->Describe() << "ready" << std::endl;
  std::atomic<bool> stopped = false;
  std::unique_ptr<runtime::LoopThread> stopping;
  for (int signal = 0; !stopped && sigwait(&signals, &signal) == 0;) {
    if (signal == kStopped) continue;
    if (signal == SIGHUP) {
      if (stopping != nullptr) continue;
      http::ReloadOutcome outcome = serving->Reload();
      (outcome.ok ? out : err) << outcome.report << std::flush;
    } else if (stopping == nullptr) {
      out << "stopping" << std::endl;
      stopping = std::make_unique<runtime::LoopThread>([&] {
        serving->Stop();
        stopped = true;
        kill(getpid(), kStopped);
        return false;
      });
    } else {
      serving->Hurry();
    }
  }
  return absl::OkStatus();
}

}  // namespace

int RunServe(const ServeOptions& options, std::ostream& out, std::ostream& err) {
  // Blocked before any thread begins, so that only sigwait takes them.
  sigset_t signals;
  sigemptyset(&signals);
  for (int signal : {SIGHUP, SIGTERM, SIGINT, kStopped}) sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);

  const absl::Status served = Serve(options, signals, out, err);
  if (served.ok()) return kGood;
  err << "schotvrij: " << served.message() << '\n';
  return absl::IsInvalidArgument(served) || absl::IsNotFound(served) ? kWrongUse : kSystemFailed;
}

}  // namespace schotvrij::cli
