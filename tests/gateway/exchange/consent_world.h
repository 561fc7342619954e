// A provider, two municipalities and a desk, for tests of what becomes of a registration when its consent does not carry it any more.
//
//   class MyTest : public ConsentWorld { ... };
//   const std::string delivery = TakenOver();
//   ASSERT_EQ(Say(Withdrawn()).state, kReceived);
//   ExpectEnd(delivery);
#pragma once

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/gateway/exchange/world.h"

namespace schotvrij::exchange {

inline constexpr int64_t kDayUs = 86'400'000'000;
inline constexpr const char* kVeld = "0229";

inline std::string DocumentOfMore() {
  return absl::StrReplaceAll(World::EdeDocument(), {{"  party {\n    key: \"menzis\"", R"(  party {
    key: "zorgpunt"
    name: "Zorgpunt"
    membership { role: "provider" from: "2021-01-01" }
  }
  party {
    key: "gemeente-veld"
    name: "Gemeente Veld"
    membership { role: "municipality" from: "2021-01-01" }
  }
  party {
    key: "menzis")"}});
}

inline config::v1::Enrolment More(MunicipalityBy route) {
  config::v1::Enrolment document;
  Enrol("opella", "agb", "00000001", "", &document);
  Enrol("zorgpunt", "agb", "00000002", "", &document);
  Enrol("gemeente-ede", "cbs", "0228", route == MunicipalityBy::kMail ? "wmo@ede.example" : "", &document);
  Enrol("gemeente-veld", "cbs", kVeld, "", &document);
  Enrol("menzis", "uzovi", "0000", "", &document);
  return document;
}

struct Word {
  std::string id = "consent-2026-000001";  // of the example
  std::string status = "active";
  std::string type = "permit";
  std::string number;  // of the municipality it names; empty: of none
};

class ConsentWorld : public testing::Test {
 protected:
  explicit ConsentWorld(MunicipalityBy route = MunicipalityBy::kMailbox,
                        const std::vector<policy::PolicyFile>& documents = {{"ede.txtpb", DocumentOfMore()}})
      : world(More(route), LoadRules(documents)) {}

  std::string Today() const { return TodayInAmsterdam(world.clock.now).ToString(); }

  policy::Answer Say(const Word& word, const std::string& provider = "opella") {
    return world.Receive(provider, Body(word));
  }
  std::string Body(const Word& word) const {
    const std::string actor =
        word.number.empty() ? "" : absl::StrReplaceAll(R"("actor":[{"role":{"coding":[{"system":
            "http://terminology.hl7.org/CodeSystem/v3-ParticipationType","code":"IRCP"}]},"reference":{"type":"Organization",
            "identifier":{"system":"urn:schotvrij:identifier:cbs-gemeente","value":"NUMBER"}}}],)", {{"NUMBER", word.number}});
    return absl::StrReplaceAll(
        R"({"resourceType":"Consent","identifier":[{"system":"urn:example:provider:consents","value":"ID"}],
        "status":"STATUS","scope":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/consentscope",
        "code":"patient-privacy"}]},"category":[{"coding":[{"system":"http://loinc.org","code":"59284-0"}]}],
        "patient":{"identifier":{"system":"http://fhir.nl/fhir/NamingSystem/bsn","value":"999900006"}},
        "dateTime":"TODAY","performer":[{"type":"Patient","identifier":{"system":"http://fhir.nl/fhir/NamingSystem/bsn",
        "value":"999900006"}}],"policy":[{"uri":"urn:example:provider:consent-text:2026-1"}],
        "provision":{"type":"TYPE",ACTOR"purpose":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActReason",
        "code":"HOPERAT"}]}})",
        {{"ID", word.id}, {"TODAY", Today()}, {"STATUS", word.status}, {"TYPE", word.type}, {"ACTOR", actor}});
  }
  static Word Withdrawn() { return {.status = "inactive"}; }

  // A step of the registration of the example, under a key of its own.
  policy::Answer Step(const std::string& code, const std::string& key) {
    return world.Register(absl::StrReplaceAll(world.Example(), {{R"("code": "register")", R"("code": ")" + code + "\""},
                                                                {"ede-2026-000001", key}}));
  }

  // The example is registered, read and taken over; the id it is known by.
  std::string TakenOver() {
    EXPECT_EQ(world.Register(world.Example()).state, policy::Answer::State::kReceived);
    const std::string delivery = world.Read("gemeente-ede").items.at(0).delivery_id;
    EXPECT_EQ(world.Acknowledge("gemeente-ede", {delivery}), 1u);
    return delivery;
  }

  // What the desk has to do.
  std::vector<v1::Exchange> Waiting(const std::string& participant = "gemeente-ede") {
    std::vector<v1::Exchange> waiting;
    for (const MailboxItem& item : world.Read(participant).items) {
      const auto* shown = std::get_if<policy::Disclosure>(&item.content);
      waiting.push_back(shown == nullptr ? v1::Exchange() : shown->exchange());
    }
    return waiting;
  }
  // That nothing but the end of `delivery` waits, and that it names nobody.
  void ExpectEnd(const std::string& delivery) {
    const std::vector<v1::Exchange> waiting = Waiting();
    ASSERT_THAT(waiting, testing::SizeIs(1));
    EXPECT_EQ(waiting[0].registration().step(), v1::END);
    EXPECT_EQ(waiting[0].registration().about(), delivery);
    EXPECT_EQ(waiting[0].registration().end_date(), Today());
    EXPECT_EQ(waiting[0].registration().end_reason(), v1::END_REASON_UNSPECIFIED);
    EXPECT_FALSE(waiting[0].has_client());
  }
  bool IsHidden(const std::string& delivery) {
    return std::holds_alternative<policy::Withheld>(world.Read("gemeente-ede", false, delivery).items.at(0).content);
  }

  World world;
};

inline constexpr auto kReceived = policy::Answer::State::kReceived;

}  // namespace schotvrij::exchange
