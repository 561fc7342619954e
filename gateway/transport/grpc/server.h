// GrpcServer: the partners' gRPC listener, with mutual TLS.
//
//   rpc::PrepareProcess();                                     // first thing in main
//   ASSIGN_OR_RETURN(std::unique_ptr<rpc::GrpcServer> server, rpc::GrpcServer::Listen(std::move(options)));
//   Announce(server->port());
//   server->Shutdown(/*grace_us=*/5'000'000);
//
// No certificate, or one of an unknown CA, ends in a TLS alert; a certificate that the enrolment does not know gets
// UNAUTHENTICATED with an empty message. The listener has neither reflection nor health: those are GrpcAdmin's (admin.h).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "gateway/exchange/batch.h"
#include "gateway/exchange/road.h"
#include "gateway/identity/enrolment.h"
#include "schemas/base/limits.h"
#include "schemas/base/runtime.h"

namespace schotvrij::rpc {

// Bounds of one listener; a test sets them lower.
struct Bounds {
  // Read at all: what is over kBodyBytesMax is refused in our words, beyond this in those of gRPC.
  size_t frame_bytes_max = 4 * limits::kBodyBytesMax;
  size_t metadata_bytes_max = limits::kHeaderBytesMax;
  int streams_per_connection_max = limits::kStreamsPerConnectionMax;
  size_t watch_streams_max = limits::kWatchStreamsMax;
  size_t watch_streams_per_peer_max = limits::kWatchStreamsPerPeerMax;
  int64_t handshake_us_max = limits::kRequestReadUsMax;
  int64_t idle_us_max = limits::kIdleUsMax;  // a connection without calls
};

struct GrpcServerOptions {
  std::string address;          // "127.0.0.1:9443", "[::]:9443"; port 0 takes a free one
  int listening_socket = -1;    // to serve instead of `address`, and to close in the end; -1: none
  std::string certificate_pem;  // chain, the server's own first
  std::string key_pem;
  std::string client_ca_pem;
  // The enrolment in force; asked at each call and at each page of a stream, so that a reload holds for open ones too.
  std::function<std::shared_ptr<const identity::Enrolment>()> enrolment;
  identity::CertificateSeen seen = nullptr;  // may be null
  // All four outlive the server, and the executor runs until it was shut down.
  exchange::Road* road = nullptr;
  exchange::BatchDesk* batches = nullptr;
  Executor* executor = nullptr;  // where the road is asked, so that no thread of gRPC waits for the store
  Random* random = nullptr;      // for trace ids
  Bounds bounds;
};

class GrpcServer {
 public:
  // kInvalidArgument: a certificate cannot be read, or the socket handed over is no TCP socket; kUnavailable: the address cannot be bound, or key and certificate do not
  // belong together (gRPC does not tell these apart).
  static absl::StatusOr<std::unique_ptr<GrpcServer>> Listen(GrpcServerOptions options);

  // Shuts down without grace.
  ~GrpcServer();

  int port() const;
  // Mailbox streams that are open now.
  size_t watch_streams() const;

  // Ends mailbox streams with UNAVAILABLE after the item under way, cancels those of batches, takes no new call, lets calls
  // that were begun be answered, and cancels what is left after `grace_us`. Returns when none runs any more: the road must
  // still answer. A second call does nothing.
  void Shutdown(int64_t grace_us);
  // Ends the grace: cancels what is left now. Thread-safe, while another thread is in Shutdown.
  void Hurry();

 private:
  class Impl;
  explicit GrpcServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace schotvrij::rpc
