// Returns of 301, 305, 307, 315, 317 and 319, by the decision tables of IV028.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "adapters/iwmo/map/return_tree.h"
#include "adapters/iwmo/wire/place.h"
#include "schemas/base/table.h"
#include "tests/adapters/iwmo/return_support.h"
#include "tests/support/iwmo/random_document.h"

namespace schotvrij::iwmo {
namespace {

using testing::HasSubstr;

const std::string kReturnHeader306 =
    "Header{BerichtCode=419;BerichtVersie=3;BerichtSubversie=2;Afzender=12345678;Ontvanger=0228;"
    "BerichtIdentificatie{Identificatie=kenmerk-1;Dagtekening=2026-03-02;}"
    "XsdVersie{BasisschemaXsdVersie=1.0.0;BerichtXsdVersie=1.0.0;}IdentificatieRetour=retour-1;DagtekeningRetour=2026-03-05;"
    "XsdVersieRetour{BasisschemaXsdVersie=1.0.0;BerichtXsdVersie=1.0.0;}";

const std::string kReturnedStart =
    "Client{" + kPerson +
    "StartProducten{StartProduct{ToewijzingNummer=123;Product{Categorie=02;Code=02A01;}ToewijzingIngangsdatum=2026-02-02;"
    "Begindatum=2026-02-09;StatusAanlevering=1;RetourCodes{RetourCode=FIRST;}}"
    "StartProduct{ToewijzingNummer=124;Product{Categorie=07;}Begindatum=2026-02-10;StatusAanlevering=3;"
    "RetourCodes{RetourCode=SECOND;}}}RetourCodes{RetourCode=CLIENT;}}";

std::string ReplacedAll(std::string text, const std::map<std::string, std::string>& words) {
  for (const auto& [from, to] : words) text.replace(text.find(from), from.size(), to);
  return text;
}

std::string StartReturned(const std::string& client, const std::string& first, const std::string& second) {
  return kReturnHeader306 + "RetourCodes{RetourCode=0200;}}" +
         ReplacedAll(kReturnedStart, {{"FIRST", first}, {"SECOND", second}, {"CLIENT", client}});
}

std::string StartBytes() { return DocumentOf("WMO305", kStart); }

struct ReturnCase {
  std::string_view message, body;
};
const std::vector<ReturnCase>& ReturnCases() {
  static const auto& cases = *new std::vector<ReturnCase>{{"WMO301", kAllocation}, {"WMO305", kStart},  {"WMO307", kStop},
                                                          {"WMO315", kRequest},    {"WMO317", kChange}, {"WMO319", kRequestAnswer}};
  return cases;
}

// Without the codes.
std::string Uncoded(std::string text) {
  for (size_t at; (at = text.find("RetourCodes{")) != text.npos;) text.erase(at, text.find('}', at) + 1 - at);
  return text;
}

TEST(IwmoReturn, ADeleteOfAnUnknownStartIsSaidOfItsClassAndTheOthersAreSound_IV028) {
  EXPECT_EQ(ReturnOf(EchoOf(StartBytes()), {Finding("9063", "Client/StartProducten/StartProduct[2]")}),
            StartReturned("0200", "0200", "9063"));
}

TEST(IwmoReturn, EachRowOfTheTableHasACase) {
  const std::map<std::string, std::pair<std::function<std::string()>, std::string>> cases = {
      {"unreadable", {[] { return ReturnOf(EchoOf(StartBytes().substr(0, 900)), {}); },
                      "the message breaks its schema (level 1): no return of it can be made; tell its sender outside the messages"}},
      {"technical", {[] { return ReturnOf(EchoOf(StartBytes(), {"CS002"}), {Finding("9063", "Client")}); },
                     kReturnHeader306 + "RetourCodes{RetourCode=0001;}}"}},
      {"header", {[] { return ReturnOf(EchoOf(StartBytes()), {Finding("9056", ""), Finding("9063", "Client"), Finding("8848", "Header")}); },
                  kReturnHeader306 + "RetourCodes{RetourCode=9056;RetourCode=8848;}}"}},
      {"class", {[] { return ReturnOf(EchoOf(StartBytes()), {Finding("8187", "Client")}); }, StartReturned("8187", "0233", "0233")}},
      {"accepted", {[] { return ReturnOf(EchoOf(StartBytes()), {}); }, kReturnHeader306 + "}"}}};
  size_t rows = 0;
  for (const Table::Row& row : Table::Embedded("schemas/formats/iwmo/returns.csv").rows()) {
    if (row["of"] != "return") continue;
    const auto found = cases.find(std::string(row["outcome"]));
    ASSERT_NE(found, cases.end()) << row["outcome"];
    EXPECT_EQ(found->second.first(), found->second.second) << row["outcome"];
    ++rows;
  }
  EXPECT_EQ(rows, cases.size());
}

TEST(IwmoReturn, AMunicipalityThatDoesNotExistIsSaidOfTheHeader) {
  EXPECT_THAT(ReturnOf(EchoOf(StartBytes()), {Finding("S300", "")}), HasSubstr("RetourCodes{RetourCode=S300;}}"));
}

TEST(IwmoReturn, CodesThatRefuseNothingAreAccepted) {
  EXPECT_EQ(ReturnOf(EchoOf(StartBytes()), {Finding("0200", ""), Finding("0233", "Client/StartProducten/StartProduct[1]")}),
            kReturnHeader306 + "}");
}

TEST(IwmoReturn, AClassTakesSeveralCodesEachOnce_AndWhatTheRecipientDidNotAssessIsSaidAsItSaidIt) {
  EXPECT_EQ(ReturnOf(EchoOf(StartBytes()), {Finding("9019", "Client/StartProducten/StartProduct[2]"),
                                       Finding("9063", "Client/StartProducten/StartProduct[2]"),
                                       Finding("9019", "Client/StartProducten/StartProduct[2]"),
                                       Finding("0233", "Client/StartProducten/StartProduct[1]")}),
            StartReturned("0200", "0233", "9019;RetourCode=9063"));
}

TEST(IwmoReturn, TheHeaderIsThatOfTheMessageAndTheClassesAreUnchangedWhateverTheRecipientGot_R17) {
  for (const ReturnCase& each : ReturnCases()) {
    const std::string wire = DocumentOf(each.message, each.body);
    const std::string place = each.message == "WMO319" ? "Antwoord" : "Client";
    const std::string returned = Uncoded(ReturnOf(EchoOf(wire), {Finding("8187", place)}));
    const std::string header = HeaderText(each.message);
    EXPECT_THAT(returned, HasSubstr(header.substr(header.find("BerichtVersie")))) << each.message;
    EXPECT_EQ(WithoutHeader(returned).substr(1), each.body) << each.message;
  }
}

TEST(IwmoReturn, TextsComeBackByteForByte) {
  const std::string body = ReplacedAll(std::string(kStart), {{"Jansen", "  O'Brien & <Žofie>  "}});
  const std::string returned = Uncoded(ReturnOf(EchoOf(DocumentOf("WMO305", body)), {Finding("9019", "Client")}));
  EXPECT_EQ(WithoutHeader(returned).substr(1), body);
}

// Each class in turn is refused: it has the code, those above it and beside it are sound, those below it are not assessed.
TEST(IwmoReturn, EveryClassOfEveryMessageCanBeRefused) {
  size_t refused = 0;
  for (const ReturnCase& each : ReturnCases()) {
    const std::string wire = DocumentOf(each.message, each.body);
    const Tree original = ReadGood(wire).whole.front();
    const Grammar& grammar = *AnswerTo(original.grammar());
    for (NodeIndex node = original.at(1).end; node < original.nodes().size(); ++node) {
      if (grammar.Find(original.ElementOf(node).path + "/RetourCodes") == kNoElement) continue;
      const std::string place = PathOf(original, node, 0).substr(std::string_view("Bericht/").size());
      const absl::StatusOr<policy::EncodedAnswer> encoded = EncodeReturn(EchoOf(wire), std::vector{Finding("9019", place)}, kReturnIds);
      ASSERT_TRUE(encoded.ok()) << place;
      const v1::Exchange receipt = ExchangeOf(encoded->bytes());
      for (const v1::ReceiptFinding& said : receipt.receipt().findings()) {
        const bool below = said.place().starts_with(place + "/");
        EXPECT_EQ(said.code(), said.place() == place ? "9019" : below ? "0233" : "0200") << place << " " << said.place();
      }
      const auto again = EncodeReturn(EchoOf(wire), std::vector(receipt.receipt().findings().begin(), receipt.receipt().findings().end()),
                                      kReturnIds);
      ASSERT_TRUE(again.ok()) << place;
      EXPECT_EQ(again->bytes(), encoded->bytes()) << place;
      ++refused;
    }
  }
  EXPECT_EQ(refused, 21u);
}

TEST(IwmoReturn, AnyMessageComesBackUnchangedBelowItsHeader_R17) {
  std::mt19937_64 random(17);
  for (const ReturnCase& each : ReturnCases()) {
    for (int i = 0; i < 50; ++i) {
      const std::string wire = test::RandomDocument(Grammar::Of(each.message), random);
      const std::string original = ShortOf(ReadGood(wire).whole.front());
      const std::string place = each.message == "WMO319" ? "Antwoord" : "Client";
      const std::string returned = Uncoded(ReturnOf(EchoOf(wire), {Finding("8187", place)}));
      EXPECT_EQ(returned.substr(returned.find(place + "{")), original.substr(original.find(place + "{"))) << wire;
    }
  }
}

TEST(IwmoReturn, WhatCannotBeSaidIsAnErrorThatNamesIt) {
  const auto said = [](const policy::Echo& echo, std::string_view code, std::string_view place) {
    return ReturnOf(echo, {Finding(code, place)});
  };
  EXPECT_THAT(said(EchoOf(StartBytes()), "9063", "Client/StartProducten/StartProduct[3]"), HasSubstr("StartProduct[3], which is no class"));
  EXPECT_THAT(said(EchoOf(StartBytes()), "9063", "Client/StartProducten"), HasSubstr("which is no class"));
  EXPECT_THAT(said(EchoOf(StartBytes()), "9999", "Client"), HasSubstr("WJ001"));
  EXPECT_THAT(said(EchoOf(StartBytes(), {"CONSENT-MISSING"}), "0200", ""), HasSubstr("CONSENT-MISSING"));
  EXPECT_THAT(said(EchoOf(DeclarationOf(kDeclarationFrame, kDeclarationParts)), "0200", ""), HasSubstr("no return answers a WMO323"));
  const absl::StatusOr<policy::EncodedAnswer> accepted = EncodeReturn(EchoOf(StartBytes()), {}, kReturnIds);
  EXPECT_THAT(said(EchoOf(accepted->bytes()), "0200", ""), HasSubstr("no return answers a WMO306"));
}

TEST(IwmoReturn, NumberAndDayOfItsOwnAreAskedFor) {
  for (const auto& [ids, named] : std::vector<std::pair<HeaderIds, std::string>>{{{"", "2026-03-05"}, "Header/IdentificatieRetour"},
                                                                                 {{"longer-than-12", "2026-03-05"}, "Header/IdentificatieRetour"},
                                                                                 {{"retour-1", ""}, "Header/DagtekeningRetour"},
                                                                                 {{"retour-1", "2026-02-30"}, "Header/DagtekeningRetour"}}) {
    const absl::StatusOr<policy::EncodedAnswer> encoded = EncodeReturn(EchoOf(StartBytes()), {}, ids);
    ASSERT_FALSE(encoded.ok());
    EXPECT_TRUE(absl::IsInvalidArgument(encoded.status()));
    EXPECT_THAT(std::string(encoded.status().message()), HasSubstr(named));
  }
}

TEST(IwmoReturn, WarningsAreNoGroundToRefuse) {
  policy::Echo echo("proefaanbieder", StartBytes(), {{.severity = Severity::kWarning, .rule = "MESSAGE-TWICE"}});
  EXPECT_EQ(ReturnOf(echo, {}), kReturnHeader306 + "}");
}

}  // namespace
}  // namespace schotvrij::iwmo
