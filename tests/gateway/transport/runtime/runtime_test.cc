#include <sys/resource.h>

#include <atomic>
#include <set>
#include <string>
#include <thread>

#include "absl/synchronization/notification.h"
#include "gateway/transport/runtime/executor.h"
#include "gateway/transport/runtime/system.h"
#include "gtest/gtest.h"

namespace schotvrij::runtime {
namespace {

constexpr int64_t kHourUs = 3'600'000'000;

TEST(ThreadExecutor, StopRunsAllThatWasPosted) {
  std::atomic<int> ran = 0;
  ThreadExecutor executor(4);
  for (int i = 0; i < 1000; ++i) executor.Post([&] { ++ran; });
  executor.Stop();
  EXPECT_EQ(ran, 1000);
}

TEST(ThreadExecutor, StopRunsWhatPostedWorkPostsInTurn) {
  std::atomic<int> ran = 0;
  ThreadExecutor executor(2);
  executor.Post([&] {
    executor.Post([&] {
      executor.Post([&] { ++ran; });
      ++ran;
    });
    ++ran;
  });
  executor.Stop();
  EXPECT_EQ(ran, 3);
}

TEST(ThreadExecutor, ItsThreadsGiveWayAsMuchAsWasAsked) {
  const int ours = getpriority(PRIO_PROCESS, 0);
  std::atomic<int> ordinary = 0, giving_way = 0;
  ThreadExecutor one(1), other(1, 19);
  one.Post([&] { ordinary = getpriority(PRIO_PROCESS, 0); });
  other.Post([&] { giving_way = getpriority(PRIO_PROCESS, 0); });
  one.Stop();
  other.Stop();
  EXPECT_EQ(ordinary, ours);
  EXPECT_EQ(giving_way, 19);
  EXPECT_EQ(getpriority(PRIO_PROCESS, 0), ours);
}

TEST(ThreadExecutor, StopDropsWhatWaitsForItsTimeAndDestroysIt) {
  auto held = std::make_shared<int>(0);
  ThreadExecutor executor(1);
  executor.PostAfter(kHourUs, [held] { ++*held; });
  executor.Stop();
  EXPECT_EQ(*held, 0);
  EXPECT_EQ(held.use_count(), 1);
}

TEST(ThreadExecutor, AfterStopNothingRuns) {
  bool ran = false;
  ThreadExecutor executor(1);
  executor.Stop();
  executor.Post([&] { ran = true; });
  executor.PostAfter(0, [&] { ran = true; });
  executor.Stop();
  EXPECT_FALSE(ran);
}

TEST(ThreadExecutor, WorkThatIsDuePassesWorkThatWaits) {
  ThreadExecutor executor(1);
  std::atomic<bool> early = false;
  absl::Notification done;
  executor.PostAfter(kHourUs, [&] { early = true; });
  executor.PostAfter(0, [&] { done.Notify(); });
  done.WaitForNotification();
  EXPECT_FALSE(early);
}

TEST(ThreadExecutor, NeverRunsWorkInsideTheCall) {
  ThreadExecutor executor(1);
  std::atomic<bool> inside = false;
  std::atomic<bool> violated = false;
  absl::Notification done;
  executor.Post([&] {
    inside = true;
    executor.Post([&] {
      violated = inside.load();
      done.Notify();
    });
    inside = false;
  });
  done.WaitForNotification();
  EXPECT_FALSE(violated);
}

TEST(ThreadExecutor, MoveOnlyWorkIsTaken) {
  ThreadExecutor executor(1);
  std::atomic<int> seen = 0;
  executor.Post([&, value = std::make_unique<int>(7)] { seen = *value; });
  executor.Stop();
  EXPECT_EQ(seen, 7);
}

TEST(SystemClock, CountsMicrosecondsSince1970) {
  EXPECT_GT(SystemClock().Now(), Instant{1'700'000'000'000'000});
}

TEST(SystemRandom, IdsAreDistinctAndOfTheirForm) {
  SystemRandom random;
  std::set<std::string> ids;
  for (int i = 0; i < 1000; ++i) ids.insert(NewId(random));
  EXPECT_EQ(ids.size(), 1000);
  for (const std::string& id : ids) {
    EXPECT_EQ(id.size(), 32);
    EXPECT_EQ(id.find_first_not_of("0123456789abcdef"), std::string::npos);
  }
}

TEST(SystemRandom, RowIdsStandInTheOrderOfTheirMilliseconds) {
  SystemRandom random;
  EXPECT_EQ(NewRowId(Instant{0}, random).substr(0, 12), "000000000000");
  EXPECT_EQ(NewRowId(Instant{1'700'000'000'123'999}, random).substr(0, 12), "018bcfe5687b");
  EXPECT_LT(NewRowId(Instant{1'700'000'000'123'999}, random), NewRowId(Instant{1'700'000'000'124'000}, random));

  std::set<std::string> of_one_moment;
  for (int i = 0; i < 1000; ++i) of_one_moment.insert(NewRowId(Instant{1'700'000'000'000'000}, random).substr(12));
  EXPECT_EQ(of_one_moment.size(), 1000);
  EXPECT_EQ(of_one_moment.begin()->size(), 20);
}

// Small draws come from what a thread has drawn ahead: more of them than that holds, of every size up to a key's, on two threads.
TEST(SystemRandom, NothingIsGivenTwice) {
  constexpr size_t kDraws = 5000;
  SystemRandom random;
  const auto draw = [&random](std::set<std::string>* drawn) {
    for (size_t i = 0; i < kDraws; ++i) {
      std::string bytes(8 + i % 25, '\0');
      random.Fill({reinterpret_cast<uint8_t*>(bytes.data()), bytes.size()});
      drawn->insert(bytes.substr(0, 8));
    }
  };
  std::set<std::string> here, there;
  std::thread other([&] { draw(&there); });
  draw(&here);
  other.join();
  here.merge(there);
  EXPECT_EQ(here.size(), 2 * kDraws);
}

}  // namespace
}  // namespace schotvrij::runtime
