// R47: breach records, for every engine.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/gateway/store/engine.h"

namespace schotvrij::store {
namespace {

Unit WithBreach(const std::string& id, int64_t opened_us, std::vector<BreachPlace> places) {
  Unit unit;
  unit.breaches = {{id, Instant{opened_us}, std::nullopt, "", {1, "record-" + id}, std::move(places)}};
  return unit;
}

Unit Contained(const std::string& delivery_id, std::optional<Instant> at) {
  Unit unit;
  unit.containments = {{delivery_id, at}};
  return unit;
}

Unit Closed(const std::string& id, int64_t at_us) {
  Unit unit;
  unit.closed_breaches = {{id, Instant{at_us}, "no-risk"}};
  return unit;
}

class BreachRecords : public EveryEngine {
 protected:
  std::string Only(const std::string& id) { return Tell(store_->BreachById(id)); }
};
SCHOTVRIJ_FOR_EVERY_ENGINE(BreachRecords);

TEST_P(BreachRecords, ReadAsTheyWereWritten) {
  EXPECT_EQ(CommitOne(*store_, WithBreach("b1", 5, {{"d1", std::nullopt}, {"", Instant{5}}})), "committed");
  EXPECT_EQ(CommitOne(*store_, WithBreach("b2", 6, {})), "committed");
  EXPECT_EQ(Only("b1"), "b1|5|open||1:record-b1|d1 open|by itself 5");
  EXPECT_EQ(Only("b2"), "b2|6|open||1:record-b2");
  EXPECT_EQ(Only("b3"), "none");
  EXPECT_EQ(Tell(store_->Breaches(false, 10)), "b2|6|open||1:record-b2\nb1|5|open||1:record-b1|d1 open|by itself 5\n");
  EXPECT_EQ(Tell(store_->Breaches(false, 1)), "b2|6|open||1:record-b2\n");
  EXPECT_NE(CommitOne(*store_, WithBreach("b1", 7, {})), "committed") << "an id is of one record";
}

TEST_P(BreachRecords, APlaceIsContainedOnceByTheDeliveryItWaitsFor) {
  ASSERT_EQ(CommitOne(*store_, WithBreach("b1", 5, {{"d1", std::nullopt}, {"d2", std::nullopt}, {"", std::nullopt}})), "committed");
  EXPECT_EQ(CommitOne(*store_, Contained("d1", Instant{7})), "committed");
  EXPECT_EQ(CommitOne(*store_, Contained("d1", Instant{8})), "committed");
  EXPECT_EQ(CommitOne(*store_, Contained("", Instant{8})), "committed");
  EXPECT_EQ(CommitOne(*store_, Contained("elsewhere", Instant{8})), "committed");
  EXPECT_EQ(Only("b1"), "b1|5|open||1:record-b1|d1 7|d2 open|by itself open");
  EXPECT_EQ(CommitOne(*store_, Contained("d1", std::nullopt)), "committed");
  EXPECT_EQ(Only("b1"), "b1|5|open||1:record-b1|d1 open|d2 open|by itself open") << "it came back";
}

TEST_P(BreachRecords, AreClosedOnceAndGoOnBeingContained) {
  ASSERT_EQ(CommitOne(*store_, WithBreach("b1", 5, {{"d1", std::nullopt}})), "committed");
  EXPECT_EQ(CommitOne(*store_, Closed("b1", 9)), "committed");
  EXPECT_EQ(CommitOne(*store_, Closed("b1", 10)), "stale b1");
  EXPECT_EQ(CommitOne(*store_, Closed("b2", 10)), "stale b2");
  EXPECT_EQ(CommitOne(*store_, Contained("d1", Instant{11})), "committed");
  EXPECT_EQ(Only("b1"), "b1|5|9|no-risk|1:record-b1|d1 11");
  EXPECT_EQ(Tell(store_->Breaches(true, 10)), "");
}

TEST_P(BreachRecords, TheBacklogCountsThoseThatAreOpen) {
  EXPECT_EQ(store_->ReadBacklog(Instant{100})->breaches, 0u);
  ASSERT_EQ(CommitOne(*store_, WithBreach("b1", 5, {})), "committed");
  ASSERT_EQ(CommitOne(*store_, WithBreach("b2", 6, {})), "committed");
  ASSERT_EQ(CommitOne(*store_, WithBreach("b3", 7, {})), "committed");
  ASSERT_EQ(CommitOne(*store_, Closed("b1", 9)), "committed");
  EXPECT_EQ(store_->ReadBacklog(Instant{100})->breaches, 2u);
  EXPECT_EQ(store_->ReadBacklog(Instant{100})->oldest_breach, Instant{6});
}

}  // namespace
}  // namespace schotvrij::store
