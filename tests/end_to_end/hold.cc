// Holds a program at a stage of its work, from outside: preloaded into `schotvrij serve` (LD_PRELOAD) by crash_test.py, which looks
// what can be seen of the stage and then kills. The program itself knows nothing of it.
//
// SCHOTVRIJ_HOLD names a file of one Control, shared with the test. A thread that comes to an armed point says so in `reached` and
// stays there until the point is disarmed, if ever, which it shows by taking that back.
#include <dlfcn.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace {

// held_gateway.py has the same numbers.
enum Point : uint32_t {
  kReadMessage = 1,  // a message was read and checked for its form: its event "received" was just logged
  kBegin = 2,        // the store's writer is about to begin a transaction
  kHalfPage = 4,     // it wrote half of a page to the log of the database
  kFlush = 8,        // all is written, not flushed
  kAnswer = 16,      // about to send on a connection that was accepted
  kHalfMail = 32,    // sent half of a mail's text
};

struct Control {
  std::atomic<uint32_t> armed;    // written by the test
  std::atomic<uint32_t> reached;  // written here
  std::atomic<uint32_t> https_port;
  std::atomic<uint32_t> smtp_port;
};
static_assert(sizeof(Control) == 16 && std::atomic<uint32_t>::is_always_lock_free);

constexpr off_t kWalWriteLock = 120;  // sqlite.org/walformat.html 2.2.1: WAL_WRITE_LOCK
constexpr size_t kMailTextBytes = 1024;  // more than any SMTP command takes

// SQLite asks for the lock under a mutex that its readers need: it is told that somebody else has the lock, and held when it waits.
thread_local bool waits_for_lock = false;

Control* MapControl() {
  const char* name = std::getenv("SCHOTVRIJ_HOLD");
  const int file = name == nullptr ? -1 : open(name, O_RDWR | O_CLOEXEC);
  if (file < 0) return nullptr;
  void* shared = mmap(nullptr, sizeof(Control), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  close(file);
  return shared == MAP_FAILED ? nullptr : static_cast<Control*>(shared);
}

Control* control() {
  static Control* const mapped = MapControl();
  return mapped;
}

bool Armed(Point point) { return control() != nullptr && (control()->armed & point) != 0; }

void Stay(Point point) {
  control()->reached |= point;
  while (Armed(point)) poll(nullptr, 0, 1);
  control()->reached &= ~point;
}

template <typename Function>
Function* Real(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

bool NameEnds(int fd, std::string_view ending) {
  char link[32], name[4096];
  std::snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  const ssize_t size = readlink(link, name, sizeof name);
  return size > 0 && std::string_view(name, static_cast<size_t>(size)).ends_with(ending);
}

using NameOf = int(int, sockaddr*, socklen_t*);

bool HasPort(int fd, NameOf* name_of, uint32_t port) {
  sockaddr_in6 address = {};  // the port stands where sockaddr_in has it
  socklen_t size = sizeof address;
  return name_of(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0 && ntohs(address.sin6_port) == port;
}

void StayIfAnswer(int fd) {
  if (Armed(kAnswer) && HasPort(fd, &getsockname, control()->https_port)) Stay(kAnswer);
}

}  // namespace

extern "C" {

size_t fwrite(const void* data, size_t size, size_t count, FILE* stream) {
  static auto* const real = Real<decltype(fwrite)>("fwrite");
  const size_t written = real(data, size, count, stream);
  const std::string_view text(static_cast<const char*>(data), size * count);
  if (Armed(kReadMessage) && stream == stderr && text.find("\"event\":\"received\"") != text.npos) Stay(kReadMessage);
  return written;
}

int fcntl64(int fd, int command, ...) {
  static auto* const real = Real<int(int, int, void*)>("fcntl64");
  va_list arguments;
  va_start(arguments, command);
  void* argument = va_arg(arguments, void*);
  va_end(arguments);
  if (Armed(kBegin) && command == F_SETLK && NameEnds(fd, "-shm")) {
    const auto* lock = static_cast<const struct flock*>(argument);
    if (lock->l_type == F_WRLCK && lock->l_start == kWalWriteLock) {
      waits_for_lock = true;
      errno = EAGAIN;
      return -1;
    }
  }
  return real(fd, command, argument);
}

int usleep(useconds_t length_us) {
  static auto* const real = Real<decltype(usleep)>("usleep");
  if (waits_for_lock) Stay(kBegin);
  waits_for_lock = false;
  return real(length_us);
}

ssize_t pwrite64(int fd, const void* data, size_t size, off64_t at) {
  static auto* const real = Real<ssize_t(int, const void*, size_t, off64_t)>("pwrite64");
  if (Armed(kHalfPage) && size >= 512 && NameEnds(fd, "-wal")) {
    const ssize_t written = real(fd, data, size / 2, at);
    Stay(kHalfPage);
    return written;
  }
  return real(fd, data, size, at);
}

int fdatasync(int fd) {
  static auto* const real = Real<int(int)>("fdatasync");
  if (Armed(kFlush) && NameEnds(fd, "-wal")) Stay(kFlush);
  return real(fd);
}

ssize_t send(int fd, const void* data, size_t size, int flags) {
  static auto* const real = Real<decltype(send)>("send");
  StayIfAnswer(fd);
  if (Armed(kHalfMail) && size >= kMailTextBytes && HasPort(fd, &getpeername, control()->smtp_port)) {
    const ssize_t sent = real(fd, data, size / 2, flags);
    Stay(kHalfMail);
    return sent;
  }
  return real(fd, data, size, flags);
}

ssize_t sendmsg(int fd, const msghdr* message, int flags) {
  static auto* const real = Real<decltype(sendmsg)>("sendmsg");
  StayIfAnswer(fd);
  return real(fd, message, flags);
}

}  // extern "C"
