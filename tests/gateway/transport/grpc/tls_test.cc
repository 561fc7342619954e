#include "tests/gateway/transport/grpc/edge_fixture.h"

namespace schotvrij::test {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class TlsTest : public EdgeTest {
 protected:
  Ran Handshake(const std::string& options) {
    const Pki& pki = shared_->pki;
    return RunProgram("openssl s_client -brief -alpn h2 -connect " + Target() + " -CAfile " + pki.Certificate("ca") + " -cert " +
               pki.Certificate("proefgemeente") + " -key " + pki.Key("proefgemeente") + " " + options + " </dev/null");
  }
};

TEST_F(TlsTest, WithoutACertificateThereIsNoConnection) {
  EXPECT_EQ(Foreign("", "register"), "UNAVAILABLE\nno details\n");
  EXPECT_TRUE(road_.received().empty());
}

TEST_F(TlsTest, ACertificateOfAnotherAuthorityMakesNoConnection) {
  EXPECT_EQ(Foreign("nagemaakt", "watch_what_waits"), "UNAVAILABLE\nno details\n");
}

TEST_F(TlsTest, ACertificateThatIsNotEnrolledIsToldNothing) {
  for (const char* scenario : {"register", "watch_what_waits", "acknowledge_too_many", "answer_about_nothing"}) {
    EXPECT_EQ(Foreign("vreemde", scenario), "UNAUTHENTICATED\nno details, no text\n") << scenario;
  }
  EXPECT_TRUE(road_.received().empty());
}

TEST_F(TlsTest, ACertificateThatIsNoLongerEnrolledIsRefusedOnceTheNewEnrolmentIsInForce) {
  EXPECT_THAT(Foreign("proefaanbieder", "register"), StartsWith("registered"));
  Enrol({"proefgemeente"});
  EXPECT_EQ(Foreign("proefaanbieder", "register"), "UNAUTHENTICATED\nno details, no text\n");
  Enrol({"proefgemeente", "proefaanbieder"});
  EXPECT_THAT(Foreign("proefaanbieder", "register"), StartsWith("registered"));
}

TEST_F(TlsTest, TheHighestVersionBothKnowIsTaken) {
  const Ran ran = Handshake("");
  EXPECT_EQ(ran.exit_code, 0);
  EXPECT_THAT(ran.output, HasSubstr("TLSv1.3"));
}

TEST_F(TlsTest, Tls11IsRefused) { EXPECT_NE(Handshake("-tls1_1 -cipher DEFAULT:@SECLEVEL=0").exit_code, 0); }

// TLS 1.2 with an ephemeral key and authenticated encryption, and nothing else.
struct Suite {
  const char* server;
  const char* name;
  bool accepted;
};
class Tls12Suite : public TlsTest, public ::testing::WithParamInterface<Suite> {
 protected:
  static void SetUpTestSuite() {
    TlsTest::SetUpTestSuite();
    const std::string base = shared_->pki.dir() + "/gateway-rsa";
    if (!Contents(base + ".pem").empty()) return;
    const std::string ca = shared_->pki.dir() + "/ca";
    const Ran ran = RunProgram("openssl req -newkey rsa:2048 -nodes -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1 -keyout " +
                        base + ".key -out " + base + ".csr && openssl x509 -req -in " + base + ".csr -CA " + ca +
                        ".pem -CAkey " + ca + ".key -set_serial 77 -days 2 -out " + base + ".pem");
    ASSERT_EQ(ran.exit_code, 0) << ran.output;
  }
};

TEST_P(Tls12Suite, IsTakenOnlyWithAnEphemeralKeyAndAuthenticatedEncryption) {
  server_.reset();
  Start(Options(GetParam().server));
  const Ran ran = Handshake(std::string("-tls1_2 -cipher ") + GetParam().name);
  EXPECT_EQ(ran.exit_code == 0, GetParam().accepted) << ran.output;
}

INSTANTIATE_TEST_SUITE_P(Suites, Tls12Suite,
                         ::testing::Values(Suite{"gateway", "ECDHE-ECDSA-AES256-GCM-SHA384", true},
                                           Suite{"gateway", "ECDHE-ECDSA-AES128-GCM-SHA256", true},
                                           Suite{"gateway", "ECDHE-ECDSA-CHACHA20-POLY1305", true},
                                           Suite{"gateway", "ECDHE-ECDSA-AES256-SHA384", false},
                                           Suite{"gateway", "ECDHE-ECDSA-AES128-SHA", false},
                                           Suite{"gateway-rsa", "ECDHE-RSA-AES256-GCM-SHA384", true},
                                           Suite{"gateway-rsa", "ECDHE-RSA-AES256-SHA384", false},
                                           Suite{"gateway-rsa", "AES256-GCM-SHA384", false},
                                           Suite{"gateway-rsa", "AES128-SHA", false}));

TEST_F(TlsTest, AListenerSaysWhyItCannotListen) {
  rpc::GrpcServerOptions no_certificate = Options();
  no_certificate.certificate_pem = "no certificate";
  EXPECT_EQ(rpc::GrpcServer::Listen(std::move(no_certificate)).status().code(), absl::StatusCode::kInvalidArgument);

  rpc::GrpcServerOptions wrong_key = Options();
  wrong_key.key_pem = Contents(shared_->pki.Key("vreemde"));
  EXPECT_EQ(rpc::GrpcServer::Listen(std::move(wrong_key)).status().code(), absl::StatusCode::kUnavailable);

  rpc::GrpcServerOptions taken = Options();
  taken.address = Target();
  EXPECT_EQ(rpc::GrpcServer::Listen(std::move(taken)).status().code(), absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace schotvrij::test
