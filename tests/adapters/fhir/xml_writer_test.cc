// What leaves as FHIR XML: the same elements as in FHIR JSON.
#include "adapters/fhir/wire/xml_writer.h"

#include "adapters/fhir/wire/json_reader.h"
#include "adapters/fhir/wire/json_writer.h"
#include "adapters/fhir/wire/xml_reader.h"
#include "gmock/gmock.h"
#include "schemas/base/limits.h"
#include "tests/adapters/fhir/support.h"
#include "tests/support/disclosures.h"

namespace schotvrij::fhir::test {
namespace {

using schotvrij::test::DiscloseAll;

// Every element of a message with its kind and value, in an order that does not hang on that of the message.
std::vector<std::string> Elements(Syntax syntax, std::string text) {
  Tree tree;
  EXPECT_EQ(ReadMessageTree(syntax, &text, &tree), std::nullopt) << text;
  std::vector<std::string> elements;
  for (uint32_t id = 0; id < tree.size(); ++id) {
    const Node node(&tree, id);
    // What JSON said in a `_name` was joined to the name: it hangs nowhere.
    if (node.name().starts_with('_')) continue;
    elements.push_back(node.Path() + " " + std::to_string(static_cast<int>(node.kind())) + " " + std::string(node.value()));
  }
  std::sort(elements.begin(), elements.end());
  return elements;
}

void ExpectTwins(const std::string& json, const std::string& xml) {
  EXPECT_THAT(xml, testing::StartsWith("<?xml version=\"1.0\" encoding=\"UTF-8\"?><"));
  EXPECT_EQ(Elements(Syntax::kXml, xml), Elements(Syntax::kJson, json));
}

template <typename Encode>
void ExpectBoth(Encode encode) {
  const auto json = encode(Syntax::kJson);
  const auto xml = encode(Syntax::kXml);
  ASSERT_TRUE(json.ok() && xml.ok());
  EXPECT_EQ(json->media_type(), "application/fhir+json");
  EXPECT_EQ(xml->media_type(), "application/fhir+xml");
  ExpectTwins(json->bytes(), xml->bytes());
}

policy::Disclosure Item() {
  v1::Exchange exchange = DecodeSound(Valid("collection"));
  exchange.clear_envelope();
  return DiscloseAll(exchange);
}

TEST(XmlWriter, WritesWhatJsonHolds) {
  const policy::Disclosure item = Item();
  ExpectBoth([&](Syntax syntax) { return Encode(item, syntax); });
  ExpectBoth([&](Syntax syntax) { return EncodeTask(item, {.acknowledged = true}, syntax); });
  ExpectBoth([&](Syntax syntax) { return EncodePatient(item, {.client_key = "c", .takes_part = false}, syntax); });
}

TEST(XmlWriter, WritesWholePages) {
  std::vector<policy::Disclosure> items;
  while (items.size() < limits::kSearchResultsMax) items.push_back(Item());
  const std::vector<ItemState> states(items.size());
  ExpectBoth([&](Syntax syntax) { return EncodeTaskSearch(items, states, "Task/_search?_after=1&_count=2", syntax); });
  ExpectBoth([&](Syntax syntax) { return EncodePatientSearch(items, states, "", syntax); });
  ExpectBoth([&](Syntax syntax) { return EncodePatientSearch({}, {}, "", syntax); });
}

TEST(XmlWriter, WritesAnswers) {
  policy::Answer refused = policy::Answer::Refused({});
  while (refused.issues.size() < limits::kIssuesMax) refused.issues.push_back(MakeIssue("BSN-ELEVEN-TEST", "client.bsn"));
  std::vector<policy::Answer> answers = {refused};
  for (const std::string name : {"example", "message", "collection", "task", "answer"}) {
    policy::Answer received;
    received.state = policy::Answer::State::kReceived;
    received.message_id = "0123456789abcdef0123456789abcdef";
    received.shape = Decode(Valid(name), "beside").shape;
    answers.push_back(received);
  }
  for (const policy::Answer& answer : answers) {
    ExpectTwins(EncodeAnswer(answer).bytes(), EncodeAnswer(answer, Syntax::kXml).bytes());
    EXPECT_EQ(EncodeAnswer(answer, Syntax::kXml).media_type(), "application/fhir+xml");
  }
}

TEST(XmlWriter, WritesTheCapabilityStatement) {
  const std::string json = Capability("1.2.3", "2026-11-01").bytes();
  ExpectTwins(json, Capability("1.2.3", "2026-11-01", Syntax::kXml).bytes());
  EXPECT_THAT(json, testing::HasSubstr("\"format\":[\"json\",\"xml\"]"));
}

TEST(XmlWriter, PutsElementsInTheOrderOfFhir) {
  EXPECT_EQ(AsXml("{\"resourceType\":\"Patient\",\"gender\":\"male\",\"name\":[{\"given\":[\"A\",null],\"_given\":[null,"
                  "{\"id\":\"b\"}],\"family\":\"C\"}],\"contained\":[{\"resourceType\":\"Patient\",\"id\":\"p\"}],"
                  "\"active\":true,\"meta\":{\"extension\":[{\"valueDecimal\":1.10,\"url\":\"urn:x\"}]}}"),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Patient xmlns=\"http://hl7.org/fhir\"><meta><extension url=\"urn:x\">"
            "<valueDecimal value=\"1.10\"/></extension></meta><contained><Patient><id value=\"p\"/></Patient></contained>"
            "<active value=\"true\"/><name><family value=\"C\"/><given value=\"A\"/><given id=\"b\"/></name>"
            "<gender value=\"male\"/></Patient>");
}

TEST(XmlWriter, EscapesEveryValueAndReadsBackTheSame) {
  const std::string text = "a\"b'c&d<e>f\tg\nh\ri&amp;&#38;\x7F é € 😀";
  JsonWriter json;
  json.Object().Member("resourceType", "Patient").ObjectIn("maritalStatus").Member("text", text).End().End();
  std::string xml = AsXml(json.Take());
  Tree tree;
  ASSERT_EQ(ReadXml(&xml, &tree), std::nullopt);
  EXPECT_EQ(tree.Root().Child("maritalStatus").Child("text").value(), text);
}

TEST(XmlWriter, WritesWhatXmlCannotHoldAsAReplacementCharacter) {
  EXPECT_THAT(AsXml("{\"resourceType\":\"Patient\",\"id\":\"a\\u0000b\\u001Fc\\uFFFEd\\uFFFFe\\uFFFD\"}"),
              testing::HasSubstr("<id value=\"a\xEF\xBF\xBD" "b\xEF\xBF\xBD" "c\xEF\xBF\xBD" "d\xEF\xBF\xBD" "e\xEF\xBF\xBD\"/>"));
}

}  // namespace
}  // namespace schotvrij::fhir::test
