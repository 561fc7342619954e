#include "adapters/fhir/wire/json_reader.h"

#include "adapters/fhir/wire/json_writer.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "schemas/base/limits.h"
#include "tests/adapters/fhir/support.h"

namespace schotvrij::fhir::test {
namespace {

// Rule that the text breaks; empty when it can be read.
std::string Broken(std::string text) {
  Tree tree;
  const std::optional<Issue> issue = ReadJson(&text, &tree);
  return issue ? issue->rule : "";
}

std::string Nested(size_t depth) {
  std::string text;
  for (size_t i = 0; i < depth; ++i) text += "{\"a\":";
  return text + "1" + std::string(depth, '}');
}

TEST(JsonReader, RefusesWhatIsNotOneObject) {
  for (const std::string text : {"", " ", "[]", "1", "\"a\"", "null", "{", "{\"a\":}", "{\"a\":1}x", "{\"a\":1}{}", "{'a':1}",
                                 "{\"a\":01}", "{\"a\":1,}", "// {}", "{\"a\":NaN}"}) {
    EXPECT_EQ(Broken(text), "JSON-SYNTAX") << text;
  }
}

TEST(JsonReader, RefusesNulWhereverItStands) {
  EXPECT_EQ(Broken(std::string("{}\0{}", 5)), "JSON-SYNTAX");
  EXPECT_EQ(Broken(std::string("{\"a\0\":1}", 8)), "JSON-SYNTAX");
}

TEST(JsonReader, RefusesWhatIsNotUtf8) {
  for (const std::string bytes : {"\x80", "\xC0\xAF", "\xC1\xBF", "\xE0\x80\xAF", "\xED\xA0\x80", "\xF0\x80\x80\xAF",
                                  "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xE2\x82", "\xFF"}) {
    EXPECT_EQ(Broken("{\"a\":\"" + bytes + "\"}"), "JSON-UTF8");
    EXPECT_EQ(Broken("{\"" + bytes + "\":1}"), "JSON-UTF8");
  }
  EXPECT_EQ(Broken("{\"a\":\"12345678\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\"}"), "");
}

TEST(JsonReader, RefusesLoneSurrogates) {
  for (const std::string escape : {"\\uD800", "\\uDC00", "\\uDFFF", "\\uD800\\uD800", "\\uD800x"}) {
    EXPECT_NE(Broken("{\"a\":\"" + escape + "\"}"), "") << escape;
    EXPECT_NE(Broken("{\"" + escape + "\":1}"), "") << escape;
  }
  EXPECT_EQ(Broken("{\"a\":\"\\uD83D\\uDE00\"}"), "");
}

TEST(JsonReader, RefusesAKeyTwice) {
  EXPECT_EQ(Broken("{\"a\":1,\"b\":2,\"a\":1}"), "JSON-DUPLICATE-KEY");
  EXPECT_EQ(Broken("{\"a\":1,\"\\u0061\":1}"), "JSON-DUPLICATE-KEY");
  EXPECT_EQ(Broken("{\"x\":{\"a\":1},\"y\":{\"a\":1}}"), "");
  EXPECT_THAT(Decode(Edited(Valid("example"), {}).replace(1, 0, "\"type\":\"transaction\",")).Told(),
              testing::ElementsAre("JSON-DUPLICATE-KEY@Bundle"));
}

TEST(JsonReader, DuplicateKeyIsToldWhereItStands) {
  std::string text = "{\"resourceType\":\"Bundle\",\"entry\":[{},{\"resource\":{\"id\":\"1\",\"id\":\"2\"}}]}";
  Tree tree;
  EXPECT_EQ(ReadJson(&text, &tree)->path, "Bundle.entry[1].resource");
}

TEST(JsonReader, PathsDoNotRepeatWhatASenderPutsInPlaceOfAName) {
  std::string text = "{\"resourceType\":\"999900006\",\"999900006\":{\"a\":1,\"a\":2}}";
  Tree tree;
  EXPECT_EQ(ReadJson(&text, &tree)->path, "unknown.unknown");
}

TEST(JsonReader, DepthHasALimit) {
  EXPECT_EQ(Broken(Nested(limits::kJsonDepthMax)), "");
  EXPECT_EQ(Broken(Nested(limits::kJsonDepthMax + 1)), "JSON-DEPTH");
  EXPECT_EQ(Broken(std::string(limits::kBodyBytesMax, '[')), "JSON-SYNTAX");
  EXPECT_EQ(Broken("{\"a\":" + std::string(limits::kBodyBytesMax, '[')), "FHIR-VALUE");
  EXPECT_EQ(Broken(Nested(100'000)), "JSON-DEPTH");
}

TEST(JsonReader, NumberOfValuesHasALimit) {
  std::string list;
  for (size_t i = 0; i + 2 < limits::kJsonNodesMax; ++i) list += i == 0 ? "1" : ",1";
  EXPECT_EQ(Broken("{\"a\":[" + list + "]}"), "");
  EXPECT_EQ(Broken("{\"a\":[" + list + ",1]}"), "JSON-NODES");
}

TEST(JsonReader, NumberOfKeysHasALimit) {
  std::string keys;
  for (size_t i = 0; i < limits::kJsonKeysMax; ++i) keys += (i == 0 ? "\"k" : ",\"k") + std::to_string(i) + "\":1";
  EXPECT_EQ(Broken("{" + keys + "}"), "");
  EXPECT_EQ(Broken("{" + keys + ",\"more\":1}"), "JSON-NODES");
}

TEST(JsonReader, BodyHasALimitHoweverItIsFed) {
  const std::string body(limits::kBodyBytesMax, ' ');
  EXPECT_THAT(Decode(body).Told(), testing::ElementsAre(testing::StartsWith("JSON-SYNTAX@")));
  EXPECT_THAT(Decode(body + " ").Told(), testing::ElementsAre("BODY-SIZE@"));
  EXPECT_THAT(Decode(body + " ", "", limits::kBodyBytesMax).Told(), testing::ElementsAre("BODY-SIZE@"));
}

TEST(JsonReader, NothingIsTakenAfterABodyThatWasTooLarge) {
  const std::unique_ptr<Decoder> decoder = NewDecoder({});
  DecodedParts parts;
  EXPECT_FALSE(decoder->Feed(std::string(limits::kBodyBytesMax + 1, ' '), parts));
  EXPECT_FALSE(decoder->Feed("{}", parts));
  decoder->Finish(parts);
  EXPECT_EQ(parts.issues.size(), 1u);
}

TEST(JsonReader, ListsInListsAreNotFhir) { EXPECT_EQ(Broken("{\"a\":[[1]]}"), "FHIR-VALUE"); }

TEST(JsonReader, NumbersStayText) {
  std::string text = "{\"a\":1.10,\"b\":[-0,1E3],\"c\":123456789012345678901234567890}";
  Tree tree;
  ASSERT_FALSE(ReadJson(&text, &tree));
  EXPECT_EQ(tree.Root().Child("a").value(), "1.10");
  std::vector<std::string_view> b;
  for (Node node : tree.Root().Children("b")) b.push_back(node.value());
  EXPECT_THAT(b, testing::ElementsAre("-0", "1E3"));
  EXPECT_EQ(tree.Root().Child("c").value(), "123456789012345678901234567890");
}

TEST(JsonReader, WhatIsSaidOfAPrimitiveHangsBelowIt) {
  std::string text =
      "{\"resourceType\":\"X\",\"_given\":[null,{\"id\":\"second\"},{\"id\":\"third\"}],\"given\":[\"A\",\"B\",null],"
      "\"_family\":{\"id\":\"alone\"},\"last\":1}";
  Tree tree;
  ASSERT_FALSE(ReadJson(&text, &tree));
  std::vector<std::string> given;
  for (Node node : tree.Root().Children("given")) {
    given.push_back(node.Path() + "=" + std::string(node.value()) + "/" + std::string(node.Child("id").value()));
  }
  EXPECT_THAT(given, testing::ElementsAre("X.given[0]=A/", "X.given[1]=B/second", "X.given[2]=/third"));
  EXPECT_EQ(tree.Root().Child("family").kind(), Kind::kNull);
  EXPECT_EQ(tree.Root().Child("family").Child("id").Path(), "X.family.id");
  EXPECT_EQ(tree.Root().Child("last").value(), "1");
  EXPECT_FALSE(tree.Root().Child("_given"));
}

// Text and space are passed several bytes at a time: what ends them must be seen wherever it stands.
TEST(JsonReader, SeesWhatEndsATextWhereverItStands) {
  constexpr size_t kSizes = 40;
  for (size_t size = 0; size < kSizes; ++size) {
    const std::string text(size, '\x7F');
    for (size_t at = 0; at <= size; ++at) {
      for (const char control : {'\x01', '\n', '\x1A', '\x1F'}) {
        EXPECT_EQ(Broken("{\"a\":\"" + std::string(text).insert(at, 1, control) + "\"}"), "JSON-SYNTAX") << size << " " << at;
      }
      std::string body = "{\"" + text + "\"" + std::string(at, ' ') + ":" + std::string(size - at, ' ') + "\"" +
                         std::string(text).insert(at, "\\u00e9\\n") + "\",\"last\":\"\"}";
      Tree tree;
      ASSERT_FALSE(ReadJson(&body, &tree)) << size << " " << at;
      ASSERT_EQ(tree.Root().Child("last").kind(), Kind::kString);
      const Node first = *tree.Root().Children().begin();
      EXPECT_EQ(first.name(), text);
      EXPECT_EQ(first.value(), std::string(text).insert(at, "\xC3\xA9\n"));
    }
  }
}

TEST(JsonReader, FeedingInTwoPiecesAnywhereGivesTheSame) {
  const std::string body = Edited(Valid("example"), {});
  const std::string whole = DecodeSound(body).SerializeAsString();
  for (size_t split = 0; split <= body.size(); ++split) {
    const Decoded decoded = Decode(body, "", split);
    ASSERT_EQ(decoded.exchanges.size(), 1u) << split;
    ASSERT_EQ(decoded.exchanges[0].SerializeAsString(), whole) << split;
  }
}

TEST(JsonReader, EveryTruncationIsRefused) {
  const std::string body = Edited(Valid("example"), {});
  for (size_t size = 0; size < body.size(); size += 7) {
    EXPECT_THAT(Decode(body.substr(0, size)).Told(), testing::ElementsAre("JSON-SYNTAX@")) << size;
  }
}

TEST(JsonWriter, EscapesEveryStringAndReadsBackTheSame) {
  std::string text = "a\"b\\c/d";
  for (char c = 1; c < 0x20; ++c) text += c;
  text += "\x7F é € 😀";
  JsonWriter json;
  json.Object().Member(text, text).ArrayIn("list").Integer(-1).Boolean(true).Object().End().End().End();
  std::string written = json.Take();
  EXPECT_EQ(written.find('\n'), std::string::npos);
  Tree tree;
  ASSERT_FALSE(ReadJson(&written, &tree));
  EXPECT_EQ(tree.Root().Child(text).value(), text);
  std::vector<Kind> kinds;
  for (Node node : tree.Root().Children("list")) kinds.push_back(node.kind());
  EXPECT_THAT(kinds, testing::ElementsAre(Kind::kNumber, Kind::kBoolean, Kind::kObject));
}

}  // namespace
}  // namespace schotvrij::fhir::test
