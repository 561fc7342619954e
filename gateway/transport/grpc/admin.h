// GrpcAdmin: health and reflection for the operator, on loopback or a unix socket only, without TLS.
//
//   ASSIGN_OR_RETURN(std::unique_ptr<rpc::GrpcAdmin> admin, rpc::GrpcAdmin::Listen("unix:run/grpc-admin.sock"));
//   admin->SetServing(true);
//
// Reflection describes the partners' services; calling them here is UNIMPLEMENTED.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace schotvrij::rpc {

class GrpcAdmin {
 public:
  // "127.0.0.1:PORT", "[::1]:PORT" (0 takes a free one) or "unix:PATH", a socket for its owner only. kInvalidArgument for any
  // other address; kUnavailable when it cannot be bound. Not to be called at the same time as GrpcServer::Listen.
  static absl::StatusOr<std::unique_ptr<GrpcAdmin>> Listen(std::string_view address);
  ~GrpcAdmin();

  // The port taken; 0 for a unix socket.
  int port() const;
  // What grpc.health.v1.Health answers; NOT_SERVING until told otherwise.
  void SetServing(bool serving);

 private:
  class Impl;
  explicit GrpcAdmin(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace schotvrij::rpc
