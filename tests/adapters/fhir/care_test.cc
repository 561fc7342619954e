// Messages about care that is ordered, delivered and declared: what is written is read as what it was, in JSON and in XML, and what
// cannot be carried is told with its place.
#include "adapters/fhir/map/amount.h"
#include "adapters/fhir/map/shape.h"
#include "adapters/fhir/map/value_form.h"
#include "google/protobuf/util/message_differencer.h"
#include "gmock/gmock.h"
#include "tests/adapters/fhir/care_support.h"
#include "tests/adapters/fhir/support.h"
#include "tests/support/disclosures.h"

namespace schotvrij::fhir::test {
namespace {

using google::protobuf::util::MessageDifferencer;
using schotvrij::test::DiscloseAll;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr int kCareRounds = 60;
constexpr unsigned kCareSeed = 20261128;

std::string EncodedCare(const policy::Disclosure& disclosure, Syntax syntax) {
  const absl::StatusOr<policy::Encoded> encoded = Encode(disclosure, syntax);
  EXPECT_TRUE(encoded.ok()) << encoded.status().message();
  return encoded.ok() ? encoded->bytes() : "";
}

// The one message that was read, without what the gateway gave it.
v1::Exchange ReadBack(const std::string& bytes, Syntax syntax) {
  Decoded decoded = Decode(bytes, "", bytes.size() / 2, syntax);
  EXPECT_EQ(decoded.Told(), std::vector<std::string>()) << bytes;
  if (decoded.exchanges.size() != 1) return {};
  v1::Exchange exchange = std::move(decoded.exchanges.front());
  EXPECT_EQ(exchange.envelope().request_key(), schotvrij::test::kMessageId);
  exchange.mutable_envelope()->clear_request_key();
  return exchange;
}

class RoundTrip : public testing::TestWithParam<std::pair<const char*, v1::Exchange (*)(Draw&)>> {};

TEST_P(RoundTrip, CanonicalToFhirToCanonicalIsTheSame) {
  Draw draw(kCareSeed);
  for (int round = 0; round < kCareRounds; ++round) {
    const v1::Exchange exchange = GetParam().second(draw);
    const policy::Disclosure disclosure = DiscloseAll(exchange);
    for (const Syntax syntax : {Syntax::kJson, Syntax::kXml}) {
      const std::string bytes = EncodedCare(disclosure, syntax);
      const v1::Exchange back = ReadBack(bytes, syntax);
      std::string difference;
      MessageDifferencer differencer;
      differencer.ReportDifferencesToString(&difference);
      ASSERT_TRUE(differencer.Compare(exchange, back)) << round << ": " << difference << bytes;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Care, RoundTrip, testing::Values(std::pair("DeliveryEvent", &DrawDeliveryEvent), std::pair("Allocation", &DrawAllocation),
                                         std::pair("SupportRequest", &DrawSupportRequest), std::pair("RequestAnswer", &DrawRequestAnswer),
                                         std::pair("Declaration", &DrawDeclaration),
                                         std::pair("DeclarationAnswer", &DrawDeclarationAnswer)),
                         [](const auto& info) { return info.param.first; });

// What is written of the messages in data/, which tests/end_to_end holds against a foreign library of FHIR R4.
class Written : public testing::TestWithParam<const char*> {};

TEST_P(Written, IsWhatTheForeignLibraryIsShown) {
  v1::Exchange exchange = DecodeSound(Valid(GetParam()));
  exchange.mutable_envelope()->clear_request_key();
  const policy::Disclosure disclosure = DiscloseAll(exchange);
  const std::string file = "tests/adapters/fhir/data/written/" + std::string(GetParam());
  EXPECT_EQ(EncodedCare(disclosure, Syntax::kJson) + "\n", ReadSource(file + ".json"));
  EXPECT_EQ(EncodedCare(disclosure, Syntax::kXml) + "\n", ReadSource(file + ".xml"));
}

INSTANTIATE_TEST_SUITE_P(Care, Written,
                         testing::Values("stop", "order", "request", "change", "request_answer", "claim", "claim_answer"));

// The status with which a message that lost or gained something is refused.
absl::Status Refusal(const v1::Exchange& exchange) { return Encode(DiscloseAll(exchange)).status(); }

TEST(EncodeCare, RefusesWhatItCannotCarryAndNamesTheLeaf) {
  const v1::Exchange claim = DecodeSound(Valid("claim"));
  const auto refused = [&](auto change) {
    v1::Exchange changed = claim;
    change(changed.mutable_declaration());
    const absl::Status status = Refusal(changed);
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
    return std::string(status.message());
  };
  EXPECT_THAT(refused([](auto* declaration) { declaration->mutable_lines(1)->set_prescriber("01000001"); }),
              HasSubstr("declaration.lines.prescriber "));
  EXPECT_THAT(refused([](auto* declaration) { declaration->mutable_lines(0)->mutable_product()->set_list("065"); }),
              HasSubstr("declaration.lines.product.list "));
  EXPECT_THAT(refused([](auto* declaration) { declaration->mutable_lines(2)->mutable_product()->set_category("99"); }),
              HasSubstr("declaration.lines.product.category "));
  EXPECT_THAT(refused([](auto* declaration) { declaration->mutable_lines(0)->mutable_volume()->set_unit("99"); }),
              HasSubstr("declaration.lines.volume "));
  EXPECT_THAT(refused([](auto* declaration) { declaration->mutable_lines(0)->clear_side(); }),
              HasSubstr("declaration.lines.amount_cents "));
  EXPECT_THAT(refused([](auto* declaration) { declaration->set_scheme("428"); }), HasSubstr("declaration.scheme "));
  EXPECT_THAT(refused([](auto* declaration) { declaration->mutable_payee()->set_institution("01234567"); }),
              HasSubstr("declaration.payee.institution "));
  EXPECT_THAT(refused([](auto* declaration) { declaration->clear_declared_on(); }), HasSubstr("declaration.declared_on"));
}

TEST(EncodeCare, RefusesWhatOfTheClientHasNoPlace) {
  v1::Exchange order = DecodeSound(Valid("order"));
  order.mutable_client()->set_communication_form("1");
  EXPECT_THAT(std::string(Refusal(order).message()), HasSubstr("client.communication_form "));
}

// A mailbox gives one Task and one Patient, which would say nothing of the care.
TEST(EncodeCare, IsNoItemOfAMailbox) {
  const policy::Disclosure disclosure = DiscloseAll(DecodeSound(Valid("stop")));
  EXPECT_EQ(EncodeTask(disclosure, {}).status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(EncodePatient(disclosure, {}).status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST(EncodeCare, RefusesAVolumeWithoutItsFrequency) {
  v1::Exchange order = DecodeSound(Valid("order"));
  order.mutable_allocation()->mutable_products(0)->mutable_volume()->clear_frequency();
  EXPECT_THAT(std::string(Refusal(order).message()), HasSubstr("allocation.products.volume "));
}

TEST(DecodeCare, LoneResourceIsAMessageByTheKeyBesideIt) {
  const std::string lone = R"({"resourceType":"EpisodeOfCare","status":"active","period":{"start":"2026-01-12"},"patient":)"
                           R"({"identifier":{"system":"http://fhir.nl/fhir/NamingSystem/bsn","value":"999900006"}}})";
  const v1::Exchange exchange = DecodeSound(lone, "beside");
  EXPECT_EQ(exchange.envelope().request_key(), "beside");
  EXPECT_EQ(exchange.client().bsn(), "999900006");
  EXPECT_EQ(exchange.delivery_event().kind(), v1::DELIVERY_STARTED);
  EXPECT_THAT(Decode(lone).Told(), ElementsAre("TASK-KEY@EpisodeOfCare.identifier"));
}

TEST(DecodeCare, TellsWhereAFindingThatComesLaterStands) {
  const auto place = [](const std::string& message, const std::string& path) {
    return PathInFhir(path, Shape::FromText(Decode(Valid(message)).shape));
  };
  EXPECT_EQ(place("stop", "delivery_event.products[0].from"), "Bundle.entry[1].resource.period.start");
  EXPECT_EQ(place("order", "allocation.products[1].volume.unit"), "Bundle.entry[2].resource.quantityRatio");
  EXPECT_EQ(place("change", "support_request.products[2].product.category"), "Bundle.entry[3].resource.category");
  EXPECT_EQ(place("change", "support_request.change_reason"), "Bundle.entry[1].resource.reasonCode");
  EXPECT_EQ(place("claim", "declaration.lines[1].rate_cents"), "Bundle.entry[1].resource.item[1].unitPrice");
  EXPECT_EQ(place("claim", "client.bsn"), "Bundle.entry[1].resource.patient.identifier.where(system='http://fhir.nl/fhir/NamingSystem/bsn').value");
  EXPECT_EQ(place("claim_answer", "declaration_answer.outcome"), "Bundle.entry[1].resource.outcome");
}

// A receipt as a recipient sends it: a Task that contains what its standard's return says.
TEST(AnswerTask, FindingsOfAReturnAreReadAndWritten) {
  const std::string outcome =
      R"({"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"business-rule","details":{"coding":[{"system":)"
      R"("https://informatiemodel.istandaarden.nl/informatiemodel/iwmo/3.2/codelijsten/wj001/","code":"9019"}]},)"
      R"("expression":["Client/StartProducten/StartProduct[1]"]}]})";
  const std::string rejected = "set /status \"rejected\"";
  const std::string reason = R"(set /statusReason {"coding":[{"system":"urn:schotvrij:codesystem:answer-reason","code":"other"}]})";
  const v1::Exchange exchange = DecodeSound(Edited(Valid("answer"), {rejected, reason, "set /contained [" + outcome + "]"}));
  ASSERT_EQ(exchange.receipt().findings_size(), 1);
  EXPECT_EQ(exchange.receipt().findings(0).code(), "9019");
  EXPECT_EQ(exchange.receipt().findings(0).place(), "Client/StartProducten/StartProduct[1]");
  EXPECT_THAT(EncodedCare(DiscloseAll(exchange), Syntax::kJson), HasSubstr(outcome));
  EXPECT_THAT(Decode(Edited(Valid("answer"), {rejected, reason, R"(set /contained [{"resourceType":"OperationOutcome","issue":[{}]}])"})).Told(),
              ElementsAre("FHIR-CODE@Task.contained[0].issue[0].details"));
}

TEST(EncodeAnswer, OfAMessageAboutCareIsOfTheSameEvent) {
  policy::Answer answer;
  answer.state = policy::Answer::State::kReceived;
  answer.message_id = std::string(schotvrij::test::kMessageId);
  answer.shape = Decode(Valid("stop")).shape;
  EXPECT_THAT(EncodeAnswer(answer).bytes(), HasSubstr("cod002/\",\"code\":\"420\"}"));
  EXPECT_THAT(EncodeAnswer(answer).bytes(), HasSubstr("\"identifier\":\"hdr-1\""));
}

TEST(Amount, IsExact) {
  EXPECT_EQ(Scaled("12.50", 2), 1250);
  EXPECT_EQ(Scaled("12.5", 2), 1250);
  EXPECT_EQ(Scaled("-0.05", 2), -5);
  EXPECT_EQ(Scaled("16.00", 0), 16);
  EXPECT_EQ(Scaled("9999999999.99", 2), 999'999'999'999);
  for (const char* text : {"12.505", "1e2", "100000000000.00", "", "1.2.3", "--1", "0x1"}) EXPECT_EQ(Scaled(text, 2), std::nullopt) << text;
  EXPECT_EQ(Decimal(1250, 2), "12.50");
  EXPECT_EQ(Decimal(-5, 2), "-0.05");
  EXPECT_EQ(Decimal(16, 0), "16");
}

TEST(Moment, IsTheClockOfTheNetherlandsAndBack) {
  EXPECT_EQ(MomentText("2026-07-01", "09:00:00"), "2026-07-01T09:00:00+02:00");
  EXPECT_EQ(MomentText("2026-01-01", "09:00:00.5"), "2026-01-01T09:00:00.5+01:00");
  EXPECT_EQ(MomentText("2026-10-25", "02:30:00"), "2026-10-25T02:30:00+02:00");
  EXPECT_EQ(MomentText("2026-03-29", "02:30:00"), "2026-03-29T02:30:00+01:00");
  EXPECT_EQ(MomentText("2026-03-29", ""), "2026-03-29");
  // The hour that comes twice.
  EXPECT_EQ(ReadMoment("2026-10-25T00:30:00Z")->time, "02:30:00");
  EXPECT_EQ(ReadMoment("2026-10-25T01:30:00Z")->time, "02:30:00");
  EXPECT_EQ(ReadMoment("2026-12-31T23:30:00.25Z")->day, "2027-01-01");
  EXPECT_EQ(ReadMoment("2026-12-31T23:30:00.25Z")->time, "00:30:00.25");
}

}  // namespace
}  // namespace schotvrij::fhir::test
