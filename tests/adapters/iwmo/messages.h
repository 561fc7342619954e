// One good document of each message, by tree_text.h; and what a decoder says of bytes.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/iwmo/iwmo.h"
#include "google/protobuf/text_format.h"
#include "tests/adapters/iwmo/tree_text.h"

namespace schotvrij::iwmo {

inline const std::string kPerson =
    "Bsn=999900006;Geboortedatum{Datum=1950-02-03;}Geslacht=2;"
    "Naam{Geslachtsnaam{Achternaam=Jansen;Voorvoegsel=van der;}Voornamen=Anna Maria;Voorletters=AM;}";

inline const std::string kAllocation =
    "Client{Bsn=999900006;Geboortedatum{Datum=1950-02-01;DatumGebruik=1;}Geslacht=2;"
    "Naam{Geslachtsnaam{Achternaam=Jansen;Voorvoegsel=van der;}Partnernaam{Achternaam=Smit;Voorvoegsel=de;}"
    "Voornamen=Anna Maria;Voorletters=AM;NaamGebruik=3;}"
    "Communicatie{Vorm=1;Taal=Pools;}JuridischeStatus=04;WettelijkeVertegenwoordiging=09;"
    "Relaties{Relatie{Nummer=1;Volgorde=1;Soort=12;Geboortedatum{Datum=1900-01-01;DatumGebruik=3;}Geslacht=1;"
    "Naam{Geslachtsnaam{Achternaam=Smit;}NaamGebruik=1;}Contact{Soort=02;Telefoon{Telefoon01{Telefoonnummer=0612345678;"
    "Landnummer=+31;}}}}}"
    "Contactgegevens{Contact{Soort=01;Adres{Huis{Huisnummer=12;Huisletter=a;HuisnummerToevoeging=bis;AanduidingWoonadres=TO;}"
    "Postcode=1234AB;Straatnaam=Dorpsstraat;Plaatsnaam=Ede;LandCode=NL;}Organisatie=Huis Ede;"
    "Telefoon{Telefoon01{Telefoonnummer=0318123456;Landnummer=+31;}Telefoon02{Telefoonnummer=0612345678;Landnummer=+31;}}"
    "Emailadres=anna@example.nl;}"
    "Contact{Soort=04;Adres{Huis{Huisnummer=3;}Postcode=1234AC;LandCode=NL;}"
    "Periode{Begindatum=2026-01-01;Einddatum=2026-06-30;}}}"
    "ToegewezenProducten{ToegewezenProduct{ToewijzingNummer=123;ReferentieAanbieder=ref-1;Product{Categorie=02;Code=02A01;}"
    "Toewijzingsdatum=2026-02-01;Toewijzingstijd=10:20:30;Ingangsdatum=2026-02-02;Einddatum=2026-12-31;RedenWijziging=04;"
    "Omvang{Volume=3;Eenheid=04;Frequentie=2;}}"
    "ToegewezenProduct{ToewijzingNummer=124;Product{Categorie=07;}Toewijzingsdatum=2026-02-01;Toewijzingstijd=10:20:30;"
    "Ingangsdatum=2026-02-02;Einddatum=2026-12-31;Budget=100000;}}}";

inline const std::string kStart =
    "Client{" + kPerson +
    "StartProducten{StartProduct{ToewijzingNummer=123;Product{Categorie=02;Code=02A01;}ToewijzingIngangsdatum=2026-02-02;"
    "Begindatum=2026-02-09;StatusAanlevering=1;}StartProduct{ToewijzingNummer=124;Product{Categorie=07;}"
    "Begindatum=2026-02-10;StatusAanlevering=3;}}}";

inline const std::string kStop =
    "Client{" + kPerson +
    "StopProducten{StopProduct{ToewijzingNummer=123;Product{Categorie=02;Code=02A01;}ToewijzingIngangsdatum=2026-02-02;"
    "Begindatum=2026-02-09;RedenBeeindiging=39;Einddatum=2026-02-27;StatusAanlevering=1;}}}";

inline const std::string kRequest =
    "Client{" + kPerson +
    "AangevraagdeProducten{AangevraagdProduct{ReferentieAanbieder=ref-1;BeschikkingNummer=77;Product{Categorie=02;Code=02A01;}"
    "BeschikkingIngangsdatum=2026-02-01;ToewijzingIngangsdatum=2026-03-01;ToewijzingEinddatum=2026-12-31;"
    "Omvang{Volume=3;Eenheid=04;Frequentie=2;}Verwijzer{Type=02;ZorgverlenerCode=01234567;}Raamcontract=1;}}}";

inline const std::string kChange =
    "Client{Bsn=999900006;Verzoek{ReferentieAanbieder=ref-2;RedenVerzoek=1;"
    "OngewijzigdeProducten{OngewijzigdProduct{ToewijzingNummer=123;}OngewijzigdProduct{ToewijzingNummer=125;}}"
    "TeWijzigenProducten{TeWijzigenProduct{ToewijzingNummer=124;GewensteIngangsdatum=2026-04-01;Einddatum=2026-12-31;"
    "Budget=50000;}}"
    "NieuweProducten{NieuwProduct{Product{Categorie=07;Code=07A12;}GewensteIngangsdatum=2026-04-01;"
    "Einddatum=2026-12-31;Omvang{Volume=2;Eenheid=16;Frequentie=2;}}}}}";

inline const std::string kRequestAnswer = "Antwoord{ReferentieAanbieder=ref-1;VerzoekAntwoord=1;RedenAfwijzingVerzoek=3;}";

inline const std::string kDeclarationFrame =
    "Declaratie{DeclaratieNummer=D2026;DeclaratiePeriode{Begindatum=2026-02-01;Einddatum=2026-02-28;}"
    "DeclaratieDagtekening=2026-03-01;TotaalIngediendBedrag{TotaalBedrag=19000;DebetCredit=D;}Clienten{}}";

inline const std::vector<std::string> kDeclarationParts = {
    "Bsn=999900006;Prestaties{Prestatie{ProductReferentie{ReferentieNummer=L1;}ToewijzingNummer=123;ProductCategorie=02;"
    "ProductCode=02A01;ProductPeriode{Begindatum=2026-02-02;Einddatum=2026-02-28;}GeleverdVolume=16;Eenheid=04;"
    "ProductTarief=1500;IngediendBedrag{Bedrag=24000;DebetCredit=D;}}}",
    "Bsn=999900018;Prestaties{Prestatie{ProductReferentie{ReferentieNummer=L2;VorigReferentieNummer=L0;}ToewijzingNummer=124;"
    "ProductCategorie=07;ProductCode=07A12;ProductPeriode{Begindatum=2026-02-02;Einddatum=2026-02-28;}GeleverdVolume=5000;"
    "Eenheid=83;IngediendBedrag{Bedrag=5000;DebetCredit=C;}}}"};

inline std::string DocumentOf(std::string_view message, std::string_view body) {
  return BytesOf(TreeOf(message, HeaderOf(message) + std::string(body)));
}

// A 323 of two clients; `frame` and `parts` as above.
inline std::string DeclarationOf(const std::string& frame, const std::vector<std::string>& parts) {
  std::vector<Tree> trees;
  for (const std::string& part : parts) trees.push_back(PartOf("WMO323", part));
  return BytesOf(TreeOf("WMO323", HeaderOf("WMO323") + frame), trees);
}

inline std::string Shown(const google::protobuf::Message& message) {
  std::string text;
  google::protobuf::TextFormat::PrintToString(message, &text);
  return text;
}

// On one line.
inline std::string ShownShort(const google::protobuf::Message& message) {
  google::protobuf::TextFormat::Printer printer;
  printer.SetSingleLineMode(true);
  std::string text;
  printer.PrintToString(message, &text);
  return text.substr(0, text.find_last_not_of(' ') + 1);
}

// Everything a decoder says, in order.
struct Said final : PartSink {
  void OnHeader(v1::BatchHeader header) override { Add("header", ShownShort(header)); }
  void OnExchange(v1::Exchange exchange) override {
    exchanges.push_back(std::move(exchange));
    order += "exchange ";
  }
  void OnTrailer(v1::BatchTrailer trailer) override { Add("trailer", ShownShort(trailer)); }
  void OnIssue(Issue issue) override {
    issues.push_back(std::move(issue));
    order += "issue ";
  }
  void OnPart() override { order += "part "; }

  void Add(std::string_view what, const std::string& text) {
    order.append(what).append("(").append(text).append(") ");
  }

  std::string order;
  std::vector<v1::Exchange> exchanges;
  std::vector<Issue> issues;
};

inline Said Decoded(std::string_view bytes, int level = 2) {
  Said said;
  const std::unique_ptr<Decoder> decoder = NewDecoder({.level = level});
  if (decoder->Feed(bytes, said)) decoder->Finish(said);
  return said;
}

inline std::string TextOf(const std::vector<Issue>& issues) {
  std::string text;
  for (const Issue& issue : issues) text += issue.rule + " at " + issue.path + "\n";
  return text;
}

// The one Exchange of a good document.
inline v1::Exchange ExchangeOf(std::string_view bytes, int level = 2) {
  Said said = Decoded(bytes, level);
  EXPECT_EQ(TextOf(said.issues), "");
  if (said.exchanges.size() != 1) {
    ADD_FAILURE() << said.exchanges.size() << " exchanges";
    return {};
  }
  return std::move(said.exchanges.front());
}

inline v1::Exchange Written(const std::string& text) {
  v1::Exchange exchange;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &exchange));
  return exchange;
}

}  // namespace schotvrij::iwmo
