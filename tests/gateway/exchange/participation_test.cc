// Several providers of one client (R9): none learns of another, the municipality sees one client, and it ends with the last.
#include "gateway/exchange/participation.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "adapters/fhir/fhir.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "schotvrij/v1/facts.pb.h"
#include "tests/gateway/exchange/world.h"

namespace schotvrij::exchange {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kDesk = "gemeente-ede";

config::v1::Enrolment TwoProviders(const std::string& mail) {
  config::v1::Enrolment document;
  Enrol("opella", "agb", "00000001", "", &document);
  Enrol("zorgpunt", "agb", "00000002", "", &document);
  Enrol(kDesk, "cbs", "0228", mail, &document);
  Enrol("menzis", "uzovi", "0000", "", &document);
  return document;
}

std::string WithSecondProvider() {
  return absl::StrReplaceAll(
      World::EdeDocument(),
      {{"  party {\n    key: \"menzis\"",
        "  party { key: \"zorgpunt\" name: \"zorgpunt\" membership { role: \"provider\" from: \"2021-01-01\" } }\n"
        "  party {\n    key: \"menzis\""}});
}

class Participation : public testing::TestWithParam<std::string> {
 protected:
  World world{TwoProviders(GetParam()), LoadRules({{"ede.txtpb", WithSecondProvider()}})};

  policy::Answer Say(const std::string& provider, const std::string& step, const std::string& bsn = "999900006") {
    std::string body = absl::StrReplaceAll(
        world.Example(), {{R"("code": "register")", absl::StrCat("\"code\": \"", step, "\"")},
                          {"ede-2026-000001", absl::StrCat(provider, "-", step, "-", ++said_)},
                          {"999900006", bsn},
                          {"\"value\": \"00000001\"", provider == "opella" ? "\"value\": \"00000001\"" : "\"value\": \"00000002\""}});
    if (step == "end") {
      body = absl::StrReplaceAll(body, {{R"("intent": "order",)",
                                         absl::StrCat(R"("intent": "order","executionPeriod":{"end":")",
                                                      TodayInAmsterdam(world.clock.now).ToString(), "\"},")}});
    }
    return world.Receive(provider, body);
  }

 private:
  int said_ = 0;
};

class ByMailbox : public Participation {
 protected:
  const ClientView Last() {
    Road::MailboxPage page = world.Read(kDesk, /*unacknowledged_only=*/false);
    return page.items.empty() ? ClientView() : page.items.back().client;
  }
};
INSTANTIATE_TEST_SUITE_P(R9, ByMailbox, testing::Values(""));

TEST_P(ByMailbox, TheMunicipalitySeesOneClientThatEndsWithTheLastParticipation) {
  ASSERT_EQ(Say("opella", "register").state, policy::Answer::State::kReceived);
  const ClientView first = Last();
  EXPECT_FALSE(first.key.empty());
  EXPECT_EQ(first.takes_part, true);
  ASSERT_EQ(Say("zorgpunt", "register").state, policy::Answer::State::kReceived);
  EXPECT_EQ(Last().key, first.key);
  ASSERT_EQ(Say("opella", "end").state, policy::Answer::State::kReceived);
  EXPECT_EQ(Last().key, "") << "it does not say who leaves";
  EXPECT_EQ(Last().takes_part, true) << "the other still stands";
  ASSERT_EQ(Say("zorgpunt", "end").state, policy::Answer::State::kReceived);
  EXPECT_EQ(Last().takes_part, false);
  for (const MailboxItem& item : world.Read(kDesk, false).items) EXPECT_EQ(item.client.takes_part, false) << "as of now";
  ASSERT_EQ(Say("zorgpunt", "reopen").state, policy::Answer::State::kReceived);
  EXPECT_EQ(Last().takes_part, true);
}

TEST_P(ByMailbox, AnotherClientIsAnotherAndNobodyElseKnowsTheKey) {
  Say("opella", "register");
  const std::string first = Last().key;
  Say("opella", "register", "999900018");
  EXPECT_NE(Last().key, first);
  for (const std::string provider : {"opella", "zorgpunt"}) {
    world.Answer(kDesk, world.Read(kDesk).items.front().delivery_id, "accepted");
    for (const MailboxItem& item : world.Read(provider, false).items) {
      EXPECT_EQ(item.client.key, "") << "a receipt says nothing of the client";
      EXPECT_FALSE(item.client.takes_part.has_value());
    }
  }
}

TEST_P(ByMailbox, ARegistrationThatTheMunicipalityWasNotGivenDoesNotCount) {
  Say("opella", "register");
  ASSERT_EQ(world.Receive("zorgpunt", World::Hold("active", "stop-2", "999900006")).state, policy::Answer::State::kReceived);
  Say("zorgpunt", "register");  // waits for the hold
  world.Receive("zorgpunt", World::Hold("inactive", "stop-3", "999900006"));
  Say("zorgpunt", "withdraw");
  Say("opella", "end");
  EXPECT_EQ(Last().takes_part, false);
}

TEST_P(ByMailbox, NoProviderCanTellWhetherAnotherRegisteredTheClient) {
  World alone{TwoProviders(""), LoadRules({{"ede.txtpb", WithSecondProvider()}})};
  Say("opella", "register");
  policy::Answer beside = Say("zorgpunt", "register");
  policy::Answer first = alone.Receive("zorgpunt", absl::StrReplaceAll(alone.Example(), {{"ede-2026-000001", "zorgpunt-register-2"},
                                                                                         {"00000001", "00000002"}}));
  beside.message_id.clear();
  first.message_id.clear();
  EXPECT_EQ(fhir::EncodeAnswer(beside).bytes(), fhir::EncodeAnswer(first).bytes());
}

class ByLetter : public Participation {
 protected:
  // The text of the letter that was sent last, after it was taken.
  std::string LastLetter() {
    world.MailEnds({DeliveryOutcome::Kind::kAccepted, ""});
    return world.outbound.attempts.back().encoded.bytes();
  }
  static constexpr const char* kStill = "geldt nog, dus de cli";
};
INSTANTIATE_TEST_SUITE_P(R9, ByLetter, testing::Values("wmo@ede.example"));

TEST_P(ByLetter, AnEndingSaysWhetherAnotherRegistrationStands) {
  Say("opella", "register");
  EXPECT_THAT(LastLetter(), Not(HasSubstr(kStill)));
  Say("zorgpunt", "register");
  EXPECT_THAT(LastLetter(), Not(HasSubstr(kStill)));
  Say("opella", "end");
  EXPECT_THAT(LastLetter(), HasSubstr(kStill));
  Say("zorgpunt", "end");
  EXPECT_THAT(LastLetter(), Not(HasSubstr(kStill)));
}

TEST_P(ByLetter, EachAttemptSaysTheSame) {
  Say("opella", "register");
  LastLetter();
  Say("zorgpunt", "register");
  LastLetter();
  Say("opella", "end");
  const std::string first = world.outbound.attempts.back().encoded.bytes();
  EXPECT_THAT(first, HasSubstr(kStill));
  world.MailEnds({DeliveryOutcome::Kind::kTransient, "smtp-450"});
  Say("zorgpunt", "end");
  world.PassUs(60'000'000);
  ASSERT_GE(world.outbound.attempts.size(), 4u);
  EXPECT_EQ(world.outbound.attempts[3].encoded.bytes(), first);
}

}  // namespace
}  // namespace schotvrij::exchange
