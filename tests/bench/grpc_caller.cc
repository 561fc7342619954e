#include <fstream>
#include <sstream>
#include <stdexcept>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "grpcpp/client_context.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "schotvrij/v1/services.grpc.pb.h"
#include "tests/bench/caller.h"
#include "tests/bench/grpc_access.h"

namespace schotvrij::bench {
namespace {

class GrpcCaller final : public Caller {
 public:
  GrpcCaller(const cli::Home& home, const std::string& party)
      : stub_(v1::RegistrationService::NewStub(OpenChannel(home, party))) {}

  void Prepare(const Registrations& registrations, uint64_t number) override { request_ = registrations.Request(number); }

  std::string Call() override {
    grpc::ClientContext context;
    v1::RegisterResponse response;
    const grpc::Status status = stub_->Register(&context, request_, &response);
    return status.ok() ? "" : absl::StrCat("status ", static_cast<int>(status.error_code()), ": ", status.error_message());
  }

 private:
  std::unique_ptr<v1::RegistrationService::Stub> stub_;
  v1::RegisterRequest request_;
};

}  // namespace

std::string ReadFile(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) throw std::runtime_error("cannot read " + file);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

std::shared_ptr<grpc::Channel> OpenChannel(const cli::Home& home, const std::string& party) {
  grpc::SslCredentialsOptions tls;
  tls.pem_root_certs = ReadFile(home.CaCertificateFile());
  tls.pem_private_key = ReadFile(home.PartyKeyFile(party));
  tls.pem_cert_chain = ReadFile(home.PartyCertificateFile(party));
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);  // else all callers would share one connection
  std::string port = ReadFile(home.GrpcPortFile());
  port.erase(port.find_last_not_of('\n') + 1);
  return grpc::CreateCustomChannel("localhost:" + port, grpc::SslCredentials(tls), arguments);
}

std::unique_ptr<Caller> NewGrpcCaller(const cli::Home& home, const std::string& party) {
  return std::make_unique<GrpcCaller>(home, party);
}

}  // namespace schotvrij::bench
