#include <thread>

#include "grpcpp/client_context.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "schemas/base/limits.h"
#include "schotvrij/v1/services.grpc.pb.h"
#include "tests/gateway/transport/grpc/edge_fixture.h"

namespace schotvrij::test {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using WatchTest = EdgeTest;

TEST_F(WatchTest, WhatWaitsComesOldestFirstAndTheStreamEnds) {
  road_.Put("1", "999900006");
  road_.Put("2", "999900018");
  EXPECT_EQ(Foreign("proefgemeente", "watch_what_waits"),
            "item delivery-1 999900006\nitem delivery-2 999900018\nended\n");
}

TEST_F(WatchTest, AnEmptyMailboxEndsAtOnce) { EXPECT_EQ(Foreign("proefgemeente", "watch_what_waits"), "ended\n"); }

TEST_F(WatchTest, WhatMayNotBeShownAnyMoreIsSkipped) {
  road_.PutWithheld("1");
  road_.Put("2", "999900018");
  road_.PutWithheld("3");
  EXPECT_EQ(Foreign("proefgemeente", "watch_what_waits"), "item delivery-2 999900018\nended\n");
}

TEST_F(WatchTest, ManyPagesOfWithheldItemsAreNoTrouble) {
  for (size_t i = 0; i < 10 * limits::kWatchPageItems; ++i) road_.PutWithheld(std::to_string(i));
  road_.Put("last", "999900006");
  EXPECT_EQ(Foreign("proefgemeente", "watch_what_waits"), "item delivery-last 999900006\nended\n");
}

TEST_F(WatchTest, WhatWasNotAcknowledgedComesAgainAfterADrop) {
  for (const char* id : {"1", "2", "3"}) road_.Put(id, "999900006");
  EXPECT_EQ(Foreign("proefgemeente", "watch_and_drop"),
            "item delivery-1 999900006\nacknowledged 1\nacknowledged 0\n"
            "item delivery-2 999900006\nitem delivery-3 999900006\nended\n");
}

TEST_F(WatchTest, NewMailReachesAStreamThatWaitsAndEachItemIsSentOnce) {
  road_.Put("1", "999900006");
  std::string seen;
  std::thread client([&] { seen = Foreign("proefgemeente", "watch_three_then_cancel"); });
  road_.AwaitWatches(1);
  EXPECT_THAT(road_.watched(), ElementsAre("proefgemeente"));
  road_.Put("2", "999900018");
  road_.Put("3", "999900031");
  client.join();
  EXPECT_EQ(seen,
            "item delivery-1 999900006\nitem delivery-2 999900018\nitem delivery-3 999900031\ncancelled\n");
  road_.AwaitWatches(0);
  EXPECT_EQ(server_->watch_streams(), 0u);
  EXPECT_EQ(road_.items_read(), 3u);
}

TEST_F(WatchTest, AStreamThatIsCancelledWhileItsPageIsStillReadLetsEverythingGo) {
  road_.Put("1", "999900006");
  road_.Hold();
  const rpc::GrpcClientOptions options = ClientOptions("proefgemeente");
  const auto credentials =
      grpc::SslCredentials({options.ca_pem, options.key_pem, options.certificate_pem});
  const auto stub = v1::MailboxService::NewStub(grpc::CreateChannel(Target(), credentials));
  grpc::ClientContext context;
  v1::WatchRequest request;
  request.set_wait(true);
  const auto stream = stub->Watch(&context, request);
  road_.AwaitHeld(1);
  context.TryCancel();
  v1::MailboxItem item;
  EXPECT_FALSE(stream->Read(&item));
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::CANCELLED);
  road_.AwaitWatches(0);
  EXPECT_EQ(server_->watch_streams(), 0u);
  road_.Release();  // a page for nobody
}

TEST_F(WatchTest, SixtyFourStreamsAtOnceAreServedAndTheNextOfThatPeerIsRefused) {
  road_.Put("1", "999900006");
  EXPECT_EQ(Foreign("proefgemeente", "watch_64_at_once"),
            "streams 64 items 1\nRESOURCE_EXHAUSTED\nviolation - BUSY True\ninfo schotvrij BUSY\nretry 5\n");
  road_.AwaitWatches(0);
  EXPECT_EQ(server_->watch_streams(), 0u);
}

TEST_F(WatchTest, TheListenerAsAWholeHasABoundToo) {
  server_.reset();
  rpc::Bounds bounds;
  bounds.watch_streams_max = 0;
  StartWithin(bounds);
  EXPECT_THAT(Foreign("proefgemeente", "watch_what_waits"), EndsWith("retry 5\n"));
}

TEST_F(WatchTest, TheRoadsRefusalEndsTheStream) {
  road_.RefuseMailbox({MakeIssue("STORE-UNAVAILABLE", "")});
  EXPECT_EQ(Foreign("proefgemeente", "watch_what_waits"),
            "UNAVAILABLE\nviolation - STORE-UNAVAILABLE True\ninfo schotvrij STORE-UNAVAILABLE\nretry 5\n");
}

TEST_F(WatchTest, ACallerForSeveralMustSayForWhom) {
  EXPECT_EQ(Foreign("leverancier", "watch_what_waits"),
            "INVALID_ARGUMENT\nviolation participant CALLER-WHICH-PARTY True\ninfo schotvrij CALLER-WHICH-PARTY\n");
}

TEST_F(WatchTest, AnEnrolmentThatIsTakenAwayEndsTheStreamAtTheNextPage) {
  road_.Put("1", "999900006");
  std::string seen;
  std::thread client([&] { seen = Foreign("proefgemeente", "watch_until_it_ends"); });
  road_.AwaitWatches(1);
  Enrol({"proefaanbieder"});
  road_.Put("2", "999900018");
  client.join();
  // A page that was asked for just before may still bring the second item; the one after it is refused.
  EXPECT_THAT(seen, EndsWith("UNAUTHENTICATED\nno details, no text\n"));
}

TEST_F(WatchTest, WhenTheGatewayStopsAStreamIsToldToComeBack) {
  road_.Put("1", "999900006");
  std::string seen;
  std::thread client([&] { seen = Foreign("proefgemeente", "watch_until_it_ends"); });
  road_.AwaitWatches(1);
  server_->Shutdown(60'000'000);
  client.join();
  EXPECT_THAT(seen, EndsWith("UNAVAILABLE\nno details\n"));
  EXPECT_EQ(server_->watch_streams(), 0u);
}

TEST_F(WatchTest, OurOwnClientStopsWhenItHasEnough) {
  for (const char* id : {"1", "2", "3"}) road_.Put(id, "999900006");
  rpc::GrpcClient client(ClientOptions("proefgemeente"));
  v1::WatchRequest request;
  std::vector<std::string> seen;
  const auto take = [&](size_t most) {
    return client.Watch(request, [&, most](const v1::MailboxItem& item) {
      seen.push_back(item.delivery_id());
      return seen.size() < most;
    });
  };
  EXPECT_EQ(take(100).value(), 3u);
  seen.clear();
  request.set_wait(true);
  EXPECT_EQ(take(2).value(), 2u);
  EXPECT_THAT(seen, ElementsAre("delivery-1", "delivery-2"));
  road_.AwaitWatches(0);
}

}  // namespace
}  // namespace schotvrij::test
