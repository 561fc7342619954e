// What is read, and what is refused and how it is told.
#include "adapters/iwmo/wire/reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "tests/adapters/iwmo/support.h"
#include "tests/support/iwmo/oracle.h"
#include "tests/support/iwmo/random_document.h"

namespace schotvrij::iwmo {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using std::literals::operator""sv;

constexpr std::string_view kStartDocument = R"(<?xml version="1.0" encoding="UTF-8"?>
<wmo305:Bericht xmlns:iwmo="http://www.istandaarden.nl/iwmo/3_2/basisschema/schema" xmlns:wmo305="http://www.istandaarden.nl/iwmo/3_2/wmo305/schema">
	<wmo305:Header>
		<wmo305:BerichtCode>418</wmo305:BerichtCode>
		<wmo305:BerichtVersie>3</wmo305:BerichtVersie>
		<wmo305:BerichtSubversie>2</wmo305:BerichtSubversie>
		<wmo305:Afzender>65656055</wmo305:Afzender>
		<wmo305:Ontvanger>0363</wmo305:Ontvanger>
		<wmo305:BerichtIdentificatie>
			<iwmo:Identificatie>1</iwmo:Identificatie>
			<iwmo:Dagtekening>2026-03-02</iwmo:Dagtekening>
		</wmo305:BerichtIdentificatie>
		<wmo305:XsdVersie>
			<iwmo:BasisschemaXsdVersie>1.0.0</iwmo:BasisschemaXsdVersie>
			<iwmo:BerichtXsdVersie>1.0.0</iwmo:BerichtXsdVersie>
		</wmo305:XsdVersie>
	</wmo305:Header>
	<wmo305:Client>
		<wmo305:Bsn>999900006</wmo305:Bsn>
		<wmo305:Geboortedatum><iwmo:Datum>1967-08-13</iwmo:Datum></wmo305:Geboortedatum>
		<wmo305:Geslacht>1</wmo305:Geslacht>
		<wmo305:Naam><iwmo:Geslachtsnaam><iwmo:Achternaam>Wit</iwmo:Achternaam></iwmo:Geslachtsnaam></wmo305:Naam>
		<wmo305:StartProducten>
			<wmo305:StartProduct>
				<wmo305:Begindatum>2026-03-01</wmo305:Begindatum>
				<wmo305:StatusAanlevering>1</wmo305:StatusAanlevering>
			</wmo305:StartProduct>
			<wmo305:StartProduct>
				<wmo305:Begindatum>2026-03-02</wmo305:Begindatum>
				<wmo305:StatusAanlevering>1</wmo305:StatusAanlevering>
			</wmo305:StartProduct>
		</wmo305:StartProducten>
	</wmo305:Client>
</wmo305:Bericht>
)";

constexpr std::string_view kDeclarationStart = R"(<?xml version="1.0" encoding="UTF-8"?>
<d:Bericht xmlns:iwmo="http://www.istandaarden.nl/iwmo/3_2/basisschema/schema" xmlns:d="http://www.istandaarden.nl/iwmo/3_2/wmo323/schema">
<d:Header><d:BerichtCode>484</d:BerichtCode><d:BerichtVersie>3</d:BerichtVersie><d:BerichtSubversie>2</d:BerichtSubversie>
<d:Afzender>65656055</d:Afzender><d:Ontvanger>0363</d:Ontvanger>
<d:BerichtIdentificatie><iwmo:Identificatie>1</iwmo:Identificatie><iwmo:Dagtekening>2026-03-02</iwmo:Dagtekening></d:BerichtIdentificatie>
<d:XsdVersie><iwmo:BasisschemaXsdVersie>1.0.0</iwmo:BasisschemaXsdVersie><iwmo:BerichtXsdVersie>1.0.0</iwmo:BerichtXsdVersie></d:XsdVersie>
</d:Header><d:Declaratie><d:DeclaratieNummer>DN1</d:DeclaratieNummer>
<d:DeclaratiePeriode><iwmo:Begindatum>2026-02-01</iwmo:Begindatum><iwmo:Einddatum>2026-02-28</iwmo:Einddatum></d:DeclaratiePeriode>
<d:DeclaratieDagtekening>2026-03-02</d:DeclaratieDagtekening>
<d:TotaalIngediendBedrag><iwmo:TotaalBedrag>0</iwmo:TotaalBedrag><iwmo:DebetCredit>D</iwmo:DebetCredit></d:TotaalIngediendBedrag>
<d:Clienten>
)";
constexpr std::string_view kDeclarationClient =
    R"(<d:Client><d:Bsn>999900006</d:Bsn><d:Prestaties><d:Prestatie>
<d:ProductReferentie><iwmo:ReferentieNummer>R1</iwmo:ReferentieNummer></d:ProductReferentie>
<d:ToewijzingNummer>1</d:ToewijzingNummer><d:ProductCategorie>01</d:ProductCategorie><d:ProductCode>01A03</d:ProductCode>
<d:ProductPeriode><iwmo:Begindatum>2026-02-01</iwmo:Begindatum><iwmo:Einddatum>2026-02-28</iwmo:Einddatum></d:ProductPeriode>
<d:GeleverdVolume>4</d:GeleverdVolume><d:Eenheid>04</d:Eenheid>
<d:IngediendBedrag><iwmo:Bedrag>0</iwmo:Bedrag><iwmo:DebetCredit>D</iwmo:DebetCredit></d:IngediendBedrag>
</d:Prestatie></d:Prestaties></d:Client>
)";
constexpr std::string_view kDeclarationEnd = "</d:Clienten></d:Declaratie></d:Bericht>\n";

std::string Declaration(std::initializer_list<std::string> clients) {
  std::string text(kDeclarationStart);
  for (const std::string& client : clients) text.append(client);
  return text.append(kDeclarationEnd);
}

std::string Replaced(std::string_view text, std::string_view what, std::string_view with) {
  std::string replaced(text);
  const size_t at = replaced.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return replaced.replace(at, what.size(), with);
}

// The start message with a change.
std::string Start(std::string_view what, std::string_view with) { return Replaced(kStartDocument, what, with); }

// What is refused on purpose and what is broken: each by its own rule, wherever the bytes are cut, and never with an end.
struct BadDocument {
  std::string_view name;
  std::string bytes;
  std::string_view rule;
};

std::vector<BadDocument> BadDocuments() {
  std::string utf16("\xFF\xFE");
  for (char c : kStartDocument) utf16.append({c, '\0'});
  const std::string laughs = R"(<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol1 "&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;">]>)";
  const std::string xxe = R"(<!DOCTYPE foo [<!ENTITY xxe SYSTEM "file:///etc/passwd">]>)";
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep.append("<a>");
  std::string many_attributes = "<wmo305:Client";
  for (int i = 0; i < 17; ++i) many_attributes.append(" xmlns:p").append(std::to_string(i)).append("=\"urn:p\"");
  std::string many_namespaces = "<wmo305:Client";
  for (int i = 0; i < 16; ++i) many_namespaces.append(" xmlns:p").append(std::to_string(i)).append("=\"urn:p\"");
  many_namespaces.append("><wmo305:Bsn");
  for (int i = 0; i < 15; ++i) many_namespaces.append(" xmlns:q").append(std::to_string(i)).append("=\"urn:q\"");
  return {
      {"nothing", "", "IWMO-TRUNCATED"},
      {"two_bytes", "<w", "IWMO-TRUNCATED"},
      {"only_a_declaration", R"(<?xml version="1.0"?>)", "IWMO-TRUNCATED"},
      {"json", R"({"resourceType": "Bundle"})", "IWMO-NOT-IWMO"},
      {"pdf", "%PDF-1.7 <<>>", "IWMO-NOT-IWMO"},
      {"fhir", R"(<Bundle xmlns="http://hl7.org/fhir"/>)", "IWMO-NOT-IWMO"},
      {"no_namespace", "<Bericht></Bericht>", "IWMO-NOT-IWMO"},
      {"message_that_there_is_not", Start("wmo305/schema", "wmo399/schema"), "IWMO-NOT-IWMO"},
      {"only_the_basisschema", R"(<Bericht xmlns="http://www.istandaarden.nl/iwmo/3_2/basisschema/schema"/>)", "IWMO-NOT-IWMO"},
      {"another_root", R"(<Client xmlns="http://www.istandaarden.nl/iwmo/3_2/wmo305/schema"/>)", "IWMO-NOT-IWMO"},
      {"undeclared_root", "<wmo305:Bericht/>", "IWMO-NOT-IWMO"},
      {"ijw", R"(<Bericht xmlns="http://www.istandaarden.nl/ijw/3_2/jw305/schema"/>)", "IWMO-IJW"},
      {"release_3_1", Start("iwmo/3_2/wmo305/", "iwmo/3_1/wmo305/"), "IWMO-RELEASE"},
      {"byte_order_mark", "\xEF\xBB\xBF" + std::string(kStartDocument), "IWMO-BOM"},
      {"utf_16", utf16, "IWMO-ENCODING"},
      {"utf_16_without_mark", utf16.substr(2), "IWMO-ENCODING"},
      {"utf_16_that_begins_with_zero", std::string("\0<\0?\0x\0m"sv), "IWMO-ENCODING"},
      {"utf_32", std::string("\0\0\0<"sv), "IWMO-ENCODING"},
      {"declared_latin_1", Start("UTF-8", "ISO-8859-1"), "IWMO-ENCODING"},
      {"declared_utf_16", Start("UTF-8", "UTF-16"), "IWMO-ENCODING"},
      {"latin_1", Start("Wit", "Andr\xE9"), "IWMO-UTF8"},
      {"overlong_utf_8", Start("Wit", "\xC0\xAF"), "IWMO-UTF8"},
      {"surrogate_in_utf_8", Start("Wit", "\xED\xA0\x80"), "IWMO-UTF8"},
      {"above_the_last_character", Start("Wit", "\xF4\x90\x80\x80"), "IWMO-UTF8"},
      {"cut_character", Start("Wit", "\xE2\x82<"), "IWMO-UTF8"},
      {"bad_utf_8_in_a_comment", Start("<wmo305:Client>", "<!-- \xFF --><wmo305:Client>"), "IWMO-UTF8"},
      {"nul", Start("Wit", "Wi\0t"sv), "IWMO-CHARACTER"},
      {"nul_between_elements", Start("<wmo305:Client>", "\0<wmo305:Client>"sv), "IWMO-CHARACTER"},
      {"control_character", Start("Wit", "\x01"), "IWMO-CHARACTER"},
      {"nul_by_its_number", Start("Wit", "&#0;"), "IWMO-CHARACTER"},
      {"surrogate_by_its_number", Start("Wit", "&#xD800;"), "IWMO-CHARACTER"},
      {"number_beyond_all", Start("Wit", "&#99999999999999999999;"), "IWMO-CHARACTER"},
      {"no_character", Start("Wit", "\xEF\xBF\xBF"), "IWMO-CHARACTER"},
      {"billion_laughs", Start("<wmo305:Bericht", laughs + "<wmo305:Bericht"), "IWMO-DOCTYPE"},
      {"external_entity", Start("<wmo305:Bericht", xxe + "<wmo305:Bericht"), "IWMO-DOCTYPE"},
      {"entity_of_one_own", Start("Wit", "&xxe;"), "IWMO-ENTITY"},
      {"processing_instruction", Start("<wmo305:Client>", "<?php ?><wmo305:Client>"), "IWMO-INSTRUCTION"},
      {"style_sheet", Start("<wmo305:Bericht", R"(<?xml-stylesheet href="http://example.org/x"?><wmo305:Bericht)"), "IWMO-INSTRUCTION"},
      {"declaration_after_a_line_end", "\n" + std::string(kStartDocument), "IWMO-INSTRUCTION"},
      {"cut", std::string(kStartDocument.substr(0, kStartDocument.size() - 5)), "IWMO-TRUNCATED"},
      {"cut_in_a_comment", std::string(kStartDocument) + "<!-- ", "IWMO-TRUNCATED"},
      {"twice", std::string(kStartDocument).append(kStartDocument), "IWMO-INSTRUCTION"},
      {"two_roots", std::string(kStartDocument).append("<a/>"), "IWMO-TRAILING"},
      {"text_behind_the_root", std::string(kStartDocument).append("x"), "IWMO-TRAILING"},
      {"reference_behind_the_root", std::string(kStartDocument).append("&#32;"), "IWMO-TRAILING"},
      {"end_tag_behind_the_root", std::string(kStartDocument).append("</a>"), "IWMO-SYNTAX"},
      {"cdata_behind_the_root", std::string(kStartDocument).append("<![CDATA[ ]]>"), "IWMO-SYNTAX"},
      {"wrong_end_tag", Start("</wmo305:Bsn>", "</wmo305:bsn>"), "IWMO-SYNTAX"},
      {"end_tag_of_another_prefix", Start("</wmo305:Bsn>", "</iwmo:Bsn>"), "IWMO-SYNTAX"},
      {"lone_ampersand", Start("Wit", "A & B"), "IWMO-SYNTAX"},
      {"ampersand_where_an_end_tag_begins", Start("1</wmo305:Geslacht>", "1&/wmo305:Geslacht>"), "IWMO-SYNTAX"},
      {"bracket_where_an_end_tag_begins", Start("1</wmo305:Geslacht>", "1]/wmo305:Geslacht>"), "IWMO-SYNTAX"},
      {"lone_lower_than", Start("Wit", "A < B"), "IWMO-SYNTAX"},
      {"end_of_cdata_in_text", Start("Wit", "]]>"), "IWMO-SYNTAX"},
      {"two_hyphens_in_a_comment", Start("<wmo305:Client>", "<!-- a -- b --><wmo305:Client>"), "IWMO-SYNTAX"},
      {"attribute_without_quotes", Start("<wmo305:Client>", "<wmo305:Client a=b>"), "IWMO-SYNTAX"},
      {"attribute_without_value", Start("<wmo305:Client>", "<wmo305:Client a>"), "IWMO-SYNTAX"},
      {"attributes_run_together", Start("<wmo305:Client>", "<wmo305:Client a='1'b='2'>"), "IWMO-SYNTAX"},
      {"attribute_twice", Start("<wmo305:Client>", "<wmo305:Client a='1' a='2'>"), "IWMO-SYNTAX"},
      {"namespace_twice", Start(" xmlns:iwmo=", " xmlns:iwmo='urn:a' xmlns:iwmo="), "IWMO-SYNTAX"},
      {"lone_ampersand_in_the_root", Start("basisschema/schema", "&"), "IWMO-SYNTAX"},
      {"lower_than_in_an_attribute", Start("<wmo305:Client>", "<wmo305:Client a='<'>"), "IWMO-SYNTAX"},
      {"no_namespace_for_a_prefix", Start("<wmo305:Client>", "<wmo305:Client xmlns:a=''>"), "IWMO-SYNTAX"},
      {"prefix_xmlns_declared", Start("<wmo305:Client>", "<wmo305:Client xmlns:xmlns='urn:a'>"), "IWMO-SYNTAX"},
      {"deep_nesting", Start("<wmo305:Client>", deep), "IWMO-DEPTH"},
      {"long_name_of_an_element", "<" + std::string(100'000, 'a'), "IWMO-TAG-SIZE"},
      {"long_attribute", Start("<wmo305:Client>", "<wmo305:Client a='" + std::string(5'000, 'a') + "'>"), "IWMO-TAG-SIZE"},
      {"long_end_tag", Start("</wmo305:Bsn>", "</wmo305:Bsn" + std::string(5'000, ' ') + ">"), "IWMO-TAG-SIZE"},
      {"long_reference", Start("Wit", "&#" + std::string(5'000, '0') + "65;"), "IWMO-TAG-SIZE"},
      {"long_declaration", "<?xml version='1.0'" + std::string(5'000, ' ') + "?>", "IWMO-TAG-SIZE"},
      {"many_attributes", Start("<wmo305:Client", many_attributes), "IWMO-ATTRIBUTES"},
      {"many_namespaces", Start("<wmo305:Client>\n\t\t<wmo305:Bsn", many_namespaces), "IWMO-ATTRIBUTES"},
      {"huge_text", Start("Wit", std::string(limits::kIwmoValueBytesMax + 1, 'a')), "IWMO-VALUE-SIZE"},
      {"huge_text_in_pieces", Start("Wit", std::string(40'000, 'a') + "<!-- -->" + std::string(40'000, 'a')), "IWMO-VALUE-SIZE"},
      {"huge_document", Start("<wmo305:Client>", std::string(limits::kIwmoBytesMax, ' ') + "<wmo305:Client>"), "IWMO-SIZE"},
  };
}

class IwmoBadDocument : public testing::TestWithParam<BadDocument> {};

TEST_P(IwmoBadDocument, IsRefusedByItsOwnRuleAndHasNoEnd) {
  for (size_t piece : {std::string_view::npos, size_t{4'096}, size_t{61}, size_t{1}}) {
    if (GetParam().bytes.size() / piece > 1'000'000) continue;
    const ReadTrees read = ReadDocument(GetParam().bytes, piece);
    ASSERT_FALSE(read.issues.empty());
    EXPECT_EQ(read.issues.back().rule, GetParam().rule);
    EXPECT_EQ(read.issues.back().severity, Severity::kError);
    EXPECT_THAT(read.issues.back().path, HasSubstr("line "));
    EXPECT_THAT(read.whole, IsEmpty());
  }
}

INSTANTIATE_TEST_SUITE_P(Iwmo, IwmoBadDocument, testing::ValuesIn(BadDocuments()),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(IwmoReader, TheOlderReleaseIsNamed) {
  const ReadTrees read = ReadDocument(Start("iwmo/3_2/wmo305/", "iwmo/3_1/wmo305/"));
  EXPECT_THAT(read.issues[0].text, HasSubstr("release 3.1"));
  EXPECT_THAT(ReadDocument("<a:Bericht xmlns:a='http://www.istandaarden.nl/iwmo/2_1/wmo305/schema/2_1'/>").issues[0].text,
              HasSubstr("release 2.1"));
}

struct TreeSinkThatCounts final : TreeSink {
  void OnHead(const Tree&) override {}
  void OnPart(const Tree&) override { ++parts; }
  void OnEnd(const Tree&) override {}
  void OnIssue(Issue issue) override { rule = issue.rule; }
  uint64_t parts = 0;
  std::string rule;
};

// Level 1: each way in which a document can be against its schema, at its place, and the whole read on.
struct BrokenRule {
  std::string_view what, with;
  std::string_view rule;
  std::string_view place;
  std::string_view detail;
};
const BrokenRule kBrokenRules[] = {
    {"<wmo305:Geslacht>1</wmo305:Geslacht>", "", "IWMO-MISSING", "Bericht/Client, line 18", "(Geslacht)"},
    {"<wmo305:Geslacht>1</wmo305:Geslacht>", "<wmo305:Geslacht>1</wmo305:Geslacht><wmo305:Geslacht>1</wmo305:Geslacht>", "IWMO-REPEATED",
     "Bericht/Client, line 18", "(Geslacht)"},
    {"<wmo305:Begindatum>2026-03-02</wmo305:Begindatum>\n\t\t\t\t<wmo305:StatusAanlevering>1</wmo305:StatusAanlevering>",
     "<wmo305:StatusAanlevering>1</wmo305:StatusAanlevering><wmo305:Begindatum>2026-03-02</wmo305:Begindatum>", "IWMO-ORDER",
     "Bericht/Client/StartProducten/StartProduct[2], line 28", "(Begindatum)"},
    {"<wmo305:Geslacht>1", "<wmo305:Achternaam>1</wmo305:Achternaam><wmo305:Geslacht>1", "IWMO-ELEMENT", "Bericht/Client, line 18", ""},
    {"<wmo305:Geslacht>1</wmo305:Geslacht>", "<iwmo:Geslacht>1</iwmo:Geslacht>", "IWMO-NAMESPACE", "Bericht/Client, line 18", "(Geslacht)"},
    {"<wmo305:Geslacht>1", "<x:y><x:z a:b='c'>d</x:z></x:y><wmo305:Geslacht>1", "IWMO-PREFIX", "Bericht/Client, line 18", ""},
    {"<wmo305:Geslacht>1", "x<wmo305:Geslacht>1", "IWMO-TEXT", "Bericht/Client, line 18", ""},
    {"<wmo305:Geslacht>1", "<wmo305:Geslacht a='b'>1", "IWMO-ATTRIBUTE", "Bericht/Client/Geslacht, line 21", ""},
    {"<wmo305:Bsn>999900006", "<wmo305:Bsn>99990000", "IWMO-LENGTH", "Bericht/Client/Bsn, line 19", "(LDT_BurgerServicenummer: 9 characters)"},
    {"<wmo305:Bsn>999900006", "<wmo305:Bsn>99990000A", "IWMO-DIGITS", "Bericht/Client/Bsn, line 19", "(LDT_BurgerServicenummer)"},
    {"Wit", "", "IWMO-LENGTH", "Bericht/Client/Naam/Geslachtsnaam/Achternaam, line 22", "(LDT_Naam: 1 to 200 characters)"},
    {"Wit", " \t", "IWMO-ONE-LINE", "Bericht/Client/Naam/Geslachtsnaam/Achternaam, line 22", "(LDT_Naam)"},
    {"Wit", "de\nWit", "IWMO-ONE-LINE", "Bericht/Client/Naam/Geslachtsnaam/Achternaam, line 22", "(LDT_Naam)"},
    {"</iwmo:Geslachtsnaam>", "</iwmo:Geslachtsnaam><iwmo:Voorletters>J.</iwmo:Voorletters>", "IWMO-LETTERS",
     "Bericht/Client/Naam/Voorletters, line 22", "(LDT_Voorletters)"},
    {"<wmo305:Geslacht>1", "<wmo305:Geslacht>3", "IWMO-CODE", "Bericht/Client/Geslacht, line 21", "(LDT_Geslacht: list COD046)"},
    {"2026-03-02</wmo305:Begindatum>", "2026-02-29</wmo305:Begindatum>", "IWMO-DATE",
     "Bericht/Client/StartProducten/StartProduct[2]/Begindatum, line 29", "(LDT_Datum)"},
    {"<wmo305:StartProduct>", "<wmo305:StartProduct><wmo305:ToewijzingNummer>1.0</wmo305:ToewijzingNummer>", "IWMO-INTEGER",
     "Bericht/Client/StartProducten/StartProduct[1]/ToewijzingNummer, line 24", "(LDT_Nummer)"},
    {"<wmo305:StartProduct>", "<wmo305:StartProduct><wmo305:ToewijzingNummer>-1</wmo305:ToewijzingNummer>", "IWMO-RANGE",
     "Bericht/Client/StartProducten/StartProduct[1]/ToewijzingNummer, line 24", "(LDT_Nummer: 0 to 999999999)"},
    {"418", "420", "IWMO-FIXED", "Bericht/Header/BerichtCode, line 4", "(LDT_BerichtCode: 418)"},
    {"1.0.0", "1.00.0", "IWMO-VERSION-FORM", "Bericht/Header/XsdVersie/BasisschemaXsdVersie, line 14", "(LDT_Versie)"},
};

TEST(IwmoReader, NamesElementLineAndTypeOfWhatIsAgainstTheSchema) {
  for (const BrokenRule& broken : kBrokenRules) {
    const ReadTrees read = ReadDocument(Start(broken.what, broken.with));
    ASSERT_THAT(read.Rules(), ElementsAre(broken.rule)) << broken.with;
    EXPECT_EQ(read.issues[0].path, broken.place);
    EXPECT_THAT(read.issues[0].text, HasSubstr(broken.detail));
    EXPECT_THAT(read.whole, IsEmpty());
  }
}

TEST(IwmoReader, TellsOfAllThatIsWrongInOneGo) {
  std::string text = Start("<wmo305:Geslacht>1", "<wmo305:Geslacht>X");
  text = Replaced(text, "999900006", "1");
  text = Replaced(text, "<wmo305:Afzender>65656055</wmo305:Afzender>", "");
  EXPECT_THAT(ReadDocument(text).Rules(), ElementsAre("IWMO-MISSING", "IWMO-LENGTH", "IWMO-CODE"));
}

TEST(IwmoReader, NoIssueHoldsAValueOfTheDocument) {
  for (const BrokenRule& broken : kBrokenRules) {
    const std::string text = Replaced(Start(broken.what, broken.with), "Header>", "Header>Geheim");
    for (const Issue& issue : ReadDocument(Replaced(text, "<wmo305:Client>", "<wmo305:Client><Jansen/>")).issues) {
      EXPECT_THAT(issue.path + issue.text, testing::Not(testing::ContainsRegex("Geheim|Jansen|Wit|99990000")));
    }
  }
}

TEST(IwmoReader, TellsAHundredIssuesAndThatThereAreMore) {
  std::string products;
  for (int i = 0; i < 101; ++i) products.append("<wmo305:StartProduct/>");
  const ReadTrees read = ReadDocument(Start("<wmo305:StartProducten>", "<wmo305:StartProducten>" + products));
  ASSERT_EQ(read.issues.size(), limits::kIssuesMax + 1);
  EXPECT_EQ(read.issues.back().rule, "IWMO-MORE");
  EXPECT_THAT(read.whole, IsEmpty());
}

TEST(IwmoReader, TakesWhatTheSchemaTakesHoweverItIsWritten) {
  const std::pair<std::string_view, std::string_view> kTaken[] = {
      {"UTF-8", "utf-8"},
      {R"( encoding="UTF-8")", ""},
      {R"( encoding="UTF-8")", R"( encoding='UTF-8' standalone='yes' )"},
      {R"(<?xml version="1.0" encoding="UTF-8"?>)", ""},
      {"Wit", "<![CDATA[W]]>i<!-- a comment -->t"},
      {"Wit", "&#87;&#x69;t&amp;&lt;&gt;&quot;&apos;"},
      {"<wmo305:Client>", "<wmo305:Client\n\txmlns:xsi = 'http://www.w3.org/2001/XMLSchema-instance' xsi:schemaLocation='a b' >"},
      {"<wmo305:Client>", "<wmo305:Client xmlns:x='http://www.w3.org/2001/XMLSchema-instance' x:type='wmo305:Client'>"},
      {"<wmo305:Geslacht>", "<wmo305:Geslacht xmlns:x='http://www.w3.org/2001/XMLSchema-instance' x:type='iwmo:LDT_Geslacht'>"},
      {"</wmo305:Bsn>", "</wmo305:Bsn \r\n>"},
      {"<wmo305:Bsn>999900006</wmo305:Bsn>", "<Bsn xmlns='http://www.istandaarden.nl/iwmo/3_2/wmo305/schema'>999900006</Bsn>"},
      {"</wmo305:Bericht>", "</wmo305:Bericht><!-- the end -->\n\n"},
  };
  const test::Oracle oracle = test::Oracle::Own(Grammar::Of("WMO305"));
  for (const auto& [what, with] : kTaken) {
    const std::string text = Start(what, with);
    EXPECT_THAT(ReadDocument(text).Rules(), IsEmpty()) << with;
    EXPECT_TRUE(oracle.Takes(text)) << with;
  }
}

std::string Values(const Tree& tree) {
  std::string values;
  for (NodeIndex i = 0; i < tree.nodes().size(); ++i) {
    values.append(PlaceOf(tree, i)).append("=").append(tree.Text(i)).append(" ").append(std::to_string(tree.at(i).end)).append("\n");
  }
  return values;
}

std::string Everything(const ReadTrees& read) {
  std::string all;
  for (const Issue& issue : read.issues) all.append(issue.rule).append(" ").append(issue.path).append(" ").append(issue.text).append("\n");
  for (const auto* trees : {&read.head, &read.parts, &read.whole}) {
    for (const Tree& tree : *trees) all.append("--\n").append(Values(tree));
  }
  return all;
}

TEST(IwmoReader, ReadsTheSameHoweverTheBytesAreCut) {
  std::vector<std::string> texts = {std::string(kStartDocument), Declaration({std::string(kDeclarationClient), std::string(kDeclarationClient)}),
                                    Start("Wit", "\r\n&#13;\r<![CDATA[\r\n]]]]>]\xE2\x82\xAC<!-- - -->\r")};
  for (const BrokenRule& broken : kBrokenRules) texts.push_back(Start(broken.what, broken.with));
  std::mt19937_64 random(8);
  for (const Grammar* grammar : Grammar::All()) texts.push_back(test::RandomDocument(*grammar, random));
  for (const std::string& text : texts) {
    const std::string whole = Everything(ReadDocument(text));
    for (size_t piece : {1u, 2u, 3u, 7u, 100u}) EXPECT_EQ(Everything(ReadDocument(text, piece)), whole) << piece;
  }
}

TEST(IwmoReader, LineEndsAreMadeOneAndReferencesUndone) {
  const Grammar& grammar = Grammar::Of("WMO315");
  std::mt19937_64 random(1);
  std::string text;
  while (text.find("<wmo315:Commentaar>") == text.npos) text = test::RandomDocument(grammar, random);
  const size_t from = text.find("<wmo315:Commentaar>") + 19;
  text.replace(from, text.find("</", from) - from, "a\r\n\r\tb&#13;\n\xC3\xAB<![CDATA[<b>&amp;\r\n]]>&amp;&#x20AC;]]&gt;");
  const ReadTrees read = ReadDocument(text);
  ASSERT_EQ(read.whole.size(), 1u);
  std::string_view value = read.whole[0].Value(0, grammar.Find("Client/Commentaar"));
  if (value.empty()) value = read.whole[0].Value(0, grammar.Find("Client/AangevraagdeProducten/AangevraagdProduct/Commentaar"));
  EXPECT_EQ(value, "a\n\n\tb\r\n\xC3\xAB<b>&amp;\n&\xE2\x82\xAC]]>");
}

TEST(IwmoReader, GivesAHeadThenClientByClientThenTheFrame) {
  const ReadTrees read = ReadDocument(Declaration({std::string(kDeclarationClient), std::string(kDeclarationClient)}));
  EXPECT_THAT(read.Rules(), IsEmpty());
  ASSERT_EQ(read.head.size(), 1u);
  ASSERT_EQ(read.parts.size(), 2u);
  ASSERT_EQ(read.whole.size(), 1u);
  const Grammar& grammar = read.head[0].grammar();
  EXPECT_EQ(read.head[0].Value(0, grammar.Find("Declaratie/DeclaratieNummer")), "DN1");
  EXPECT_EQ(read.parts[1].Value(0, grammar.Find("Declaratie/Clienten/Client/Bsn")), "999900006");
  EXPECT_EQ(PlaceOf(read.parts[1], 4, 1), "Bericht/Declaratie/Clienten/Client[2]/Prestaties/Prestatie[1]/ProductReferentie, line 20");
}

TEST(IwmoReader, AClientWithAnIssueIsNotGivenAndTheOthersAre) {
  const std::string broken = Replaced(kDeclarationClient, "<iwmo:Bedrag>0", "<iwmo:Bedrag>0,50");
  const ReadTrees read = ReadDocument(Declaration({std::string(kDeclarationClient), broken, std::string(kDeclarationClient)}));
  ASSERT_THAT(read.Rules(), ElementsAre("IWMO-INTEGER"));
  EXPECT_THAT(read.issues[0].path, HasSubstr("Bericht/Declaratie/Clienten/Client[2]/Prestaties/Prestatie[1]/IngediendBedrag/Bedrag, line "));
  EXPECT_EQ(read.parts.size(), 2u);
  EXPECT_EQ(read.whole.size(), 1u);
}

TEST(IwmoReader, ABrokenHeadIsNotGivenAndNoClientIsEither) {
  for (const char* what : {"<d:Afzender>65656055</d:Afzender>", "<d:DeclaratieNummer>DN1</d:DeclaratieNummer>"}) {
    const ReadTrees read = ReadDocument(Replaced(Declaration({std::string(kDeclarationClient)}), what, ""));
    EXPECT_THAT(read.Rules(), ElementsAre("IWMO-MISSING"));
    EXPECT_TRUE(read.head.empty() && read.parts.empty() && read.whole.empty());
  }
}

TEST(IwmoReader, AnAnswerWithoutClientsHasItsHeadAtTheEnd) {
  std::mt19937_64 random(3);
  const Grammar& grammar = Grammar::Of("WMO325");
  for (int i = 0; i < 20; ++i) {
    const ReadTrees read = ReadDocument(test::RandomDocument(grammar, random));
    EXPECT_EQ(read.head.size(), 1u);
    EXPECT_EQ(read.whole.size(), 1u);
  }
}

TEST(IwmoReader, TakesADocumentOfTheLargestSizeAndWithTheRuleLiftedALargerOne) {
  const std::string largest = std::string(kStartDocument).append(limits::kIwmoBytesMax - kStartDocument.size(), '\n');
  EXPECT_THAT(ReadDocument(largest).Rules(), IsEmpty());
  const std::string larger = largest + "\n";
  EXPECT_THAT(ReadDocument(larger).Rules(), ElementsAre("IWMO-SIZE"));
  EXPECT_THAT(ReadDocument(larger, std::string_view::npos, {.bytes_max = limits::kIwmoLiftedBytesMax}).Rules(), IsEmpty());
}

TEST(IwmoReader, TakesNoMoreThanAGibibyteWithTheRuleLifted) {
  const std::string piece(1 << 20, ' ');
  ReadTrees read;
  Reader reader({.bytes_max = std::string::npos});
  size_t pieces = 0;
  while (reader.Feed(piece, read)) ++pieces;
  EXPECT_EQ(pieces, limits::kIwmoLiftedBytesMax / piece.size());
  EXPECT_THAT(read.Rules(), ElementsAre("IWMO-SIZE"));
}

TEST(IwmoReader, TakesNoMoreClientsThanABatchHas) {
  TreeSinkThatCounts sink;
  Reader reader({.bytes_max = limits::kIwmoLiftedBytesMax});
  ASSERT_TRUE(reader.Feed(kDeclarationStart, sink));
  for (uint64_t i = 0; i < limits::kBatchPartsMax; ++i) ASSERT_TRUE(reader.Feed(kDeclarationClient, sink));
  EXPECT_FALSE(reader.Feed(kDeclarationClient, sink));
  EXPECT_EQ(sink.parts, limits::kBatchPartsMax);
  EXPECT_EQ(sink.rule, "IWMO-PARTS");
}

TEST(IwmoReader, TakesTheExamplesOfTheStandard) {
  for (const char* message : {"WMO301", "WMO305", "WMO323"}) {
    std::ifstream file(test::OfficialFolder(SOURCE_DIR) + "/examples/" + message + ".xml", std::ios::binary);
    const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    if (text.empty()) continue;  // they are not ours to publish; RandomDocument writes as they do
    const ReadTrees read = ReadDocument(text);
    EXPECT_THAT(read.Rules(), IsEmpty()) << message;
    EXPECT_EQ(read.whole.size(), 1u);
  }
}

}  // namespace
}  // namespace schotvrij::iwmo
