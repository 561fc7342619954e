// What holds for every message: order and what no table names do not matter, and nothing breaks the reader.
#include <algorithm>
#include <random>

#include "gmock/gmock.h"
#include "schemas/base/limits.h"
#include "tests/adapters/fhir/support.h"

namespace schotvrij::fhir::test {
namespace {

constexpr int kRounds = 200;
constexpr unsigned kSeed = 20261122;

std::string Written(const rapidjson::Document& document) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  document.Accept(writer);
  return {buffer.GetString(), buffer.GetSize()};
}

// A collection with several consents, attestations and scores, drawn from `random`.
rapidjson::Document Generated(std::mt19937& random) {
  std::vector<std::string> edits;
  const std::string attestation = [] {
    rapidjson::Document example;
    example.Parse(Valid("example").c_str());
    example["entry"][3]["resource"]["subject"]["reference"] = "Patient/17";
    rapidjson::StringBuffer buffer;
    rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
    example["entry"][3]["resource"].Accept(writer);
    return std::string(buffer.GetString(), buffer.GetSize());
  }();
  rapidjson::Document document;
  document.Parse(Valid("collection").c_str());
  for (unsigned i = 0, count = random() % 4; i < count; ++i) {
    Edit("add /entry {\"resource\":" + attestation + "}", &document);
    const std::string at = "/entry/" + std::to_string(document["entry"].Size() - 1) + "/resource";
    Edit("set " + at + "/code/coding/0/code \"criterion-" + std::to_string(random() % 3) + "\"", &document);
    Edit("set " + at + "/valueBoolean " + (random() % 2 == 0 ? "true" : "false"), &document);
  }
  for (unsigned i = 0, count = random() % 3; i < count; ++i) {
    rapidjson::Value copy(document["entry"][2], document.GetAllocator());
    copy.RemoveMember("fullUrl");
    document["entry"].PushBack(copy, document.GetAllocator());
    const std::string at = "/entry/" + std::to_string(document["entry"].Size() - 1) + "/resource";
    Edit("set " + at + "/identifier/0/value \"consent-" + std::to_string(random() % 3) + "\"", &document);
  }
  return document;
}

void Shuffle(rapidjson::Value& list, std::mt19937& random) {
  for (rapidjson::SizeType i = list.Size(); i > 1; --i) list[i - 1].Swap(list[random() % i]);
}

TEST(Property, OrderOfEntriesDoesNotMatter) {
  std::mt19937 random(kSeed);
  for (int round = 0; round < kRounds; ++round) {
    rapidjson::Document document = Generated(random);
    const std::string first = DecodeSound(Written(document)).SerializeAsString();
    Shuffle(document["entry"], random);
    ASSERT_EQ(DecodeSound(Written(document)).SerializeAsString(), first) << round;
  }
}

TEST(Property, WhatNoTableNamesIsNotCarried) {
  std::mt19937 random(kSeed);
  const std::string plain = DecodeSound(Valid("example")).SerializeAsString();
  const std::vector<std::string> secrets = {
      "set /entry/1/resource/text {\"status\":\"generated\",\"div\":\"<div>geheim 999900018</div>\"}",
      "set /entry/1/resource/address [{\"line\":[\"geheim 1\"]}]",
      "set /entry/1/resource/telecom [{\"value\":\"geheim\"}]",
      "set /entry/1/resource/name/0/text \"geheim\"",
      "set /entry/1/resource/maritalStatus {\"text\":\"geheim\"}",
      "set /entry/1/resource/extension [{\"url\":\"urn:x\",\"valueString\":\"geheim\"}]",
      "set /entry/0/resource/description \"geheim\"",
      "set /entry/0/resource/note [{\"text\":\"geheim\"}]",
      "set /entry/0/resource/for/display \"geheim\"",
      "set /entry/0/resource/input [{\"valueString\":\"geheim\"}]",
      "set /entry/2/resource/sourceAttachment {\"data\":\"Z2VoZWlt\",\"title\":\"geheim\"}",
      "set /entry/3/resource/note [{\"text\":\"geheim\"}]",
      "set /entry/3/resource/bodySite {\"text\":\"geheim\"}",
      "set /entry/3/resource/text {\"div\":\"<div>geheim 999900018</div>\"}",
      "set /meta {\"source\":\"urn:geheim\"}",
  };
  for (int round = 0; round < kRounds; ++round) {
    std::vector<std::string> edits;
    for (const std::string& secret : secrets) {
      if (random() % 2 == 0) edits.push_back(secret);
    }
    const Decoded decoded = Decode(Edited(Valid("example"), edits));
    ASSERT_EQ(decoded.exchanges.size(), 1u);
    ASSERT_EQ(decoded.exchanges[0].SerializeAsString(), plain);
    ASSERT_EQ(decoded.shape.find("geheim"), std::string::npos);
  }
}

TEST(Property, JsonAndXmlOfOneMessageMeanTheSame) {
  std::mt19937 random(kSeed);
  for (int round = 0; round < kRounds; ++round) {
    rapidjson::Document document = Generated(random);
    Shuffle(document["entry"], random);
    const std::string json = Written(document);
    const Decoded xml = DecodeXml(AsXml(json));
    ASSERT_EQ(xml.exchanges.size(), 1u) << round;
    ASSERT_EQ(xml.exchanges[0].SerializeAsString(), DecodeSound(json).SerializeAsString()) << round;
    ASSERT_EQ(xml.shape, Decode(json).shape) << round;
  }
}

// `text` with up to four of its bytes replaced, often by one of `marks`.
std::string Damaged(std::string text, std::string_view marks, std::mt19937& random) {
  for (unsigned i = 0, count = 1 + random() % 4; i < count; ++i) {
    text[random() % text.size()] = static_cast<char>(random() % 3 == 0 ? random() : marks[random() % marks.size()]);
  }
  return text;
}

TEST(Property, DamagedMessagesAreReadOrRefusedButNeverBoth) {
  std::mt19937 random(kSeed);
  const std::string json = Edited(Valid("collection"), {});
  const std::string xml = ValidXml("collection");
  for (int round = 0; round < 20 * kRounds; ++round) {
    for (const Decoded& decoded :
         {Decode(Damaged(json, "{}[]\",:0\\", random)), DecodeXml(Damaged(xml, "<>/=\"'&;! ", random))}) {
      ASSERT_EQ(decoded.exchanges.empty(), HasError(decoded.issues)) << round;
    }
  }
}

TEST(Limit, EntriesOfABundle) {
  std::vector<std::string> edits;
  for (size_t i = 0; i < limits::kEntriesMax; ++i) {
    edits.push_back("add /entry {\"resource\":{\"resourceType\":\"Organization\"}}");
  }
  EXPECT_THAT(Decode(Edited(Valid("collection"), edits)).Told(), testing::ElementsAre("FHIR-ENTRIES@Bundle.entry"));
}

TEST(Limit, ContainedResources) {
  std::vector<std::string> edits;
  for (size_t i = 0; i < limits::kResourcesMax; ++i) {
    edits.push_back("add /contained {\"resourceType\":\"Organization\"}");
  }
  EXPECT_THAT(Decode(Edited(Valid("task"), edits)).Told(), testing::ElementsAre("FHIR-ENTRIES@Task.contained"));
}

TEST(Limit, LengthOfATextThatIsKept) {
  const auto named = [](size_t size) {
    return Edited(Valid("example"), {"set /entry/1/resource/name [{\"use\":\"official\",\"family\":\"" +
                                     std::string(size, 'a') + "\"}]"});
  };
  EXPECT_EQ(DecodeSound(named(limits::kTextBytesMax)).client().name().own_name().size(), limits::kTextBytesMax);
  EXPECT_THAT(Decode(named(limits::kTextBytesMax + 1)).Told(),
              testing::ElementsAre("TEXT-SIZE@Bundle.entry[1].resource.name[0].family",
                                   "SURNAME-MISSING@Bundle.entry[1].resource.name[0].family"));
}

TEST(Limit, LengthOfAKey) {
  const auto keyed = [](size_t size) {
    return Edited(Valid("example"), {"set /entry/0/resource/identifier/0/value \"" + std::string(size, 'k') + "\""});
  };
  DecodeSound(keyed(limits::kKeyBytesMax));
  EXPECT_THAT(Decode(keyed(limits::kKeyBytesMax + 1)).Told(),
              testing::ElementsAre("KEY-FORM@Bundle.entry[0].resource.identifier[0].value"));
}

TEST(Limit, NumberOfFindings) {
  std::string names = "[";
  for (size_t i = 0; i < 2 * limits::kIssuesMax; ++i) names += "{\"use\":\"official\",\"family\":1},";
  names.back() = ']';
  EXPECT_EQ(Decode(Edited(Valid("example"), {"set /entry/1/resource/name " + names})).issues.size(), limits::kIssuesMax);
}

TEST(Limit, ItemsOfAMeasurement) {
  std::string items = "[";
  for (size_t i = 0; i <= limits::kListItemsMax; ++i) {
    items += "{\"code\":{\"coding\":[{\"code\":\"i\"}]},\"valueInteger\":0},";
  }
  items.back() = ']';
  EXPECT_THAT(Decode(Edited(Valid("collection"), {"set /entry/4/resource/component " + items})).Told(),
              testing::ElementsAre("TEXT-SIZE@Bundle.entry[4].resource.component[100]"));
}

}  // namespace
}  // namespace schotvrij::fhir::test
