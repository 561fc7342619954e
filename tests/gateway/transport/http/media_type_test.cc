#include "gateway/transport/http/media_type.h"

#include <string_view>

#include "gtest/gtest.h"

namespace schotvrij::http {
namespace {

using fhir::Syntax;

TEST(MediaType, AnAbsentFieldNamesNoType) {
  EXPECT_EQ(SyntaxOf(std::string_view()), std::nullopt);
  EXPECT_FALSE(IsForm(std::string_view()));
  EXPECT_EQ(SyntaxWanted(std::string_view(), Syntax::kXml), Syntax::kXml);
}

TEST(MediaType, AnEmptyFieldNamesNoType) {
  EXPECT_EQ(SyntaxOf(""), std::nullopt);
  EXPECT_FALSE(IsForm(""));
  EXPECT_FALSE(IsForm(";"));
}

TEST(MediaType, FhirMayBeSaidInSeveralWays) {
  for (const char* type :
       {"application/fhir+json", "application/json", "Application/FHIR+JSON ; charset=UTF-8",
        "application/fhir+json; fhirVersion=\"4.0\"",
        "application/fhir+json;fhirVersion=4.0;charset=utf-8"}) {
    EXPECT_EQ(SyntaxOf(type), Syntax::kJson) << type;
  }
  for (const char* type : {"application/fhir+xml", "application/xml", "text/xml; charset=utf-8",
                           "Application/FHIR+XML;fhirVersion=4.0"}) {
    EXPECT_EQ(SyntaxOf(type), Syntax::kXml) << type;
  }
  for (const char* type : {"json", "xml", "text/json", "text/html", "application/xhtml+xml",
                           "text/xml; charset=us-ascii", "application/fhir+xml; fhirVersion=3.0"}) {
    EXPECT_EQ(SyntaxOf(type), std::nullopt) << type;
  }
}

TEST(MediaType, AFormatMayBeNamedShortly) {
  EXPECT_EQ(SyntaxNamed("json"), Syntax::kJson);
  EXPECT_EQ(SyntaxNamed("xml"), Syntax::kXml);
  EXPECT_EQ(SyntaxNamed("text/xml"), Syntax::kXml);
  EXPECT_EQ(SyntaxNamed("application/fhir+json"), Syntax::kJson);
  for (const char* format : {"", "ttl", "html", "XML", "application/fhir"}) {
    EXPECT_EQ(SyntaxNamed(format), std::nullopt) << format;
  }
}

TEST(MediaType, AnAcceptFieldIsReadByItsClosestRange) {
  for (const char* accept :
       {"text/html, application/fhir+json;q=0.1", "application/json",
        "application/fhir+json; fhirVersion=4.0", "application/xml;q=0.5, application/json;q=0.51",
        "application/fhir+json, */*",
        "application/*, text/xml;q=0, application/xml;q=0, application/fhir+xml;q=0",
        "application/fhir+json;q=x, application/fhir+xml;q=0.999"}) {
    EXPECT_EQ(SyntaxWanted(accept, Syntax::kXml), Syntax::kJson) << accept;
  }
  for (const char* accept :
       {"application/fhir+xml, */*;q=0.1", "application/fhir+xml", "text/xml", "text/*",
        "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
        "application/fhir+json;q=0, application/json;q=0, */*"}) {
    EXPECT_EQ(SyntaxWanted(accept, Syntax::kJson), Syntax::kXml) << accept;
  }
  for (const char* accept : {"text/html", "application/fhir+json;q=0",
                             "application/fhir+json; fhirVersion=5.0", "*/*;q=0.0", "text"}) {
    EXPECT_EQ(SyntaxWanted(accept, Syntax::kJson), std::nullopt) << accept;
  }
}

TEST(MediaType, WhoTakesBothAlikeGetsWhatItSent) {
  for (const char* accept : {"", "*/*", "application/*", "application/json, application/xml",
                             "application/fhir+xml;q=0.5, application/fhir+json;q=0.5"}) {
    EXPECT_EQ(SyntaxWanted(accept, Syntax::kJson), Syntax::kJson) << accept;
    EXPECT_EQ(SyntaxWanted(accept, Syntax::kXml), Syntax::kXml) << accept;
  }
}

}  // namespace
}  // namespace schotvrij::http
