// Returns and declaration answers to canonical, by the outcomes of IV028 and IV087.
#include <gtest/gtest.h>

#include "tests/adapters/iwmo/messages.h"

namespace schotvrij::iwmo {
namespace {

constexpr std::string_view kReturnIds =
    "IdentificatieRetour=retour-1;DagtekeningRetour=2026-03-03;XsdVersieRetour{BasisschemaXsdVersie=1.0.0;BerichtXsdVersie=1.0.1;}";

std::string ReturnOf(std::string_view message, const std::string& codes, const std::string& body) {
  return BytesOf(TreeOf(message, "Header{" + HeaderText(message) + std::string(kReturnIds) + codes + "}" + body));
}

TEST(IwmoReturn, WithoutCodesAccepts) {
  EXPECT_EQ(Shown(ExchangeOf(ReturnOf("WMO306", "", ""))), Shown(Written(R"(
    envelope { request_key: "retour-1" recipient_identifier { system: "agb" value: "12345678" }
               sender_identifier { system: "cbs" value: "0228" } sent_on: "2026-03-03" }
    wire { iwmo { version: 3 subversion: 2 base_xsd_version: "1.0.0" message_xsd_version: "1.0.1"
                  about_base_xsd_version: "1.0.0" about_message_xsd_version: "1.0.0" } }
    receipt { about: "kenmerk-1" state: ACCEPTED request_key: "kenmerk-1" })")));
}

TEST(IwmoReturn, HasTheSenderOfTheMessageItAnswersAsItsRecipient) {
  const v1::Exchange exchange = ExchangeOf(ReturnOf("WMO302", "", ""));
  EXPECT_EQ(ShownShort(exchange.envelope().sender_identifier()), "system: \"agb\" value: \"12345678\"");
  EXPECT_EQ(ShownShort(exchange.envelope().recipient_identifier()), "system: \"cbs\" value: \"0228\"");
}

TEST(IwmoReturn, WithACodeOnTheHeaderRejects) {
  const v1::Exchange exchange = ExchangeOf(ReturnOf("WMO320", "RetourCodes{RetourCode=9056;RetourCode=8848;}", ""));
  EXPECT_EQ(Shown(exchange.receipt()), Shown(Written(R"(receipt {
    about: "kenmerk-1" state: REJECTED reason: "other" request_key: "kenmerk-1"
    findings { code: "9056" } findings { code: "8848" } })").receipt()));
}

TEST(IwmoReturn, TellsWhichClassACodeStandsOnAndNothingOfTheClient) {
  const v1::Exchange exchange = ExchangeOf(ReturnOf(
      "WMO306", "RetourCodes{RetourCode=0200;}",
      "Client{" + kPerson +
          "StartProducten{StartProduct{Begindatum=2026-02-09;StatusAanlevering=1;RetourCodes{RetourCode=0200;}}"
          "StartProduct{ToewijzingNummer=2;Begindatum=2026-02-09;StatusAanlevering=3;RetourCodes{RetourCode=9063;RetourCode=9019;}}}"
          "RetourCodes{RetourCode=0200;}}"));
  EXPECT_FALSE(exchange.has_client());
  EXPECT_FALSE(exchange.has_delivery_event());
  EXPECT_EQ(Shown(exchange.receipt()), Shown(Written(R"(receipt {
    about: "kenmerk-1" state: REJECTED reason: "other" request_key: "kenmerk-1"
    findings { code: "0200" }
    findings { code: "0200" place: "Client/StartProducten/StartProduct[1]" }
    findings { code: "9063" place: "Client/StartProducten/StartProduct[2]" }
    findings { code: "9019" place: "Client/StartProducten/StartProduct[2]" }
    findings { code: "0200" place: "Client" } })").receipt()));
}

TEST(IwmoReturn, TellsAClassWithinAClassThatRepeats) {
  const v1::Exchange exchange = ExchangeOf(ReturnOf(
      "WMO318", "RetourCodes{RetourCode=0200;}",
      "Client{Bsn=999900006;Verzoek{ReferentieAanbieder=ref-2;RedenVerzoek=1;"
      "OngewijzigdeProducten{OngewijzigdProduct{ToewijzingNummer=1;RetourCodes{RetourCode=9350;}}}"
      "NieuweProducten{NieuwProduct{GewensteIngangsdatum=2026-04-01;RetourCodes{RetourCode=0233;}}}"
      "RetourCodes{RetourCode=9349;}}RetourCodes{RetourCode=0200;}}"));
  std::string places;
  for (const v1::ReceiptFinding& finding : exchange.receipt().findings()) places += finding.code() + " " + finding.place() + "\n";
  EXPECT_EQ(places,
            "0200 \n9350 Client/Verzoek/OngewijzigdeProducten/OngewijzigdProduct[1]\n"
            "0233 Client/Verzoek/NieuweProducten/NieuwProduct[1]\n9349 Client/Verzoek\n0200 Client\n");
}

// 325.
std::string AnswerHeader(const std::string& codes) {
  return "Header{" + HeaderText("WMO325") +
         "DeclaratieIdentificatie{Identificatie=decl-1;Dagtekening=2026-03-02;}"
         "XsdVersieDeclaratie{BasisschemaXsdVersie=1.0.0;BerichtXsdVersie=1.0.2;}RetourCodes{RetourCode=" +
         codes + ";}}";
}

std::string AnswerBody(const std::string& granted, const std::string& code, const std::string& clients = "") {
  return "DeclaratieAntwoord{DeclaratieNummer=D2026;TotaalIngediendBedrag{TotaalBedrag=58000;DebetCredit=D;}"
         "TotaalToegekendBedrag{TotaalBedrag=" +
         granted + ";DebetCredit=D;}" + clients + "RetourCodes{RetourCode=" + code + ";}}";
}

std::string LineOf(const std::string& reference, const std::string& code) {
  return "Prestatie{ProductReferentie{ReferentieNummer=" + reference +
         ";}ToewijzingNummer=123;ProductCategorie=02;ProductCode=02A01;"
         "ProductPeriode{Begindatum=2026-02-02;Einddatum=2026-02-28;}GeleverdVolume=12;Eenheid=04;ProductTarief=1000;"
         "IngediendBedrag{Bedrag=12000;DebetCredit=D;}RetourCodes{RetourCode=" +
         code + ";}}";
}

Said AnswerSaid(const std::string& header, const std::string& body, const std::vector<std::string>& parts = {}) {
  std::vector<Tree> trees;
  for (const std::string& part : parts) trees.push_back(PartOf("WMO325", part));
  return Decoded(BytesOf(TreeOf("WMO325", header + body), trees));
}

v1::DeclarationAnswer WholeAnswer(const std::string& header, const std::string& body) {
  const Said said = AnswerSaid(header, body);
  EXPECT_EQ(TextOf(said.issues), "");
  EXPECT_EQ(said.exchanges.size(), 1u);
  return said.exchanges.empty() ? v1::DeclarationAnswer() : said.exchanges.front().declaration_answer();
}

TEST(IwmoDeclarationAnswer, WithoutAnAnswerBelowTheHeaderRefusesTheWhole) {
  const Said said = AnswerSaid(AnswerHeader("0001"), "");
  EXPECT_EQ(said.order,
            "header(batch_key: \"kenmerk-1\" sender { system: \"cbs\" value: \"0228\" }) exchange trailer(exchanges: 1) ");
  ASSERT_EQ(said.exchanges.size(), 1u);
  EXPECT_FALSE(said.exchanges.front().has_client());
  EXPECT_EQ(ShownShort(said.exchanges.front().declaration_answer()),
            "request_key: \"decl-1\" message_codes: \"0001\" outcome: DECLARATION_REFUSED");
  EXPECT_EQ(said.exchanges.front().wire().iwmo().about_message_xsd_version(), "1.0.2");
}

TEST(IwmoDeclarationAnswer, ByCodeOrByAmountsIsGrantedRefusedOrPartlyGranted) {
  EXPECT_EQ(ShownShort(WholeAnswer(AnswerHeader("0200"), AnswerBody("58000", "8001"))),
            "declaration_number: \"D2026\" request_key: \"decl-1\" message_codes: \"0200\" declaration_codes: \"8001\" "
            "outcome: DECLARATION_GRANTED");
  EXPECT_EQ(WholeAnswer(AnswerHeader("0200"), AnswerBody("0", "9333")).outcome(), v1::DECLARATION_REFUSED);
}

TEST(IwmoDeclarationAnswer, OfAClientHasItsRefusedLinesAndTheLastIsAboutTheWhole) {
  const Said said = AnswerSaid(
      AnswerHeader("0200"), AnswerBody("34000", "0200", "Clienten{}"),
      {"Bsn=999900006;Prestaties{" + LineOf("L1", "9339") + "}RetourCodes{RetourCode=0200;}",
       "Bsn=999900018;Prestaties{" + LineOf("L2", "0233") + "}RetourCodes{RetourCode=8187;}"});
  EXPECT_EQ(TextOf(said.issues), "");
  ASSERT_EQ(said.exchanges.size(), 3u);
  EXPECT_EQ(said.exchanges[0].client().bsn(), "999900006");
  EXPECT_EQ(ShownShort(said.exchanges[0].declaration_answer()),
            "declaration_number: \"D2026\" request_key: \"decl-1\" message_codes: \"0200\" client_codes: \"0200\" "
            "outcome: DECLARATION_PARTLY_GRANTED lines { line_reference: \"L1\" line_codes: \"9339\" granted_cents: 0 }");
  EXPECT_EQ(said.exchanges[1].client().bsn(), "999900018");
  EXPECT_EQ(said.exchanges[1].declaration_answer().outcome(), v1::DECLARATION_REFUSED);
  EXPECT_FALSE(said.exchanges[2].has_client());
  EXPECT_EQ(ShownShort(said.exchanges[2].declaration_answer()),
            "declaration_number: \"D2026\" request_key: \"decl-1\" message_codes: \"0200\" declaration_codes: \"0200\" "
            "outcome: DECLARATION_PARTLY_GRANTED");
}

}  // namespace
}  // namespace schotvrij::iwmo
