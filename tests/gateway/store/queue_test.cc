// The queue before the writer, on every engine.
#include <gtest/gtest.h>

#include "schemas/base/limits.h"
#include "tests/gateway/store/engine.h"
#include "tests/support/store_writer.h"

namespace schotvrij::store {
namespace {

class Queue : public testing::TestWithParam<Engine> {
 protected:
  absl::StatusCode Push(Unit unit) {
    return store_
        ->Commit(std::move(unit), &executor_,
                 [this](auto outcome) { told_ += Tell(outcome) + ";"; })
        .code();
  }

  TempFolder folder_;
  std::string told_;
  ManualExecutor executor_;
  std::unique_ptr<Store> store_;
};
SCHOTVRIJ_FOR_EVERY_ENGINE(Queue);

TEST_P(Queue, RefusesMoreUnitsThanItsBoundAndTakesThemOnceThereIsRoom) {
  store_ = GetParam().open(folder_, {.units = 2, .bytes = 0});
  EXPECT_EQ(Push({}), absl::StatusCode::kOk);
  EXPECT_EQ(Push({}), absl::StatusCode::kOk);
  EXPECT_EQ(Push({}), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(store_->Flush(), 2u);
  EXPECT_EQ(Push({}), absl::StatusCode::kOk);
  store_->Flush();
  executor_.Run();
  EXPECT_EQ(told_, "committed;committed;committed;") << "the refused unit is not told of";
}

TEST_P(Queue, RefusesMoreBytesThanItsBound) {
  const size_t one = NewRegistration("1").Bytes();
  store_ = GetParam().open(folder_, {.units = 0, .bytes = 2 * one});
  EXPECT_EQ(Push(NewRegistration("1")), absl::StatusCode::kOk);
  EXPECT_EQ(Push(NewRegistration("2")), absl::StatusCode::kOk);
  EXPECT_EQ(Push(Unit()), absl::StatusCode::kResourceExhausted);
  store_->Flush();
  Unit large = NewRegistration("3");
  large.exchanges[0].content.bytes.resize(2 * one);
  EXPECT_EQ(Push(large), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(Push(NewRegistration("3")), absl::StatusCode::kOk);
  store_->Flush();
}

Unit Of(const std::string& participant, bool background = false) {
  Unit unit;
  unit.participant = participant;
  unit.background = background;
  unit.audit = {participant};
  return unit;
}

TEST_P(Queue, OneParticipantTakesUpItsShareOnly) {
  store_ = GetParam().open(folder_, {.units = 4, .bytes = 0});
  EXPECT_EQ(Push(Of("a")), absl::StatusCode::kOk);
  EXPECT_EQ(Push(Of("a")), absl::StatusCode::kOk);
  EXPECT_EQ(Push(Of("a")), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(Push(Of("b")), absl::StatusCode::kOk);
  EXPECT_EQ(Push(Of("")), absl::StatusCode::kOk) << "the gateway's own work has no share";
  EXPECT_EQ(store_->Flush(), 4u);
  EXPECT_EQ(Push(Of("a")), absl::StatusCode::kOk);
  store_->Flush();
}

TEST_P(Queue, OneParticipantTakesUpItsShareOfBytesOnly) {
  const size_t one = Of("a").Bytes();
  store_ = GetParam().open(folder_, {.units = 0, .bytes = 4 * one});
  EXPECT_EQ(Push(Of("a")), absl::StatusCode::kOk);
  EXPECT_EQ(Push(Of("a")), absl::StatusCode::kOk);
  EXPECT_EQ(Push(Of("a")), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(Push(Of("b")), absl::StatusCode::kOk);
  store_->Flush();
}

TEST_P(Queue, WhatGivesWayComesByItselfAndOneToAFlush) {
  store_ = GetParam().open(folder_, {});
  for (int i = 0; i < 3; ++i) ASSERT_EQ(Push(Of("batch", /*background=*/true)), absl::StatusCode::kOk);
  for (int i = 0; i < 5; ++i) ASSERT_EQ(Push(Of("single")), absl::StatusCode::kOk);
  EXPECT_EQ(store_->Flush(), 5u);
  EXPECT_TRUE(store_->WaitForWork());
  for (int i = 0; i < 3; ++i) EXPECT_EQ(store_->Flush(), 1u);
  EXPECT_EQ(store_->Flush(), 0u);
}

TEST_P(Queue, WhatGivesWayDoesNotDoSoForEver) {
  store_ = GetParam().open(folder_, {});
  for (int i = 0; i < 2; ++i) ASSERT_EQ(Push(Of("batch", /*background=*/true)), absl::StatusCode::kOk);
  for (int batch = 0; batch < 2; ++batch) {
    for (int i = 0; i < limits::kFlushesGivenWayMax; ++i) {
      ASSERT_EQ(Push(Of("single")), absl::StatusCode::kOk);
      EXPECT_EQ(store_->Flush(), 1u);
    }
    ASSERT_EQ(Push(Of("single")), absl::StatusCode::kOk);
    EXPECT_EQ(store_->Flush(), 2u);
  }
}

TEST_P(Queue, HasTheDefaultBoundWhenNoneIsNamed) {
  store_ = GetParam().open(folder_, {});
  for (size_t i = 0; i < limits::kQueueUnitsMax; ++i) {
    ASSERT_EQ(Push({}), absl::StatusCode::kOk);
  }
  EXPECT_EQ(Push({}), absl::StatusCode::kResourceExhausted);
  Unit large;
  large.audit = {std::string(limits::kQueueBytesMax, 'x')};
  EXPECT_EQ(store_->Flush(), limits::kFlushUnitsMax);
  EXPECT_EQ(Push(large), absl::StatusCode::kResourceExhausted);
  while (store_->Flush() > 0) {
  }
}

TEST_P(Queue, StoppedRefusesNewUnitsAndStillFlushesTheOld) {
  store_ = GetParam().open(folder_, {});
  EXPECT_EQ(Push({}), absl::StatusCode::kOk);
  store_->Stop();
  EXPECT_EQ(Push({}), absl::StatusCode::kUnavailable);
  EXPECT_TRUE(store_->WaitForWork());
  EXPECT_EQ(store_->Flush(), 1u);
  EXPECT_FALSE(store_->WaitForWork());
  EXPECT_EQ(store_->Flush(), 0u);
  EXPECT_EQ(executor_.Run(), 1u);
}

TEST_P(Queue, TellsNobodyBeforeTheFlushAndNeverOnTheWriter) {
  store_ = GetParam().open(folder_, {});
  ASSERT_EQ(Push({}), absl::StatusCode::kOk);
  EXPECT_EQ(executor_.waiting(), 0u);
  store_->Flush();
  EXPECT_EQ(told_, "") << "posted, not run";
  EXPECT_EQ(executor_.Run(), 1u);
  EXPECT_EQ(told_, "committed;");
}

TEST(UnitBytes, CountEveryRowAndEveryByte) {
  const size_t empty = Unit().Bytes();
  Unit unit;
  unit.audit = {"", ""};
  const size_t rows = unit.Bytes();
  EXPECT_GT(rows, empty);
  unit.audit[0] = "12345";
  EXPECT_EQ(unit.Bytes(), rows + 5);
  EXPECT_GT(NewRegistration("12").Bytes(), NewRegistration("1").Bytes() + 15);
}

}  // namespace
}  // namespace schotvrij::store
