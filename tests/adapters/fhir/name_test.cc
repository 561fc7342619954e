// nl-core-NameInformation: NL1 to NL4, in and out.
#include "gmock/gmock.h"
#include "tests/adapters/fhir/support.h"
#include "tests/support/disclosures.h"

namespace schotvrij::fhir::test {
namespace {

struct Naming {
  std::string order;
  v1::NameUsage usage;
  std::string assembled;
};

class NamingOrder : public testing::TestWithParam<Naming> {};

INSTANTIATE_TEST_SUITE_P(Nl, NamingOrder,
                         testing::Values(Naming{"NL1", v1::OWN, "van der Testmeer"},
                                         Naming{"NL2", v1::PARTNER, "de Voorbeeld"},
                                         Naming{"NL3", v1::PARTNER_THEN_OWN, "de Voorbeeld-van der Testmeer"},
                                         Naming{"NL4", v1::OWN_THEN_PARTNER, "van der Testmeer-de Voorbeeld"}));

std::string WithName(const Naming& naming) {
  return Edited(Valid("example"),
                {"set /entry/1/resource/name/0/extension/0/valueCode \"" + naming.order + "\"",
                 "set /entry/1/resource/name/0/family \"" + naming.assembled + "\"",
                 "add /entry/1/resource/name/0/_family/extension {\"url\":"
                 "\"http://hl7.org/fhir/StructureDefinition/humanname-partner-prefix\",\"valueString\":\"de\"}",
                 "add /entry/1/resource/name {\"use\":\"usual\",\"given\":[\"Proef\"]}"});
}

TEST_P(NamingOrder, PartsAreReadApartWhateverTheOrder) {
  const v1::PersonName name = DecodeSound(WithName(GetParam())).client().name();
  EXPECT_EQ(name.own_prefix(), "van der");
  EXPECT_EQ(name.own_name(), "Testmeer");
  EXPECT_EQ(name.partner_prefix(), "de");
  EXPECT_EQ(name.partner_name(), "Voorbeeld");
  EXPECT_EQ(name.usage(), GetParam().usage);
  EXPECT_EQ(name.given_names(), "Proefje");
  EXPECT_EQ(name.initials(), "P.");
  EXPECT_EQ(name.call_name(), "Proef");
}

TEST_P(NamingOrder, WhatIsWrittenReadsBackTheSame) {
  v1::Exchange exchange = DecodeSound(WithName(GetParam()));
  exchange.clear_envelope();
  const absl::StatusOr<policy::Encoded> encoded = EncodePatient(schotvrij::test::DiscloseAll(exchange), {});
  ASSERT_TRUE(encoded.ok()) << encoded.status().message();
  EXPECT_THAT(encoded->bytes(), testing::HasSubstr("\"family\":\"" + GetParam().assembled + "\""));
  const std::string again = Edited(Valid("example"), {"set /entry/1/resource " + encoded->bytes()});
  EXPECT_EQ(DecodeSound(again).client().SerializeAsString(), exchange.client().SerializeAsString());
}

std::string WithNames(const std::string& names) {
  return Edited(Valid("example"), {"set /entry/1/resource/name " + names});
}

TEST(Name, FamilyWithoutPartsIsTheOwnNameAndIsNeverParsed) {
  const v1::PersonName name =
      DecodeSound(WithNames("[{\"use\":\"official\",\"family\":\"van der Testmeer\"}]")).client().name();
  EXPECT_EQ(name.own_name(), "van der Testmeer");
  EXPECT_EQ(name.own_prefix(), "");
  EXPECT_EQ(name.usage(), v1::NAME_USAGE_UNSPECIFIED);
}

TEST(Name, FullNameAndInitialsMayStandInTwoOfficialNames) {
  const std::string part = "\"_family\":{\"extension\":[{\"url\":"
                           "\"http://hl7.org/fhir/StructureDefinition/humanname-own-name\",\"valueString\":\"Testmeer\"}]}";
  const std::string qualifier = "{\"extension\":[{\"url\":"
                                "\"http://hl7.org/fhir/StructureDefinition/iso21090-EN-qualifier\",\"valueCode\":\"";
  const v1::PersonName name =
      DecodeSound(WithNames("[{\"use\":\"official\",\"family\":\"Testmeer\"," + part +
                            ",\"given\":[\"Proefje\",\"Anna\"],\"_given\":[" + qualifier + "BR\"}]}," + qualifier +
                            "BR\"}]}]},{\"use\":\"official\",\"family\":\"Testmeer\"," + part +
                            ",\"given\":[\"P.\",\"A.\"],\"_given\":[" + qualifier + "IN\"}]}," + qualifier + "IN\"}]}]}]"))
          .client()
          .name();
  EXPECT_EQ(name.given_names(), "Proefje Anna");
  EXPECT_EQ(name.initials(), "P.A.");
}

TEST(Name, OneOfTwoOfficialNamesMayLackTheParts) {
  const v1::PersonName name =
      DecodeSound(Edited(Valid("example"),
                         {"add /entry/1/resource/name {\"use\":\"official\",\"family\":\"van der Testmeer-Voorbeeld\"}"}))
          .client()
          .name();
  EXPECT_EQ(name.own_name(), "Testmeer");
}

TEST(Name, ANameWithoutUseServesWhereNoneIsOfficial) {
  EXPECT_EQ(DecodeSound(WithNames("[{\"family\":\"Testmeer\"}]")).client().name().own_name(), "Testmeer");
}

TEST(Name, UnknownOrderSaysNothing) {
  const std::string unknown = Edited(Valid("example"), {"set /entry/1/resource/name/0/extension/0/valueCode \"UNK\""});
  EXPECT_EQ(DecodeSound(unknown).client().name().usage(), v1::NAME_USAGE_UNSPECIFIED);
}

}  // namespace
}  // namespace schotvrij::fhir::test
