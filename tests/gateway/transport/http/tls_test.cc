// Who gets in: TLS 1.3, a certificate of a known CA, an enrolled holder.
#include "tests/gateway/transport/http/edge_fixture.h"

namespace schotvrij::http {
namespace {

class TlsTest : public EdgeTest {};

TEST_F(TlsTest, AnEnrolledPeerIsServedAndCalledByItsCertificateOnly) {
  absl::Mutex mutex;
  identity::Caller caller;
  Start([&](Request request, Reply reply) {
    absl::MutexLock lock(&mutex);
    caller = request.caller;
    reply(Response(200, Words("hello")));
  });
  Ran ran = Curl(absl::StrCat(
      "-H 'X-SSL-Client-S-DN: CN=municipality' -H 'X-Forwarded-Client-Cert: municipality' ",
      Url("/x")));
  EXPECT_EQ(ran.exit, 0);
  EXPECT_EQ(ran.out, "hello");
  absl::MutexLock lock(&mutex);
  EXPECT_EQ(caller.peer, "provider");
}

TEST_F(TlsTest, Tls12IsRefused) {
  Start();
  EXPECT_NE(Curl(absl::StrCat("--tls-max 1.2 ", Url("/"))).exit, 0);
  EXPECT_FALSE(Connect("provider", TLS1_2_VERSION)->connected());
  EXPECT_EQ(server_->Count(Event::kAnswered), 0);
}

struct Stranger {
  const char* certificate;
  const char* alert;
};
class StrangerTest : public EdgeTest, public ::testing::WithParamInterface<Stranger> {};

TEST_P(StrangerTest, IsToldByAnAlertAndNothingElse) {
  Start();
  std::unique_ptr<RawClient> client = Connect(GetParam().certificate);
  // TLS 1.3: the client is done before the server has looked at its certificate.
  if (client->connected()) {
    client->Send(Get("/fhir/metadata"));
    EXPECT_EQ(client->ReadAll(), "");
  }
  EXPECT_EQ(client->alert(), GetParam().alert);
  Ran ran = Curl(Url("/"), GetParam().certificate);
  EXPECT_NE(ran.exit, 0);
  server_->Shutdown(30'000'000);  // a peer may read the alert before the server has counted it
  EXPECT_EQ(server_->Count(Event::kTlsRefused), 2);
  EXPECT_EQ(server_->Count(Event::kAnswered), 0);
}

INSTANTIATE_TEST_SUITE_P(Tls, StrangerTest,
                         ::testing::Values(Stranger{"", "tlsv13 alert certificate required"},
                                           Stranger{"forged", "tlsv1 alert unknown ca"},
                                           Stranger{"serveronly",
                                                    "sslv3 alert unsupported certificate"}));

TEST_F(TlsTest, AKnownCaWithoutEnrolmentGets401AndNothingElse) {
  Start();
  Ran ran = Curl(absl::StrCat("-i ", Url("/fhir/metadata")), "stranger");
  EXPECT_EQ(ran.exit, 0);
  EXPECT_EQ(Statuses(ran.out), "401");
  EXPECT_TRUE(ran.out.ends_with("\r\n\r\n")) << "a body";
  EXPECT_NE(ran.out.find("Content-Length: 0"), std::string::npos);
  EXPECT_EQ(ran.out.find("Content-Type"), std::string::npos);
  EXPECT_EQ(server_->Count(Event::kNotEnrolled), 1);
}

TEST_F(TlsTest, WhoIsNotEnrolledIsNotToldWhatIsWrongWithTheRequestEither) {
  Start();
  std::unique_ptr<RawClient> client = Connect("stranger");
  client->Send("GARBAGE\n");
  EXPECT_EQ(Statuses(client->ReadAll()), "401");
}

TEST_F(TlsTest, AReloadOfTheEnrolmentHoldsForOpenConnections) {
  Start();
  std::unique_ptr<RawClient> client = Connect();
  client->Send(Get("/1"));
  EXPECT_EQ(Statuses(client->ReadAnswer()), "200");
  Enrol(EnrolByUri("provider", "urn:schotvrij:party:somebody-else"));
  client->Send(Get("/2"));
  EXPECT_EQ(Statuses(client->ReadAll()), "401");
}

TEST_F(TlsTest, WithoutAnEnrolmentNobodyIsServed) {
  Enrol(nullptr);
  Start();
  std::unique_ptr<RawClient> client = Connect();
  client->Send(Get("/"));
  EXPECT_EQ(Statuses(client->ReadAll()), "401");
}

TEST_F(TlsTest, AProtocolOtherThanHttpIsRefusedAtAlpn) {
  Start();
  Ran ran = Shell(absl::StrCat("openssl s_client -connect 127.0.0.1:", server_->port(),
                             " -alpn smtp -cert ", pki_->Certificate("provider"), " -key ",
                             pki_->Key("provider"), " </dev/null 2>&1"));
  EXPECT_NE(ran.out.find("no application protocol"), std::string::npos);
}

TEST_F(TlsTest, AFileThatCannotBeUsedIsNamed) {
  Partner partner;
  partner.tls = {pki_->Certificate("server"), pki_->Key("provider"), pki_->Certificate("ca")};
  auto server = Server::Listen({"127.0.0.1:0", 1, {}, &clock_}, std::move(partner));
  EXPECT_EQ(server.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_NE(server.status().message().find("provider.key"), absl::string_view::npos);
}

TEST_F(TlsTest, AnAddressIsAnIpAddressAndAPort) {
  for (const char* address :
       {"", "localhost:1", "127.0.0.1", "127.0.0.1:70000", "::1:80", "[127.0.0.1]:80"}) {
    Partner partner;
    partner.tls = {pki_->Certificate("server"), pki_->Key("server"), pki_->Certificate("ca")};
    auto server = Server::Listen({address, 1, {}, &clock_}, std::move(partner));
    EXPECT_EQ(server.status().code(), absl::StatusCode::kInvalidArgument) << address;
  }
}

TEST_F(TlsTest, AnAddressInUseIsUnavailable) {
  Start();
  Partner partner;
  partner.tls = {pki_->Certificate("server"), pki_->Key("server"), pki_->Certificate("ca")};
  auto server = Server::Listen({absl::StrCat("127.0.0.1:", server_->port()), 1, {}, &clock_},
                               std::move(partner));
  EXPECT_EQ(server.status().code(), absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace schotvrij::http
