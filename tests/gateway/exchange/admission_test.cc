#include "gateway/exchange/admission.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/gateway/exchange/world.h"

namespace schotvrij::exchange {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class AdmissionTest : public testing::Test {
 protected:
  AdmissionTest() {
    exchange_.mutable_envelope()->set_network("ede");
    Identify("cbs", "0228", exchange_.mutable_envelope()->mutable_recipient_identifier());
    exchange_.mutable_registration()->set_step(v1::REGISTER);
  }

  static void Identify(const std::string& system, const std::string& value, v1::PartyIdentifier* identifier) {
    identifier->set_system(system);
    identifier->set_value(value);
  }

  std::vector<std::string> AdmitAs(const identity::Caller& caller) {
    const Standing standing{world_.engine->rules(), world_.enrolment, TodayInAmsterdam(world_.clock.now)};
    std::vector<Issue> issues;
    std::optional<std::string> sender =
        SpeaksAs(caller, *world_.enrolment, exchange_.envelope().sender_identifier(), &issues);
    exchange_.mutable_envelope()->set_sender(sender.value_or(""));
    if (issues.empty()) issues = Admit(standing, caller, active_, &exchange_);
    std::vector<std::string> rules;
    for (const Issue& issue : issues) rules.push_back(issue.rule);
    return rules;
  }

  World world_;
  ActiveNetworks active_;
  v1::Exchange exchange_;
};

TEST_F(AdmissionTest, FillsInWhoSaysItToWhomInWhichNetwork) {
  EXPECT_THAT(AdmitAs(World::As("opella")), IsEmpty());
  EXPECT_EQ(exchange_.envelope().sender(), "opella");
  EXPECT_EQ(exchange_.envelope().recipient(), "gemeente-ede");
  EXPECT_EQ(exchange_.envelope().judged_on(), "2026-11-20");
  EXPECT_FALSE(exchange_.envelope().has_recipient_identifier());
}

TEST_F(AdmissionTest, NetworkMayBeLeftOutWhenTheyShareExactlyOne) {
  exchange_.mutable_envelope()->clear_network();
  EXPECT_THAT(AdmitAs(World::As("opella")), IsEmpty());
  EXPECT_EQ(exchange_.envelope().network(), "ede");
}

TEST_F(AdmissionTest, AConsentOnItsOwnNeedsNoNetworkAlsoWhereTheSenderIsInSeveral) {
  std::string twin = World::EdeDocument();
  twin = absl::StrReplaceAll(twin, {{"key: \"ede\"", "key: \"ede-twee\""}, {"id: \"ede-", "id: \"ede-twee-"}});
  const policy::PolicyFile files[] = {{"ede.txtpb", World::EdeDocument()}, {"ede-twee.txtpb", twin}};
  policy::LoadResult loaded = policy::LoadRuleSet(files);
  ASSERT_NE(loaded.rules, nullptr);
  world_.engine->Swap(loaded.rules);
  exchange_.mutable_envelope()->clear_network();
  EXPECT_THAT(AdmitAs(World::As("opella")), ElementsAre("NETWORK-WHICH")) << "a registration says in which";
  exchange_ = v1::Exchange();
  exchange_.mutable_consent()->set_scope(v1::PRIVACY);
  EXPECT_THAT(AdmitAs(World::As("opella")), IsEmpty());
  EXPECT_FALSE(exchange_.envelope().network().empty());
  EXPECT_EQ(exchange_.consent().network(), "");
}

TEST_F(AdmissionTest, ACallerSpeaksOnlyForWhomItIsEnrolled) {
  Identify("uzovi", "0000", exchange_.mutable_envelope()->mutable_sender_identifier());
  EXPECT_THAT(AdmitAs(World::As("opella")), ElementsAre("CALLER-NOT-FOR"));
}

TEST_F(AdmissionTest, ACallerForSeveralNamesTheOneItSpeaksFor) {
  const identity::Caller vendor{"vendor", {"opella", "menzis"}};
  EXPECT_THAT(AdmitAs(vendor), ElementsAre("CALLER-WHICH-PARTY"));
  Identify("cbs", "0228", exchange_.mutable_envelope()->mutable_recipient_identifier());
  Identify("agb", "00000001", exchange_.mutable_envelope()->mutable_sender_identifier());
  EXPECT_THAT(AdmitAs(vendor), IsEmpty());
  EXPECT_EQ(exchange_.envelope().sender(), "opella");
}

TEST_F(AdmissionTest, UnknownRecipientAndUnknownNetworkAreSaidSo) {
  Identify("cbs", "9999", exchange_.mutable_envelope()->mutable_recipient_identifier());
  EXPECT_THAT(AdmitAs(World::As("opella")), ElementsAre("RECIPIENT-UNKNOWN"));
  Identify("cbs", "0228", exchange_.mutable_envelope()->mutable_recipient_identifier());
  exchange_.mutable_envelope()->set_network("elders");
  EXPECT_THAT(AdmitAs(World::As("opella")), ElementsAre("NETWORK-UNKNOWN"));
}

TEST_F(AdmissionTest, NetworkWithAPartyThatIsNotEnrolledIsInactive) {
  config::v1::Enrolment smaller = world_.enrolment->document();
  smaller.mutable_participant()->erase(smaller.mutable_participant()->begin());  // opella, whom the receipt rule addresses
  config::v1::Participant& stranger = *smaller.add_participant();
  stranger = world_.enrolment->document().participant(0);
  stranger.set_key("vreemde");
  world_.enrolment = *identity::Enrolment::Create(smaller);
  EXPECT_THAT(AdmitAs(World::As("vreemde")), ElementsAre("NETWORK-INACTIVE"));
}

TEST_F(AdmissionTest, ConsentRecipientsBecomePartiesOrMatchNobody) {
  v1::Consent& consent = *exchange_.mutable_registration()->add_consents();
  consent.add_recipients("cbs|0228");
  consent.add_recipients("cbs|9999");
  EXPECT_THAT(AdmitAs(World::As("opella")), IsEmpty());
  EXPECT_THAT(exchange_.registration().consents(0).recipients(), ElementsAre("gemeente-ede", "cbs|9999"));
}

}  // namespace
}  // namespace schotvrij::exchange
