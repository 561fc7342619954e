// What a Wmo relation exchanges, of which leaves, and that "BSN and surname only" becomes no start or request by itself.
#include "tests/policy/wmo.h"

#include <set>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace schotvrij::policy {
namespace {

using google::protobuf::FieldDescriptor;
using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;
using ::testing::IsSubsetOf;
using ::testing::Not;
using ::testing::UnorderedElementsAre;
using namespace test;

const std::vector<PartyFormat> kByIwmo = {{"gemeente-proef", "iwmo"}, {"aanbieder-proef", "iwmo"}};

// Paths of the leaves that are set.
void AddPaths(const google::protobuf::Message& message, const std::string& prefix, std::set<std::string>* paths) {
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->message_type() == nullptr) {
      paths->insert(prefix + field->name());
    } else if (field->is_repeated()) {
      for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
        AddPaths(reflection.GetRepeatedMessage(message, field, i), prefix + field->name() + ".", paths);
      }
    } else {
      AddPaths(reflection.GetMessage(message, field), prefix + field->name() + ".", paths);
    }
  }
}
std::set<std::string> PathsIn(const google::protobuf::Message& message, const std::string& prefix) {
  std::set<std::string> all, found;
  AddPaths(message, "", &all);
  for (const std::string& path : all) {
    if (path.starts_with(prefix)) found.insert(path);
  }
  return found;
}

schotvrij::v1::Exchange Shown(const Engine& engine, const schotvrij::v1::Exchange& exchange) {
  auto out = Disclose(engine, exchange);
  if (auto* withheld = std::get_if<Withheld>(&out)) {
    for (const Issue& issue : withheld->issues) ADD_FAILURE() << issue.rule << " " << issue.path;
    return {};
  }
  return std::get<Disclosure>(out).exchange();
}

struct Case {
  const char* content;
  bool from_municipality;
  int kind;
};
const Case kCases[] = {{"allocation", true, 0},      {"delivery_event", false, 1},  {"delivery_event", false, 2},
                       {"support_request", false, 1}, {"support_request", false, 2}, {"request_answer", true, 0},
                       {"declaration", false, 0},     {"declaration_answer", true, 0}};

std::set<std::string> ClientPaths(const Case& each) {
  return PathsIn(Shown(WmoEngine(), WmoMessage(each.content, each.from_municipality, each.kind)), "client.");
}

TEST(WmoRules, EveryMessageOfIwmoCanBeBuiltFromThem) {
  EXPECT_THAT(CheckFormats(*Load({{"wmo.txtpb", WmoText()}}), kByIwmo), IsEmpty());
}

TEST(WmoRules, WhatTheSchemaForcesOfAClientGoesAndNoMore_IwmoSection8) {
  const std::set<std::string> person = {"client.bsn",    "client.name.own_name", "client.name.own_prefix", "client.birth_date",
                                        "client.gender", "client.birth_date_use"};
  EXPECT_EQ(ClientPaths(kCases[1]), person);  // 305
  EXPECT_EQ(ClientPaths(kCases[2]), person);  // 307
  EXPECT_EQ(ClientPaths(kCases[3]), person);  // 315
  EXPECT_THAT(ClientPaths(kCases[4]), ElementsAre("client.bsn"));  // 317
  EXPECT_THAT(ClientPaths(kCases[5]), IsEmpty());                  // 319
  EXPECT_THAT(ClientPaths(kCases[6]), ElementsAre("client.bsn"));  // 323
  EXPECT_THAT(ClientPaths(kCases[7]), ElementsAre("client.bsn"));  // 325
}

TEST(WmoRules, OfAnAddressAnAllocationHasWhatFindsTheHouse) {
  std::set<std::string> contacts;
  for (const std::string& path : ClientPaths(kCases[0])) {
    if (path.starts_with("client.contacts.")) contacts.insert(path.substr(16));
  }
  EXPECT_THAT(contacts, UnorderedElementsAre("kind", "address.house_number", "address.house_letter", "address.house_number_addition",
                                             "address.house_indication", "address.postal_code", "address.country", "phones.kind",
                                             "phones.number", "phones.country_code"));
}

TEST(WmoRules, APartnersNameGoesWhereItIsPartOfTheName) {
  auto exchange = WmoMessage("allocation", true);
  for (const auto usage : {schotvrij::v1::OWN, schotvrij::v1::PARTNER, schotvrij::v1::PARTNER_THEN_OWN}) {
    exchange.mutable_client()->mutable_name()->set_usage(usage);
    EXPECT_EQ(Shown(WmoEngine(), exchange).client().name().partner_name().empty(), usage == schotvrij::v1::OWN);
  }
}

TEST(WmoRules, FreeTextRelationsAndWhatElseNobodyNeedsGoToNobody) {
  const Engine engine = WmoEngine();
  for (const Case& each : kCases) {
    const auto shown = Shown(engine, WmoMessage(each.content, each.from_municipality, each.kind));
    const std::set<std::string> paths = PathsIn(shown, "");
    EXPECT_FALSE(paths.empty()) << each.content;
    for (const std::string& path : paths) {
      for (const char* word : {"remark", "relations", "given_names", "initials", "call_name", "legal_status", "representation", "language",
                               "communication_form", "email", "organisation", "street", "city", "referrer.name", "report", "wire",
                               "insurances", "numbers", "decease", "payee", "debtor"}) {
        EXPECT_EQ(path.find(word), path.npos) << path;
      }
    }
  }
}

TEST(WmoRules, AMessageOfAKindThatNoRuleIsForIsRefused) {
  const std::string text = Replace(WmoText(), "equals: \"REQUEST_CHANGE\"", "equals: \"REQUEST_ALLOCATION\"");
  LoadResult loaded = LoadRuleSet(std::vector<PolicyFile>{{"wmo.txtpb", text}});
  EXPECT_THAT(loaded.faults, Contains(Field(&Fault::rule, "POLICY-WIDENS-KIND")));
  const size_t change = WmoText().find("    rule {\n      id: \"wmo-change\"");
  const std::string without = WmoText().erase(change, WmoText().find("    rule {", change + 10) - change);
  const Engine engine = WmoEngine(without);
  const Decision decision = Decide(engine, WmoMessage("support_request", false, schotvrij::v1::REQUEST_CHANGE));
  ASSERT_THAT(RulesOf(decision.issues), ElementsAre("STEP-NOT-IN-NETWORK"));
  EXPECT_EQ(decision.issues[0].path, "support_request.kind");
  EXPECT_THAT(Decide(engine, WmoMessage("support_request", false, schotvrij::v1::REQUEST_ALLOCATION)).issues, IsEmpty());
}

TEST(WmoRules, TheKindIsKeptThoughNoLeafSharesIt) {
  std::string text = Replace(WmoText(), "      leaf { path: \"support_request.kind\" }\n", "");
  const Engine engine = WmoEngine(text);
  const auto exchange = WmoMessage("support_request", false, schotvrij::v1::REQUEST_CHANGE);
  const Decision decision = Decide(engine, exchange);
  const auto kept = engine.CutToNeed({exchange, {}, Day(kToday)}, decision);
  EXPECT_EQ(kept.support_request().kind(), schotvrij::v1::REQUEST_CHANGE);
  EXPECT_EQ(Shown(engine, kept).support_request().kind(), schotvrij::v1::SUPPORT_REQUEST_KIND_UNSPECIFIED);
}

// ---- BSN and surname only.

std::string OnlyBsnAndSurname(const std::string& in_their_place) {
  std::string text = WmoText();
  text = Replace(text, "      leaf { path: \"client.birth_date\" }\n", in_their_place.empty() ? "" : "      leaf { path: \"client.birth_date\" as: UNKNOWN }\n");
  text = Replace(text, "      leaf { path: \"client.birth_date_use\" }\n", "");
  return Replace(text, "      leaf { path: \"client.gender\" }\n", in_their_place.empty() ? "" : "      leaf { path: \"client.gender\" as: UNKNOWN }\n");
}
std::string Allowed(const std::string& text) {
  return Replace(text, "    step: \"allocation\"", "    unknown_values: \"de gemeente neemt onbekend aan\"\n    step: \"allocation\"");
}

TEST(WmoRules, BsnAndSurnameAloneAreNoStartAndNoRequest) {
  std::set<std::string> rules;
  for (const Fault& fault : CheckFormats(*Load({{"wmo.txtpb", OnlyBsnAndSurname("")}}), {{{"gemeente-proef", "iwmo"}}})) {
    EXPECT_EQ(fault.rule, "POLICY-FORMAT-LEAF");
    rules.insert(fault.path);
  }
  EXPECT_EQ(rules.size(), 3u) << "start, stop and request";
}

TEST(WmoRules, UnknownInTheirPlaceOnlyWhereTheNetworkSaysWhy) {
  LoadResult refused = LoadRuleSet(std::vector<PolicyFile>{{"wmo.txtpb", OnlyBsnAndSurname("UNKNOWN")}});
  EXPECT_EQ(refused.rules, nullptr);
  EXPECT_THAT(refused.faults, Each(Field(&Fault::rule, "POLICY-UNKNOWN")));
  EXPECT_THAT(CheckFormats(*Load({{"wmo.txtpb", Allowed(OnlyBsnAndSurname("UNKNOWN"))}}), kByIwmo), IsEmpty());
}

TEST(WmoRules, UnknownIsSaidWhateverTheMessageSaysAndNothingOfItIsKept) {
  const Engine engine = WmoEngine(Allowed(OnlyBsnAndSurname("UNKNOWN")));
  auto exchange = WmoMessage("delivery_event", false, schotvrij::v1::DELIVERY_STARTED);
  for (const bool said : {true, false}) {
    if (!said) {
      exchange.mutable_client()->clear_birth_date();
      exchange.mutable_client()->clear_gender();
    }
    const auto kept = engine.CutToNeed({exchange, {}, Day(kToday)}, Decide(engine, exchange));
    EXPECT_THAT(PathsIn(kept, "client."), ElementsAre("client.bsn", "client.name.own_name", "client.name.own_prefix"));
    const auto out = Disclose(engine, kept);
    const auto& disclosure = std::get<Disclosure>(out);
    const schotvrij::v1::Client& client = disclosure.exchange().client();
    EXPECT_EQ(client.birth_date(), "");
    EXPECT_EQ(client.birth_date_use(), schotvrij::v1::ALL_UNKNOWN);
    EXPECT_EQ(client.gender(), schotvrij::v1::UNKNOWN);
    EXPECT_THAT(disclosure.evidence().fields, Contains(::testing::AllOf(Field(&SharedField::path, "client.gender"),
                                                                        Field(&SharedField::as, v1::UNKNOWN))));
  }
}

TEST(WmoRules, UnknownIsNothingToShareAndIsExplainedAsWithheld) {
  const Engine engine = WmoEngine(Allowed(OnlyBsnAndSurname("UNKNOWN")));
  const auto exchange = WmoMessage("delivery_event", false, schotvrij::v1::DELIVERY_STARTED);
  for (const Explanation& line : engine.Explain({exchange, {}, Day(kToday)}, "gemeente-proef")) {
    if (line.path != "client.birth_date" && line.path != "client.gender") continue;
    EXPECT_FALSE(line.shared);
    EXPECT_EQ(line.as, v1::UNKNOWN);
  }
  auto empty = exchange;
  empty.clear_client();
  empty.mutable_client()->set_birth_date("1940-01-01");
  empty.mutable_delivery_event()->Clear();
  empty.mutable_delivery_event()->set_kind(schotvrij::v1::DELIVERY_STARTED);
  const std::string text = Replace(Allowed(OnlyBsnAndSurname("UNKNOWN")), "      leaf { path: \"delivery_event.kind\" }\n", "");
  EXPECT_THAT(RulesOf(Decide(WmoEngine(text), empty).issues), ElementsAre("NOTHING-TO-SHARE"));
}

// A decision that let the datum itself go covers that it is unknown; one of unknown does not cover the datum.
TEST(WmoRules, UnknownIsNarrowerThanTheDatum) {
  const Engine wide = WmoEngine();
  const Engine narrow = WmoEngine(Allowed(OnlyBsnAndSurname("UNKNOWN")));
  const auto exchange = WmoMessage("delivery_event", false, schotvrij::v1::DELIVERY_STARTED);
  const auto paths_wide = Decide(wide, exchange).recipients.at(0).paths;
  const auto paths_narrow = Decide(narrow, exchange).recipients.at(0).paths;
  const auto later = Disclose(narrow, exchange, {}, kToday, &paths_wide);
  EXPECT_EQ(std::get<Disclosure>(later).exchange().client().gender(), schotvrij::v1::UNKNOWN);
  const auto back = Disclose(wide, exchange, {}, kToday, &paths_narrow);
  EXPECT_EQ(std::get<Disclosure>(back).exchange().client().gender(), schotvrij::v1::ADMINISTRATIVE_GENDER_UNSPECIFIED);
}

}  // namespace
}  // namespace schotvrij::policy
