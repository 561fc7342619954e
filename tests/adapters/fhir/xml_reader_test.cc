#include "adapters/fhir/wire/xml_reader.h"

#include "gmock/gmock.h"
#include "schemas/base/limits.h"
#include "tests/adapters/fhir/support.h"

namespace schotvrij::fhir::test {
namespace {

using ::testing::ElementsAre;

// What is wrong with the text, as RULE@path; empty when it can be read.
std::string Broken(std::string text) {
  Tree tree;
  const std::optional<Issue> issue = ReadXml(&text, &tree);
  return issue ? issue->rule + "@" + issue->path : "";
}

std::string Patient(const std::string& inner) { return "<Patient xmlns=\"http://hl7.org/fhir\">" + inner + "</Patient>"; }

std::string Repeated(size_t times, const std::string& text) {
  std::string all;
  for (size_t i = 0; i < times; ++i) all += text;
  return all;
}

// A message and its Tree, which points into it.
struct Read {
  explicit Read(std::string xml) : text(std::move(xml)) { EXPECT_EQ(ReadXml(&text, &tree), std::nullopt); }
  std::string text;
  Tree tree;
};

TEST(XmlReader, RefusesWhatIsNotOneDocument) {
  for (const std::string text :
       {"", " ", "{}", "<", "<Patient xmlns=\"http://hl7.org/fhir\">", "</Patient>", "text",
        "<Patient xmlns=\"http://hl7.org/fhir\" xmlns=\"http://hl7.org/fhir\"/>"}) {
    EXPECT_EQ(Broken(text), "XML-SYNTAX@") << text;
  }
  const std::string sound = Patient("<active value=\"true\"/>");
  EXPECT_EQ(Broken(sound), "");
  EXPECT_EQ(Broken(sound + sound), "XML-SYNTAX@");
  EXPECT_EQ(Broken(sound + "x"), "XML-SYNTAX@");
  EXPECT_EQ(Broken(" <?xml version=\"1.0\"?>" + sound), "XML-SYNTAX@");
  EXPECT_EQ(Broken(Patient("<active value=true/>")), "XML-SYNTAX@");
  EXPECT_EQ(Broken(Patient("<active value=\"a\" value=\"b\"/>")), "XML-SYNTAX@");
  EXPECT_EQ(Broken(Patient("<active value=\"<\"/>")), "XML-SYNTAX@");
  EXPECT_EQ(Broken(Patient("<active></name>")), "XML-SYNTAX@");
}

TEST(XmlReader, EveryTruncationIsRefused) {
  const std::string body = ValidXml("example");
  for (size_t size = 0; size < body.rfind('>'); size += 7) {
    // Half of the first tag has no namespace yet.
    EXPECT_THAT(DecodeXml(body.substr(0, size)).Told(), ElementsAre(testing::AnyOf("XML-SYNTAX@", "XML-NAMESPACE@"))) << size;
  }
}

TEST(XmlReader, TellsWhereAtAByte) {
  std::string text = Patient("<active value=\"true\"/><active/>");
  Tree tree;
  EXPECT_THAT(ReadXml(&text, &tree)->text, testing::HasSubstr("at byte 66"));
}

TEST(XmlReader, RefusesADoctypeAndProcessingInstructions) {
  const std::string sound = Patient("");
  for (const std::string prologue :
       {"<!DOCTYPE Patient>", "<!DOCTYPE Patient SYSTEM \"file:///etc/hostname\">",
        "<!DOCTYPE Patient PUBLIC \"-//X//Y\" \"http://127.0.0.1:1/x.dtd\">",
        "<!DOCTYPE Patient [<!ENTITY a \"b\">]>", "<!DOCTYPE Patient [<!ENTITY a SYSTEM \"file:///etc/hostname\">]>",
        "<!DOCTYPE Patient [<!ENTITY % a SYSTEM \"http://127.0.0.1:1/\">%a;]>",
        "<!DOCTYPE Patient [<!ATTLIST Patient id CDATA \"x\">]>", "<?xml-stylesheet href=\"x\"?>", "<?php ?>"}) {
    EXPECT_EQ(Broken(prologue + sound), "XML-DOCTYPE@") << prologue;
    EXPECT_EQ(Broken("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + prologue + sound), "XML-DOCTYPE@") << prologue;
  }
  EXPECT_EQ(Broken(Patient("<name><?x y?></name>")), "XML-DOCTYPE@Patient.name[0]");
  EXPECT_EQ(Broken(sound + "<?x y?>"), "XML-DOCTYPE@");
}

TEST(XmlReader, ExpandsNoEntities) {
  std::string bomb = "<!DOCTYPE Patient [<!ENTITY a \"aaaaaaaaaa\">";
  for (char c = 'b'; c < 'z'; ++c) {
    bomb += std::string("<!ENTITY ") + c + " \"" + Repeated(10, std::string("&") + static_cast<char>(c - 1) + ";") + "\">";
  }
  EXPECT_EQ(Broken(bomb + "]>" + Patient("<id value=\"&y;\"/>")), "XML-DOCTYPE@");
  EXPECT_EQ(Broken(Patient("<id value=\"&y;\"/>")), "XML-SYNTAX@");
  EXPECT_EQ(Broken(Patient("&y;")), "XML-SYNTAX@");
  EXPECT_EQ(Broken(Patient("<text><div xmlns=\"http://www.w3.org/1999/xhtml\">a&nbsp;b</div></text>")), "XML-SYNTAX@");
}

TEST(XmlReader, UndoesReferencesOnce) {
  const Read read(Patient("<name><text value=\"a&amp;b &lt;&gt;&quot;&apos; &#38;&#x26; &amp;amp; &amp;#38; &#233;&#x1F600; "
                          "&#9;&#10;\"/><family value='\"'/></name>"));
  EXPECT_EQ(read.tree.Root().Child("name").Child("text").value(), "a&b <>\"' && &amp; &#38; é😀 \t\n");
  EXPECT_EQ(read.tree.Root().Child("name").Child("family").value(), "\"");
  for (const std::string reference : {"&#0;", "&#xFFFF;", "&#xD800;", "&#x110000;", "&#x8;", "&", "&amp", "&;"}) {
    EXPECT_EQ(Broken(Patient("<id value=\"" + reference + "\"/>")), "XML-SYNTAX@") << reference;
  }
}

TEST(XmlReader, RefusesOtherEncodings) {
  testing::internal::CaptureStderr();
  for (const std::string name :
       {"ISO-8859-1", "UTF-16", "UTF-7", "UCS-4", "US-ASCII", "EBCDIC-US", "no-such", "../x", "utf8", ""}) {
    EXPECT_EQ(Broken("<?xml version=\"1.0\" encoding=\"" + name + "\"?>" + Patient("")), "XML-UTF8@") << name;
    EXPECT_EQ(Broken("\xEF\xBB\xBF<?xml version='1.0' encoding\n= '" + name + "'?>" + Patient("")), "XML-UTF8@") << name;
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_EQ(Broken("<?xml version=\"1.0\" encoding=UCS-4?>" + Patient("")), "XML-SYNTAX@");
  EXPECT_EQ(Broken("<?xml version=\"1.0\" encoding=\"utf-8\"?>" + Patient("")), "");
  EXPECT_EQ(Broken("<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>" + Patient("")), "");
  for (const std::string bytes : {"\x80", "\xC0\xAF", "\xE0\x80\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xFF", "\xFE"}) {
    EXPECT_EQ(Broken(Patient("<id value=\"" + bytes + "\"/>")), "XML-UTF8@");
    EXPECT_EQ(Broken(bytes + Patient("")), "XML-UTF8@");
  }
}

TEST(XmlReader, RefusesWideCharactersAndNul) {
  const std::string sound = "<?xml version=\"1.0\"?>" + Patient("");
  std::string big;
  std::string little;
  for (const char c : sound) {
    big += {'\0', c};
    little += {c, '\0'};
  }
  for (const std::string& text : {big, little, "\xFE\xFF" + big, "\xFF\xFE" + little}) EXPECT_EQ(Broken(text), "XML-UTF8@");
  EXPECT_EQ(Broken(sound + std::string(1, '\0')), "XML-UTF8@");
  EXPECT_EQ(Broken(Patient(std::string("<id value=\"a\0b\"/>", 17))), "XML-UTF8@");
}

TEST(XmlReader, TakesAByteOrderMark) {
  EXPECT_EQ(Broken("\xEF\xBB\xBF" + Patient("")), "");
  EXPECT_EQ(Broken("\xEF\xBB\xBF<?xml version=\"1.0\" encoding=\"UTF-8\"?>" + Patient("")), "");
}

TEST(XmlReader, RefusesOtherNamespaces) {
  EXPECT_EQ(Broken("<Patient/>"), "XML-NAMESPACE@");
  EXPECT_EQ(Broken("<Patient xmlns=\"http://hl7.org/FHIR\"/>"), "XML-NAMESPACE@");
  EXPECT_EQ(Broken(Patient("<name xmlns=\"urn:x\"/>")), "XML-NAMESPACE@Patient");
  EXPECT_EQ(Broken(Patient("<name xmlns=\"\"/>")), "XML-NAMESPACE@Patient");
  EXPECT_EQ(Broken(Patient("<x:name/>")), "XML-SYNTAX@");
  EXPECT_EQ(Broken(Patient("<name xml:lang=\"nl\"/>")), "XML-NAMESPACE@Patient.name[0]");
  EXPECT_EQ(Broken(Patient("<name xmlns:x=\"urn:x\" x:value=\"a\"/>")), "XML-NAMESPACE@Patient.name[0]");
  EXPECT_EQ(Broken(Patient("<text><div/></text>")), "XML-NAMESPACE@Patient.text");
  EXPECT_EQ(Broken(Patient("<contained><Patient xmlns=\"urn:x\"/></contained>")), "XML-NAMESPACE@Patient.contained[0]");
}

TEST(XmlReader, TakesAnyPrefixAndTheSchemasOwnAttributes) {
  const Read read(
      "<f:Patient xmlns:f=\"http://hl7.org/fhir\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" "
      "xsi:schemaLocation=\"http://hl7.org/fhir fhir-all.xsd\"><f:gender xsi:nil=\"false\" value=\"female\"/></f:Patient>");
  EXPECT_EQ(ResourceType(read.tree.Root()), "Patient");
  EXPECT_EQ(read.tree.Root().Child("gender").value(), "female");
}

TEST(XmlReader, RefusesElementsOutOfOrder) {
  EXPECT_EQ(Broken(Patient("<gender/><name/>")), "XML-ORDER@Patient.name");
  EXPECT_EQ(Broken(Patient("<gender/><gender/>")), "XML-ORDER@Patient.gender");
  EXPECT_EQ(Broken(Patient("<name/><gender/><name/>")), "XML-ORDER@Patient.name");
  EXPECT_EQ(Broken(Patient("<deceasedBoolean/><deceasedDateTime/>")), "XML-ORDER@Patient.deceasedDateTime");
  EXPECT_EQ(Broken(Patient("<contained><Patient/><Patient/></contained>")), "XML-ORDER@Patient.contained[0]");
  EXPECT_EQ(Broken(Patient("<name/><invented/><name/><invented/><gender/>")), "");
}

TEST(XmlReader, RefusesTextBetweenElements) {
  EXPECT_EQ(Broken(Patient("x")), "XML-TEXT@Patient");
  EXPECT_EQ(Broken(Patient("<name>x<family/></name>")), "XML-TEXT@Patient.name[0]");
  EXPECT_EQ(Broken(Patient("<name><family/><![CDATA[ ]]></name>")), "XML-TEXT@Patient.name[0]");
  EXPECT_EQ(Broken(Patient("<name>&#x20;<!-- x --></name>\r\n\t ")), "");
}

TEST(XmlReader, PassesOverANarrative) {
  const Read read(Patient("<text><status value=\"generated\"/><div xmlns=\"http://www.w3.org/1999/xhtml\"><p title=\"x\">geheim "
                          "<b>geheim</b><![CDATA[geheim]]></p></div></text><gender value=\"male\"/>"));
  EXPECT_EQ(read.text.find("geheim"), std::string::npos);
  EXPECT_EQ(read.tree.Root().Child("text").Child("div").value(), "");
  EXPECT_EQ(read.tree.Root().Child("gender").value(), "male");
}

TEST(XmlReader, ValuesAreWhatJsonWouldWrite) {
  const Read read(
      "<Observation xmlns=\"http://hl7.org/fhir\"><component><valueInteger value=\"-10\"/></component><component><valueInteger "
      "value=\"010\"/></component><component><valueBoolean value=\"true\"/></component><component><valueBoolean "
      "value=\"TRUE\"/></component><component><valueQuantity><value value=\"1.10E+2\"/></valueQuantity></component><component>"
      "<valueString value=\"1\"/></component><component><valueInteger/></component><component value=\"1\"/></Observation>");
  std::vector<std::string> said;
  for (Node component : read.tree.Root().Children("component")) {
    for (Node value : component.Children()) {
      const Node leaf = value.Child("value") ? value.Child("value") : value;
      said.push_back(std::string(leaf.value()) + "/" + std::to_string(static_cast<int>(leaf.kind())));
    }
  }
  const auto shown = [](std::string_view value, Kind kind) {
    return std::string(value) + "/" + std::to_string(static_cast<int>(kind));
  };
  EXPECT_THAT(said, ElementsAre(shown("-10", Kind::kNumber), shown("010", Kind::kString), shown("true", Kind::kBoolean),
                                shown("TRUE", Kind::kString), shown("1.10E+2", Kind::kNumber), shown("1", Kind::kString),
                                shown("", Kind::kNull)));
}

TEST(XmlReader, WhatIsSaidOfAPrimitiveHangsBelowIt) {
  const Read read(Patient("<name id=\"n\"><given value=\"A\"/><given id=\"second\" value=\"B\"><extension url=\"urn:x\"><valueCode "
                          "value=\"IN\"/></extension></given></name>"));
  const Node name = read.tree.Root().Child("name");
  EXPECT_EQ(name.Child("id").value(), "n");
  std::vector<std::string> given;
  for (Node node : name.Children("given")) {
    given.push_back(node.Path() + "=" + std::string(node.value()) + "/" + std::string(node.Child("id").value()));
    if (const Node extension = node.Child("extension")) {
      EXPECT_EQ(extension.Child("valueCode").Path(), "Patient.name[0].given[1].extension[0].valueCode");
      EXPECT_EQ(extension.Child("url").value(), "urn:x");
    }
  }
  EXPECT_THAT(given, ElementsAre("Patient.name[0].given[0]=A/", "Patient.name[0].given[1]=B/second"));
}

TEST(XmlReader, PathsDoNotRepeatWhatASenderPutsInPlaceOfAName) {
  EXPECT_EQ(Broken(Patient("<p999900006>x</p999900006>")), "XML-TEXT@Patient.unknown");
  EXPECT_EQ(Broken("<p999900006 xmlns=\"http://hl7.org/fhir\">x</p999900006>"), "XML-TEXT@unknown");
}

TEST(XmlReader, DepthHasALimit) {
  const auto nested = [](size_t depth) {
    return Patient(Repeated(depth - 1, "<extension>") + Repeated(depth - 1, "</extension>"));
  };
  EXPECT_EQ(Broken(nested(limits::kJsonDepthMax)), "");
  EXPECT_EQ(Broken(nested(limits::kJsonDepthMax + 1)), "XML-DEPTH@");
  EXPECT_EQ(Broken(Repeated(limits::kBodyBytesMax / 3, "<a>")), "XML-NAMESPACE@");
  EXPECT_EQ(Broken(Patient(Repeated(limits::kBodyBytesMax / 3, "<a>"))), "XML-DEPTH@");
  EXPECT_EQ(Broken(Patient("<text><div xmlns=\"http://www.w3.org/1999/xhtml\">" + Repeated(limits::kJsonDepthMax, "<p>"))),
            "XML-DEPTH@");
}

TEST(XmlReader, NumberOfElementsAndAttributesHasALimit) {
  // The root, its namespace, and two for each.
  EXPECT_EQ(Broken(Patient(Repeated(limits::kJsonNodesMax / 2 - 1, "<x a=\"\"/>"))), "");
  EXPECT_EQ(Broken(Patient(Repeated(limits::kJsonNodesMax / 2, "<x a=\"\"/>"))), "XML-NODES@");
  EXPECT_EQ(Broken(Patient("<text><div xmlns=\"http://www.w3.org/1999/xhtml\">" + Repeated(limits::kJsonNodesMax, "<p/>") +
                           "</div></text>")),
            "XML-NODES@");
}

TEST(XmlReader, NumberOfAttributesOfAnElementHasALimit) {
  const auto with = [](size_t count, const std::string& name) {
    std::string attributes;
    for (size_t i = 0; i < count; ++i) attributes += " " + name + std::to_string(i) + "=\"urn:=\"";
    return Patient("<name" + attributes + "/>");
  };
  EXPECT_EQ(Broken(with(limits::kJsonKeysMax, "a")), "");
  EXPECT_EQ(Broken(with(limits::kJsonKeysMax, "xmlns:a")), "");
  EXPECT_EQ(Broken(with(limits::kJsonKeysMax + 1, "a")), "XML-NODES@");
  EXPECT_EQ(Broken(with(limits::kJsonKeysMax + 1, "xmlns:a")), "XML-NODES@");
  EXPECT_EQ(Broken(with(50'000, "a")), "XML-NODES@");
}

TEST(XmlReader, EqualsSignsThatBelongToNoAttributeAreNotCounted) {
  const std::string many(2 * limits::kJsonKeysMax, '=');
  EXPECT_EQ(Broken("<!--" + many + "<a " + many + "-->" + Patient("<id value=\"" + many + "\"/><!-- > \" -->")), "");
  EXPECT_EQ(Broken(Patient("<text><div xmlns=\"http://www.w3.org/1999/xhtml\">" + many + "<![CDATA[<a " + many +
                           "]]></div></text>")),
            "");
}

TEST(XmlReader, LongTextsEndSomewhere) {
  EXPECT_EQ(Broken(Patient("<id value=\"" + std::string(limits::kBodyBytesMax, 'a') + "\"/>")), "");
  EXPECT_EQ(Broken(Patient(std::string("<").append(limits::kBodyBytesMax, 'a').append("/>"))), "XML-SYNTAX@");
  EXPECT_EQ(Broken(Patient("<!--" + std::string(limits::kBodyBytesMax, '-'))), "XML-SYNTAX@");
  EXPECT_EQ(Broken(Patient("<id value=\"" + Repeated(limits::kBodyBytesMax / 5, "&amp;") + "\"/>")), "");
}

TEST(XmlReader, BodyHasALimit) {
  EXPECT_THAT(DecodeXml(std::string(limits::kBodyBytesMax + 1, ' ')).Told(), ElementsAre("BODY-SIZE@"));
}

TEST(XmlReader, FeedingInTwoPiecesAnywhereGivesTheSame) {
  const std::string body = ValidXml("example");
  const std::string whole = DecodeXml(body).exchanges.at(0).SerializeAsString();
  for (size_t split = 0; split <= body.size(); split += 5) {
    const Decoded decoded = DecodeXml(body, "", split);
    ASSERT_EQ(decoded.exchanges.size(), 1u) << split;
    ASSERT_EQ(decoded.exchanges[0].SerializeAsString(), whole) << split;
  }
}

TEST(XmlReader, WhatNoTableNamesIsNotCarried) {
  std::string body = ValidXml("example");
  const std::string plain = DecodeXml(body).exchanges.at(0).SerializeAsString();
  const auto insert = [&](std::string_view before, const std::string& text) { body.insert(body.find(before), text); };
  insert("<identifier>", "<geheim value=\"1\"><geheim url=\"x\">\n</geheim></geheim>");
  insert("<gender ", "<geheim/>");
  insert("<birthDate ", "<!-- geheim -->");
  EXPECT_EQ(DecodeXml(body).exchanges.at(0).SerializeAsString(), plain);
}

}  // namespace
}  // namespace schotvrij::fhir::test
