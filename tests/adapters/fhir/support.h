// What tests of the FHIR adapter share: files, edits of a valid message, and decoding in one call.
#pragma once

#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/fhir/fhir.h"
#include "adapters/fhir/wire/message.h"
#include "gtest/gtest.h"
#include "rapidjson/document.h"
#include "rapidjson/pointer.h"
#include "rapidjson/stringbuffer.h"
#include "rapidjson/writer.h"
#include "schemas/base/decoder.h"

namespace schotvrij::fhir::test {

inline std::string ReadSource(const std::string& path) {
  std::ifstream stream(std::string(SOURCE_DIR) + "/" + path, std::ios::binary);
  EXPECT_TRUE(stream.good()) << path;
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

// A valid message by name: "example" and "answer" are those of deploy/examples.
inline std::string Valid(const std::string& name) {
  if (name == "example") return ReadSource("deploy/examples/registration.json");
  if (name == "answer") return ReadSource("deploy/examples/answer.json");
  return ReadSource("tests/adapters/fhir/data/" + name + ".valid.json");
}

// The same message in FHIR XML, as a converter that is not ours made it: the npm package `fhir`, and xmllint the line breaks.
inline std::string ValidXml(const std::string& name) {
  return ReadSource("tests/adapters/fhir/data/" + name + ".valid.xml");
}

inline std::string AsXml(const std::string& json) { return InSyntax(Syntax::kXml, json); }

// One edit: "set /json/pointer VALUE", "add …" (behind the last item of a list) or "del /json/pointer".
inline void Edit(const std::string& edit, rapidjson::Document* document) {
  const size_t at = edit.find(' ');
  const size_t space = edit.find(' ', at + 1);
  const std::string verb = edit.substr(0, at);
  const rapidjson::Pointer pointer(edit.substr(at + 1, space == edit.npos ? edit.npos : space - at - 1).c_str());
  ASSERT_TRUE(pointer.IsValid()) << edit;
  if (verb == "del") {
    ASSERT_TRUE(pointer.Erase(*document)) << edit;
    return;
  }
  rapidjson::Document value(&document->GetAllocator());
  value.Parse(edit.substr(space + 1).c_str());
  ASSERT_FALSE(value.HasParseError()) << edit;
  if (verb == "add") {
    ASSERT_NE(pointer.Get(*document), nullptr) << edit;
    pointer.Get(*document)->PushBack(value, document->GetAllocator());
  } else {
    pointer.Set(*document, value);
  }
}

inline std::string Edited(const std::string& json, const std::vector<std::string>& edits) {
  rapidjson::Document document;
  document.Parse(json.c_str());
  EXPECT_FALSE(document.HasParseError());
  for (const std::string& edit : edits) Edit(edit, &document);
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  document.Accept(writer);
  return {buffer.GetString(), buffer.GetSize()};
}

struct Decoded {
  std::vector<v1::Exchange> exchanges;
  std::vector<Issue> issues;
  std::string shape;

  // "RULE@path", in the order they were told.
  std::vector<std::string> Told() const {
    std::vector<std::string> told;
    for (const Issue& issue : issues) told.push_back(issue.rule + "@" + issue.path);
    return told;
  }
};

// Feeds `bytes` in two pieces, the first of `split` bytes.
inline Decoded Decode(std::string_view bytes, const std::string& fallback_key = "", size_t split = 0,
                      Syntax syntax = Syntax::kJson) {
  const std::unique_ptr<Decoder> decoder = NewDecoder({.fallback_key = fallback_key, .syntax = syntax});
  DecodedParts parts;
  if (decoder->Feed(bytes.substr(0, split), parts) && decoder->Feed(bytes.substr(split), parts)) decoder->Finish(parts);
  return {std::move(parts.exchanges), std::move(parts.issues), decoder->Shape()};
}

inline Decoded DecodeXml(std::string_view bytes, const std::string& fallback_key = "", size_t split = 0) {
  return Decode(bytes, fallback_key, split, Syntax::kXml);
}

// A message that must be sound.
inline v1::Exchange DecodeSound(std::string_view bytes, const std::string& fallback_key = "") {
  Decoded decoded = Decode(bytes, fallback_key);
  EXPECT_EQ(decoded.Told(), std::vector<std::string>());
  EXPECT_EQ(decoded.exchanges.size(), 1u);
  return decoded.exchanges.empty() ? v1::Exchange() : std::move(decoded.exchanges.front());
}

}  // namespace schotvrij::fhir::test
