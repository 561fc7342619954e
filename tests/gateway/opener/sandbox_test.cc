#include "gateway/opener/sandbox.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "schemas/base/limits.h"

namespace schotvrij::opener {
namespace {

constexpr int kAllowed = 0, kForbidden = 7, kNoSandbox = 8;

// What comes of `attempt` in a process of its own, in the sandbox: its exit status, or minus the signal it died of.
template <typename Attempt>
int InSandbox(Attempt attempt) {
  const pid_t child = ::fork();
  if (child == 0) {
    if (!EnterSandbox().ok()) ::_exit(kNoSandbox);
    errno = 0;
    const bool done = attempt();
    ::_exit(done ? kAllowed : errno == EPERM ? kForbidden : kNoSandbox);
  }
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

// A call by its number, so that no library's check stands before the kernel's.
template <typename... Arguments>
int Call(long number, Arguments... arguments) {
  return InSandbox([&] { return ::syscall(number, arguments...) >= 0; });
}

TEST(SandboxTest, NoFileIsOpened) {
  EXPECT_EQ(InSandbox([] { return ::open("/dev/null", O_RDONLY) >= 0; }), kForbidden);
  EXPECT_EQ(Call(SYS_openat, AT_FDCWD, "/etc/passwd", O_RDONLY), kForbidden);
  EXPECT_EQ(Call(SYS_creat, "/tmp/schotvrij-sandbox", 0600), kForbidden);
  EXPECT_EQ(Call(SYS_unlink, "/nowhere"), kForbidden);
  EXPECT_EQ(Call(SYS_memfd_create, "x", 0), kForbidden);
  EXPECT_EQ(Call(SYS_io_uring_setup, 1, nullptr), kForbidden);
}

TEST(SandboxTest, NoSocketIsMade) {
  EXPECT_EQ(Call(SYS_socket, 2, 1, 0), kForbidden);
  EXPECT_EQ(Call(SYS_socketpair, 1, 1, 0, nullptr), kForbidden);
  EXPECT_EQ(Call(SYS_pipe, nullptr), kForbidden);
}

TEST(SandboxTest, NoProcessIsStartedOrTouched) {
  EXPECT_EQ(InSandbox([] { return ::fork() >= 0; }), kForbidden);
  EXPECT_EQ(Call(SYS_execve, "/bin/true", nullptr, nullptr), kForbidden);
  EXPECT_EQ(InSandbox([] { return ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) == 0; }), kForbidden);
  EXPECT_EQ(Call(SYS_kill, ::getpid(), 0), kForbidden);
  EXPECT_EQ(Call(SYS_process_vm_readv, ::getpid(), nullptr, 0, nullptr, 0, 0), kForbidden);
}

TEST(SandboxTest, NothingOfItIsUndone) {
  EXPECT_EQ(Call(SYS_prctl, 4, 1, 0, 0, 0), kForbidden);  // PR_SET_DUMPABLE
  EXPECT_EQ(Call(SYS_seccomp, 0, 0, nullptr), kForbidden);
  EXPECT_EQ(InSandbox([] {
              const rlimit none{RLIM_INFINITY, RLIM_INFINITY};
              return ::setrlimit(RLIMIT_AS, &none) == 0;
            }),
            kForbidden);
}

TEST(SandboxTest, WhatIsOpenIsReadAndWrittenAndMemoryIsHad) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  EXPECT_EQ(InSandbox([&] { return ::write(ends[1], "x", 1) == 1; }), kAllowed);
  EXPECT_EQ(InSandbox([&] {
              char byte = 0;
              return ::read(ends[0], &byte, 1) == 1 && byte == 'x';
            }),
            kAllowed);
  ::close(ends[0]);
  ::close(ends[1]);
  EXPECT_EQ(InSandbox([] { return ::getpid() > 0; }), kAllowed);
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST(SandboxTest, MemoryHasABound) {
  const auto take = [](size_t bytes) {
    return InSandbox([bytes] {
      void* const taken = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
      if (taken == MAP_FAILED) errno = EPERM;
      return taken != MAP_FAILED;
    });
  };
  EXPECT_EQ(take(limits::kOpenerMemoryBytesMax / 2), kAllowed);
  EXPECT_EQ(take(limits::kOpenerMemoryBytesMax), kForbidden);
}
#endif

}  // namespace
}  // namespace schotvrij::opener
