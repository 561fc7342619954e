// Hats (R19): the roles of who speaks for a party, and what the engine does with the one that a message states. Roles (R20): every kind of
// party has one, and one without rules receives nothing.
#include "policy/hat.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "policy/people.h"
#include "policy/report.h"
#include "tests/policy/ede.h"

namespace schotvrij::policy {
namespace {

using schotvrij::v1::Exchange;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;
using namespace test;

constexpr const char* kProvider = "membership { role: \"provider\" from: \"2021-01-01\" }\n";
constexpr const char* kMunicipality = "membership { role: \"municipality\" from: \"2021-01-01\" }\n";
constexpr const char* kMenzis = "  party {\n    key: \"menzis\"";

// Ede, with `text` behind the membership of one of its parties.
std::string With(const std::string& membership, const std::string& text) { return Replace(EdeText(), membership, membership + text); }

// Ede, with another party of that role.
std::string WithParty(const std::string& key, const std::string& role, const std::string& more = "") {
  return Replace(EdeText(), kMenzis,
                 absl::StrCat("  party { key: \"", key, "\" name: \"", key, "\" membership { role: \"", role,
                              "\" from: \"2021-01-01\" } deputy { function: \"deputy\" mail: \"deputy@example.org\" from: \"2021-01-01\" } ",
                              more, " }\n", kMenzis));
}

std::vector<std::string> Hats(const std::string& document, const std::string& party, const std::string& staff = "",
                              const std::string& today = kToday) {
  return HatsOf(*Load({{"ede.txtpb", document}}), party, staff, Day(today));
}

TEST(Hats, AreTheRolesOfAPartyUpToTodayR19) {
  EXPECT_THAT(Hats(EdeText(), "opella"), ElementsAre("provider"));
  EXPECT_THAT(Hats(EdeText(), "menzis"), UnorderedElementsAre("insurer", "care_office"));
  EXPECT_THAT(Hats(EdeText(), "vreemd"), IsEmpty());
  const std::string before = With(kProvider, "membership { role: \"arranger\" from: \"2021-01-01\" until: \"2022-12-31\" }\n");
  EXPECT_THAT(Hats(before, "opella"), UnorderedElementsAre("provider", "arranger")) << "what came in under it is still there";
  const std::string to_come = With(kProvider, "membership { role: \"arranger\" from: \"2027-01-01\" }\n");
  EXPECT_THAT(Hats(to_come, "opella"), ElementsAre("provider"));
}

TEST(Hats, OfAllNetworksCountR19) {
  std::string other = Replace(Replace(EdeText(), "key: \"ede\"", "key: \"twee\""), "id: \"ede-", "id: \"twee-");
  other = Replace(other, "role: \"provider\" from: \"2021-01-01\"", "role: \"arranger\" from: \"2021-01-01\"");
  const auto rules = Load({{"ede.txtpb", EdeText()}, {"twee.txtpb", other}});
  EXPECT_THAT(HatsOf(*rules, "opella", "", Day(kToday)), UnorderedElementsAre("provider", "arranger"));
}

TEST(Hats, WhoHasThePlaceOfAPartyHasItsHatR19) {
  EXPECT_THAT(Hats(FollowedUpEde(), "gemeente-veld"), ElementsAre("municipality"));
  EXPECT_THAT(Hats(FollowedUpEde(), "gemeente-ede"), IsEmpty());
  EXPECT_THAT(Hats(FollowedUpEde(), "gemeente-ede", "", "2025-12-31"), ElementsAre("municipality"));
}

TEST(Hats, APersonHasThoseThatTheDocumentGivesItR19) {
  const std::string person = "staff { key: \"pat\" function: \"wijkverpleegkundige\" from: \"2021-01-01\" ";
  const std::string both = absl::StrCat("membership { role: \"arranger\" from: \"2021-01-01\" }\n", person);
  EXPECT_THAT(Hats(With(kProvider, both + "}\n"), "opella", "pat"), UnorderedElementsAre("provider", "arranger"));
  EXPECT_THAT(Hats(With(kProvider, both + "role: \"arranger\" }\n"), "opella", "pat"), ElementsAre("arranger"));
  EXPECT_THAT(Hats(With(kProvider, both + "role: \"arranger\" }\n"), "opella", "vreemd"), IsEmpty());
}

TEST(Hats, OnlyTheStatedRoleCountsR19) {
  const Engine engine = EdeEngine(With(kProvider, "membership { role: \"arranger\" from: \"2021-01-01\" }\n"));
  Exchange exchange = EdeRegistration();
  EXPECT_THAT(RulesOf(Decide(engine, exchange).issues), IsEmpty());
  exchange.mutable_envelope()->set_sender_role("provider");
  EXPECT_THAT(RulesOf(Decide(engine, exchange).issues), IsEmpty());
  for (const char* other : {"arranger", "municipality", "no-such-role"}) {
    exchange.mutable_envelope()->set_sender_role(other);
    EXPECT_THAT(RulesOf(Decide(engine, exchange).issues), ElementsAre("SENDER-ROLE")) << other;
  }
}

TEST(Hats, TheRecipientsRoleStaysWhatItWasR19) {
  const Engine engine = EdeEngine(With(kMunicipality, "membership { role: \"municipal_finance\" from: \"2021-01-01\" }\n"));
  Exchange exchange = EdeRegistration();
  const Decision decision = Decide(engine, exchange);
  ASSERT_EQ(decision.recipients.size(), 1u);
  EXPECT_EQ(decision.recipients[0].role, "municipality");
  exchange.mutable_envelope()->set_recipient_role("municipality");
  EXPECT_THAT(RulesOf(Decide(engine, exchange).issues), IsEmpty());
  exchange.mutable_envelope()->set_recipient_role("municipal_finance");
  EXPECT_THAT(RulesOf(Decide(engine, exchange).issues), ElementsAre("RECIPIENT-ROLE"));
}

TEST(Hats, ADocumentThatLetsOwnApprovalsSaysSoR19) {
  const char* const said = "own requests may be approved, and are listed: a small municipality\n";
  EXPECT_THAT(RenderShow(*Load({{"ede.txtpb", EdeText()}})), ::testing::Not(HasSubstr("own requests")));
  const std::string lets = Replace(EdeText(), "version: \"2024\"\n", "version: \"2024\"\nown_approval: \"a small municipality\"\n");
  EXPECT_THAT(RenderShow(*Load({{"ede.txtpb", lets}})), HasSubstr(said));
}

TEST(Roles, EveryKindOfPartyHasOneR20) {
  const auto rules = Load({});
  struct Kind {
    const char* role;
    bool payer;
    bool bsn;
  };
  for (const Kind& kind : {Kind{"municipality", false, true}, {"municipal_finance", true, true}, {"insurer", true, true},
                           {"care_office", true, true}, {"provider", false, true}, {"gp", false, true}, {"hospital", false, true},
                           {"ciz", false, true}, {"cak", false, true}, {"welfare_organisation", false, true},
                           {"carers_centre", false, false}, {"citizens_initiative", false, false},
                           {"housing_corporation", false, false}, {"client_organisation", false, false},
                           {"knowledge_party", false, false}, {"coordinator", false, false}}) {
    const v1::Role* const role = rules->FindRole(kind.role);
    ASSERT_NE(role, nullptr) << kind.role;
    EXPECT_EQ(role->payer(), kind.payer) << kind.role;
    EXPECT_EQ(role->bsn().may() == v1::BsnUse::YES, kind.bsn) << kind.role;
  }
}

TEST(Roles, OneWithoutRulesReceivesNothingR20) {
  const auto national = Load({});
  std::set<std::string> received;
  for (const v1::Role& role : national->national().role()) {
    Exchange exchange = EdeRegistration();
    exchange.mutable_envelope()->set_recipient("nieuw");
    const Decision decision = Decide(EdeEngine(WithParty("nieuw", role.key())), exchange);
    if (decision.issues.empty()) {
      received.insert(role.key());
    } else {
      EXPECT_THAT(RulesOf(decision.issues), ElementsAre("RECIPIENT-ROLE")) << role.key();
    }
  }
  EXPECT_THAT(received, ElementsAre("municipality")) << "the only one that the rules of Ede address";
}

TEST(Roles, SeveralInsurersOfANetworkEachGetWhatIsAddressedToThemR20) {
  const std::string national =
      Replace(std::string(EmbeddedText("policy/documents/national.txtpb")), "to: \"municipality\"", "to: \"municipality\" to: \"insurer\"");
  const std::string ede = Replace(WithParty("vgz", "insurer"), "to: \"municipality\"", "to: \"municipality\" to: \"insurer\"");
  const auto rules = Load({{"national.txtpb", national}, {"ede.txtpb", ede}});
  ASSERT_NE(rules, nullptr);
  const Engine engine(rules, nullptr);
  for (const char* insurer : {"menzis", "vgz"}) {
    Exchange exchange = EdeRegistration();
    exchange.mutable_envelope()->set_recipient(insurer);
    exchange.mutable_registration()->mutable_consents(0)->clear_recipients();
    const Decision decision = Decide(engine, exchange);
    EXPECT_THAT(RulesOf(decision.issues), IsEmpty()) << insurer;
    ASSERT_EQ(decision.recipients.size(), 1u);
    EXPECT_EQ(decision.recipients[0].participant, insurer);
    EXPECT_EQ(decision.recipients[0].role, "insurer");
  }
}

TEST(OnBehalf, LetsAPartySignAndJoinForAnotherAndNeverReadForItR20) {
  const std::string acts =
      "acts_on_behalf { party: \"gemeente-ede\" from: \"2021-01-01\" source: \"volmacht, made up for tests\" }";
  std::string document = WithParty("samen", "coordinator", acts);
  document = Replace(document, kMunicipality,
                     "membership { role: \"municipality\" from: \"2021-01-01\" joined_by: \"samen\" }\n"
                     "signature { agreement: \"2024\" by: \"directeur\" on: \"2024-01-01\" signed_by: \"samen\" }\n");
  const auto rules = Load({{"ede.txtpb", document}});
  ASSERT_NE(rules, nullptr);
  EXPECT_THAT(RenderShow(*rules), ::testing::AllOf(HasSubstr("municipality, 2021-01-01 to open, joined by samen\n"),
                                                   HasSubstr("signed version 2024 on 2024-01-01 (directeur, for it by samen)\n"),
                                                   HasSubstr("samen: acts on behalf of gemeente-ede, 2021-01-01 to open (volmacht")));
  const v1::Network& network = *rules->FindNetwork("ede");
  const auto city = std::find_if(network.party().begin(), network.party().end(),
                                 [](const v1::Party& party) { return party.key() == "gemeente-ede"; });
  EXPECT_TRUE(SignedBy(*city, *rules->AgreementOn(network, Day(kToday)), Day(kToday)));
  EXPECT_THAT(rules->RolesOn(network, "gemeente-ede", Day(kToday)), ElementsAre("municipality"));
  EXPECT_THAT(HatsOf(*rules, "samen", "", Day(kToday)), ElementsAre("coordinator"));

  const Engine engine(rules, nullptr);
  Exchange exchange = EdeRegistration();
  EXPECT_EQ(Decide(engine, exchange).recipients.size(), 1u) << "to the municipality alone";
  exchange.mutable_envelope()->set_recipient("samen");
  EXPECT_THAT(RulesOf(Decide(engine, exchange).issues), ElementsAre("RECIPIENT-ROLE"));
}

}  // namespace
}  // namespace schotvrij::policy
