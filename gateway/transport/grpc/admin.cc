#include "gateway/transport/grpc/admin.h"

#include <sys/stat.h>

#include <chrono>
#include <utility>
#include <vector>

#include "grpcpp/ext/proto_server_reflection_plugin.h"
#include "grpcpp/health_check_service_interface.h"
#include "grpcpp/impl/server_builder_option.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"
#include "schemas/base/limits.h"
#include "schotvrij/v1/services.grpc.pb.h"

namespace schotvrij::rpc {
namespace {

constexpr std::string_view kUnix = "unix:";

bool IsLocal(std::string_view address) {
  return address.starts_with(kUnix) || address.starts_with("127.0.0.1:") || address.starts_with("[::1]:");
}

// Reflection for this server, whatever the process at large was given.
class OnlyReflection final : public grpc::ServerBuilderOption {
 public:
  void UpdateArguments(grpc::ChannelArguments*) override {}
  void UpdatePlugins(std::vector<std::unique_ptr<grpc::ServerBuilderPlugin>>* plugins) override {
    plugins->clear();
    plugins->push_back(std::make_unique<grpc::reflection::ProtoServerReflectionPlugin>());
  }
};

}  // namespace

class GrpcAdmin::Impl {
 public:
  bool Start(std::string_view address) {
    // Health is a switch of the whole process that each server reads while it is built: on for this one only.
    grpc::EnableDefaultHealthCheckService(true);
    grpc::ServerBuilder builder;
    builder.SetOption(std::make_unique<OnlyReflection>());
    builder.SetMaxReceiveMessageSize(static_cast<int>(limits::kAdminBodyBytesMax));
    builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
    builder.AddListeningPort(std::string(address), grpc::InsecureServerCredentials(), &port_);
    builder.RegisterService(&registration_);
    builder.RegisterService(&consent_);
    builder.RegisterService(&exchange_);
    builder.RegisterService(&safety_);
    builder.RegisterService(&mailbox_);
    server_ = builder.BuildAndStart();
    grpc::EnableDefaultHealthCheckService(false);
    if (server_ == nullptr || port_ == 0) return false;
    SetServing(false);
    if (!address.starts_with(kUnix)) return true;
    port_ = 0;
    return chmod(std::string(address.substr(kUnix.size())).c_str(), S_IRUSR | S_IWUSR) == 0;
  }

  ~Impl() {
    if (server_ == nullptr) return;
    server_->Shutdown(std::chrono::system_clock::now());
    server_->Wait();
  }

  int port() const { return port_; }
  void SetServing(bool serving) { server_->GetHealthCheckService()->SetServingStatus(serving); }

 private:
  // Never called: here so that reflection names them.
  v1::RegistrationService::Service registration_;
  v1::ConsentService::Service consent_;
  v1::ExchangeService::Service exchange_;
  v1::SafetyService::Service safety_;
  v1::MailboxService::Service mailbox_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

absl::StatusOr<std::unique_ptr<GrpcAdmin>> GrpcAdmin::Listen(std::string_view address) {
  if (!IsLocal(address)) {
    return absl::InvalidArgumentError("grpc admin listener: the address must be unix:PATH, 127.0.0.1:PORT or [::1]:PORT");
  }
  auto impl = std::make_unique<Impl>();
  if (!impl->Start(address)) {
    return absl::UnavailableError("grpc admin listener: cannot listen on " + std::string(address));
  }
  return std::unique_ptr<GrpcAdmin>(new GrpcAdmin(std::move(impl)));
}

GrpcAdmin::GrpcAdmin(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
GrpcAdmin::~GrpcAdmin() = default;

int GrpcAdmin::port() const { return impl_->port(); }
void GrpcAdmin::SetServing(bool serving) { impl_->SetServing(serving); }

}  // namespace schotvrij::rpc
