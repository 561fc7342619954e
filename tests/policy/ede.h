// The Ede registration as every test of the engine begins with it: a client of the test range, a
// fresh attestation and a consent.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "policy/engine.h"
#include "schemas/base/embedded.h"
#include "schotvrij/v1/exchange.pb.h"

namespace schotvrij::policy::test {

inline constexpr const char* kToday = "2026-03-02";

inline CivilDate Day(const std::string& text) { return *CivilDate::Parse(text); }

inline std::shared_ptr<const RuleSet> Load(const std::vector<PolicyFile>& files) {
  LoadResult loaded = LoadRuleSet(files);
  for (const Fault& fault : loaded.faults) EXPECT_TRUE(fault.warning) << fault.ToString();
  return loaded.rules;
}

inline std::string EdeText() { return std::string(EmbeddedText("policy/documents/ede.txtpb")); }

// `text` with every `from` made `to`, which must be there.
inline std::string Replace(std::string text, const std::string& from, const std::string& to) {
  size_t at = text.find(from);
  EXPECT_NE(at, text.npos) << from;
  for (; at != text.npos; at = text.find(from, at + to.size())) text.replace(at, from.size(), to);
  return text;
}

// Ede, whose municipality was followed up by another in 2026.
inline std::string FollowedUpEde() {
  const std::string text = Replace(EdeText(), "membership { role: \"municipality\" from: \"2021-01-01\" }", R"(
    membership { role: "municipality" from: "2021-01-01" until: "2025-12-31" }
    succession { party: "gemeente-veld" from: "2026-01-01" source: "made up for tests" })");
  return Replace(text, "  party {\n    key: \"menzis\"", R"(
  party {
    key: "gemeente-veld"
    name: "Gemeente Veld"
    membership { role: "municipality" from: "2026-01-01" }
  }
  party {
    key: "menzis")");
}

inline Engine EdeEngine(const std::string& text = EdeText()) {
  return Engine(Load({{"ede.txtpb", text}}),
                [](std::string_view recipient, std::string_view value) {
                  return std::string(recipient) + "-" + std::to_string(value.size());
                });
}

template <typename Message>
Message Parse(const std::string& text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

inline schotvrij::v1::Consent EdeConsent() {
  return Parse<schotvrij::v1::Consent>(R"(
      consent_id: "toestemming-1" scope: PRIVACY state: CONSENT_ACTIVE decision: PERMIT
      given_on: "2026-02-20" given_by: CLIENT_SELF purposes: REGISTRATION)");
}

inline schotvrij::v1::Exchange EdeRegistration() {
  auto exchange = Parse<schotvrij::v1::Exchange>(R"(
      envelope { message_id: "bericht-1" request_key: "sleutel-1" network: "ede" sender: "opella"
                 recipient: "gemeente-ede" }
      client { bsn: "999900006" birth_date: "1941-05-06" gender: FEMALE
               name { own_name: "Proefpersoon" own_prefix: "van der" partner_name: "Ander"
                      given_names: "Anna" initials: "A." } }
      registration { step: REGISTER start_date: "2026-03-01"
        attestations { criterion: "target-group" verdict: MET criteria_version: "ede-2024"
                       checked_on: "2026-02-25" checker_function: "wijkverpleegkundige" } })");
  *exchange.mutable_registration()->add_consents() = EdeConsent();
  return exchange;
}

inline schotvrij::v1::Exchange EdeReceipt(const std::string& state = "ACCEPTED") {
  return Parse<schotvrij::v1::Exchange>(R"(
      envelope { message_id: "bericht-2" network: "ede" sender: "gemeente-ede" recipient: "opella" }
      receipt { about: "bericht-1" answered_on: "2026-03-02" request_key: "sleutel-1" state: )" +
                                        state + "}");
}

inline std::vector<std::string> RulesOf(const std::vector<Issue>& issues) {
  std::vector<std::string> rules;
  for (const Issue& issue : issues) rules.push_back(issue.rule);
  return rules;
}

inline Decision Decide(const Engine& engine, const schotvrij::v1::Exchange& exchange,
                       const schotvrij::v1::Facts& facts = {}, const std::string& today = kToday) {
  return engine.Decide({exchange, facts, Day(today)});
}

inline std::variant<Disclosure, Withheld> Disclose(
    const Engine& engine, const schotvrij::v1::Exchange& exchange,
    const schotvrij::v1::Facts& facts = {}, const std::string& today = kToday,
    const std::vector<std::string>* at_most = nullptr) {
  return engine.Disclose({{exchange, facts, Day(today)},
                          "bezorging-1",
                          exchange.envelope().recipient(),
                          "bezorging-1",
                          "2026-03-02",
                          at_most});
}

}  // namespace schotvrij::policy::test
