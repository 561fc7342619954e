// R54: a checklist (certificate against the numbers of the registers; contact, deputy, mailbox, mandate, signature), and what lacks
// something is known as incomplete in a production home.
#include "gateway/exchange/checklist.h"

#include <map>

#include "absl/strings/str_replace.h"
#include "gateway/exchange/kept_out.h"
#include "gateway/exchange/trial.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/gateway/exchange/world.h"

namespace schotvrij::exchange::checklists {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::IsSupersetOf;

constexpr const char* kCity = "gemeente-ede";

class Checklists : public testing::Test {
 protected:
  Checklists() {
    Enrol("opella", "agb", "00000001", "", &document_);
    Enrol(kCity, "cbs", "0228", "", &document_);
    Enrol("menzis", "uzovi", "0000", "", &document_);
    for (config::v1::Participant& participant : *document_.mutable_participant()) {
      participant.mutable_mandate()->set_document("besluit 2026-114");
      participant.mutable_mandate()->set_signed_on("2026-01-01");
    }
  }

  config::v1::Participant& City() {
    for (config::v1::Participant& participant : *document_.mutable_participant()) {
      if (participant.key() == kCity) return participant;
    }
    return *document_.add_participant();
  }

  // Ede, signed by all, with `from` made `to`.
  std::shared_ptr<const policy::RuleSet> Rules(const std::string& from = "", const std::string& to = "") const {
    const std::string text = absl::StrReplaceAll(
        World::EdeDocument(), {{"    staff {", "    signature { agreement: \"2024\" by: \"bestuurder\" on: \"2024-01-01\" }\n    staff {"}});
    return LoadRules({{"ede.txtpb", from.empty() ? text : absl::StrReplaceAll(text, {{from, to}})}});
  }

  std::map<std::string, CheckItem::State> NotOk(const policy::RuleSet& rules, config::v1::Environment environment) {
    std::map<std::string, CheckItem::State> found;
    for (const CheckItem& item : Checklist(City(), rules, kDay, environment)) {
      EXPECT_EQ(item.remedy.empty(), item.state == CheckItem::State::kOk) << item.name;
      if (item.state != CheckItem::State::kOk) found[item.name] = item.state;
    }
    return found;
  }

  std::vector<std::string> Incomplete(const policy::RuleSet& rules,
                                      config::v1::Environment environment = config::v1::PRODUCTION) const {
    return IncompleteOn(**identity::Enrolment::Create(document_), rules, kDay, environment);
  }

  const CivilDate kDay = *CivilDate::Parse("2026-11-20");
  config::v1::Enrolment document_;
};

TEST_F(Checklists, R54_WhoHasAllIsComplete) {
  EXPECT_THAT(NotOk(*Rules(), config::v1::PRODUCTION), IsEmpty());
  EXPECT_THAT(Incomplete(*Rules()), IsEmpty());
}

TEST_F(Checklists, R54_WhatIsMissingHoldsBackRealTrafficAndIsAWarningForTests) {
  const std::pair<const char*, const char*> cases[] = {
      {"contact", R"(contact { function: "contactpersoon van de pilot" mail: "pilot@gemeente-ede.example" from: "2021-01-01" })"},
      {"deputy",
       R"(deputy { function: "plaatsvervanger van de contactpersoon" mail: "pilot-vervanging@gemeente-ede.example" from: "2021-01-01" })"},
      {"mailbox", R"(mailbox { address: "schotvrij@gemeente-ede.example" from: "2021-01-01" })"}};
  for (const auto& [name, line] : cases) {
    SCOPED_TRACE(name);
    const auto rules = Rules(line, "");
    EXPECT_THAT(NotOk(*rules, config::v1::PRODUCTION), ElementsAre(std::pair(name, CheckItem::State::kMissing)));
    EXPECT_THAT(NotOk(*rules, config::v1::TEST), ElementsAre(std::pair(name, CheckItem::State::kWarning)));
    EXPECT_THAT(Incomplete(*rules), ElementsAre(kCity));
    EXPECT_THAT(Incomplete(*rules, config::v1::TEST), IsEmpty());
  }
}

TEST_F(Checklists, R54_ASignatureAndAMandateCountFromTheirDay) {
  EXPECT_THAT(NotOk(*Rules("on: \"2024-01-01\"", "on: \"2026-11-21\""), config::v1::PRODUCTION),
              ElementsAre(std::pair("signature", CheckItem::State::kMissing)));
  EXPECT_THAT(NotOk(*Rules("on: \"2024-01-01\"", "on: \"2026-11-20\""), config::v1::PRODUCTION), IsEmpty());
  City().mutable_mandate()->set_signed_on("2026-11-21");
  EXPECT_THAT(NotOk(*Rules(), config::v1::PRODUCTION), ElementsAre(std::pair("mandate", CheckItem::State::kMissing)));
  City().clear_mandate();
  EXPECT_THAT(Incomplete(*Rules()), ElementsAre(kCity));
}

TEST_F(Checklists, R54_ACertificateThatIsEnrolledByANumberOfAnotherIsMissingItsOwn) {
  config::v1::Identifier& oin = *City().add_identifier();
  oin.set_system("oin");
  oin.set_value("00000001001299992000");
  City().mutable_peer(0)->set_oin("00000001001299992000");
  EXPECT_THAT(NotOk(*Rules(), config::v1::PRODUCTION), IsEmpty());
  City().mutable_peer(0)->set_oin("00000001001299993000");
  EXPECT_THAT(NotOk(*Rules(), config::v1::PRODUCTION), ElementsAre(std::pair("number", CheckItem::State::kMissing)));
  City().mutable_peer(0)->clear_oin();
  City().mutable_peer(0)->set_uzi_ura("90000001");
  EXPECT_THAT(NotOk(*Rules(), config::v1::PRODUCTION), ElementsAre(std::pair("number", CheckItem::State::kWarning)))
      << "none is enrolled to hold it against";
}

TEST_F(Checklists, R54_WhoIsInNoNetworkHasNothingToBeKeptOutOf) {
  document_.add_participant()->set_key("later");
  document_.mutable_participant(document_.participant_size() - 1)->set_name("later");
  EXPECT_THAT(Incomplete(*Rules()), IsEmpty());
}

TEST_F(Checklists, R54_WithAllOfItAParticipantIsKeptOutUntilItsTrialCameBack) {
  World world;
  const auto rules = Rules();
  const auto kept = [&](config::v1::Environment environment) {
    return *KeptOut(*world.store, **identity::Enrolment::Create(document_), *rules, kDay, environment);
  };
  EXPECT_THAT(kept(config::v1::PRODUCTION), IsSupersetOf({std::string("opella"), std::string(kCity)}));
  EXPECT_THAT(kept(config::v1::TEST), IsEmpty());
  BeginTrial(world.parts(), City(), [](const absl::Status& begun) { EXPECT_TRUE(begun.ok()); });
  world.Drive();
  const std::string id = ReadTrial(*world.store, City())->delivery_id;
  EXPECT_EQ(world.Answer(kCity, id, "accepted").state, policy::Answer::State::kReceived);
  EXPECT_THAT(kept(config::v1::PRODUCTION), testing::Not(testing::Contains(kCity)));
}

}  // namespace
}  // namespace schotvrij::exchange::checklists
