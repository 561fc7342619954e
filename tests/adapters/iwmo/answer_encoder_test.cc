// The 325 that answers a 323, by the decision tables of IV087.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "schemas/base/table.h"
#include "tests/adapters/iwmo/return_support.h"
#include "tests/support/disclosures.h"

namespace schotvrij::iwmo {
namespace {

using testing::HasSubstr;

constexpr const char* kAnnaBsn = "999900006";
constexpr const char* kBertBsn = "999900018";

std::string LineText(const std::string& reference, int64_t cents, const std::string& codes = "") {
  const bool credit = cents < 0;
  const std::string amount = std::to_string(std::abs(cents));
  return "Prestatie{ProductReferentie{ReferentieNummer=" + reference + ";" + (credit ? "VorigReferentieNummer=oud;" : "") +
         "}ToewijzingNummer=123;ProductCategorie=02;ProductCode=02A01;"
         "ProductPeriode{Begindatum=2026-02-02;Einddatum=2026-02-28;}GeleverdVolume=" + amount + ";Eenheid=83;"
         "IngediendBedrag{Bedrag=" + amount + ";DebetCredit=" + (credit ? "C" : "D") + ";}" + codes + "}";
}

std::string CodesText(const std::string& code) { return "RetourCodes{RetourCode=" + code + ";}"; }

std::string ClientText(const std::string& bsn, const std::string& lines, const std::string& codes = "") {
  return "Bsn=" + bsn + ";Prestaties{" + lines + "}" + codes;
}

std::string TotalText(const std::string& name, int64_t cents) {
  return name + "{TotaalBedrag=" + std::to_string(std::abs(cents)) + ";DebetCredit=" + (cents < 0 ? "C" : "D") + ";}";
}

std::string DeclarationOfTotal(int64_t cents, const std::vector<std::string>& clients) {
  return DeclarationOf("Declaratie{DeclaratieNummer=D2026;DeclaratiePeriode{Begindatum=2026-02-01;Einddatum=2026-02-28;}"
                       "DeclaratieDagtekening=2026-03-01;" + TotalText("TotaalIngediendBedrag", cents) + "Clienten{}}",
                       clients);
}

// 58000 in all, of which 5000, 14000 and 5000 will be refused.
const std::string& Sample() {
  static const std::string& sample = *new std::string(DeclarationOfTotal(
      58000, {ClientText(kAnnaBsn, LineText("L1", 5000) + LineText("L2", 14000) + LineText("L3", 10000)),
              ClientText(kBertBsn, LineText("L4", 24000) + LineText("L5", 5000))}));
  return sample;
}

v1::Exchange AnswerAbout(const std::string& bsn) {
  v1::Exchange exchange;
  if (!bsn.empty()) exchange.mutable_client()->set_bsn(bsn);
  exchange.mutable_declaration_answer()->set_declaration_number("D2026");
  exchange.mutable_declaration_answer()->set_request_key("kenmerk-1");
  return exchange;
}

v1::Exchange Refusing(const std::string& bsn, const std::map<std::string, std::vector<std::string>>& lines,
                      const std::vector<std::string>& client_codes = {}) {
  v1::Exchange exchange = AnswerAbout(bsn);
  v1::DeclarationAnswer& answer = *exchange.mutable_declaration_answer();
  answer.mutable_client_codes()->Add(client_codes.begin(), client_codes.end());
  for (const auto& [reference, codes] : lines) {
    v1::AnsweredLine& line = *answer.add_lines();
    line.set_line_reference(reference);
    line.mutable_line_codes()->Add(codes.begin(), codes.end());
  }
  return exchange;
}

v1::Exchange OfAll(const std::vector<std::string>& message_codes, const std::vector<std::string>& declaration_codes) {
  v1::Exchange exchange = AnswerAbout("");
  exchange.mutable_declaration_answer()->mutable_message_codes()->Add(message_codes.begin(), message_codes.end());
  exchange.mutable_declaration_answer()->mutable_declaration_codes()->Add(declaration_codes.begin(), declaration_codes.end());
  return exchange;
}

// Its bytes, all pieces together; or the status.
absl::StatusOr<std::string> AnswerBytes(const policy::Echo& echo, const std::vector<v1::Exchange>& answers) {
  const std::unique_ptr<AnswerEncoder> encoder = NewAnswerEncoder(echo, {"antwoord-1", "2026-03-09"});
  for (const v1::Exchange& answer : answers) {
    const absl::Status added = encoder->Add(test::DiscloseAll(answer));
    if (!added.ok()) return added;
  }
  std::string bytes;
  while (true) {
    const absl::StatusOr<policy::EncodedAnswer> next = encoder->Next();
    if (!next.ok()) return next.status();
    if (next->bytes().empty()) return bytes;
    bytes += next->bytes();
  }
}

// Codes of the header and the body in short form; or what was wrong.
std::string AnswerOf(const policy::Echo& echo, const std::vector<v1::Exchange>& answers) {
  const absl::StatusOr<std::string> bytes = AnswerBytes(echo, answers);
  if (!bytes.ok()) return std::string(bytes.status().message());
  const ReadTrees read = ReadGood(*bytes);
  if (read.whole.size() != 1) return "";
  std::string text = WithoutHeader(ShortOf(read.whole.front()));
  std::string clients;
  for (const Tree& part : read.parts) AppendShort(part, 0, &clients);
  if (const size_t at = text.find("Clienten{"); at != text.npos) text.insert(at + 9, clients);
  return text;
}

std::string AnswerText(int64_t submitted, int64_t granted, const std::vector<std::string>& clients, const std::string& code) {
  std::string text = CodesText("0200") + "}DeclaratieAntwoord{DeclaratieNummer=D2026;" + TotalText("TotaalIngediendBedrag", submitted) +
                     TotalText("TotaalToegekendBedrag", granted);
  if (!clients.empty()) {
    text += "Clienten{";
    for (const std::string& client : clients) text += "Client{" + client + "}";
    text += "}";
  }
  return text + CodesText(code) + "}";
}

std::vector<v1::Exchange> SampleAnswers() {
  return {Refusing(kAnnaBsn, {{"L1", {"9338"}}, {"L2", {"9340", "0611"}}}), Refusing(kBertBsn, {{"L5", {"8021"}}})};
}

std::string SampleAnswer() {
  return AnswerText(58000, 34000,
              {ClientText(kAnnaBsn,
                          LineText("L1", 5000, CodesText("9338")) + LineText("L2", 14000, CodesText("9340;RetourCode=0611")),
                          CodesText("0200")),
               ClientText(kBertBsn, LineText("L5", 5000, CodesText("8021")), CodesText("0200"))},
              "0200");
}

TEST(IwmoAnswer, TheRefusedLinesComeToWhatWasSubmittedLessWhatWasGranted_TR342) {
  EXPECT_EQ(AnswerOf(EchoOf(Sample()), SampleAnswers()), SampleAnswer());  // 58000 - 34000 = 5000 + 14000 + 5000
}

TEST(IwmoAnswer, EachRowOfTheTableHasACase) {
  const std::map<std::string, std::pair<std::function<std::string()>, std::string>> cases = {
      {"unreadable", {[] { return AnswerOf(EchoOf(Sample().substr(0, 2500)), {}); },
                      "the message breaks its schema (level 1): no return of it can be made; tell its sender outside the messages"}},
      {"technical", {[] { return AnswerOf(EchoOf(Sample(), {"TR358"}), SampleAnswers()); }, CodesText("0001") + "}"}},
      {"header", {[] { return AnswerOf(EchoOf(Sample()), {OfAll({"9056"}, {"9333"}), SampleAnswers().front()}); },
                  CodesText("9056") + "}"}},
      {"declaration", {[] { return AnswerOf(EchoOf(Sample()), {OfAll({"0200"}, {"9333", "8214"}), SampleAnswers().front()}); },
                       AnswerText(58000, 0, {}, "9333;RetourCode=8214")}},
      {"class", {[] { return AnswerOf(EchoOf(Sample()), {Refusing(kBertBsn, {}, {"8187"}), OfAll({"0200"}, {"0200"})}); },
                 AnswerText(58000, 29000,
                      {ClientText(kBertBsn, LineText("L4", 24000, CodesText("0233")) + LineText("L5", 5000, CodesText("0233")),
                                  CodesText("8187"))},
                      "0200")}},
      {"accepted", {[] { return AnswerOf(EchoOf(Sample()), {}); }, AnswerText(58000, 58000, {}, "8001")}}};
  size_t rows = 0;
  for (const Table::Row& row : Table::Embedded("schemas/formats/iwmo/returns.csv").rows()) {
    if (row["of"] != "answer") continue;
    const auto found = cases.find(std::string(row["outcome"]));
    ASSERT_NE(found, cases.end()) << row["outcome"];
    EXPECT_EQ(found->second.first(), found->second.second) << row["outcome"];
    ++rows;
  }
  EXPECT_EQ(rows, cases.size());
}

TEST(IwmoAnswer, TheMunicipalitySendsItAndNamesTheDeclarationThatItAnswers_TR337_TR371) {
  const absl::StatusOr<std::string> bytes = AnswerBytes(EchoOf(Sample()), {});
  ASSERT_TRUE(bytes.ok());
  EXPECT_THAT(ShortOf(ReadGood(*bytes).whole.front()),
              testing::StartsWith("Header{BerichtCode=485;BerichtVersie=3;BerichtSubversie=2;Afzender=0228;Ontvanger=12345678;"
                                  "BerichtIdentificatie{Identificatie=antwoord-1;Dagtekening=2026-03-09;}"
                                  "XsdVersie{BasisschemaXsdVersie=1.0.0;BerichtXsdVersie=1.0.0;}"
                                  "DeclaratieIdentificatie{Identificatie=kenmerk-1;Dagtekening=2026-03-02;}"
                                  "XsdVersieDeclaratie{BasisschemaXsdVersie=1.0.0;BerichtXsdVersie=1.0.0;}RetourCodes"));
}

TEST(IwmoAnswer, ARefusedCreditIsTakenFromTheOtherSideAndTheTotalMayBeACredit) {
  const std::string wire = DeclarationOfTotal(-3000, {ClientText(kAnnaBsn, LineText("L1", 5000) + LineText("L2", -8000))});
  EXPECT_EQ(AnswerOf(EchoOf(wire), {Refusing(kAnnaBsn, {{"L2", {"8017"}}})}),
            AnswerText(-3000, 5000, {ClientText(kAnnaBsn, LineText("L2", -8000, CodesText("8017")), CodesText("0200"))}, "0200"));
  EXPECT_EQ(AnswerOf(EchoOf(wire), {Refusing(kAnnaBsn, {{"L1", {"9338"}}})}),
            AnswerText(-3000, -8000, {ClientText(kAnnaBsn, LineText("L1", 5000, CodesText("9338")), CodesText("0200"))}, "0200"));
}

TEST(IwmoAnswer, WhatIsReadOfItMakesItAgain) {
  const policy::Echo echo = EchoOf(Sample());
  for (const std::vector<v1::Exchange>& answers :
       {SampleAnswers(), {}, {Refusing(kBertBsn, {}, {"8187"})}, {OfAll({}, {"9333"})}, {OfAll({"9056"}, {})}}) {
    const absl::StatusOr<std::string> bytes = AnswerBytes(echo, answers);
    ASSERT_TRUE(bytes.ok());
    const Said said = Decoded(*bytes);
    EXPECT_EQ(TextOf(said.issues), "");
    const absl::StatusOr<std::string> again = AnswerBytes(echo, said.exchanges);
    ASSERT_TRUE(again.ok()) << again.status().message();
    EXPECT_EQ(*again, *bytes);
  }
}

// The recipient may have got less of the lines than the declarant sent.
TEST(IwmoAnswer, RefusedLinesComeBackAsTheyWereDeclared_R17) {
  const policy::Echo echo = EchoOf(DeclarationOf(kDeclarationFrame, kDeclarationParts));
  const std::string text = AnswerOf(echo, {Refusing(kAnnaBsn, {{"L1", {"9338"}}}), Refusing(kBertBsn, {{"L2", {"8017"}}})});
  for (std::string part : kDeclarationParts) {
    part.resize(part.size() - 2);  // before the end of the line
    EXPECT_THAT(text, HasSubstr(part + "RetourCodes"));
  }
}

TEST(IwmoAnswer, AnAmountIsGrantedWholeOrNotAtAll_IV087) {
  const auto granting = [](int64_t cents, const std::vector<std::string>& codes) {
    v1::Exchange answer = Refusing(kAnnaBsn, {{"L1", codes}});
    answer.mutable_declaration_answer()->mutable_lines(0)->set_granted_cents(cents);
    return AnswerOf(EchoOf(Sample()), {answer});
  };
  EXPECT_EQ(granting(5000, {}), AnswerText(58000, 58000, {}, "8001"));
  EXPECT_THAT(granting(0, {"9338"}), HasSubstr("TotaalToegekendBedrag{TotaalBedrag=53000;"));
  for (const std::string& wrong : {granting(4999, {}), granting(0, {}), granting(5000, {"9338"}), granting(4000, {"9338"})}) {
    EXPECT_THAT(wrong, HasSubstr("declaration_answer.lines.granted_cents"));
  }
}

TEST(IwmoAnswer, WhatDoesNotFitTheDeclarationIsRefused) {
  const policy::Echo echo = EchoOf(Sample());
  EXPECT_THAT(AnswerOf(echo, {Refusing(kAnnaBsn, {{"L5", {"9338"}}})}), HasSubstr("TR366"));
  EXPECT_THAT(AnswerOf(echo, {Refusing("999900031", {}, {"8187"})}), HasSubstr("TR366"));
  v1::Exchange other = Refusing(kAnnaBsn, {{"L1", {"9338"}}});
  other.mutable_declaration_answer()->set_declaration_number("D2025");
  EXPECT_THAT(AnswerOf(echo, {other}), HasSubstr("another declaration"));
  EXPECT_THAT(AnswerOf(echo, {SampleAnswers().front(), other}), HasSubstr("several declarations"));
  EXPECT_THAT(AnswerOf(echo, {Refusing(kAnnaBsn, {{"L1", {"9x38"}}})}), HasSubstr("WJ001"));
  EXPECT_THAT(AnswerOf(EchoOf(DocumentOf("WMO305", kStart)), {}), HasSubstr("a 325 answers a 323, not a WMO305"));
  EXPECT_THAT(AnswerOf(EchoOf(Sample(), {"CONSENT-MISSING"}), {}), HasSubstr("CONSENT-MISSING"));
  v1::Exchange receipt;
  receipt.mutable_receipt()->set_state(v1::ACCEPTED);
  receipt.mutable_receipt()->set_about("kenmerk-1");
  EXPECT_THAT(AnswerOf(echo, {receipt}), HasSubstr("only the answer to a declaration"));
}

TEST(IwmoAnswer, ARefusalWithoutACodeIsNotTakenForAGrant) {
  for (const char* bsn : {kAnnaBsn, ""}) {
    v1::Exchange answer = AnswerAbout(bsn);
    answer.mutable_declaration_answer()->set_outcome(v1::DECLARATION_REFUSED);
    EXPECT_THAT(AnswerOf(EchoOf(Sample()), {answer}), HasSubstr("declaration_answer.outcome")) << bsn;
  }
}

TEST(IwmoAnswer, AFileOfAnySizeComesInPieces) {
  constexpr int kClients = 5000;
  std::vector<std::string> clients;
  for (int i = 0; i < kClients; ++i) {
    clients.push_back(ClientText(absl::StrCat(100000000 + i), LineText(absl::StrCat("L", i), 100) + LineText(absl::StrCat("M", i), 50)));
  }
  const policy::Echo echo = EchoOf(DeclarationOfTotal(kClients * 150, clients));
  const std::unique_ptr<AnswerEncoder> encoder = NewAnswerEncoder(echo, {"antwoord-1", "2026-03-09"});
  for (int i = 0; i < kClients; ++i) {
    ASSERT_TRUE(encoder->Add(test::DiscloseAll(Refusing(absl::StrCat(100000000 + i), {{absl::StrCat("M", i), {"9338"}}}))).ok());
  }
  std::string bytes;
  size_t pieces = 0, largest = 0;
  for (std::string piece; piece = encoder->Next()->bytes(), !piece.empty(); ++pieces) {
    largest = std::max(largest, piece.size());
    bytes += piece;
  }
  EXPECT_GT(pieces, 8u);
  EXPECT_LT(largest, size_t{1} << 20);
  const ReadTrees read = ReadGood(bytes);
  EXPECT_EQ(read.parts.size(), size_t{kClients});
  EXPECT_THAT(bytes, HasSubstr("<iwmo:TotaalBedrag>500000<"));
}

}  // namespace
}  // namespace schotvrij::iwmo
