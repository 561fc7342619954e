// R24: while a safety hold (OP003) of a client stands, nothing about the client leaves by itself; nobody can tell; lifted, all goes on in
// order and once.
#include <map>
#include <random>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gateway/exchange/client_file.h"
#include "gateway/exchange/waiting.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/gateway/exchange/world.h"

namespace schotvrij::exchange {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr auto kTaken = policy::Answer::State::kReceived;
constexpr const char* kClient = "999900006";  // of the example
constexpr const char* kOther = "999900018";
constexpr const char* kEde = "gemeente-ede";
constexpr auto kFirst = v1::REGISTRATION_STEP_UNSPECIFIED;  // as its recipient reads it
constexpr int64_t kMinuteUs = 60'000'000;

class SafetyHold : public testing::Test {
 protected:
  explicit SafetyHold(MunicipalityBy route = MunicipalityBy::kMailbox) : world(route) {}

  policy::Answer Set(const std::string& setter = "opella", const std::string& bsn = kClient) {
    return world.Receive(setter, World::Hold("active", Key(), bsn));
  }
  policy::Answer Lift(const std::string& setter = "opella", const std::string& bsn = kClient) {
    return world.Receive(setter, World::Hold("inactive", Key(), bsn));
  }
  policy::Answer Step(const std::string& code, const std::string& bsn = kClient) {
    if (code == "end") return End(bsn);
    return world.Register(absl::StrReplaceAll(
        world.Example(), {{R"("code": "register")", R"("code": ")" + code + "\""}, {"ede-2026-000001", Key()}, {kClient, bsn}}));
  }
  // Of the registration that stands.
  policy::Answer End(const std::string& bsn) {
    std::string ending(EmbeddedText("deploy/examples/ending.json"));
    const size_t about = ending.find("\"basedOn\"");
    ending.erase(about, ending.find("\"status\"") - about);
    return world.Register(absl::StrReplaceAll(
        ending, {{"ede-2026-000001-einde", Key()}, {"2026-11-16", TodayInAmsterdam(world.clock.now).ToString()}, {kClient, bsn}}));
  }
  std::string Key() { return absl::StrCat("key-", ++keys_); }

  std::vector<std::string> Waiting(const std::string& participant = kEde) {
    std::vector<std::string> ids;
    for (const MailboxItem& item : world.Read(participant).items) ids.push_back(item.delivery_id);
    return ids;
  }
  std::vector<v1::RegistrationStep> Steps() {
    std::vector<v1::RegistrationStep> steps;
    for (const MailboxItem& item : world.Read(kEde).items) {
      steps.push_back(std::get<policy::Disclosure>(item.content).exchange().registration().step());
    }
    return steps;
  }

  World world;

 private:
  int keys_ = 0;
};

class SafetyHoldByMail : public SafetyHold {
 protected:
  SafetyHoldByMail() : SafetyHold(MunicipalityBy::kMail) {}
  std::vector<uint32_t> Attempts() {
    const auto client = *world.store->ClientByIdentifier(BsnToken(*world.keys, kClient));
    std::vector<uint32_t> attempts;
    const std::vector<store::Delivery> open = *world.store->OpenDeliveriesOf(client->client_id);
    for (const store::Delivery& delivery : open) attempts.push_back(delivery.attempts);
    return attempts;
  }
};

TEST_F(SafetyHold, R24_WhatComesWhileItStandsIsTakenAndWaits) {
  ASSERT_EQ(Set().state, kTaken);
  ASSERT_EQ(Step("register").state, kTaken);
  ASSERT_EQ(Step("amend").state, kTaken);
  ASSERT_EQ(Step("register", kOther).state, kTaken);
  EXPECT_THAT(Waiting(), SizeIs(1)) << "the other client's";
  EXPECT_EQ(world.CountEvents(v1::AUDIT_HOLD_SET), 1u);
  EXPECT_EQ(world.CountEvents(v1::AUDIT_WAIT), 2u);
  EXPECT_EQ(world.CountEvents(v1::AUDIT_DISCLOSE), 1u);
  ASSERT_EQ(Lift().state, kTaken);
  EXPECT_THAT(Steps(), ElementsAre(kFirst, kFirst, v1::AMEND)) << "behind what was there before";
  EXPECT_EQ(world.CountEvents(v1::AUDIT_HOLD_LIFTED), 1u);
  EXPECT_EQ(world.CountEvents(v1::AUDIT_DISCLOSE), 3u);
}

TEST_F(SafetyHold, R24_WhatLayUnreadIsThereNoMoreAndWhatWasReadStays) {
  ASSERT_EQ(Step("register").state, kTaken);
  const std::vector<std::string> read = Waiting();
  ASSERT_EQ(Step("amend").state, kTaken);
  ASSERT_EQ(Set().state, kTaken);
  EXPECT_EQ(Waiting(), read) << "that it went would tell that a hold stands";
  EXPECT_EQ(world.Acknowledge(kEde, read), 1u);
  EXPECT_THAT(Waiting(), IsEmpty());
  EXPECT_THAT(world.Read(kEde, false, read[0]).items, SizeIs(1));
  ASSERT_EQ(Lift().state, kTaken);
  EXPECT_THAT(Steps(), ElementsAre(v1::AMEND));
}

TEST_F(SafetyHold, R24_AnItemThatWaitsIsNotFoundAsIfItHadNeverBeen) {
  ASSERT_EQ(Step("register").state, kTaken);
  const auto client = *world.store->ClientByIdentifier(BsnToken(*world.keys, kClient));
  const std::string id = world.store->OpenDeliveriesOf(client->client_id)->at(0).delivery_id;
  ASSERT_EQ(Set().state, kTaken);
  EXPECT_THAT(world.Read(kEde, false, id).items, IsEmpty());
  EXPECT_EQ(world.Acknowledge(kEde, {id}), 0u);
  EXPECT_THAT(Rules(world.Answer(kEde, id, "accepted")), ElementsAre("ANSWER-UNKNOWN"));
}

TEST_F(SafetyHold, R24_AReceiptWaitsToo) {
  ASSERT_EQ(Step("register").state, kTaken);
  const std::string id = Waiting().at(0);
  ASSERT_EQ(Set(kEde).state, kTaken) << "who only answers may set one as well";
  ASSERT_EQ(world.Answer(kEde, id, "accepted").state, kTaken);
  EXPECT_THAT(Waiting("opella"), IsEmpty());
  ASSERT_EQ(Lift(kEde).state, kTaken);
  EXPECT_THAT(Waiting("opella"), SizeIs(1));
}

TEST_F(SafetyHold, R24_OnlyItsSetterLiftsItAndTheLastOneLetsGo) {
  ASSERT_EQ(Step("register").state, kTaken);
  EXPECT_THAT(Rules(Lift(kEde)), ElementsAre("HOLD-UNKNOWN"));
  ASSERT_EQ(Set().state, kTaken);
  EXPECT_THAT(Rules(Lift(kEde)), ElementsAre("HOLD-UNKNOWN")) << "as if nobody had set one";
  EXPECT_THAT(Rules(Set()), ElementsAre("HOLD-STANDS"));
  ASSERT_EQ(Set(kEde).state, kTaken) << "as if nobody had set one";
  EXPECT_THAT(*world.store->OwnersIn(kHoldSpace), SizeIs(2));
  ASSERT_EQ(Lift().state, kTaken);
  EXPECT_THAT(Waiting(), IsEmpty());
  ASSERT_EQ(Lift(kEde).state, kTaken);
  EXPECT_THAT(Waiting(), SizeIs(1));
  EXPECT_THAT(*world.store->OwnersIn(kHoldSpace), IsEmpty());
}

TEST_F(SafetyHold, R24_ItStandsOfWhomNothingIsKnownYetAndSaidAgainItChangesNothing) {
  const std::string flag = World::Hold("active", "vlag-1", kClient);
  const policy::Answer first = world.Receive("opella", flag);
  ASSERT_EQ(first.state, kTaken) << Told(first);
  EXPECT_EQ(world.Receive("opella", flag).message_id, first.message_id);
  EXPECT_THAT(Rules(world.Receive("opella", World::Hold("inactive", "vlag-1", kClient))), ElementsAre("KEY-REUSED"));
  EXPECT_THAT(*world.store->OwnersIn(kHoldSpace), ElementsAre(first.message_id));
}

TEST_F(SafetyHold, R24_WhoSendsNothingSetsNone) {
  EXPECT_THAT(Rules(Set("menzis")), ElementsAre("SENDER-ROLE"));
  EXPECT_THAT(*world.store->OwnersIn(kHoldSpace), IsEmpty());
}

TEST_F(SafetyHold, R24_ItIsLiftedAlsoAfterTheAgreement) {
  ASSERT_EQ(Set().state, kTaken);
  world.LoadPolicy(absl::StrReplaceAll(World::EdeDocument(), {{"from: \"2024-01-01\"\n    source", "from: \"2024-01-01\"\n    until: \"2025-12-31\"\n    source"}}));
  const policy::Answer lifted = Lift();
  EXPECT_EQ(lifted.state, kTaken) << Told(lifted);
}

TEST_F(SafetyHoldByMail, R24_NoMailIsTriedAndNoAttemptSpent) {
  ASSERT_EQ(Set().state, kTaken);
  ASSERT_EQ(Step("register").state, kTaken);
  ASSERT_EQ(Step("amend").state, kTaken);
  world.PassUs(10 * kMinuteUs);
  EXPECT_THAT(world.outbound.attempts, IsEmpty());
  EXPECT_THAT(Attempts(), ElementsAre(0u, 0u));
  ASSERT_EQ(Lift().state, kTaken);
  ASSERT_THAT(world.outbound.attempts, SizeIs(1));
  world.MailEnds({DeliveryOutcome::Kind::kAccepted, ""});
  ASSERT_THAT(world.outbound.attempts, SizeIs(2));
  EXPECT_NE(world.outbound.attempts[0].frozen.message_id(), world.outbound.attempts[1].frozen.message_id());
}

TEST_F(SafetyHoldByMail, R24_OneThatWaitsForItsNextTryWaitsOn) {
  ASSERT_EQ(Step("register").state, kTaken);
  ASSERT_THAT(world.outbound.attempts, SizeIs(1));
  ASSERT_EQ(Set().state, kTaken) << "while it is under way";
  world.MailEnds({DeliveryOutcome::Kind::kTransient, "smtp-451"});
  world.PassUs(10 * kMinuteUs);
  EXPECT_THAT(world.outbound.attempts, SizeIs(1));
  EXPECT_THAT(Attempts(), ElementsAre(1u));
  EXPECT_THAT(world.Read("opella").items, IsEmpty());
  ASSERT_EQ(Lift().state, kTaken);
  EXPECT_THAT(world.outbound.attempts, SizeIs(2));
}

TEST_F(SafetyHoldByMail, R24_AWithdrawalThatWaitsHoldsUpNobodyElse) {
  ASSERT_EQ(Step("register").state, kTaken);
  world.MailEnds({DeliveryOutcome::Kind::kAccepted, ""});
  ASSERT_EQ(Set().state, kTaken);
  ASSERT_EQ(Step("withdraw").state, kTaken);
  ASSERT_EQ(Step("register", kOther).state, kTaken);
  EXPECT_THAT(world.outbound.attempts, SizeIs(2)) << "that nothing came any more would tell";
}

// Whatever happens in whatever order: as in a world in which nobody sets a hold, only later.
class Twin : public SafetyHold {
 public:
  void TestBody() override {}
  using SafetyHold::Lift;
  using SafetyHold::Set;
  using SafetyHold::Step;
  using SafetyHold::world;

  // New items of the mailbox, by client; what was seen before is not seen anew.
  std::vector<std::string> Look(const std::string& participant) {
    std::vector<std::string> fresh;
    for (const MailboxItem& item : world.Read(participant, false).items) {
      if (!seen_.insert(item.delivery_id).second) continue;
      const v1::Exchange& shown = std::get<policy::Disclosure>(item.content).exchange();
      const std::string client = (*world.store->DeliveryById(item.delivery_id))->client_id;
      fresh.push_back(client);
      told[participant + ClientOf(client)].push_back(
          absl::StrCat(shown.has_receipt() ? v1::ReceiptState_Name(shown.receipt().state())
                                           : v1::RegistrationStep_Name(shown.registration().step())));
      if (shown.has_registration() && shown.registration().step() == kFirst) open_[ClientOf(client)].push_back(item.delivery_id);
    }
    return fresh;
  }
  std::string ClientOf(const std::string& client_id) {
    for (const std::string bsn : {kClient, kOther}) {
      const auto row = *world.store->ClientByIdentifier(BsnToken(*world.keys, bsn));
      if (row.has_value() && row->client_id == client_id) return bsn;
    }
    return "";
  }
  // The municipality accepts the registrations of the client that it saw and did not answer, at most `most`.
  size_t Accept(const std::string& bsn, size_t most) {
    size_t accepted = 0;
    for (std::vector<std::string>& open = open_[bsn]; !open.empty() && accepted < most; ++accepted) {
      world.Answer(kEde, open.front(), "accepted");
      open.erase(open.begin());
    }
    return accepted;
  }

  std::map<std::string, std::vector<std::string>> told;

 private:
  std::set<std::string> seen_;
  std::map<std::string, std::vector<std::string>> open_;
};

TEST(SafetyHoldProperty, R24_NobodyIsToldAnythingElseThanWithoutOnlyLater) {
  const std::vector<std::string> steps = {"register", "amend", "end", "reopen"};
  size_t waited = 0, receipts = 0;
  for (unsigned seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    Twin held, free;
    std::map<std::string, std::set<std::string>> holds;  // by client: who
    for (int turn = 0; turn < 40; ++turn) {
      const std::string bsn = random() % 2 == 0 ? kClient : kOther;
      const std::string setter = random() % 2 == 0 ? "opella" : kEde;
      switch (random() % 5) {
        case 0: {
          const bool stands = holds[bsn].contains(setter);
          ASSERT_EQ((stands ? held.Lift(setter, bsn) : held.Set(setter, bsn)).state, kTaken);
          stands ? void(holds[bsn].erase(setter)) : void(holds[bsn].insert(setter));
          break;
        }
        case 1:
        case 2: {
          const std::string& step = steps[random() % steps.size()];
          ASSERT_EQ(Rules(held.Step(step, bsn)), Rules(free.Step(step, bsn))) << step;
          break;
        }
        case 3: {
          const std::string participant = random() % 2 == 0 ? "opella" : kEde;
          for (const std::string& client : held.Look(participant)) EXPECT_THAT(holds[held.ClientOf(client)], IsEmpty());
          free.Look(participant);
          break;
        }
        case 4:
          free.Accept(bsn, held.Accept(bsn, 1));
          break;
      }
    }
    waited += held.world.CountEvents(v1::AUDIT_WAIT);
    for (auto& [bsn, setters] : holds) {
      for (const std::string& setter : setters) ASSERT_EQ(held.Lift(setter, bsn).state, kTaken);
    }
    for (Twin* twin : {&held, &free}) {
      twin->Look(kEde);
      twin->Look("opella");
    }
    EXPECT_EQ(held.told, free.told);
    for (const auto& [whom, words] : free.told) receipts += whom.starts_with("opella") ? words.size() : 0;
  }
  EXPECT_GT(waited, 100u);
  EXPECT_GT(receipts, 20u);
}

}  // namespace
}  // namespace schotvrij::exchange
