// The admin listener, and our own client against it and against a partner's listener.
#include "gateway/transport/http/admin.h"

#include <sys/stat.h>
#include <sys/un.h>

#include <fstream>

#include "gateway/transport/http/client.h"
#include "tests/gateway/transport/http/edge_fixture.h"

namespace schotvrij::http {
namespace {

class AdminTest : public ::testing::Test {
 protected:
  absl::StatusOr<std::unique_ptr<Server>> Listen(const std::string& address) {
    AdminParts parts;
    parts.metrics = [] { return std::string("schotvrij_up 1\n"); };
    parts.health = [this] { return healthy_ ? "" : "the writer stands still"; };
    parts.ready = [this] { return ready_ ? "" : "stopping"; };
    parts.reload = [this] {
      return reload_ok_ ? ReloadOutcome{true, "policy set 0123\n"}
                        : ReloadOutcome{false, "ede.txtpb:3:1: bad\n"};
    };
    parts.trial = [](TrialAsked asked, absl::AnyInvocable<void(TrialTold)> done) {
      done({202, absl::StrCat(asked.participant, asked.begin ? " begins" : "", asked.heard)});
    };
    return Server::ListenLocal({address, 1, {}, &clock_}, NewAdmin(std::move(parts)));
  }
  void Start(const std::string& address = "127.0.0.1:0") {
    absl::StatusOr<std::unique_ptr<Server>> server = Listen(address);
    ASSERT_TRUE(server.ok()) << server.status().message();
    server_ = *std::move(server);
  }
  ClientResponse Ask(const std::string& method, const std::string& path,
                     std::vector<Field> fields = {}, const std::string& body = "") {
    std::string base =
        socket_.empty() ? absl::StrCat("http://127.0.0.1:", server_->port()) : "unix:" + socket_;
    ClientOptions options;
    options.base = base;
    absl::StatusOr<ClientResponse> response = Call(options, {method, path, std::move(fields), body});
    EXPECT_TRUE(response.ok()) << response.status().message();
    return response.ok() ? *std::move(response) : ClientResponse{};
  }

  FixedClock clock_;
  test::TempDir dir_;
  std::string socket_;
  std::atomic<bool> healthy_ = true;
  std::atomic<bool> ready_ = true;
  std::atomic<bool> reload_ok_ = true;
  std::unique_ptr<Server> server_;
};

TEST_F(AdminTest, R54_ARoundTripIsAskedForByAForm) {
  Start();
  ClientResponse told = Ask("POST", "/trial", {}, "participant=opella&begin=yes");
  EXPECT_EQ(told.status, 202);
  EXPECT_EQ(told.body, "opella begins\n");
  EXPECT_EQ(told.Header("cache-control"), "no-store");
  EXPECT_EQ(Ask("POST", "/trial", {}, "participant=opella&heard=17").body, "opella17\n");
  EXPECT_EQ(Ask("POST", "/trial", {}, "participant=opella&begin=no").body, "opella\n");
  EXPECT_EQ(Ask("POST", "/trial", {}, "participant=%").status, 400);
  EXPECT_EQ(Ask("GET", "/trial").status, 405);
}

TEST_F(AdminTest, ShowsMetricsHealthAndReadiness) {
  Start();
  ClientResponse metrics = Ask("GET", "/metrics");
  EXPECT_EQ(metrics.status, 200);
  EXPECT_EQ(metrics.body, "schotvrij_up 1\n");
  EXPECT_EQ(metrics.Header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_EQ(Ask("GET", "/health").status, 200);
  EXPECT_EQ(Ask("GET", "/ready").status, 200);
  ready_ = false;
  EXPECT_EQ(Ask("GET", "/ready").status, 503);
  EXPECT_EQ(Ask("GET", "/ready").body, "stopping\n");
  EXPECT_EQ(Ask("GET", "/health").status, 200);
  healthy_ = false;
  EXPECT_EQ(Ask("GET", "/health").status, 503);
  EXPECT_EQ(Ask("GET", "/health").body, "the writer stands still\n");
}

TEST_F(AdminTest, AReloadTellsItsOutcome) {
  Start();
  ClientResponse good = Ask("POST", "/reload");
  EXPECT_EQ(good.status, 200);
  EXPECT_EQ(good.body, "policy set 0123\n");
  reload_ok_ = false;
  ClientResponse bad = Ask("POST", "/reload");
  EXPECT_EQ(bad.status, 422);
  EXPECT_EQ(bad.body, "ede.txtpb:3:1: bad\n");
}

TEST_F(AdminTest, AReloadByGetIs405AndAnythingElse404) {
  Start();
  ClientResponse reload = Ask("GET", "/reload");
  EXPECT_EQ(reload.status, 405);
  EXPECT_EQ(reload.Header("allow"), "POST");
  EXPECT_EQ(Ask("GET", "/fhir/metadata").status, 404);
}

TEST_F(AdminTest, AWebPageOnTheSameMachineDoesNotReachIt) {
  Start();
  EXPECT_EQ(Ask("POST", "/reload", {{"host", "evil.example:80"}}).status, 403);
  EXPECT_EQ(Ask("GET", "/metrics", {{"host", "localhost:1"}}).status, 200);
  EXPECT_EQ(Ask("GET", "/metrics", {{"host", "[::1]"}}).status, 200);
}

TEST_F(AdminTest, AnAddressThatOthersCanReachIsRefused) {
  for (const char* address : {"0.0.0.0:0", "[::]:0", "192.0.2.1:0", "unix:", ":0"}) {
    EXPECT_EQ(Listen(address).status().code(), absl::StatusCode::kInvalidArgument) << address;
  }
}

TEST_F(AdminTest, AUnixSocketIsItsOwnersOnlyAndGoneAfterwards) {
  socket_ = dir_.File("admin.sock");
  Start("unix:" + socket_);
  EXPECT_EQ(server_->port(), 0);
  struct stat info;
  ASSERT_EQ(::lstat(socket_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  EXPECT_EQ(Ask("GET", "/health").status, 200);
  server_.reset();
  EXPECT_NE(::lstat(socket_.c_str(), &info), 0);
}

TEST_F(AdminTest, ASocketInUseIsLeftAlone) {
  socket_ = dir_.File("admin.sock");
  Start("unix:" + socket_);
  EXPECT_EQ(Listen("unix:" + socket_).status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(Ask("GET", "/health").status, 200);
}

TEST_F(AdminTest, ASocketOfADeadProcessIsReplaced) {
  socket_ = dir_.File("admin.sock");
  int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  socket_.copy(address.sun_path, sizeof(address.sun_path) - 1);
  ASSERT_EQ(::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  ::close(fd);
  Start("unix:" + socket_);
  EXPECT_EQ(Ask("GET", "/health").status, 200);
}

TEST_F(AdminTest, AFileThatIsNoSocketIsNotRemoved) {
  std::string file = dir_.File("precious");
  std::ofstream(file) << "text";
  EXPECT_EQ(Listen("unix:" + file).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(std::filesystem::exists(file));
  EXPECT_EQ(Listen("unix:/" + std::string(120, 'a')).status().code(),
            absl::StatusCode::kInvalidArgument);
}

class ClientTest : public EdgeTest {
 protected:
  ClientOptions Options(const std::string& certificate, const std::string& ca = "ca") {
    ClientOptions options;
    options.base = Url("");
    options.ca_file = pki_->Certificate(ca);
    if (!certificate.empty()) {
      options.certificate_file = pki_->Certificate(certificate);
      options.key_file = pki_->Key(certificate);
    }
    return options;
  }
};

TEST_F(ClientTest, SendsAndReadsByMutualTls) {
  Start();
  absl::StatusOr<ClientResponse> response =
      Call(Options("provider"),
           {"PUT", "/fhir/Task/1", {{"content-type", "application/fhir+json"}}, "body"});
  ASSERT_TRUE(response.ok()) << response.status().message();
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(response->body, "PUT /fhir/Task/1 4");
  EXPECT_EQ(response->Header("content-type"), "application/fhir+json");
  EXPECT_EQ(response->Header("absent"), "");
}

TEST_F(ClientTest, ABodyIsSentWithAnyMethodAndAHeadBringsNone) {
  Start();
  EXPECT_EQ(Call(Options("provider"), {"POST", "/a", {}, ""})->body, "POST /a 0");
  EXPECT_EQ(Call(Options("provider"), {"DELETE", "/a", {}, ""})->body, "DELETE /a 0");
  EXPECT_EQ(Call(Options("provider"), {"HEAD", "/a", {}, ""})->body, "");
  EXPECT_EQ(Call(Options("provider"), {"POST", "/a", {}, std::string(limits::kBodyBytesMax, 'a')})
                ->status,
            200);
}

TEST_F(ClientTest, ACertificateThatIsRefusedIsUnauthenticated) {
  Start();
  EXPECT_EQ(Call(Options("forged"), {"GET", "/", {}, ""}).status().code(),
            absl::StatusCode::kUnauthenticated);
  EXPECT_EQ(Call(Options(""), {"GET", "/", {}, ""}).status().code(),
            absl::StatusCode::kUnauthenticated);
  EXPECT_EQ(Call(Options("provider", "foreign"), {"GET", "/", {}, ""}).status().code(),
            absl::StatusCode::kUnauthenticated);
}

TEST_F(ClientTest, NobodyThereIsUnavailableAndAMissingFileInvalid) {
  Start();
  ClientOptions gone = Options("provider");
  server_.reset();
  EXPECT_EQ(Call(gone, {"GET", "/", {}, ""}).status().code(), absl::StatusCode::kUnavailable);
  gone.certificate_file = "/nowhere.pem";
  EXPECT_EQ(Call(gone, {"GET", "/", {}, ""}).status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(Call({"ftp://x", "", "", ""}, {"GET", "/", {}, ""}).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Call(gone, {"GET", "x", {}, ""}).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(ClientTest, AnAnswerThatDoesNotComeIsDeadlineExceeded) {
  std::vector<Reply> never;
  absl::Mutex mutex;
  Start([&](Request, Reply reply) {
    absl::MutexLock lock(&mutex);
    never.push_back(std::move(reply));
  });
  ClientOptions options = Options("provider");
  options.timeout_us = 200'000;
  EXPECT_EQ(Call(options, {"GET", "/", {}, ""}).status().code(),
            absl::StatusCode::kDeadlineExceeded);
  server_->Shutdown(0);
}

TEST_F(ClientTest, AnAnswerOverTheLimitIsResourceExhausted) {
  Start([](Request, Reply reply) {
    reply(Response(200, Words(std::string(limits::kClientBodyBytesMax + 1, 'a'))));
  });
  EXPECT_EQ(Call(Options("provider"), {"GET", "/", {}, ""}).status().code(),
            absl::StatusCode::kResourceExhausted);
}

}  // namespace
}  // namespace schotvrij::http
