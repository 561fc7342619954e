// The one program: `schotvrij serve` and its command line.

#include <sys/prctl.h>

#include "absl/synchronization/mutex.h"
#include "gateway/cli/cli.h"
#include "gateway/transport/grpc/process.h"

int main(int argc, char** argv) {
  // Debian builds Abseil with the lock checker on; it costs more than the locks.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  // No core file and no debugger of another user: memory holds persons' data and keys.
  prctl(PR_SET_DUMPABLE, 0);
  schotvrij::rpc::PrepareProcess();
  return schotvrij::cli::Run(argc, argv);
}
