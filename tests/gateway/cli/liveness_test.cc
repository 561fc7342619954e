// Whether a gateway gets on, as its watchdog is told.
#include "gateway/cli/liveness.h"

#include <gtest/gtest.h>

#include "tests/support/executors.h"

namespace schotvrij::cli {
namespace {

constexpr int64_t kStandstillUs = 1000;

class LivenessTest : public testing::Test {
 protected:
  bool LookAt(int64_t now_us) {
    const bool alive = liveness_.Look(now_us);
    EXPECT_EQ(liveness_.alive(), alive);
    return alive;
  }

  ManualExecutor executor_;
  Liveness liveness_{&executor_, kStandstillUs};
};

TEST_F(LivenessTest, WhoHasNothingToWriteIsAlive) {
  EXPECT_TRUE(liveness_.alive());
  for (int64_t now_us = 0; now_us < 10 * kStandstillUs; now_us += kStandstillUs) {
    EXPECT_TRUE(LookAt(now_us));
    executor_.Run();
  }
}

TEST_F(LivenessTest, AFlushThatTakesNoEndIsAStandstillUntilItEnds) {
  EXPECT_TRUE(LookAt(0));
  liveness_.FlushBegins();
  for (int64_t now_us : {500, 999}) {
    executor_.Run();
    EXPECT_TRUE(LookAt(now_us)) << "a disk may be slow";
  }
  executor_.Run();
  EXPECT_FALSE(LookAt(1000));
  executor_.Run();
  EXPECT_FALSE(LookAt(5000));
  liveness_.FlushEnds();
  executor_.Run();
  EXPECT_TRUE(LookAt(5001));
}

TEST_F(LivenessTest, FlushAfterFlushIsProgressThoughOneIsAlwaysUnderWay) {
  EXPECT_TRUE(LookAt(0));
  for (int64_t now_us = 900; now_us < 9000; now_us += 900) {
    liveness_.FlushBegins();
    liveness_.FlushEnds();
    liveness_.FlushBegins();
    executor_.Run();
    EXPECT_TRUE(LookAt(now_us));
  }
}

TEST_F(LivenessTest, AnExecutorThatRunsNothingIsAStandstillUntilItDoes) {
  EXPECT_TRUE(LookAt(0));
  EXPECT_TRUE(LookAt(999));
  EXPECT_FALSE(LookAt(1000));
  EXPECT_EQ(executor_.waiting(), 1u) << "it is not asked again while it owes an answer";
  executor_.Run();
  EXPECT_TRUE(LookAt(1001));
}

}  // namespace
}  // namespace schotvrij::cli
