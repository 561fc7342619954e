// What leaves as FHIR: what the Disclosure holds, and nothing besides.
#include "gmock/gmock.h"
#include "tests/adapters/fhir/support.h"
#include "tests/support/disclosures.h"

namespace schotvrij::fhir::test {
namespace {

using schotvrij::test::Disclose;
using schotvrij::test::DiscloseAll;
using schotvrij::test::ShareOnly;
using ::testing::HasSubstr;
using ::testing::Not;

// What Ede's rules share: BSN and surname, and of the exchange who, when and under which number.
const std::vector<std::string>& Minimum() {
  static const auto* paths = new std::vector<std::string>(
      {"client.bsn", "client.name.own_name", "client.name.own_prefix", "envelope.sender", "envelope.message_id",
       "envelope.sent_on"});
  return *paths;
}

v1::Exchange Registered(const std::string& message = "example") {
  v1::Exchange exchange = DecodeSound(Valid(message), "beside");
  exchange.clear_envelope();
  return exchange;
}

std::string Bytes(absl::StatusOr<policy::Encoded> encoded) {
  EXPECT_TRUE(encoded.ok()) << encoded.status().message();
  if (!encoded.ok()) return "";
  EXPECT_EQ(encoded->media_type(), kJsonMediaType);
  rapidjson::Document document;
  document.Parse(encoded->bytes().c_str());
  EXPECT_FALSE(document.HasParseError());
  return encoded->bytes();
}

v1::Exchange ReceiptOf(v1::ReceiptState state) {
  v1::Exchange exchange;
  v1::Receipt& receipt = *exchange.mutable_receipt();
  receipt.set_about("message-7");
  receipt.set_state(state);
  receipt.set_reason("not-resident");
  receipt.set_answered_on("2026-03-02");
  receipt.set_request_key("ede-2026-000001");
  return exchange;
}

TEST(EncodePatient, HoldsBsnAndSurnameAndNothingElse) {
  const std::string patient = Bytes(EncodePatient(Disclose(Registered(), ShareOnly(Minimum())), {}));
  EXPECT_EQ(patient,
            "{\"resourceType\":\"Patient\",\"id\":\"0123456789abcdef0123456789abcdef\",\"meta\":{\"security\":[{\"system\":"
            "\"http://terminology.hl7.org/CodeSystem/v3-ObservationValue\",\"code\":\"REDACTED\"}]},\"identifier\":[{"
            "\"system\":\"http://fhir.nl/fhir/NamingSystem/bsn\",\"value\":\"999900006\"}],\"name\":[{\"use\":\"official\","
            "\"family\":\"van der Testmeer\",\"_family\":{\"extension\":[{\"url\":"
            "\"http://hl7.org/fhir/StructureDefinition/humanname-own-prefix\",\"valueString\":\"van der\"},{\"url\":"
            "\"http://hl7.org/fhir/StructureDefinition/humanname-own-name\",\"valueString\":\"Testmeer\"}]}}]}");
}

TEST(EncodeTask, HoldsNothingOfTheClientAndNothingOfTheTargetGroup) {
  const std::string task = Bytes(EncodeTask(Disclose(Registered(), ShareOnly(Minimum())), {}));
  EXPECT_EQ(task,
            "{\"resourceType\":\"Task\",\"id\":\"0123456789abcdef0123456789abcdef\",\"meta\":{\"security\":[{\"system\":"
            "\"http://terminology.hl7.org/CodeSystem/v3-ObservationValue\",\"code\":\"REDACTED\"}]},\"status\":\"requested\","
            "\"businessStatus\":{\"text\":\"waiting\"},\"intent\":\"order\",\"code\":{\"coding\":[{\"system\":"
            "\"urn:schotvrij:codesystem:task\",\"code\":\"register\"}]},\"for\":{\"reference\":"
            "\"Patient/0123456789abcdef0123456789abcdef\"},\"authoredOn\":\"2026-03-02\",\"requester\":{\"type\":"
            "\"Organization\",\"identifier\":{\"system\":\"urn:schotvrij:identifier:participant\",\"value\":"
            "\"proefaanbieder\"}}}");
}

TEST(EncodeTask, StatusFollowsTheMailbox) {
  const policy::Disclosure disclosure = Disclose(Registered(), ShareOnly(Minimum()));
  EXPECT_THAT(Bytes(EncodeTask(disclosure, {.acknowledged = true})), HasSubstr("\"status\":\"received\""));
  EXPECT_THAT(Bytes(EncodeTask(disclosure, {.acknowledged = true, .answered = true})),
              HasSubstr("\"status\":\"completed\""));
}

TEST(EncodeTask, ReceiptSaysWhatBecameOfTheSendersOwnMessage) {
  const std::string task = Bytes(EncodeTask(DiscloseAll(ReceiptOf(v1::REJECTED)), {}));
  EXPECT_THAT(task, HasSubstr("\"status\":\"rejected\""));
  EXPECT_THAT(task, HasSubstr("\"identifier\":[{\"system\":\"urn:schotvrij:identifier:request\",\"value\":\"ede-2026-000001\"}]"));
  EXPECT_THAT(task, HasSubstr("\"focus\":{\"type\":\"Task\",\"identifier\":{\"system\":\"urn:schotvrij:identifier:message\","
                              "\"value\":\"message-7\"}}"));
  EXPECT_THAT(task, HasSubstr("\"statusReason\":{\"coding\":[{\"system\":\"urn:schotvrij:codesystem:answer-reason\",\"code\":"
                              "\"not-resident\"}]}"));
  EXPECT_THAT(task, Not(HasSubstr("\"for\"")));
  EXPECT_THAT(Bytes(EncodeTask(DiscloseAll(ReceiptOf(v1::ACCEPTED)), {})), HasSubstr("\"status\":\"accepted\""));
  EXPECT_THAT(Bytes(EncodeTask(DiscloseAll(ReceiptOf(v1::UNDELIVERABLE)), {})), HasSubstr("\"status\":\"failed\""));
  EXPECT_THAT(Bytes(EncodeTask(DiscloseAll(ReceiptOf(v1::WITHHELD)), {})), HasSubstr("\"status\":\"failed\""));
}

TEST(Encode, LacksNothingOrIsRefused) {
  for (const std::string& missing : Minimum()) {
    std::vector<std::string> paths;
    for (const std::string& path : Minimum()) {
      if (path != missing) paths.push_back(path);
    }
    const bool needed = missing != "client.name.own_prefix" && missing != "envelope.sent_on";
    const absl::StatusOr<policy::Encoded> encoded = Encode(Disclose(Registered(), ShareOnly(paths)));
    EXPECT_EQ(encoded.status().code(), needed ? absl::StatusCode::kFailedPrecondition : absl::StatusCode::kOk) << missing;
  }
}

TEST(Encode, BundleOfASharedRegistrationReadsBack) {
  v1::Exchange exchange = Registered("collection");
  *exchange.mutable_registration()->add_attestations() =
      DecodeSound(Valid("example")).registration().attestations(0);
  const std::string bundle = Bytes(Encode(DiscloseAll(exchange)));
  const v1::Exchange back = DecodeSound(
      Edited(bundle, {"set /entry/0/resource/owner {\"identifier\":{\"system\":\"urn:schotvrij:identifier:cbs-gemeente\","
                      "\"value\":\"0228\"}}",
                      "del /entry/0/resource/requester"}),
      "beside");
  EXPECT_EQ(back.client().SerializeAsString(), exchange.client().SerializeAsString());
  ASSERT_EQ(back.registration().attestations_size(), 1);
  EXPECT_EQ(back.registration().attestations(0).SerializeAsString(),
            exchange.registration().attestations(0).SerializeAsString());
  ASSERT_EQ(back.registration().assessments_size(), 2);
  EXPECT_EQ(back.registration().assessments(0).SerializeAsString(),
            exchange.registration().assessments(0).SerializeAsString());
}

TEST(Encode, BsnInTheNarrativeGoesNowhere) {
  // Kind of number that stands only in places no table names.
  const std::string elsewhere = "999900018";
  const std::string message = Edited(
      Valid("example"),
      {"set /entry/1/resource/text {\"status\":\"generated\",\"div\":\"<div>BSN 999900018</div>\"}",
       "set /entry/0/resource/text {\"status\":\"generated\",\"div\":\"<div>BSN 999900018</div>\"}",
       "set /entry/0/resource/for/display \"999900018\"", "set /meta {\"source\":\"urn:x:999900018\"}",
       "set /entry/3/resource/note [{\"text\":\"999900018\"}]"});
  Decoded decoded = Decode(message);
  ASSERT_EQ(decoded.exchanges.size(), 1u);
  v1::Exchange exchange = decoded.exchanges[0];
  EXPECT_THAT(exchange.SerializeAsString(), Not(HasSubstr(elsewhere)));
  EXPECT_THAT(decoded.shape, Not(HasSubstr(elsewhere)));
  exchange.clear_envelope();
  EXPECT_THAT(Bytes(Encode(DiscloseAll(exchange))), Not(HasSubstr(elsewhere)));
  EXPECT_THAT(Bytes(Encode(DiscloseAll(exchange))), Not(HasSubstr("\"text\":{")));
}

TEST(EncodeSearch, HoldsEachItemAndTheNextPage) {
  const std::vector<policy::Disclosure> found = {Disclose(Registered(), ShareOnly(Minimum())),
                                                 DiscloseAll(ReceiptOf(v1::ACCEPTED))};
  const std::vector<ItemState> states = {{.acknowledged = true}, {}};
  const absl::StatusOr<policy::Encoded> page = EncodeTaskSearch(found, states, "Task/_search?_after=x");
  const std::string bytes = Bytes(page);
  EXPECT_THAT(bytes, HasSubstr("\"type\":\"searchset\""));
  EXPECT_THAT(bytes, HasSubstr("{\"relation\":\"next\",\"url\":\"Task/_search?_after=x\"}"));
  EXPECT_THAT(bytes, HasSubstr("\"status\":\"received\""));
  EXPECT_THAT(bytes, HasSubstr("\"status\":\"accepted\""));
  EXPECT_EQ(page->disclosure_ids().size(), 2u);
  EXPECT_THAT(Bytes(EncodePatientSearch({found.data(), 1}, {states.data(), 1}, "")), Not(HasSubstr("next")));
}

TEST(EncodeSearch, AnEmptyPageHasNoEntries) {
  EXPECT_EQ(Bytes(EncodeTaskSearch({}, {}, "")),
            "{\"resourceType\":\"Bundle\",\"type\":\"searchset\",\"link\":[{\"relation\":\"self\",\"url\":\"Task/_search\"}]}");
}

TEST(EncodeSearch, StatesMustRunInStep) {
  const std::vector<ItemState> states(1);
  EXPECT_FALSE(EncodeTaskSearch({}, states, "").ok());
}

}  // namespace
}  // namespace schotvrij::fhir::test
