// Server: one listener and its connections. HTTP/1.1 with keep-alive; requests on a connection are
// handled one after another.
//
//   ASSIGN_OR_RETURN(std::unique_ptr<Server> server, Server::Listen(std::move(options),
//   std::move(partner))); Announce(server->port()); server->Shutdown(/*grace_us=*/5'000'000);
//
// A partner's listener is TLS 1.3 with mutual authentication. No certificate, or one of an unknown
// CA, ends in a TLS alert; a certificate that the enrolment does not know gets 401 with an empty
// body, before any of its request is read further.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "gateway/identity/enrolment.h"
#include "gateway/transport/http/message.h"
#include "schemas/base/limits.h"
#include "schemas/base/runtime.h"

namespace schotvrij::http {

// Bounds of one listener; a test sets them lower.
struct Bounds {
  size_t head_bytes_max = limits::kHeaderBytesMax;
  size_t body_bytes_max = limits::kBodyBytesMax;
  int64_t request_read_us_max = limits::kRequestReadUsMax;  // the TLS handshake too
  int64_t idle_us_max = limits::kIdleUsMax;
  int64_t answer_us_max = limits::kAnswerUsMax;
  int64_t linger_us_max = limits::kLingerUsMax;
  size_t connections_max = limits::kConnectionsMax;
  size_t connections_per_peer_max = limits::kConnectionsPerPeerMax;
};

// What happened on a listener, counted. Nothing here names a peer.
enum class Event {
  kAccepted,      // connections
  kOverCapacity,  // connections closed at once: the listener is full
  kTlsRefused,    // handshakes that failed: no certificate, unknown CA, old protocol, too slow
  kNotEnrolled,   // 401
  kRefused,       // requests the server refused itself
  kAnswered,      // requests a handler answered
  kCutOff,        // connections closed by a bound, in silence
};
inline constexpr size_t kEvents = 7;

struct ServerOptions {
  // "127.0.0.1:8443", "[::]:8443"; port 0 takes a free one.
  std::string address;
  int threads = 2;
  Bounds bounds;
  const Clock* clock = nullptr;  // for the Date field; required
  // A listening socket to serve instead of binding `address`, and to close in the end. -1: none.
  int listening_socket = -1;
};

struct TlsFiles {
  std::string certificate_file;  // PEM chain
  std::string key_file;
  std::string client_ca_file;
};

// What a partner's listener asks of the rest of the house.
struct Partner {
  TlsFiles tls;
  // The enrolment in force; asked at each request, so that a reload holds for open connections too.
  std::function<std::shared_ptr<const identity::Enrolment>()> enrolment;
  Handler handler;
  Refuser refuser;
  identity::CertificateSeen seen = nullptr;  // may be null
};

class Server {
 public:
  // kInvalidArgument: address or files cannot be read; kUnavailable: the address cannot be bound.
  static absl::StatusOr<std::unique_ptr<Server>> Listen(ServerOptions options, Partner partner);
  // Without TLS. "unix:PATH" or a loopback address; kInvalidArgument for any other. A socket file
  // that a dead process left is replaced, one in use is kUnavailable.
  static absl::StatusOr<std::unique_ptr<Server>> ListenLocal(ServerOptions options,
                                                             AdminHandler handler);

  // Shuts down without grace.
  ~Server();

  // The port taken; 0 for a unix socket.
  uint16_t port() const;
  int64_t Count(Event event) const;

  // Stops accepting, closes idle connections, lets requests that were begun be answered, and closes
  // what is left after `grace_us`. Returns when all threads have ended. A second call does nothing.
  // Not to be called from a handler.
  void Shutdown(int64_t grace_us);
  // Ends the grace: closes what is left now. Thread-safe, while another thread is in Shutdown.
  void Hurry();

 private:
  class Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace schotvrij::http
