#include "gateway/opener/sandbox.h"

#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "schemas/base/limits.h"

namespace schotvrij::opener {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kBoundMemory = false;  // a sanitizer lays claim to far more than it uses
#else
constexpr bool kBoundMemory = true;
#endif

constexpr int kAllowed[] = {
    SCMP_SYS(read),         SCMP_SYS(write),          SCMP_SYS(close),         SCMP_SYS(exit),        SCMP_SYS(exit_group),
    SCMP_SYS(brk),          SCMP_SYS(mmap),           SCMP_SYS(munmap),        SCMP_SYS(mremap),      SCMP_SYS(mprotect),
    SCMP_SYS(madvise),      SCMP_SYS(futex),          SCMP_SYS(getrandom),     SCMP_SYS(getpid),      SCMP_SYS(gettid),
    SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday),  SCMP_SYS(rt_sigaction),  SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn),
    SCMP_SYS(sigaltstack),  SCMP_SYS(sched_yield),    SCMP_SYS(restart_syscall)};

bool Limit(__rlimit_resource resource, rlim_t most) {
  const rlimit limit{most, most};
  return setrlimit(resource, &limit) == 0;
}

}  // namespace

absl::Status EnterSandbox() {
  constexpr rlim_t kSeconds = limits::kMailOpenUsMax / 1'000'000;
  const bool limited = Limit(RLIMIT_CORE, 0) && Limit(RLIMIT_FSIZE, 0) && Limit(RLIMIT_CPU, kSeconds) &&
                       (!kBoundMemory || Limit(RLIMIT_AS, limits::kOpenerMemoryBytesMax));
  if (!limited || prctl(PR_SET_DUMPABLE, 0) != 0) return absl::UnavailableError("the opener's limits cannot be set");
  const scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(1));  // EPERM
  bool held = filter != nullptr;
  for (const int call : kAllowed) held = held && seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 0) == 0;
  held = held && seccomp_load(filter) == 0;
  if (filter != nullptr) seccomp_release(filter);
  return held ? absl::OkStatus() : absl::UnavailableError("the kernel takes no filter of system calls");
}

}  // namespace schotvrij::opener
