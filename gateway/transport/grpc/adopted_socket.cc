#include "gateway/transport/grpc/adopted_socket.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace schotvrij::rpc {
namespace {

constexpr int kPauseMs = 20;

}  // namespace

uint16_t PortOf(int fd) {
  sockaddr_storage bound = {};
  socklen_t size = sizeof bound;
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&bound), &size) != 0) return 0;
  if (bound.ss_family == AF_INET) return ntohs(reinterpret_cast<const sockaddr_in&>(bound).sin_port);
  if (bound.ss_family == AF_INET6) return ntohs(reinterpret_cast<const sockaddr_in6&>(bound).sin6_port);
  return 0;
}

AdoptedSocket::AdoptedSocket(int fd, std::unique_ptr<Acceptor> acceptor)
    : socket_(fd), stop_(eventfd(0, EFD_CLOEXEC)), acceptor_(std::move(acceptor)) {
  // Another process may serve the same socket: between poll and accept a connection may be gone.
  fcntl(socket_, F_SETFL, fcntl(socket_, F_GETFL) | O_NONBLOCK);
  thread_ = std::make_unique<runtime::LoopThread>([this] { return TakeOne(); });
}

AdoptedSocket::~AdoptedSocket() {
  Stop();
  close(socket_);
  close(stop_);
}

void AdoptedSocket::Stop() {
  eventfd_write(stop_, 1);
  thread_->Join();
}

bool AdoptedSocket::TakeOne() {
  pollfd ready[] = {{stop_, POLLIN, 0}, {socket_, POLLIN, 0}};
  if (poll(ready, 2, /*timeout=*/-1) < 0) return errno == EINTR;
  if (ready[0].revents != 0) return false;
  const int fd = accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (fd < 0) {
    // Out of descriptors: without a pause this would spin.
    if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) poll(ready, 1, kPauseMs);
    return true;
  }
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  Acceptor::NewConnectionParameters connection;
  connection.listener_fd = socket_;
  connection.fd = fd;
  acceptor_->HandleNewConnection(&connection);
  return true;
}

}  // namespace schotvrij::rpc
