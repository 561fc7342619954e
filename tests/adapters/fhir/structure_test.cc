// The structure of FHIR R4 as FHIR XML needs it: what the gateway reads and writes stands in it, as what JSON has it.
#include "adapters/fhir/wire/structure.h"

#include <set>

#include "gmock/gmock.h"
#include "schemas/base/table.h"

namespace schotvrij::fhir::test {
namespace {

// "identifier(SYSTEM.WITH.DOTS).value" without what stands in brackets.
std::string WithoutSelectors(std::string_view path) {
  std::string plain;
  int depth = 0;
  for (const char c : path) {
    if (c == '(') ++depth;
    if (depth == 0) plain += c;
    if (c == ')') --depth;
  }
  return plain;
}

// The last element of `path` below a resource; null: there is none.
const Slot* Last(const ElementType& resource, std::string_view path) {
  const ElementType* type = &resource;
  const Slot* slot = nullptr;
  while (!path.empty()) {
    slot = type->Find(path.substr(0, path.find('.')));
    if (slot == nullptr) return nullptr;
    type = slot->type;
    path.remove_prefix(std::min(path.find('.'), path.size() - 1) + 1);
  }
  return slot;
}

TEST(Structure, HasEveryResourceThatIsTaken) {
  for (const Table::Row& row : Table::Embedded("schemas/formats/fhir/resources.csv").rows()) {
    EXPECT_EQ(ResourceNamed(row["type"]).name, row["type"]);
  }
}

TEST(Structure, HasEveryElementThatIsCarried) {
  const std::map<std::string_view, std::string_view> resources = {
      {"task", "Task"},       {"registration", "Task"}, {"answer", "Task"},            {"patient", "Patient"},
      {"consent", "Consent"}, {"flag", "Flag"}, {"score", "Observation"}, {"attestation", "Observation"}, {"representative", "RelatedPerson"},
      {"header", "MessageHeader"}, {"bundle", "Bundle"},
      {"episode", "EpisodeOfCare"}, {"episode-parties", "EpisodeOfCare"},
      {"order", "ServiceRequest"}, {"order-parties", "ServiceRequest"},
      {"request", "Task"}, {"request-parties", "Task"}, {"request-input", "Task.input"}, {"proposal", "ServiceRequest"},
      {"request-answer", "Task"}, {"claim", "Claim"}, {"claim-line", "Claim.item"}, {"claim-parties", "Claim"},
      {"claim-answer", "ClaimResponse"}, {"claim-answer-line", "ClaimResponse.item"}, {"claim-answer-parties", "ClaimResponse"},
      {"finding", "OperationOutcome.issue"}};
  const std::set<std::string_view> objects = {"coding", "party", "client", "coded", "money", "signed", "quantity", "ratio", "total"};
  for (const Table::Row& row : Table::Embedded("schemas/formats/fhir/elements.csv").rows()) {
    const std::string place(resources.at(row["part"]));
    const size_t dot = std::min(place.find('.'), place.size());
    std::string path = WithoutSelectors(row["element"]);
    const size_t join = path.find('>');
    if (join != path.npos) {
      path.erase(0, join + 1);
    } else if (dot < place.size()) {
      path = place.substr(dot + 1) + "." + path;
    }
    const Slot* slot = Last(ResourceNamed(place.substr(0, dot)), path);
    ASSERT_NE(slot, nullptr) << row["part"] << " " << row["element"];
    // `code` is in FHIR a code, a Coding or a CodeableConcept, and `refuse` and `present` are anything.
    std::string_view form = row["form"];
    if (form.starts_with('<')) form.remove_prefix(1);
    if (form == "boolean" || form == "integer") {
      EXPECT_EQ(slot->type->kind, form == "boolean" ? Kind::kBoolean : Kind::kNumber) << row["element"];
    } else if (form != "refuse" && form != "present" && form != "fixed" && form != "place") {
      EXPECT_EQ(slot->type->kind, objects.contains(form) ? Kind::kObject : Kind::kString) << row["element"];
    }
  }
}

TEST(Structure, KnowsWhatRepeatsAndInWhichOrder) {
  const ElementType& patient = ResourceNamed("Patient");
  const Slot* name = patient.Find("name");
  ASSERT_NE(name, nullptr);
  EXPECT_TRUE(name->list);
  EXPECT_FALSE(patient.Find("birthDate")->list);
  EXPECT_LT(patient.Find("id")->place, patient.Find("contained")->place);
  EXPECT_LT(name->place, patient.Find("birthDate")->place);
  EXPECT_EQ(patient.Find("deceasedBoolean")->place, patient.Find("deceasedDateTime")->place);
  EXPECT_EQ(patient.Find("deceasedBoolean")->type->kind, Kind::kBoolean);
  EXPECT_THAT(name->type->Find("given")->type->attributes, testing::ElementsAre("id"));
  EXPECT_THAT(name->type->Find("given")->type->Find("extension")->type->attributes, testing::ElementsAre("id", "url"));
  EXPECT_EQ(patient.Find("deceased"), nullptr);
}

TEST(Structure, GivesWhatItDoesNotKnowWhatAllHave) {
  EXPECT_TRUE(ResourceNamed("Invented").Find("contained")->list);
  EXPECT_EQ(ResourceNamed("HumanName").Find("family"), nullptr);
  EXPECT_TRUE(UnknownType().Find("modifierExtension")->list);
}

}  // namespace
}  // namespace schotvrij::fhir::test
