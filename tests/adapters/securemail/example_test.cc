// deploy/examples/registration_mail.txt: what a sender may copy is what the documents of this release take.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "adapters/canonical/canonical.h"
#include "policy/engine.h"
#include "policy/rule_set.h"
#include "schemas/base/embedded.h"
#include "schotvrij/v1/facts.pb.h"
#include "tests/adapters/securemail/support.h"

namespace schotvrij::securemail {
namespace {

using ::testing::IsEmpty;

std::string Example() {
  std::ifstream file(std::string(SOURCE_DIR) + "/deploy/examples/registration_mail.txt", std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

policy::Engine Ede() {
  std::vector<policy::PolicyFile> files;
  for (const std::string name : {"policy/documents/national.txtpb", "policy/documents/ede.txtpb"}) {
    files.push_back({name, std::string(EmbeddedText(name))});
  }
  return policy::Engine(policy::LoadRuleSet(files).rules, [](std::string_view, std::string_view) { return std::string(); });
}

// As the gateway's enrolment resolves the parties.
v1::Exchange Resolved(v1::Exchange exchange) {
  v1::Envelope& envelope = *exchange.mutable_envelope();
  EXPECT_EQ(envelope.recipient_identifier().system() + envelope.recipient_identifier().value(), "cbs0228");
  envelope.clear_recipient_identifier();
  envelope.set_sender("opella");
  envelope.set_recipient("gemeente-ede");
  for (v1::Consent& consent : *exchange.mutable_registration()->mutable_consents()) {
    for (std::string& recipient : *consent.mutable_recipients()) {
      EXPECT_EQ(recipient, "cbs|0228");
      recipient = "gemeente-ede";
    }
  }
  return exchange;
}

std::vector<std::string> Rules(const std::vector<Issue>& issues) {
  std::vector<std::string> rules;
  for (const Issue& issue : issues) rules.push_back(issue.rule);
  return rules;
}

TEST(MailExample, IsARegistrationThatTheNetworkAccepts) {
  const v1::Exchange exchange = Decoded(Example());
  EXPECT_THAT(Rules(canonical::CheckForm(exchange)), IsEmpty());
  EXPECT_EQ(exchange.envelope().request_key(), "ede-2026-000001");
  EXPECT_EQ(exchange.client().bsn(), "999900006");
  const v1::Facts facts;
  const policy::Decision decision = Ede().Decide({Resolved(exchange), facts, *CivilDate::Parse("2026-11-28")});
  EXPECT_THAT(Rules(decision.issues), IsEmpty());
  ASSERT_EQ(decision.recipients.size(), 1u);
  EXPECT_EQ(decision.recipients[0].participant, "gemeente-ede");
  EXPECT_EQ(decision.recipients[0].consent_id, "consent-2026-000001");
}

TEST(MailExample, WithoutItsConsentItIsRefused) {
  std::string text = Example();
  text.erase(text.find("Toestemming: ja"), text.find("Met vriendelijke") - text.find("Toestemming: ja"));
  const v1::Facts facts;
  const policy::Decision decision = Ede().Decide({Resolved(Decoded(text)), facts, *CivilDate::Parse("2026-11-28")});
  EXPECT_THAT(Rules(decision.issues), ::testing::ElementsAre("CONSENT-MISSING"));
}

}  // namespace
}  // namespace schotvrij::securemail
