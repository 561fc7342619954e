#include "tests/bench/iwmo_documents.h"

#include <string_view>
#include <vector>

namespace schotvrij::bench {
namespace {

// All of 9999xxxxx that pass the eleven-test.
const std::vector<std::string>& Bsns() {
  static const std::vector<std::string>& all = *[] {
    auto* bsns = new std::vector<std::string>;
    for (int number = 999'900'000; number <= 999'999'999; ++number) {
      std::string bsn = std::to_string(number);
      int sum = -(bsn[8] - '0');
      for (int i = 0; i < 8; ++i) sum += (9 - i) * (bsn[static_cast<size_t>(i)] - '0');
      if (sum % 11 == 0) bsns->push_back(std::move(bsn));
    }
    return bsns;
  }();
  return all;
}

// Writes as the examples of the standard are written.
class DocumentWriter {
 public:
  explicit DocumentWriter(std::string_view message) : prefix_(message) {
    text_ = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n<" + prefix_ +
            ":Bericht xmlns:iwmo=\"http://www.istandaarden.nl/iwmo/3_2/basisschema/schema\" xmlns:" + prefix_ +
            "=\"http://www.istandaarden.nl/iwmo/3_2/" + prefix_ + "/schema\">\r\n";
    open_.push_back(prefix_ + ":Bericht");
  }
  DocumentWriter& Open(std::string_view name) {
    const std::string tag = prefix_ + ":" + std::string(name);
    text_.append(open_.size(), '\t').append("<").append(tag).append(">\r\n");
    open_.push_back(tag);
    return *this;
  }
  DocumentWriter& Close() {
    const std::string tag = open_.back();
    open_.pop_back();
    text_.append(open_.size(), '\t').append("</").append(tag).append(">\r\n");
    return *this;
  }
  DocumentWriter& Own(std::string_view name, std::string_view value) { return Leaf(prefix_, name, value); }
  DocumentWriter& Base(std::string_view name, std::string_view value) { return Leaf("iwmo", name, value); }
  DocumentWriter& OpenBase(std::string_view name) {
    text_.append(open_.size(), '\t').append("<iwmo:").append(name).append(">\r\n");
    open_.push_back("iwmo:" + std::string(name));
    return *this;
  }
  DocumentWriter& Header(std::string_view code, std::string_view identification) {
    Open("Header").Own("BerichtCode", code).Own("BerichtVersie", "3").Own("BerichtSubversie", "2");
    Own("Afzender", "65656055").Own("Ontvanger", "0363");
    Open("BerichtIdentificatie").Base("Identificatie", identification).Base("Dagtekening", "2026-03-02").Close();
    return Open("XsdVersie").Base("BasisschemaXsdVersie", "1.0.0").Base("BerichtXsdVersie", "1.0.0").Close().Close();
  }
  std::string Finish() {
    while (!open_.empty()) Close();
    return std::move(text_);
  }

 private:
  DocumentWriter& Leaf(std::string_view prefix, std::string_view name, std::string_view value) {
    text_.append(open_.size(), '\t').append("<").append(prefix).append(":").append(name).append(">").append(value);
    text_.append("</").append(prefix).append(":").append(name).append(">\r\n");
    return *this;
  }

  const std::string prefix_;
  std::string text_;
  std::vector<std::string> open_;
};

// Of one line, in cents.
uint64_t VolumeOf(uint64_t line) { return 1 + line % 40; }
uint64_t TariffOf(uint64_t line) { return 4'500 + line % 13 * 125; }

void AppendLine(uint64_t number, DocumentWriter* writer) {
  writer->Open("Prestatie").Open("ProductReferentie").Base("ReferentieNummer", "RN" + std::to_string(1'000'000 + number)).Close();
  writer->Own("ToewijzingNummer", std::to_string(300'000 + number / 4)).Own("ProductCategorie", "01").Own("ProductCode", "01A03");
  writer->Open("ProductPeriode").Base("Begindatum", "2026-02-01").Base("Einddatum", "2026-02-28").Close();
  writer->Own("GeleverdVolume", std::to_string(VolumeOf(number))).Own("Eenheid", "04").Own("ProductTarief", std::to_string(TariffOf(number)));
  writer->Open("IngediendBedrag").Base("Bedrag", std::to_string(VolumeOf(number) * TariffOf(number))).Base("DebetCredit", "D").Close();
  writer->Close();
}

}  // namespace

std::string Declaration(uint64_t clients, uint64_t lines) {
  uint64_t total = 0;
  for (uint64_t line = 0; line < clients * lines; ++line) total += VolumeOf(line) * TariffOf(line);
  DocumentWriter writer("wmo323");
  writer.Header("484", "765432198").Open("Declaratie").Own("DeclaratieNummer", "DN001");
  writer.Open("DeclaratiePeriode").Base("Begindatum", "2026-02-01").Base("Einddatum", "2026-02-28").Close();
  writer.Own("DeclaratieDagtekening", "2026-03-02");
  writer.Open("TotaalIngediendBedrag").Base("TotaalBedrag", std::to_string(total)).Base("DebetCredit", "D").Close().Open("Clienten");
  for (uint64_t client = 0; client < clients; ++client) {
    writer.Open("Client").Own("Bsn", Bsns()[client]).Open("Prestaties");
    for (uint64_t line = 0; line < lines; ++line) AppendLine(client * lines + line, &writer);
    writer.Close().Close();
  }
  return writer.Finish();
}

std::string Start(uint64_t number) {
  DocumentWriter writer("wmo305");
  writer.Header("418", std::to_string(100'000'000 + number)).Open("Client").Own("Bsn", Bsns()[number % Bsns().size()]);
  writer.Open("Geboortedatum").Base("Datum", "19" + std::to_string(30 + number % 60) + "-08-13").Close().Own("Geslacht", "1");
  writer.Open("Naam").OpenBase("Geslachtsnaam").Base("Achternaam", "Proef" + std::to_string(number)).Base("Voorvoegsel", "van").Close();
  writer.Base("Voorletters", "T").Close();
  writer.Open("StartProducten").Open("StartProduct").Own("ToewijzingNummer", std::to_string(300'000 + number));
  writer.Open("Product").Base("Categorie", "01").Base("Code", "01A11").Close().Own("ToewijzingIngangsdatum", "2026-02-01");
  writer.Own("Begindatum", "2026-02-03").Own("StatusAanlevering", "1");
  return writer.Finish();
}

}  // namespace schotvrij::bench
