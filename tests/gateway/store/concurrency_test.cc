// 64 callers at once, on every engine.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "absl/strings/numbers.h"
#include "gateway/transport/runtime/executor.h"
#include "tests/gateway/store/engine.h"
#include "tests/support/store_writer.h"

namespace schotvrij::store {
namespace {

constexpr int kCallers = 64;

class Callers : public EveryEngine {
 protected:
  // Commits `unit` and waits for what became of it.
  std::string Commit(Unit unit) {
    std::promise<std::string> told;
    const absl::Status queued = store_->Commit(std::move(unit), &executor_, [&](auto outcome) {
      {
        std::lock_guard lock(mutex_);
        told_on_.insert(std::this_thread::get_id());
      }
      told.set_value(Tell(outcome));
    });
    if (!queued.ok()) return absl::StatusCodeToString(queued.code());
    return told.get_future().get();
  }

  // Runs `call(caller)` for every caller at once; how often each result came.
  template <typename Call>
  std::map<std::string, int> All(Call call) {
    std::vector<std::string> results(kCallers);
    std::vector<std::thread> threads;
    for (int i = 0; i < kCallers; ++i) {
      threads.emplace_back([&, i] { results[i] = call(i); });
    }
    for (std::thread& thread : threads) thread.join();
    std::map<std::string, int> counts;
    for (const std::string& result : results) ++counts[result];
    return counts;
  }

  std::mutex mutex_;
  std::set<std::thread::id> told_on_;
  runtime::ThreadExecutor executor_{4};
  StoreWriter writer_{store_.get()};
};
SCHOTVRIJ_FOR_EVERY_ENGINE(Callers);

TEST_P(Callers, LoseNoUpdateOfOneClientsFacts) {
  Unit first;
  first.clients = {{"c", "wrapped"}};
  first.facts = {{"c", {1, "0"}}};
  ASSERT_EQ(Commit(first), "committed");
  All([&](int) {
    for (;;) {
      const ClientRow client = **store_->ClientById("c");
      int count = 0;
      if (!absl::SimpleAtoi(client.facts.bytes, &count)) return std::string("no number");
      Unit unit;
      unit.expects = {{"c", client.facts_version}};
      unit.facts = {{"c", {1, absl::StrCat(count + 1)}}};
      unit.audit = {"event"};
      const std::string outcome = Commit(std::move(unit));
      if (outcome != "stale c") return outcome;
    }
  });
  EXPECT_EQ(Tell(store_->ClientById("c")),
            absl::StrCat("c|wrapped|", kCallers + 1, "|1:", kCallers));
  EXPECT_EQ(store_->AuditHeads()->front().sequence, kCallers);
  EXPECT_EQ(BrokenChain(*store_), "");
}

TEST_P(Callers, ThatWantOneTokenHaveOneWinnerAndAllLearnWho) {
  const auto outcomes = All([&](int caller) {
    Unit unit;
    unit.uniques = {{"registration", "one", absl::StrCat("exchange-", caller)}};
    const std::string outcome = Commit(std::move(unit));
    return outcome == "committed" ? absl::StrCat("won by exchange-", caller) : outcome;
  });
  ASSERT_EQ(outcomes.size(), 2u);
  const std::string winner = outcomes.rbegin()->first.substr(strlen("won by "));
  EXPECT_EQ(outcomes.at("won by " + winner), 1);
  EXPECT_EQ(outcomes.at("not unique registration of " + winner), kCallers - 1);
}

TEST_P(Callers, ThatMeetAPersonForTheFirstTimeMakeOneClient) {
  const auto outcomes = All([&](int caller) {
    Unit unit = NewRegistration(absl::StrCat(caller));
    unit.identifiers[0].token = "one person";
    return Commit(std::move(unit)).substr(0, 10);
  });
  EXPECT_THAT(outcomes, testing::UnorderedElementsAre(testing::Pair("committed", 1),
                                                      testing::Pair("not unique", kCallers - 1)));
}

TEST_P(Callers, ThatSendOneMessageAllGetItsOneAnswer) {
  const auto outcomes = All([&](int) { return Commit(NewRegistration("1")); });
  EXPECT_THAT(outcomes, testing::UnorderedElementsAre(
                            testing::Pair("committed", 1),
                            testing::Pair("duplicate 1 answer-1 of client-1", kCallers - 1)));
}

TEST_P(Callers, EachFindWhatTheyWereToldIsCommitted) {
  const auto outcomes = All([&](int caller) {
    for (int i = 0; i < 8; ++i) {
      const std::string id = absl::StrCat(caller, "-", i);
      const std::string outcome = Commit(NewRegistration(id));
      if (outcome != "committed") return outcome;
      if (Tell(store_->DeliveryById("delivery-" + id)) == "none") return std::string("not found");
    }
    return std::string("found");
  });
  EXPECT_THAT(outcomes, testing::ElementsAre(testing::Pair("found", kCallers)));
  EXPECT_EQ(BrokenChain(*store_), "");
}

TEST_P(Callers, AreToldOnTheirExecutorNeverOnTheWriter) {
  All([&](int) { return Commit(Unit()); });
  std::lock_guard lock(mutex_);
  EXPECT_FALSE(told_on_.contains(writer_.thread_id()));
  EXPECT_FALSE(told_on_.contains(std::this_thread::get_id()));
}

}  // namespace
}  // namespace schotvrij::store
