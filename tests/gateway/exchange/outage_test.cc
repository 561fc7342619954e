// R56: a partner that was away a week gets everything once, in order per client, paced.
#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "schemas/base/bsn.h"
#include "schemas/base/limits.h"
#include "tests/gateway/exchange/world.h"

namespace schotvrij::exchange::outages {
namespace {

using testing::ElementsAreArray;
using testing::IsEmpty;

constexpr const char* kEde = "gemeente-ede";
constexpr const char* kOpella = "opella";
constexpr int64_t kSecondUs = 1'000'000;
constexpr int64_t kHourUs = 3'600 * kSecondUs;
constexpr int kClients = 40;

const DeliveryOutcome kAway{DeliveryOutcome::Kind::kTransient, "smtp-451"};
const DeliveryOutcome kTaken{DeliveryOutcome::Kind::kAccepted, ""};

config::v1::Enrolment Parties(MunicipalityBy route) {
  config::v1::Enrolment parties;
  Enrol(kOpella, "agb", "00000001", "post@opella.example", &parties);
  Enrol(kEde, "cbs", "0228", route == MunicipalityBy::kMail ? "wmo@ede.example" : "", &parties);
  Enrol("menzis", "uzovi", "0000", "", &parties);
  return parties;
}

class Outage : public testing::Test {
 protected:
  explicit Outage(MunicipalityBy route = MunicipalityBy::kMail)
      : world(Parties(route), LoadRules({{"ede.txtpb", World::EdeDocument()}}), /*apart_us=*/kSecondUs,
              {limits::kRetryFirstUs, limits::kRetryMaxUs, limits::kRetryAttempts}) {
    for (int number = 999'900'000; static_cast<int>(clients.size()) < kClients; ++number) {
      if (Bsn::Parse(absl::StrCat(number))) clients.push_back(absl::StrCat(number));
    }
  }

  void Say(const std::string& bsn, const std::string& step) {
    const policy::Answer answer = world.Register(absl::StrReplaceAll(world.Example(), {{"999900006", bsn},
                                                                                       {"ede-2026-000001", absl::StrCat("key-", ++keys_)},
                                                                                       {R"("code": "register")", R"("code": ")" + step + "\""}}));
    EXPECT_EQ(answer.state, policy::Answer::State::kReceived) << Told(answer);
    said.push_back(bsn);
  }
  // A week in which all clients are registered and amended.
  void AWeekOfWords() {
    for (int hour = 0; hour < 7 * 24; ++hour) {
      for (int i = 0; i < kClients; ++i) {
        if (hour == i) Say(clients[i], "register");
        if (hour == kClients + 2 * i) Say(clients[i], "amend");
      }
      Hour();
    }
  }
  virtual void Hour() { Pass(kHourUs); }
  // Without a round for each second of it.
  void Pass(int64_t us) {
    world.clock.now.us += us - kSecondUs;
    world.PassUs(kSecondUs);
  }

  World world;
  std::vector<std::string> clients;
  std::vector<std::string> said;  // whom each message was about

 private:
  int keys_ = 0;
};

class OutageOfMail : public Outage {
 protected:
  void Hour() override {
    Pass(kHourUs);
    End(kAway);
  }
  void End(const DeliveryOutcome& outcome) {
    for (; ended_ < world.outbound.attempts.size(); ++ended_) {
      const TestOutbound::Attempt& attempt = world.outbound.attempts[ended_];
      seen_[attempt.frozen.message_id()].insert(attempt.frozen.mail_message_id());
      if (outcome.kind == DeliveryOutcome::Kind::kAccepted) taken.push_back(attempt.frozen.message_id());
      world.MailEnds(outcome);
    }
  }
  std::vector<store::Delivery> Deliveries() {
    std::vector<store::Delivery> all;
    const std::vector<store::Store::DayEntry> entries = *world.store->DeliveriesBetween("", "z", 1000);
    for (const store::Store::DayEntry& entry : entries) {
      if (entry.recipient == kEde) all.push_back(**world.store->DeliveryById(entry.delivery_id));
    }
    return all;
  }

  std::vector<std::string> taken;                      // delivery ids, in the order in which their mail was taken
  std::map<std::string, std::set<std::string>> seen_;  // Message-IDs of the attempts of each

 private:
  size_t ended_ = 0;
};

TEST_F(OutageOfMail, R56_AfterAWeekAllGoesOnceInOrderPerClientAndPaced) {
  AWeekOfWords();
  ASSERT_THAT(taken, IsEmpty());
  ASSERT_EQ(said.size(), 2u * kClients);
  Pass(kHourUs);  // every first one is due by now
  const size_t before = world.outbound.attempts.size();
  size_t most = 0;
  for (int second = 0; second < 10 * kClients && taken.size() < said.size(); ++second) {
    const size_t had = taken.size();
    End(kTaken);
    most = std::max(most, taken.size() - had);
    world.PassUs(kSecondUs);
  }
  EXPECT_EQ(most, 1u) << "a second";
  EXPECT_EQ(world.outbound.attempts.size() - before, said.size() - 1) << "no attempt but those that were taken; one was under way";
  ASSERT_EQ(std::set<std::string>(taken.begin(), taken.end()).size(), said.size()) << "each once";
  std::map<std::string, std::vector<std::string>> order;
  for (const store::Delivery& delivery : Deliveries()) order[delivery.client_id].push_back(delivery.delivery_id);
  for (const auto& [client, ids] : order) {
    std::vector<std::string> came;
    for (const std::string& id : taken) {
      if (std::find(ids.begin(), ids.end(), id) != ids.end()) came.push_back(id);
    }
    EXPECT_THAT(came, ElementsAreArray(ids)) << "by id, which is by when it was taken";
  }
  for (const auto& [delivery, message_ids] : seen_) EXPECT_EQ(message_ids.size(), 1u) << "the same mail at each attempt";
  world.PassUs(10 * kSecondUs);
  EXPECT_EQ(world.outbound.attempts.size() - before, said.size() - 1);
}

// The sheets of each day of the week tie, and are filled in as the mail goes.
TEST_F(OutageOfMail, R56_TheSheetsOfTheWeekTieBeforeAndAfter) {
  AWeekOfWords();
  Pass(kHourUs);
  const CivilDate first = *CivilDate::Parse("2026-11-20");
  const auto total = [&](const char* party, const auto& count) {
    uint32_t sum = 0;
    for (int day = 0; day < 8; ++day) {
      const Road::DaySheetRead read = world.DaySheet(party, first.PlusDays(day).ToString());
      for (const v1::DaySheetLine& line : read.sheet.lines()) sum += count(line);
    }
    return sum;
  };
  const auto messages = [](const v1::DaySheetLine& line) { return line.messages(); };
  const auto delivered = [](const v1::DaySheetLine& line) { return line.delivered(); };
  EXPECT_EQ(total(kOpella, messages), said.size());
  EXPECT_EQ(total(kOpella, delivered), 0u);
  EXPECT_EQ(total(kEde, messages), 0u) << "nothing was put before it";
  for (int second = 0; second < 10 * kClients; ++second) {
    End(kTaken);
    world.PassUs(kSecondUs);
    if (second % 40 == 0) {
      EXPECT_EQ(total(kEde, delivered), total(kOpella, delivered)) << second;
    }
  }
  for (const char* party : {kOpella, kEde}) {
    EXPECT_EQ(total(party, messages), said.size()) << party;
    EXPECT_EQ(total(party, delivered), said.size()) << party;
  }
}

// Of a backlog larger than a round everybody else is kept waiting by none of it.
TEST_F(OutageOfMail, R56_ABacklogKeepsNobodyElseWaiting) {
  for (const std::string& bsn : clients) Say(bsn, "register");
  for (const std::string& bsn : clients) Say(bsn, "amend");
  ASSERT_GT(said.size(), limits::kDueDeliveriesMax);
  ASSERT_EQ(world.outbound.attempts.size(), 1u);
  End(kTaken);
  world.Answer(kEde, world.outbound.attempts[0].frozen.message_id(), "accepted");
  ASSERT_EQ(world.outbound.attempts.size(), 2u) << "at once";
  EXPECT_EQ(world.outbound.attempts[1].recipient, kOpella);
}

class OutageOfAMailbox : public Outage {
 protected:
  OutageOfAMailbox() : Outage(MunicipalityBy::kMailbox) {}
};

TEST_F(OutageOfAMailbox, R56_AfterAWeekAllIsThereOnceInOrderPerClient) {
  AWeekOfWords();
  std::vector<std::string> got;
  std::set<std::string> ids;
  for (Road::MailboxPage page = world.Read(kEde); !page.items.empty(); page = world.Read(kEde)) {
    std::vector<std::string> taken;
    for (const MailboxItem& item : page.items) {
      got.push_back(std::get<policy::Disclosure>(item.content).exchange().client().bsn());
      ids.insert(item.delivery_id);
      taken.push_back(item.delivery_id);
    }
    ASSERT_EQ(world.Acknowledge(kEde, taken), taken.size());
  }
  EXPECT_THAT(got, ElementsAreArray(said)) << "in the order in which it was said";
  EXPECT_EQ(ids.size(), said.size());
}

}  // namespace
}  // namespace schotvrij::exchange::outages
