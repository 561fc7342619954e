#include "adapters/fhir/map/shape.h"

#include "schemas/base/table.h"
#include "tests/adapters/fhir/support.h"

namespace schotvrij::fhir::test {
namespace {

std::string Place(const std::string& canonical, const std::string& message) {
  return PathInFhir(canonical, Shape::FromText(Decode(Valid(message), "beside").shape));
}

TEST(PathInFhir, NamesTheElementTheFieldWasReadFrom) {
  const std::vector<std::pair<std::string, std::string>> places = {
      {"client.bsn", "Bundle.entry[1].resource.identifier.where(system='http://fhir.nl/fhir/NamingSystem/bsn').value"},
      {"client.name.own_name", "Bundle.entry[1].resource.name.family"},
      {"client", "Bundle.entry[1].resource"},
      {"envelope.network", "Bundle.entry[0].resource.groupIdentifier.value"},
      {"envelope.sender", "Bundle.entry[0].resource.requester"},
      {"envelope.recipient", "Bundle.entry[0].resource.owner"},
      {"envelope.recipient_identifier.value", "Bundle.entry[0].resource.owner.identifier"},
      {"envelope.request_key", "Bundle.entry[0].resource.identifier.value"},
      {"registration.attestations[0].verdict", "Bundle.entry[3].resource.valueBoolean"},
      {"registration.attestations[0].criteria_version",
       "Bundle.entry[3].resource.component.where(code.coding.code='criteria-version').valueString"},
      {"registration.attestations[0]", "Bundle.entry[3].resource"},
      {"registration.attestations", "Bundle.entry"},
      {"registration.attestations[7].verdict", "Bundle.entry"},
      {"registration.consents[0].purposes[0]", "Bundle.entry[2].resource.provision.purpose"},
      {"registration.consents[0].given_by", "Bundle.entry[2].resource.performer"},
      {"registration.consents[0].representation", "Bundle.entry[2].resource.performer"},
      {"registration.consents[0].representation.kind", "Bundle.entry[2].resource.performer"},
      {"registration.start_date", "Bundle.entry[0].resource.executionPeriod.start"},
      {"registration", "Bundle.entry[0].resource"},
      {"registration.assessments[0].score", "Bundle.entry"},
      {"envelope.unheard_of", "Bundle.entry[0].resource"},
      {"", ""},
      {"Bundle.type", "Bundle.type"},
  };
  for (const auto& [canonical, fhir] : places) EXPECT_EQ(Place(canonical, "example"), fhir) << canonical;
}

TEST(PathInFhir, KnowsEachKindOfMessage) {
  EXPECT_EQ(Place("registration.attestations[0].verdict", "task"), "Task.contained[2].valueBoolean");
  EXPECT_EQ(Place("registration.consents", "example"), "Bundle.entry");
  EXPECT_EQ(Place("registration.assessments", "task"), "Task.contained");
  EXPECT_EQ(Place("registration.assessments[1].score", "collection"), "Bundle.entry[4].resource.valueInteger");
  EXPECT_EQ(Place("consent.scope", "consent"), "Consent.scope");
  EXPECT_EQ(Place("client.bsn", "consent"),
            "Consent.patient.identifier.where(system='http://fhir.nl/fhir/NamingSystem/bsn').value");
  EXPECT_EQ(Place("receipt.state", "answer"), "Task.status");
  EXPECT_EQ(Place("receipt.about", "answer"), "Task.id");
}

TEST(PathInFhir, FollowsTheOrderOfTheCanonicalLists) {
  const std::string swapped = Edited(Valid("example"), {"add /entry {\"resource\":{},\"request\":{\"method\":\"POST\"}}",
                                                        "set /entry/4/resource/resourceType \"Organization\""});
  rapidjson::Document document;
  document.Parse(swapped.c_str());
  // A second criterion that comes first in canonical order stands last in the Bundle.
  rapidjson::Value copy(document["entry"][3]["resource"], document.GetAllocator());
  document["entry"][4]["resource"] = copy;
  Edit("set /entry/4/resource/code/coding/0/code \"aa\"", &document);
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  document.Accept(writer);
  const Decoded decoded = Decode({buffer.GetString(), buffer.GetSize()});
  ASSERT_EQ(decoded.exchanges.size(), 1u);
  ASSERT_EQ(decoded.exchanges[0].registration().attestations(0).criterion(), "aa");
  EXPECT_EQ(PathInFhir("registration.attestations[0].verdict", Shape::FromText(decoded.shape)),
            "Bundle.entry[4].resource.valueBoolean");
}

TEST(Shape, ReadsBackWhatItWrote) {
  for (const std::string name : {"example", "task", "consent", "answer", "collection", "message"}) {
    const std::string text = Decode(Valid(name), "beside").shape;
    EXPECT_EQ(Shape::FromText(text).ToText(), text) << name;
  }
}

TEST(Shape, AForeignTextHasNoKind) {
  for (const std::string text : {"", "x", "t", "t;;;", "z;;;;;;;", ";;;;;;;;;", "transaction;4;0"}) {
    EXPECT_EQ(Shape::FromText(text).kind, MessageKind::kNone) << text;
  }
}

}  // namespace
}  // namespace schotvrij::fhir::test
