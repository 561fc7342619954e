// Bounds, keep-alive, handlers that fail, and going down.
#include "gateway/transport/http/server.h"

#include <thread>
#include <type_traits>

#include "absl/synchronization/notification.h"
#include "tests/gateway/transport/http/edge_fixture.h"

namespace schotvrij::http {
namespace {

// A partner is sent Encoded or EncodedAnswer; nothing that holds a string makes a Response.
static_assert(!std::is_constructible_v<Response, int, std::string>);
static_assert(!std::is_constructible_v<Response, int, const char*>);
static_assert(!std::is_constructible_v<Response, AdminResponse>);
static_assert(!std::is_constructible_v<PartnerBody, std::string>);
static_assert(!std::is_invocable_v<Reply, AdminResponse>);

class ServerTest : public EdgeTest {};

std::string Post(const std::string& path, const std::string& body, const std::string& more = "") {
  return absl::StrCat("POST ", path, " HTTP/1.1\r\nHost: g\r\nContent-Length: ", body.size(),
                      "\r\n", more, "\r\n", body);
}

TEST_F(ServerTest, AnswersHaveLengthAndDateAndNothingAboutTheProgram) {
  Start();
  std::unique_ptr<RawClient> client = Connect();
  client->Send(Get("/a"));
  EXPECT_EQ(client->ReadAnswer(),
            "HTTP/1.1 200 OK\r\nDate: Mon, 02 Feb 2026 02:40:00 GMT\r\nContent-Type: "
            "application/fhir+json\r\n"
            "Content-Length: 8\r\n\r\nGET /a 0");
}

TEST_F(ServerTest, AHeadRequestIsToldTheLengthOnly) {
  Start();
  std::unique_ptr<RawClient> client = Connect();
  client->Send("HEAD /a HTTP/1.1\r\nHost: g\r\nConnection: close\r\n\r\n");
  std::string all = client->ReadAll();
  EXPECT_NE(all.find("Content-Length: 9\r\n"), std::string::npos);
  EXPECT_TRUE(all.ends_with("\r\n\r\n"));
}

TEST_F(ServerTest, TheQueryIsNoPartOfThePath) {
  Start([](Request request, Reply reply) {
    reply(Response(200, Words(request.path + "|" + request.query)));
  });
  EXPECT_EQ(Curl(Url("/a?b=c?d")).out, "/a|b=c?d");
}

TEST_F(ServerTest, TrailerFieldsAreNoFields) {
  Start([](Request request, Reply reply) {
    reply(Response(200, Words(std::string(request.Header("x-late")))));
  });
  std::unique_ptr<RawClient> client = Connect();
  client->Send(
      "POST / HTTP/1.1\r\nHost: g\r\nTransfer-Encoding: chunked\r\nConnection: "
      "close\r\n\r\n1\r\na\r\n0\r\nX-Late: told\r\n\r\n");
  EXPECT_EQ(client->ReadAll().find("told"), std::string::npos);
}

TEST_F(ServerTest, RequestsOnOneConnectionAreAnsweredInOrder) {
  absl::Mutex mutex;
  std::vector<Reply> waiting;
  Start([&](Request request, Reply reply) {
    if (request.path != "/slow") return Echo(std::move(request), std::move(reply));
    std::thread([reply = std::move(reply)]() mutable {
      reply(Response(200, Words("slow")));
    }).detach();
  });
  std::unique_ptr<RawClient> client = Connect();
  client->Send(Get("/slow") + Get("/fast"));
  EXPECT_TRUE(client->ReadAnswer().ends_with("\r\n\r\nslow"));
  EXPECT_TRUE(client->ReadAnswer().ends_with("\r\n\r\nGET /fast 0"));
}

// Bounds.

TEST_F(ServerTest, ABodyThatIsAnnouncedTooLargeIs413BeforeItIsRead) {
  Bounds bounds;
  bounds.body_bytes_max = 100;
  Start(Echo, bounds);
  std::unique_ptr<RawClient> client = Connect();
  client->Send("POST / HTTP/1.1\r\nHost: g\r\nContent-Length: 1000000000000\r\n\r\n");
  EXPECT_EQ(Statuses(client->ReadAll()), "413");
  EXPECT_EQ(server_->Count(Event::kAnswered), 0);
}

TEST_F(ServerTest, ABodyThatTurnsOutTooLargeIs413) {
  Bounds bounds;
  bounds.body_bytes_max = 100;
  Start(Echo, bounds);
  std::unique_ptr<RawClient> client = Connect();
  std::string chunk = "20\r\n" + std::string(32, 'a') + "\r\n";
  client->Send("POST / HTTP/1.1\r\nHost: g\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk + chunk +
               chunk + chunk);
  EXPECT_EQ(Statuses(client->ReadAll()), "413");
}

TEST_F(ServerTest, ABodyAsLargeAsTheLimitIsTaken) {
  Bounds bounds;
  bounds.body_bytes_max = 100;
  Start(Echo, bounds);
  std::unique_ptr<RawClient> client = Connect();
  client->Send(Post("/", std::string(100, 'a')));
  EXPECT_TRUE(client->ReadAnswer().ends_with("POST / 100"));
}

TEST_F(ServerTest, AClientThatAsksFirstSendsNoBodyThatIsTooLarge) {
  Start();
  std::string file = pki_->dir() + "/large";
  Shell("head -c 4000000 /dev/zero > " + file);
  Ran ran = Curl(absl::StrCat("-i -H 'Expect: 100-continue' -w '%{size_upload}' --data-binary @",
                              file, " ", Url("/")));
  EXPECT_EQ(Statuses(ran.out), "413");
  EXPECT_TRUE(ran.out.ends_with("refused0")) << "uploaded something";
}

TEST_F(ServerTest, AClientInTheMiddleOfALargeBodyStillReadsTheRefusal) {
  Start();
  std::string file = pki_->dir() + "/large";
  Shell("head -c 4000000 /dev/zero > " + file);
  Ran ran = Curl(absl::StrCat("-i -H Expect: --data-binary @", file, " ", Url("/")));
  EXPECT_EQ(Statuses(ran.out), "413");
}

TEST_F(ServerTest, AHeadOverTheLimitIs431) {
  Bounds bounds;
  bounds.head_bytes_max = 200;
  Start(Echo, bounds);
  std::unique_ptr<RawClient> client = Connect();
  client->Send(Get("/", "X-A: " + std::string(300, 'a') + "\r\n"));
  EXPECT_EQ(Statuses(client->ReadAll()), "431");
  client = Connect();
  client->Send("GET /" + std::string(300, 'a'));
  EXPECT_EQ(Statuses(client->ReadAll()), "431");
}

TEST_F(ServerTest, TrailersOverTheLimitAreRefused) {
  Bounds bounds;
  bounds.head_bytes_max = 200;
  Start(Echo, bounds);
  std::unique_ptr<RawClient> client = Connect();
  client->Send("POST / HTTP/1.1\r\nHost: g\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX-A: " +
               std::string(20'000, 'a') + "\r\n\r\n");
  EXPECT_EQ(Statuses(client->ReadAll()), "431");
}

Bounds Impatient() {
  Bounds bounds;
  // Longer than a busy machine takes for a handshake, which is bounded by it as well.
  constexpr int64_t kUs = 500'000;
  bounds.request_read_us_max = kUs;
  bounds.idle_us_max = kUs;
  bounds.linger_us_max = kUs;
  return bounds;
}

TEST_F(ServerTest, AHalfSentHeadIs408) {
  Start(Echo, Impatient());
  std::unique_ptr<RawClient> client = Connect();
  client->Send("GET / HTTP/1.1\r\nHost: g\r\nX-");
  EXPECT_EQ(Statuses(client->ReadAll()), "408");
}

TEST_F(ServerTest, AHalfSentBodyIs408) {
  Start(Echo, Impatient());
  std::unique_ptr<RawClient> client = Connect();
  client->Send("POST / HTTP/1.1\r\nHost: g\r\nContent-Length: 10\r\n\r\nabc");
  EXPECT_EQ(Statuses(client->ReadAll()), "408");
  EXPECT_EQ(server_->Count(Event::kAnswered), 0);
}

TEST_F(ServerTest, BytesThatDripInDoNotStretchTheTime) {
  Start(Echo, Impatient());
  std::unique_ptr<RawClient> client = Connect();
  // Each read of the answer-less connection would wait for ever if a byte set the clock back.
  client->Send("GET / HTTP/1.1\r\nX-A: ");
  std::thread drip([&] {
    while (client->Send("a") && server_->Count(Event::kRefused) == 0) {
    }
  });
  drip.join();
  EXPECT_EQ(server_->Count(Event::kRefused), 1);
}

TEST_F(ServerTest, SilenceOnAnOpenConnectionClosesIt) {
  Start(Echo, Impatient());
  std::unique_ptr<RawClient> client = Connect();
  client->Send(Get("/"));
  EXPECT_EQ(Statuses(client->ReadAll()), "200");
  EXPECT_EQ(server_->Count(Event::kCutOff), 1);
}

TEST_F(ServerTest, AHandshakeThatIsNotFinishedIsCutOff) {
  Start(Echo, Impatient());
  int fd = ConnectLoopback(server_->port());
  char byte;
  EXPECT_LE(::recv(fd, &byte, 1, 0), 0);
  ::close(fd);
  EXPECT_EQ(server_->Count(Event::kCutOff), 1);
}

TEST_F(ServerTest, MoreConnectionsThanTheListenerTakesAreClosedAtOnce) {
  Bounds bounds;
  bounds.connections_max = 2;
  Start(Echo, bounds);
  std::unique_ptr<RawClient> first = Connect();
  std::unique_ptr<RawClient> second = Connect();
  EXPECT_TRUE(first->connected());
  EXPECT_TRUE(second->connected());
  EXPECT_FALSE(Connect()->connected());
  EXPECT_EQ(server_->Count(Event::kOverCapacity), 1);
  second->Send(Get("/", "Connection: close\r\n"));
  EXPECT_EQ(Statuses(second->ReadAll()), "200");
}

TEST_F(ServerTest, MoreConnectionsThanOnePeerMayHaveAre503) {
  Bounds bounds;
  bounds.connections_per_peer_max = 1;
  Start(Echo, bounds);
  std::unique_ptr<RawClient> first = Connect();
  first->Send(Get("/"));
  EXPECT_EQ(Statuses(first->ReadAnswer()), "200");
  std::unique_ptr<RawClient> second = Connect();
  second->Send(Get("/"));
  EXPECT_EQ(Statuses(second->ReadAll()), "503");
  first->Send(Get("/"));
  EXPECT_EQ(Statuses(first->ReadAnswer()), "200");
}

TEST_F(ServerTest, SixtyFourConnectionsAreServedAtATime) {
  constexpr int kClients = 64;
  constexpr int kRequests = 20;
  Start();
  std::atomic<int> good = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < kClients; ++i) {
    threads.emplace_back([&, i] {
      std::unique_ptr<RawClient> client = Connect();
      for (int j = 0; j < kRequests; ++j) {
        std::string path = absl::StrCat("/", i, "/", j);
        client->Send(Post(path, "body"));
        good += client->ReadAnswer().ends_with(absl::StrCat("POST ", path, " 4"));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(good, kClients * kRequests);
  EXPECT_EQ(server_->Count(Event::kAnswered), kClients * kRequests);
}

// Handlers.

TEST_F(ServerTest, AHandlerThatForgetsToAnswerIs500) {
  Start([](Request, Reply) {});
  std::unique_ptr<RawClient> client = Connect();
  client->Send(Get("/", "Connection: close\r\n"));
  EXPECT_EQ(Statuses(client->ReadAll()), "500");
}

TEST_F(ServerTest, AHandlerThatIsLateIs503AndItsAnswerGoesToNobody) {
  absl::Mutex mutex;
  std::vector<Reply> late;
  Bounds bounds;
  bounds.answer_us_max = 50'000;
  Start(
      [&](Request, Reply reply) {
        absl::MutexLock lock(&mutex);
        late.push_back(std::move(reply));
      },
      bounds);
  std::unique_ptr<RawClient> client = Connect();
  client->Send(Get("/"));
  EXPECT_EQ(Statuses(client->ReadAll()), "503");
  absl::MutexLock lock(&mutex);
  for (Reply& reply : late) reply(Response(200, Words("late")));
}

// Going down.

TEST_F(ServerTest, WhatWasBegunIsAnsweredBeforeTheServerGoesDown) {
  absl::Notification asked;
  absl::Mutex mutex;
  Reply pending;
  Start([&](Request, Reply reply) {
    absl::MutexLock lock(&mutex);
    pending = std::move(reply);
    asked.Notify();
  });
  std::unique_ptr<RawClient> idle = Connect();
  std::unique_ptr<RawClient> client = Connect();
  client->Send(Get("/"));
  asked.WaitForNotification();
  std::thread down([&] { server_->Shutdown(30'000'000); });
  EXPECT_EQ(idle->ReadAll(), "") << "idle connections are closed first";
  {
    absl::MutexLock lock(&mutex);
    pending(Response(200, Words("done")));
  }
  std::string all = client->ReadAll();
  EXPECT_EQ(Statuses(all), "200");
  EXPECT_NE(all.find("Connection: close"), std::string::npos);
  down.join();
  EXPECT_FALSE(Connect()->connected());
}

TEST_F(ServerTest, AHandlerThatNeverAnswersDoesNotHoldTheServerUp) {
  absl::Notification asked;
  Reply pending;
  Start([&](Request, Reply reply) {
    pending = std::move(reply);
    asked.Notify();
  });
  std::unique_ptr<RawClient> client = Connect();
  client->Send(Get("/"));
  asked.WaitForNotification();
  server_->Shutdown(1'000);
  EXPECT_EQ(client->ReadAll(), "");
  server_.reset();
  pending(Response(200, Words("to nobody")));
}

}  // namespace
}  // namespace schotvrij::http
