#include "gateway/exchange/doorbell.h"

#include <gtest/gtest.h>

#include "tests/support/executors.h"

namespace schotvrij::exchange {
namespace {

store::Delivery To(const char* recipient, store::DeliveryState state = store::DeliveryState::kAvailable) {
  store::Delivery delivery;
  delivery.recipient = recipient;
  delivery.state = state;
  return delivery;
}

class DoorbellTest : public testing::Test {
 protected:
  void Ring(std::vector<store::Delivery> deliveries) { bell_.Ring(deliveries); }

  ManualExecutor executor_;
  Doorbell bell_{&executor_};
  int woken_ = 0;
};

TEST_F(DoorbellTest, WakesTheRecipientAndNobodyElse) {
  const auto watch = bell_.Listen("city", [&] { ++woken_; });
  Ring({To("other"), To("city", store::DeliveryState::kDue)});
  executor_.Run();
  EXPECT_EQ(woken_, 0);
  Ring({To("city")});
  EXPECT_EQ(woken_, 0) << "never inside the call";
  executor_.Run();
  EXPECT_EQ(woken_, 1);
}

TEST_F(DoorbellTest, WakesOnceForAllThatRangBefore) {
  const auto watch = bell_.Listen("city", [&] { ++woken_; });
  Ring({To("city"), To("city")});
  Ring({To("city")});
  executor_.Run();
  EXPECT_EQ(woken_, 1);
}

TEST_F(DoorbellTest, ARingWhileOneIsWokenWakesAgain) {
  const auto watch = bell_.Listen("city", [&] {
    if (++woken_ == 1) Ring({To("city")});
  });
  Ring({To("city")});
  executor_.Run();
  EXPECT_EQ(woken_, 2);
}

TEST_F(DoorbellTest, WakesEachWhoListens) {
  int other = 0;
  const auto watch = bell_.Listen("city", [&] { ++woken_; });
  auto second = bell_.Listen("city", [&] { ++other; });
  Ring({To("city")});
  executor_.Run();
  second.reset();
  Ring({To("city")});
  executor_.Run();
  EXPECT_EQ(woken_, 2);
  EXPECT_EQ(other, 1);
}

}  // namespace
}  // namespace schotvrij::exchange
