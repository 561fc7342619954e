// A listener that stops in a hurry, and one that is handed a socket.
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

#include "grpcpp/create_channel.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/security/credentials.h"
#include "tests/gateway/transport/grpc/edge_fixture.h"

namespace schotvrij::test {
namespace {

using StopTest = EdgeTest;

void* Tag(intptr_t number) { return reinterpret_cast<void*>(number); }

// A call whose message never comes would have the whole grace, here longer than the test may take.
TEST_F(StopTest, AHurryEndsTheCallsThatWereBegun) {
  grpc::SslCredentialsOptions tls;
  tls.pem_root_certs = Contents(shared_->pki.Certificate("ca"));
  tls.pem_cert_chain = Contents(shared_->pki.Certificate("proefaanbieder"));
  tls.pem_private_key = Contents(shared_->pki.Key("proefaanbieder"));
  grpc::GenericStub stub(grpc::CreateChannel(Target(), grpc::SslCredentials(tls)));
  grpc::CompletionQueue queue;
  void* tag = nullptr;
  bool ok = false;

  grpc::ClientContext begun_context, whole_context;
  const std::string method = "/schotvrij.v1.RegistrationService/Register";
  const auto begun = stub.PrepareCall(&begun_context, method, &queue);
  begun->StartCall(Tag(1));
  ASSERT_TRUE(queue.Next(&tag, &ok) && ok && tag == Tag(1));
  // One that comes after it on the same connection and is answered: by then the server knows of the first.
  grpc::ByteBuffer empty, answer;
  grpc::Status whole_status, begun_status;
  const auto whole = stub.PrepareUnaryCall(&whole_context, method, empty, &queue);
  whole->StartCall();
  whole->Finish(&answer, &whole_status, Tag(2));
  ASSERT_TRUE(queue.Next(&tag, &ok) && ok && tag == Tag(2));
  EXPECT_NE(whole_status.error_code(), grpc::StatusCode::UNAVAILABLE);

  std::thread stopping([&] { server_->Shutdown(3'600'000'000); });
  server_->Hurry();
  stopping.join();
  begun->Finish(&begun_status, Tag(3));
  ASSERT_TRUE(queue.Next(&tag, &ok) && tag == Tag(3));
  EXPECT_FALSE(begun_status.ok());
}

TEST_F(StopTest, ASocketThatIsNoTcpSocketIsNotServed) {
  rpc::GrpcServerOptions options = Options();
  options.listening_socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
  ASSERT_GE(options.listening_socket, 0);
  const int handed_over = options.listening_socket;
  EXPECT_EQ(rpc::GrpcServer::Listen(std::move(options)).status().code(), absl::StatusCode::kInvalidArgument);
  ::close(handed_over);
}

}  // namespace
}  // namespace schotvrij::test
