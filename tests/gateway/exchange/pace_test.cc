#include "gateway/exchange/pace.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

#include "absl/strings/str_cat.h"
#include "schemas/base/limits.h"

namespace schotvrij::exchange {
namespace {

TEST(Pace, WithoutOneAllGoAtOnce_R56) {
  Pace pace(0);
  for (int i = 0; i < 9; ++i) EXPECT_EQ(pace.TurnOf("city", absl::StrCat(i), Instant{5}), Instant{5});
  EXPECT_FALSE(pace.AnyWaits());
}

TEST(Pace, WhoComesSoonWaitsBehindThoseBefore_R56) {
  Pace pace(10);
  EXPECT_EQ(pace.TurnOf("city", "a", Instant{100}), Instant{100});
  EXPECT_FALSE(pace.AnyWaits());
  EXPECT_EQ(pace.TurnOf("city", "b", Instant{101}), Instant{110});
  EXPECT_EQ(pace.TurnOf("city", "c", Instant{102}), Instant{120});
  EXPECT_EQ(pace.TurnOf("city", "b", Instant{103}), Instant{110}) << "it keeps its turn";
  EXPECT_EQ(pace.TurnOf("insurer", "d", Instant{103}), Instant{103}) << "and slows nobody else";
  EXPECT_EQ(pace.TurnOf("city", "b", Instant{111}), Instant{110});
  EXPECT_EQ(pace.TurnOf("city", "b", Instant{112}), Instant{130}) << "a second attempt has a turn of its own";
  EXPECT_EQ(pace.TurnOf("city", "e", Instant{500}), Instant{500}) << "nobody is behind turns that passed";
}

TEST(Pace, NoTwoTurnsAreCloserAndEachThatAsksOnGetsOne_R56) {
  for (uint32_t seed = 1; seed <= 20; ++seed) {
    std::mt19937 random(seed);
    Pace pace(10);
    std::map<std::string, std::set<int64_t>> went;
    std::map<std::string, int64_t> due;  // of what waits: when it asks next
    int64_t now = 0;
    int begun = 0;
    for (int step = 0; step < 400 || !due.empty(); ++step) {
      now += static_cast<int64_t>(random() % 12);
      if (step < 200) due.emplace(absl::StrCat(random() % 2 == 0 ? "city" : "insurer", ".", ++begun), now);
      for (auto asks = due.begin(); asks != due.end();) {
        const std::string recipient = asks->first.substr(0, asks->first.find('.'));
        if (asks->second <= now) asks->second = pace.TurnOf(recipient, asks->first, Instant{now}).us;
        if (asks->second > now) {
          ++asks;
          continue;
        }
        EXPECT_TRUE(went[recipient].insert(asks->second).second) << "seed " << seed;
        asks = due.erase(asks);
      }
    }
    size_t all = 0;
    for (const auto& [recipient, turns] : went) {
      all += turns.size();
      for (auto turn = turns.begin(); std::next(turn) != turns.end(); ++turn) {
        EXPECT_GE(*std::next(turn) - *turn, 10) << "seed " << seed;
      }
    }
    EXPECT_EQ(all, static_cast<size_t>(begun));
    EXPECT_FALSE(pace.AnyWaits()) << "nothing is kept of what went";
  }
}

TEST(Pace, OfMoreThanItKeepsTheRestAsksAgainBehindThem_R56) {
  Pace pace(1);
  const auto last = static_cast<int64_t>(limits::kPaceTurnsMax);
  for (int64_t i = 0; i <= last; ++i) EXPECT_EQ(pace.TurnOf("city", absl::StrCat(i), Instant{0}), Instant{i});
  EXPECT_EQ(pace.TurnOf("city", "one more", Instant{0}), Instant{last + 1});
  EXPECT_EQ(pace.TurnOf("city", "another", Instant{0}), Instant{last + 1});
  EXPECT_EQ(pace.TurnOf("city", "1", Instant{1}), Instant{1});
  EXPECT_EQ(pace.TurnOf("city", "another", Instant{1}), Instant{last + 1});
  EXPECT_EQ(pace.TurnOf("city", "one more", Instant{1}), Instant{last + 2});
}

TEST(Pace, AfterAStandstillNotAllGoWhoseTurnsPassedInIt_R56) {
  Pace pace(10);
  for (int i = 0; i < 9; ++i) EXPECT_EQ(pace.TurnOf("city", absl::StrCat(i), Instant{0}), Instant{10 * i});
  const int64_t late = 2 * limits::kPaceLateUs + 80;
  for (int i = 1; i < 9; ++i) {
    EXPECT_EQ(pace.TurnOf("city", absl::StrCat(i), Instant{late}), Instant{late + 10 * (i - 1)}) << "it has a new one";
  }
}

TEST(Pace, NothingIsKeptOfATurnThatNobodyCameFor_R56) {
  Pace pace(10);
  pace.TurnOf("city", "a", Instant{0});
  ASSERT_EQ(pace.TurnOf("city", "b", Instant{0}), Instant{10});
  ASSERT_TRUE(pace.AnyWaits());
  pace.TurnOf("insurer", "c", Instant{20 + limits::kPaceLateUs});
  EXPECT_FALSE(pace.AnyWaits());
}

}  // namespace
}  // namespace schotvrij::exchange
