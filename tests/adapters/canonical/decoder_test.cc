#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "adapters/canonical/canonical.h"
#include "schemas/base/limits.h"
#include "schotvrij/v1/exchange.pb.h"

namespace schotvrij::canonical {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr std::string_view kJson = R"({
  "envelope": {"requestKey": "aanmelding-17", "recipientIdentifier": {"system": "cbs", "value": "0228"}},
  "client": {"bsn": "999900006", "name": {"own_name": "Proefpersoon", "ownPrefix": "van der"}},
  "registration": {"step": "REGISTER", "attestations": [{"criterion": "kwetsbaar", "verdict": "MET"}]}
})";

DecodedParts DecodeWith(std::unique_ptr<Decoder> decoder, std::string_view body,
                        size_t piece = std::string::npos) {
  DecodedParts parts;
  for (size_t at = 0; at < body.size(); at += std::min(piece, body.size())) {
    if (!decoder->Feed(body.substr(at, piece), parts)) return parts;
  }
  decoder->Finish(parts);
  return parts;
}

DecodedParts DecodeJson(std::string_view body) { return DecodeWith(NewJsonDecoder(), body); }

std::vector<std::string> Rules(const DecodedParts& parts) {
  std::vector<std::string> rules;
  for (const Issue& issue : parts.issues) rules.push_back(issue.rule);
  return rules;
}

struct BadJson {
  std::string name;
  std::string body;
  std::string rule;
};
void PrintTo(const BadJson& bad, std::ostream* out) { *out << bad.name; }

class JsonDecoderRefuses : public ::testing::TestWithParam<BadJson> {};

TEST_P(JsonDecoderRefuses, WithOneIssueAndNoExchange) {
  const DecodedParts parts = DecodeJson(GetParam().body);
  EXPECT_THAT(Rules(parts), ElementsAre(GetParam().rule));
  EXPECT_THAT(parts.exchanges, IsEmpty());
}

std::string Nested(std::string_view open, std::string_view close, size_t depth) {
  std::string body;
  for (size_t i = 0; i < depth; ++i) body += open;
  for (size_t i = 0; i < depth; ++i) body += close;
  return body;
}

INSTANTIATE_TEST_SUITE_P(
    Bodies, JsonDecoderRefuses,
    ::testing::Values(
        BadJson{"Empty", "", "JSON-SYNTAX"},
        BadJson{"HalfSent", R"({"client": {"bsn": "9999)", "JSON-SYNTAX"},
        BadJson{"TrailingGarbage", R"({} {})", "JSON-SYNTAX"},
        BadJson{"TrailingGarbageBehindZeroByte", std::string("{}\0{}", 5), "JSON-SYNTAX"},
        BadJson{"TrailingComma", R"({"client": {},})", "JSON-SYNTAX"},
        BadJson{"Comment", R"({/* */})", "JSON-SYNTAX"},
        BadJson{"SingleQuotes", R"({'client': {}})", "JSON-SYNTAX"},
        BadJson{"ByteOrderMark", "\xef\xbb\xbf{}", "JSON-SYNTAX"},
        BadJson{"Latin1", "{\"client\": {\"name\": {\"ownName\": \"Andr\xe9\"}}}", "JSON-UTF8"},
        BadJson{"HalfASurrogatePair", R"({"client": {"name": {"ownName": "\udc00"}}})",
                "JSON-UTF8"},
        BadJson{"DuplicateKey", R"({"client": {"bsn": "999900006", "bsn": "999900018"}})",
                "JSON-DUPLICATE-KEY"},
        BadJson{"DuplicateKeyEscaped",
                R"({"client": {"bsn": "999900006", "\u0062sn": "999900018"}})",
                "JSON-DUPLICATE-KEY"},
        BadJson{"DuplicateFieldByItsOtherName",
                R"({"client": {"name": {"ownName": "A", "own_name": "B"}}})", "JSON-DUPLICATE-KEY"},
        BadJson{"UnknownField", R"({"client": {"address": "x"}})", "UNKNOWN-FIELD"},
        BadJson{"UnknownEnumName", R"({"registration": {"step": "OTHER_STEP"}})", "UNKNOWN-FIELD"},
        BadJson{"UnknownEnumNumber", R"({"registration": {"step": 77}})", "UNKNOWN-FIELD"},
        BadJson{"WrongType", R"({"client": "x"})", "UNKNOWN-FIELD"},
        BadJson{"NumberTooLarge", R"({"assessment": {"score": 99999999999}})", "UNKNOWN-FIELD"},
        BadJson{"TwoContents", R"({"registration": {}, "receipt": {}})", "UNKNOWN-FIELD"},
        BadJson{"AnArray", "[]", "UNKNOWN-FIELD"},
        BadJson{"ArraysTooDeep", Nested("[", "]", limits::kJsonDepthMax + 1), "JSON-DEPTH"},
        BadJson{"ObjectsTooDeep", Nested(R"({"client":)", "}", limits::kJsonDepthMax + 1),
                "JSON-DEPTH"},
        BadJson{"AMillionBrackets", std::string(1'000'000, '['), "JSON-DEPTH"},
        BadJson{"TooManyValues", "[" + Nested("1,", "", limits::kJsonNodesMax) + "1]",
                "JSON-NODES"},
        BadJson{"TooLarge", std::string(limits::kBodyBytesMax + 1, ' '), "BODY-SIZE"}),
    [](const auto& info) { return info.param.name; });

TEST(JsonDecoder, TakesBothNamesOfAField) {
  const DecodedParts parts = DecodeJson(kJson);
  EXPECT_THAT(Rules(parts), IsEmpty());
  ASSERT_EQ(parts.exchanges.size(), 1u);
  EXPECT_EQ(parts.exchanges[0].client().name().own_name(), "Proefpersoon");
  EXPECT_EQ(parts.exchanges[0].client().name().own_prefix(), "van der");
  EXPECT_THAT(CheckForm(parts.exchanges[0]), IsEmpty());
}

TEST(JsonDecoder, MayBeFedByteByByte) {
  const DecodedParts parts = DecodeWith(NewJsonDecoder(), kJson, 1);
  EXPECT_THAT(Rules(parts), IsEmpty());
  EXPECT_EQ(parts.exchanges.size(), 1u);
}

TEST(JsonDecoder, NeverRepeatsAValueOfTheMessage) {
  const DecodedParts parts =
      DecodeJson(R"({"client": {"bsn": 999900006.5, "Zwaluwstaart": "Zwaluwstaart"}})");
  ASSERT_EQ(parts.issues.size(), 1u);
  EXPECT_THAT(parts.issues[0].text + parts.issues[0].path, Not(HasSubstr("Zwaluwstaart")));
  EXPECT_THAT(parts.issues[0].text + parts.issues[0].path, Not(HasSubstr("999900006")));
}

TEST(Decoder, TakesTheSerialisedExchange) {
  v1::Exchange exchange;
  exchange.mutable_client()->set_bsn("999900006");
  const DecodedParts parts = DecodeWith(NewDecoder(), exchange.SerializeAsString(), 3);
  EXPECT_THAT(Rules(parts), IsEmpty());
  ASSERT_EQ(parts.exchanges.size(), 1u);
  EXPECT_EQ(parts.exchanges[0].client().bsn(), "999900006");
}

TEST(Decoder, RefusesBytesThatAreNoExchange) {
  const DecodedParts parts = DecodeWith(NewDecoder(), "\xff\xff\xff");
  EXPECT_THAT(Rules(parts), ElementsAre("PROTO-SYNTAX"));
  EXPECT_THAT(parts.exchanges, IsEmpty());
}

TEST(Decoder, RefusesTextThatIsNotUtf8) {
  // Exchange.client (2), Client.bsn (1), one byte that is no UTF-8.
  const DecodedParts parts = DecodeWith(NewDecoder(), std::string("\x12\x03\x0a\x01\xff"));
  EXPECT_THAT(Rules(parts), ElementsAre("PROTO-SYNTAX"));
}

TEST(Decoder, RefusesWhatNoFieldNames) {
  // Field 99 of Exchange, and field 99 of Client: a number each.
  EXPECT_THAT(Rules(DecodeWith(NewDecoder(), std::string("\x98\x06\x01"))),
              ElementsAre("UNKNOWN-FIELD"));
  EXPECT_THAT(Rules(DecodeWith(NewDecoder(), std::string("\x12\x03\x98\x06\x01"))),
              ElementsAre("UNKNOWN-FIELD"));
}

TEST(Decoder, RefusesAnEnumNumberWithoutName) {
  v1::Exchange exchange;
  exchange.mutable_registration()->set_step(static_cast<v1::RegistrationStep>(77));
  EXPECT_THAT(Rules(DecodeWith(NewDecoder(), exchange.SerializeAsString())),
              ElementsAre("UNKNOWN-FIELD"));
}

TEST(Decoder, RefusesABodyLargerThanTheLimitBeforeKeepingIt) {
  std::unique_ptr<Decoder> decoder = NewDecoder();
  DecodedParts parts;
  EXPECT_TRUE(decoder->Feed(std::string(limits::kBodyBytesMax, 'x'), parts));
  EXPECT_FALSE(decoder->Feed("x", parts));
  EXPECT_THAT(Rules(parts), ElementsAre("BODY-SIZE"));
}

TEST(Decoder, LeavesOutWhatOnlyTheGatewayGives) {
  v1::Exchange exchange;
  v1::Envelope& envelope = *exchange.mutable_envelope();
  envelope.set_message_id("verzonnen");
  envelope.set_sender("een-ander");
  envelope.set_recipient("gemeente");
  envelope.set_sent_on("2020-01-01");
  envelope.set_request_key("aanmelding-17");
  exchange.mutable_wire()->mutable_hl7()->set_sending_application("ECD");
  const DecodedParts parts = DecodeWith(NewDecoder(), exchange.SerializeAsString());
  ASSERT_EQ(parts.exchanges.size(), 1u);
  v1::Exchange expected;
  expected.mutable_envelope()->set_request_key("aanmelding-17");
  EXPECT_EQ(parts.exchanges[0].SerializeAsString(), expected.SerializeAsString());
  EXPECT_THAT(Rules(parts), ::testing::Each("ENVELOPE-ASSIGNED"));
  EXPECT_THAT(parts.issues, ::testing::SizeIs(5));
  EXPECT_FALSE(HasError(parts.issues));
}

}  // namespace
}  // namespace schotvrij::canonical
