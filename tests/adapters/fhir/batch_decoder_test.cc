// A Bundle of registrations, fed in pieces.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "adapters/fhir/fhir.h"
#include "schemas/base/embedded.h"
#include "schemas/base/limits.h"

namespace schotvrij::fhir {
namespace {

using testing::ElementsAre;

// What a decoder emits, a word for each thing.
struct Told final : PartSink {
  explicit Told(const BatchDecoder& decoder) : decoder(decoder) {}
  void OnHeader(v1::BatchHeader) override {}
  void OnExchange(v1::Exchange exchange) override { said.push_back(exchange.envelope().request_key()); }
  void OnTrailer(v1::BatchTrailer) override {}
  void OnIssue(Issue issue) override { said.push_back(issue.rule); }
  void OnPart() override {
    said.push_back("|");
    positions.push_back(decoder.position());
  }
  const BatchDecoder& decoder;
  std::vector<std::string> said;
  std::vector<BatchPosition> positions;
};

std::string Registration(const std::string& key) {
  return absl::StrReplaceAll(std::string(EmbeddedText("deploy/examples/registration.json")), {{"ede-2026-000001", key}});
}
std::string Entry(const std::string& resource) { return absl::StrCat("{\"fullUrl\":\"urn:x\",\"resource\":", resource, "}"); }
std::string Bundle(const std::vector<std::string>& entries) {
  std::string text = "{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":[";
  for (size_t i = 0; i < entries.size(); ++i) absl::StrAppend(&text, i > 0 ? ",\n" : "", entries[i]);
  return text + "]}";
}

std::vector<std::string> Read(const std::string& text, size_t piece, const BatchPosition& from = {},
                              std::vector<BatchPosition>* positions = nullptr) {
  const auto decoder = NewBatchDecoder(from);
  Told told(*decoder);
  std::string_view rest = std::string_view(text).substr(from.bytes);
  bool more = true;
  while (more && !rest.empty()) {
    more = decoder->Feed(rest.substr(0, piece), told);
    rest.remove_prefix(std::min(piece, rest.size()));
  }
  if (more) decoder->Finish(told);
  if (positions != nullptr) *positions = told.positions;
  return told.said;
}

TEST(FhirBatch, EachEntryIsOnePartWhateverThePiecesAre) {
  const std::string text = Bundle({Entry(Registration("a-1")), Entry(Registration("a-2")), Entry(Registration("a-3"))});
  for (const size_t piece : {size_t{1}, size_t{7}, size_t{4096}, text.size()}) {
    EXPECT_THAT(Read(text, piece), ElementsAre("a-1", "|", "a-2", "|", "a-3", "|")) << piece;
  }
}

TEST(FhirBatch, GoesOnBehindAnyPart) {
  const std::string text = Bundle({Entry(Registration("a-1")), Entry(Registration("a-2")), Entry(Registration("a-3"))});
  std::vector<BatchPosition> positions;
  Read(text, 100, {}, &positions);
  ASSERT_EQ(positions.size(), 3u);
  EXPECT_THAT(Read(text, 100, positions[0]), ElementsAre("a-2", "|", "a-3", "|"));
  EXPECT_THAT(Read(text, 100, positions[1]), ElementsAre("a-3", "|"));
  EXPECT_THAT(Read(text, 100, positions[2]), ElementsAre());
  EXPECT_THAT(Read(text.substr(0, text.size() - 1) + ",\"type\":\"collection\"}", 100, positions[2]),
              ElementsAre("JSON-DUPLICATE-KEY"));
}

TEST(FhirBatch, KeysMayComeInAnyOrderAndOthersAreLeftOut) {
  const std::string text = absl::StrCat(" { \"entry\" : [ ", Entry(Registration("a-1")),
                                        " ] , \"total\":1, \"meta\":{\"tag\":[{\"code\":\"]}\\\"\"}]},\"id\":\"b\","
                                        "\"type\":\"collection\",\"resourceType\":\"Bundle\"}\n ");
  EXPECT_THAT(Read(text, 3), ElementsAre("a-1", "|"));
}

TEST(FhirBatch, AFaultInOnePartIsToldWithItAndTheNextIsRead) {
  const std::string text = Bundle({Entry("{\"resourceType\":\"Patient\"}"), Entry(Registration("a-2")), "{\"fullUrl\":\"x\"}"});
  EXPECT_THAT(Read(text, 64), ElementsAre("FHIR-LONE-PATIENT", "|", "a-2", "|", "TASK-MISSING", "|"));
}

TEST(FhirBatch, AnEmptyBundleHasNoParts) { EXPECT_THAT(Read(Bundle({}), 5), ElementsAre()); }

TEST(FhirBatch, WhatIsNoSuchBundleIsRefused) {
  const std::string one = Entry(Registration("a-1"));
  const struct {
    std::string text;
    std::string rule;
  } cases[] = {
      {"", "JSON-SYNTAX"},
      {"[]", "JSON-SYNTAX"},
      {"{}", "FHIR-RESOURCE-TYPE"},
      {"{\"resourceType\":\"Bundle\"}", "FHIR-BUNDLE-TYPE"},
      {"{\"resourceType\":\"Bundle\",\"type\":\"batch\"}", "FHIR-BUNDLE-TYPE"},
      {"{\"resourceType\":\"Patient\"}", "FHIR-RESOURCE-TYPE"},
      {Bundle({}) + "x", "JSON-SYNTAX"},
      {Bundle({}) + Bundle({}), "JSON-SYNTAX"},
      {"{\"type\":\"collection\",\"type\":\"collection\"}", "JSON-DUPLICATE-KEY"},
      {"{\"entry\":[],\"\\u0065ntry\":[]}", "FHIR-VALUE"},
      {"{\"entry\":{}}", "FHIR-VALUE"},
      {"{\"\":1}", "FHIR-VALUE"},
      {"{\"entry\":[1]}", "JSON-SYNTAX"},
      {"{\"entry\":[{}", "TASK-MISSING"},
      {"{\"implicitRules\":\"x\"}", "FHIR-MODIFIER"},
      {"{\"entry\":[{\"modifierExtension\":[]}]}", "FHIR-MODIFIER"},
      {"{\"total\":01}", "JSON-SYNTAX"},
      {"{\"total\" 1}", "JSON-SYNTAX"},
      {"{\"total\":1 2}", "JSON-SYNTAX"},
      {"{\"id\":\"\xff\"}", "JSON-UTF8"},
      {"{\"id\":{]}}", "JSON-SYNTAX"},
      {"{\"id\":" + std::string(limits::kTextBytesMax + 1, '1') + "}", "TEXT-SIZE"},
      {"{\"id\":\"" + std::string(limits::kBodyBytesMax, 'x') + "\"}", "BODY-SIZE"},
      {"{\"entry\":[{\"resource\":{\"id\":\"" + std::string(limits::kBodyBytesMax, 'x') + "\"}}]}", "BODY-SIZE"},
  };
  for (const auto& each : cases) {
    const std::vector<std::string> said = Read(each.text, 1000);
    ASSERT_FALSE(said.empty()) << each.rule << " " << each.text.substr(0, 80);
    EXPECT_EQ(said.front(), each.rule) << each.text.substr(0, 80);
  }
  EXPECT_THAT(Read(Bundle({one}).substr(0, 200), 1000), ElementsAre("JSON-SYNTAX"));
}

}  // namespace
}  // namespace schotvrij::fhir
