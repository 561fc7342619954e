// The structure of FHIR R4 as FHIR XML needs it: what the gateway reads and writes stands in it, as what JSON has it.
#include "adapters/fhir/wire/structure.h"

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
      {"consent", "Consent"}, {"flag", "Flag"}, {"score", "Observation"}, {"attestation", "Observation"}, {"representative", "RelatedPerson"}};
  for (const Table::Row& row : Table::Embedded("schemas/formats/fhir/elements.csv").rows()) {
    const Slot* slot = Last(ResourceNamed(resources.at(row["part"])), WithoutSelectors(row["element"]));
    ASSERT_NE(slot, nullptr) << row["part"] << " " << row["element"];
    // `code` is in FHIR a code, a Coding or a CodeableConcept, and `refuse` and `present` are anything.
    const std::string_view form = row["form"];
    if (form == "boolean" || form == "integer") {
      EXPECT_EQ(slot->type->kind, form == "boolean" ? Kind::kBoolean : Kind::kNumber) << row["element"];
    } else if (form != "refuse" && form != "present") {
      const bool object = form == "coding" || form == "party" || form == "client";
      EXPECT_EQ(slot->type->kind, object ? Kind::kObject : Kind::kString) << row["element"];
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
