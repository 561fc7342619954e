// What gRPC takes from the environment of the process, fixed by us instead of by whoever starts it.
#pragma once

namespace schotvrij::rpc {

// Must run before anything of gRPC does, and before the process has a second thread: gRPC reads the environment once.
//
//   TLS 1.2 is left with ECDHE and AEAD suites only (1.51 cannot be held to TLS 1.3, which brings its own suites);
//   tracing, which prints messages, is off; gRPC's own log, which has a line for every stranger that fails a handshake, is
//   off unless GRPC_VERBOSITY is set. So is protobuf's, which has one for every text that is not UTF-8.
void PrepareProcess();

}  // namespace schotvrij::rpc
