#include "gateway/transport/mail/opener_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <optional>
#include <utility>

namespace schotvrij::mail {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr size_t kOpenedBytesMax = 2 * limits::kMailTextBytesMax + limits::kPemBytesMax;
constexpr const char* kName = "schotvrij-mail-opener";

class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { Close(); }
  void Close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }
  int get() const { return fd_; }
  int* out() { return &fd_; }

 private:
  int fd_;
};

struct Pipe {
  Descriptor read, write;
  bool Make() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return false;
    *read.out() = ends[0];
    *write.out() = ends[1];
    return true;
  }
};

// Starts `program` with `in` and `out` as its standard input and output and nothing else of ours.
std::optional<pid_t> Spawn(const std::string& program, int in, int out) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);
  posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
  // What a library says of a mail may quote it.
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  char* const arguments[] = {const_cast<char*>(kName), nullptr};
  char* const environment[] = {nullptr};
  pid_t pid = 0;
  const int failed = posix_spawn(&pid, program.c_str(), &actions, &attributes, arguments, environment);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  return failed == 0 ? std::optional(pid) : std::nullopt;
}

int MillisecondsUntil(SteadyClock::time_point deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - SteadyClock::now()).count();
  return static_cast<int>(std::max<decltype(left)>(left, 0));
}

// Writes all of `request` to `in` and reads all that comes from `out`, until `deadline`.
std::optional<std::string> Converse(std::string_view request, Descriptor& in, const Descriptor& out,
                                    SteadyClock::time_point deadline) {
  ::fcntl(in.get(), F_SETFL, O_NONBLOCK);
  std::string said;
  while (said.size() <= kOpenedBytesMax) {
    const int left = MillisecondsUntil(deadline);
    if (left == 0) return std::nullopt;
    pollfd ends[2] = {{out.get(), POLLIN, 0}, {in.get(), POLLOUT, 0}};
    if (::poll(ends, 2, left) < 0 && errno != EINTR) return std::nullopt;
    if (ends[1].revents != 0) {
      const ssize_t put = ::write(in.get(), request.data(), request.size());
      if (put > 0) request.remove_prefix(static_cast<size_t>(put));
      if (request.empty() || (put < 0 && errno != EAGAIN)) in.Close();
    }
    if (ends[0].revents != 0) {
      char piece[16 << 10];
      const ssize_t got = ::read(out.get(), piece, sizeof piece);
      if (got == 0) return said;
      if (got < 0) return std::nullopt;
      said.append(piece, static_cast<size_t>(got));
    }
  }
  return std::nullopt;
}

// Whether the process ends by itself with status 0 until `deadline`; it is gone in any case.
bool EndsWell(pid_t pid, SteadyClock::time_point deadline) {
  const Descriptor process(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  pollfd end{process.get(), POLLIN, 0};
  int polled = 0;
  while ((polled = ::poll(&end, 1, MillisecondsUntil(deadline))) < 0 && errno == EINTR) {
  }
  if (polled <= 0 || process.get() < 0) ::kill(pid, SIGKILL);
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace

std::string OpenerProcess::BesideThisProgram() {
  std::error_code error;
  return (std::filesystem::read_symlink("/proc/self/exe", error).parent_path() / kName).string();
}

absl::Status OpenerProcess::Check() const {
  if (::access(program_.c_str(), X_OK) == 0) return absl::OkStatus();
  return absl::NotFoundError(program_ + " is not there or may not be run; it is installed beside schotvrij");
}

absl::StatusOr<v1::OpenedMail> OpenerProcess::Open(const v1::OpenRequest& request) const {
  Pipe in, out;
  if (!in.Make() || !out.Make()) return absl::UnavailableError("no pipe");
  const std::optional<pid_t> pid = Spawn(program_, in.read.get(), out.write.get());
  if (!pid.has_value()) return absl::UnavailableError("the mail opener does not start");
  in.read.Close();
  out.write.Close();
  const auto deadline = SteadyClock::now() + std::chrono::microseconds(most_us_);
  std::optional<std::string> said = Converse(request.SerializeAsString(), in.write, out.read, deadline);
  if (!said.has_value()) ::kill(*pid, SIGKILL);
  v1::OpenedMail opened;
  if (!EndsWell(*pid, deadline) || !said.has_value() || !opened.ParseFromString(*said)) return absl::InvalidArgumentError("the mail could not be opened");
  return opened;
}

}  // namespace schotvrij::mail
