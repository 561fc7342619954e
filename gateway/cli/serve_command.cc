#include "gateway/cli/serve_command.h"

#include <csignal>

#include "gateway/cli/exit_code.h"
#include "gateway/cli/home.h"
#include "gateway/cli/serving.h"

namespace schotvrij::cli {

int RunServe(const std::string& home, std::ostream& out, std::ostream& err) {
  // Blocked before any thread begins, so that only sigwait below takes them.
  sigset_t signals;
  sigemptyset(&signals);
  for (int signal : {SIGHUP, SIGTERM, SIGINT}) sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);

  absl::StatusOr<std::unique_ptr<Serving>> serving = Serving::Start(Home(home).ConfigFile());
  if (!serving.ok()) {
    err << "schotvrij: " << serving.status().message() << '\n';
    return absl::IsInvalidArgument(serving.status()) || absl::IsNotFound(serving.status()) ? kWrongUse : kSystemFailed;
  }
  out << (*serving)->Describe() << "ready" << std::endl;
  for (int signal = 0; sigwait(&signals, &signal) == 0;) {
    if (signal != SIGHUP) break;
    http::ReloadOutcome outcome = (*serving)->Reload();
    (outcome.ok ? out : err) << outcome.report << std::flush;
  }
  out << "stopping" << std::endl;
  (*serving)->Stop();
  return kGood;
}

}  // namespace schotvrij::cli
