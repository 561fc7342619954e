// AdoptedSocket: takes connections from a listening socket that another process bound, and hands them to a gRPC server, which
// cannot take over such a socket itself.
//
//   auto acceptor = builder.experimental().AddExternalConnectionAcceptor(FROM_FD, credentials);
//   server = builder.BuildAndStart();
//   AdoptedSocket adopted(fd, std::move(acceptor));
#pragma once

#include <cstdint>
#include <memory>

#include "gateway/transport/runtime/loop_thread.h"
#include "grpcpp/server_builder.h"

namespace schotvrij::rpc {

// The TCP port that `fd` is bound to; 0: it is no TCP socket.
uint16_t PortOf(int fd);

class AdoptedSocket {
 public:
  using Acceptor = grpc::experimental::ExternalConnectionAcceptor;

  // Takes connections from now on, and closes `fd` in the end. The server of `acceptor` runs.
  AdoptedSocket(int fd, std::unique_ptr<Acceptor> acceptor);
  AdoptedSocket(const AdoptedSocket&) = delete;
  // Stops.
  ~AdoptedSocket();

  // Takes no more: what has not been taken waits in the socket for whoever serves it next. A second call does nothing.
  void Stop();

 private:
  bool TakeOne();

  const int socket_;
  const int stop_;  // readable once no more is to be taken
  const std::unique_ptr<Acceptor> acceptor_;
  std::unique_ptr<runtime::LoopThread> thread_;
};

}  // namespace schotvrij::rpc
