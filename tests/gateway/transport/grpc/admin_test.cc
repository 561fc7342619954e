#include "gateway/transport/grpc/admin.h"

#include <sys/stat.h>

#include "tests/gateway/transport/grpc/edge_fixture.h"

namespace schotvrij::test {
namespace {

class AdminTest : public EdgeTest {
 protected:
  std::string Ask(const std::string& target, const std::string& scenario) {
    return RunProgram("/usr/bin/python3 " + std::string(SOURCE_DIR) +
               "/tests/gateway/transport/grpc/foreign_client.py --protos " + shared_->protos.path() + " --target " +
               target + " " + scenario)
        .output;
  }
};

TEST_F(AdminTest, HealthIsWhatMainSaysAndReflectionNamesThePartnersServices) {
  auto admin = rpc::GrpcAdmin::Listen("127.0.0.1:0");
  ASSERT_TRUE(admin.ok()) << admin.status();
  const std::string target = "127.0.0.1:" + std::to_string((*admin)->port());
  EXPECT_EQ(Ask(target, "health"), "health 0802\n");  // NOT_SERVING
  (*admin)->SetServing(true);
  EXPECT_EQ(Ask(target, "health"), "health 0801\n");  // SERVING
  EXPECT_EQ(Ask(target, "reflect"),
            "schotvrij.v1.RegistrationService True\nschotvrij.v1.ConsentService True\nschotvrij.v1.ExchangeService True\nschotvrij.v1.SafetyService True\nschotvrij.v1.MailboxService True\n"
            "grpc.health.v1.Health True\n");
  EXPECT_EQ(Ask(target, "register"), "UNIMPLEMENTED\nno details, no text\n");
}

TEST_F(AdminTest, AUnixSocketIsForItsOwnerOnly) {
  TempDir directory;
  const std::string path = directory.File("admin.sock");
  auto admin = rpc::GrpcAdmin::Listen("unix:" + path);
  ASSERT_TRUE(admin.ok()) << admin.status();
  EXPECT_EQ((*admin)->port(), 0);
  struct stat info {};
  ASSERT_EQ(stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  EXPECT_EQ(Ask("unix:" + path, "health"), "health 0802\n");
}

TEST_F(AdminTest, APartnersListenerMadeAfterwardsHasNeither) {
  auto admin = rpc::GrpcAdmin::Listen("127.0.0.1:0");
  ASSERT_TRUE(admin.ok());
  server_.reset();
  Start(Options());
  EXPECT_EQ(Foreign("proefaanbieder", "health"), "UNIMPLEMENTED\nno details, no text\n");
  EXPECT_EQ(Foreign("proefaanbieder", "reflect"), "UNIMPLEMENTED\nno details, no text\n");
}

TEST_F(AdminTest, NothingReachableFromOutsideIsTaken) {
  for (const char* address : {"0.0.0.0:0", "[::]:0", "192.0.2.1:0", "127.0.0.1.example:0", "localhost:0", ""}) {
    EXPECT_EQ(rpc::GrpcAdmin::Listen(address).status().code(), absl::StatusCode::kInvalidArgument) << address;
  }
}

}  // namespace
}  // namespace schotvrij::test
