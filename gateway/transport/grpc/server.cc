#include "gateway/transport/grpc/server.h"

#include <atomic>
#include <chrono>
#include <limits>
#include <utility>

#include "gateway/transport/grpc/adopted_socket.h"
#include "gateway/transport/grpc/batch_stream.h"
#include "gateway/transport/grpc/consent_service.h"
#include "gateway/transport/grpc/edge.h"
#include "gateway/transport/grpc/exchange_service.h"
#include "gateway/transport/grpc/mailbox_service.h"
#include "gateway/transport/grpc/peers.h"
#include "gateway/transport/grpc/registration_service.h"
#include "gateway/transport/grpc/safety_service.h"
#include "gateway/transport/grpc/watch_stream.h"
#include "grpc/grpc.h"
#include "grpcpp/impl/server_builder_option.h"
#include "grpcpp/resource_quota.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"

namespace schotvrij::rpc {
namespace {

// Keepalive: a connection whose other end is gone is found within a minute and a half; one that pings faster than this is a
// nuisance and closed.
constexpr int kKeepaliveTimeMs = 60'000;
constexpr int kKeepaliveTimeoutMs = 20'000;
constexpr int kPingIntervalMinMs = 10'000;
constexpr int kPingStrikesMax = 2;
constexpr int kStreamWindowBytes = 256 << 10;  // of a stream that nobody has read yet: 12 MB/s at 20 ms

// Linking the reflection library puts reflection into every server of the process; partners get none.
class NoPlugins final : public grpc::ServerBuilderOption {
 public:
  void UpdateArguments(grpc::ChannelArguments*) override {}
  void UpdatePlugins(std::vector<std::unique_ptr<grpc::ServerBuilderPlugin>>* plugins) override { plugins->clear(); }
};

std::shared_ptr<grpc::ServerCredentials> Credentials(const GrpcServerOptions& options) {
  grpc::SslServerCredentialsOptions tls(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  tls.pem_root_certs = options.client_ca_pem;
  tls.pem_key_cert_pairs.push_back({options.key_pem, options.certificate_pem});
  return grpc::SslServerCredentials(tls);
}

int Milliseconds(int64_t us) { return static_cast<int>(us / 1000); }

void SetBounds(const Bounds& bounds, grpc::ServerBuilder& builder) {
  builder.SetMaxReceiveMessageSize(static_cast<int>(bounds.frame_bytes_max));
  // A compressed message would be unpacked without bound: 1.51 checks its size before, not after.
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_DEFLATE, false);
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_GZIP, false);
  builder.SetResourceQuota(grpc::ResourceQuota("partners").Resize(limits::kGrpcMemoryBytesMax));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, bounds.streams_per_connection_max);
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, static_cast<int>(bounds.metadata_bytes_max));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, Milliseconds(bounds.idle_us_max));
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, Milliseconds(bounds.handshake_us_max));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveTimeMs);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, kPingIntervalMinMs);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PING_STRIKES, kPingStrikesMax);
  // A window that follows the connection's speed also shrinks; what a sender had under way by then, 1.51 takes for a violation and
  // resets the stream.
  builder.AddChannelArgument(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES, kStreamWindowBytes);
  // Two gateways on one port would each get half of the calls and neither would know.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
}

}  // namespace

class GrpcServer::Impl {
 public:
  explicit Impl(const GrpcServerOptions& options)
      : peers_(options.enrolment, options.seen),
        registry_(options.bounds.watch_streams_max, options.bounds.watch_streams_per_peer_max),
        registration_({&peers_, options.road, options.executor, options.random}, options.batches, &batches_),
        consent_({&peers_, options.road, options.executor, options.random}),
        exchange_({&peers_, options.road, options.executor, options.random}),
        safety_({&peers_, options.road, options.executor, options.random}),
        mailbox_({&peers_, options.road, options.executor, options.random}, &registry_) {}

  bool Start(const GrpcServerOptions& options) {
    grpc::ServerBuilder builder;
    SetBounds(options.bounds, builder);
    builder.SetOption(std::make_unique<NoPlugins>());
    std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> adopted;
    if (options.listening_socket < 0) {
      builder.AddListeningPort(options.address, Credentials(options), &port_);
    } else {
      port_ = PortOf(options.listening_socket);
      adopted = builder.experimental().AddExternalConnectionAcceptor(
          grpc::ServerBuilder::experimental_type::ExternalConnectionType::FROM_FD, Credentials(options));
    }
    builder.RegisterService(&registration_);
    builder.RegisterService(&consent_);
    builder.RegisterService(&exchange_);
    builder.RegisterService(&safety_);
    builder.RegisterService(&mailbox_);
    server_ = builder.BuildAndStart();
    if (server_ == nullptr || port_ == 0) return false;
    if (adopted != nullptr) adopted_ = std::make_unique<AdoptedSocket>(options.listening_socket, std::move(adopted));
    return true;
  }

  void Shutdown(int64_t grace_us) {
    if (stopped_.exchange(true) || server_ == nullptr) return;
    if (adopted_ != nullptr) adopted_->Stop();
    registry_.EndAll();
    batches_.EndAll();
    server_->Shutdown(std::chrono::system_clock::now() + std::chrono::microseconds(hurried_ ? 0 : grace_us));
    server_->Wait();
  }

  void Hurry() {
    hurried_ = true;
    if (server_ != nullptr) grpc_server_cancel_all_calls(server_->c_server());
  }

  int port() const { return port_; }
  size_t watch_streams() const { return registry_.size(); }

 private:
  Peers peers_;
  WatchRegistry registry_;
  BatchRegistry batches_;
  RegistrationService registration_;
  ConsentService consent_;
  ExchangeService exchange_;
  SafetyService safety_;
  MailboxService mailbox_;
  int port_ = 0;
  std::atomic<bool> stopped_ = false;
  std::atomic<bool> hurried_ = false;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<AdoptedSocket> adopted_;
};

absl::StatusOr<std::unique_ptr<GrpcServer>> GrpcServer::Listen(GrpcServerOptions options) {
  for (const std::string* pem : {&options.certificate_pem, &options.client_ca_pem}) {
    if (!identity::ReadCertificatePem(*pem).ok()) {
      return absl::InvalidArgumentError("grpc listener: the certificate or the client CA is no PEM certificate");
    }
  }
  if (options.listening_socket >= 0 && PortOf(options.listening_socket) == 0) {
    return absl::InvalidArgumentError("grpc listener: the socket handed over is no TCP socket");
  }
  auto impl = std::make_unique<Impl>(options);
  if (!impl->Start(options)) {
    return absl::UnavailableError("grpc listener: cannot listen on " + options.address +
                                  ": address in use, or key and certificate do not belong together");
  }
  return std::unique_ptr<GrpcServer>(new GrpcServer(std::move(impl)));
}

GrpcServer::GrpcServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
GrpcServer::~GrpcServer() { impl_->Shutdown(0); }

int GrpcServer::port() const { return impl_->port(); }
size_t GrpcServer::watch_streams() const { return impl_->watch_streams(); }
void GrpcServer::Shutdown(int64_t grace_us) { impl_->Shutdown(grace_us); }
void GrpcServer::Hurry() { impl_->Hurry(); }

}  // namespace schotvrij::rpc
