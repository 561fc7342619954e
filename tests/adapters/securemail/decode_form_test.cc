#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>

#include "adapters/canonical/canonical.h"
#include "adapters/securemail/map/fold.h"
#include "schemas/base/limits.h"
#include "schemas/base/table.h"
#include "tests/adapters/securemail/support.h"

namespace schotvrij::securemail {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::SizeIs;

const Table& Labels() { return Table::Embedded("schemas/formats/mail/form.csv"); }
const Table& Words() { return Table::Embedded("schemas/formats/mail/form_words.csv"); }

// Something that a label takes.
std::string ValueFor(const Table::Row& label) {
  if (label["kind"] == "bsn") return "999900006";
  if (label["kind"] == "date") return "2026-11-28";
  if (label["kind"] == "text") return "een waarde";
  for (const Table::Row& word : Words().rows()) {
    if (word["of"] == label["path"]) return std::string(word["text"]);
  }
  return "overleden";
}

// All leaves of a message as text by canonical path, lists with an index.
void Leaves(const google::protobuf::Message& message, const std::string& prefix, std::map<std::string, std::string>& leaves) {
  const google::protobuf::Reflection& r = *message.GetReflection();
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  r.ListFields(message, &fields);
  for (const google::protobuf::FieldDescriptor* field : fields) {
    const int size = field->is_repeated() ? r.FieldSize(message, field) : 1;
    for (int i = 0; i < size; ++i) {
      const std::string path = prefix + field->name() + (field->is_repeated() ? "[" + std::to_string(i) + "]" : "");
      if (field->message_type() != nullptr) {
        Leaves(field->is_repeated() ? r.GetRepeatedMessage(message, field, i) : r.GetMessage(message, field), path + ".", leaves);
      } else if (field->enum_type() != nullptr) {
        leaves[path] = (field->is_repeated() ? r.GetRepeatedEnum(message, field, i) : r.GetEnum(message, field))->name();
      } else {
        leaves[path] = field->is_repeated() ? r.GetRepeatedString(message, field, i) : r.GetString(message, field);
      }
    }
  }
}

std::map<std::string, std::string> LeavesOf(const v1::Exchange& exchange) {
  std::map<std::string, std::string> leaves;
  Leaves(exchange, "", leaves);
  return leaves;
}

// "registration.consents.purposes" as Leaves writes it for first elements.
std::string FirstOf(std::string_view path) {
  std::string first;
  for (const char c : path) first += c;
  for (const std::string list : {"attestations", "consents", "purposes"}) {
    if (const size_t at = first.find(list); at != first.npos) first.insert(at + list.size(), "[0]");
  }
  return first;
}

TEST(MailForm, ALabelThatIsNotOfTheFormIsRefusedAtItsLine) {
  EXPECT_THAT(IssuesOf("BSN: 999900006\n\nGeboortedatum: 1941-03-07\n"), ElementsAre("MAIL-FORM-LABEL regel 3"));
}

TEST(MailForm, AWordOfNoListIsRefused) {
  EXPECT_THAT(IssuesOf("Stap: verlengen\nUitkomst: misschien\nToestemming: onbekend\n"),
              ElementsAre("MAIL-FORM-WORD regel 1 (Stap)", "MAIL-FORM-WORD regel 2 (Uitkomst)",
                          "MAIL-FORM-WORD regel 3 (Toestemming)"));
}

TEST(MailForm, ADateThatNobodyCanReadIsRefused) {
  for (const std::string date : {"28 november 2026", "28-11-26", "31-02-2026", "2026-13-01", "11/28/2026", "28-11/2026", "x", "-",
                                 "28-11-", "--2026", "28-11-2026-1", "+1-11-2026", "028-11-2026", "2026-11-28 10:00"}) {
    EXPECT_THAT(IssuesOf("BSN: 999900006\nBegindatum: " + date + "\n"), ElementsAre("DATE-FORM regel 2 (Begindatum)")) << date;
  }
}

TEST(MailForm, OneThingNamedTwiceIsRefusedAlsoUnderAnotherLabel) {
  EXPECT_THAT(IssuesOf("Geslachtsnaam: Proef\nAchternaam: Proef\nGemeente: 0228\nOntvanger OIN: 00000001001234567000\n"),
              ElementsAre("MAIL-FORM-TWICE regel 2 (Achternaam)", "MAIL-FORM-TWICE regel 4 (Ontvanger OIN)"));
}

TEST(MailForm, AMailWithoutALabelOfTheFormIsNotUnderstood) {
  for (const std::string text : {"", "\n\n", "Goedemorgen, wilt u mij bellen?\n", "Telefoon: 06\n", "> BSN: 999900006\n", "-- \nBSN: 999900006\n"}) {
    EXPECT_THAT(IssuesOf(text), ElementsAre("MAIL-NOT-UNDERSTOOD")) << text;
  }
}

TEST(MailForm, TextThatIsNotUtf8IsRefusedAtItsLine) {
  EXPECT_THAT(IssuesOf("BSN: 999900006\nGeslachtsnaam: Vli\xeb"
                       "t\n"),
              ElementsAre("TEXT-CHARACTERS regel 2"));
  EXPECT_THAT(IssuesOf("\xff"), ElementsAre("TEXT-CHARACTERS regel 1"));
}

TEST(MailForm, TextBeyondTheLimitIsRefusedWhateverThePieces) {
  const std::string most(limits::kMailTextBytesMax, 'a');
  EXPECT_THAT(IssuesOf(most), ElementsAre("MAIL-NOT-UNDERSTOOD"));
  EXPECT_THAT(IssuesOf(most + "a"), ElementsAre("BODY-SIZE"));
  DecodedParts parts;
  const std::unique_ptr<Decoder> decoder = NewDecoder({});
  EXPECT_TRUE(decoder->Feed(most, parts));
  EXPECT_FALSE(decoder->Feed("a", parts));
  EXPECT_FALSE(decoder->Feed("a", parts));
  decoder->Finish(parts);
  EXPECT_THAT(parts.issues, SizeIs(1));
}

TEST(MailForm, FindingsAreBounded) {
  std::string text = "BSN: 999900006\n";
  for (size_t i = 0; i < 2 * limits::kIssuesMax; ++i) text += "Onbekend: x\n";
  EXPECT_THAT(IssuesOf(text), SizeIs(limits::kIssuesMax));
}

TEST(MailForm, EveryLabelFillsItsPathAndWhatItSaysBeside) {
  for (const Table::Row& label : Labels().rows()) {
    const std::string text = std::string(label["label"]) + ": " + ValueFor(label) + "\n";
    std::map<std::string, std::string> leaves = LeavesOf(Decoded(text));
    EXPECT_TRUE(leaves.contains(FirstOf(label["path"]))) << text;
    const std::string also(label["also"]);
    if (!also.empty()) {
      EXPECT_EQ(leaves[FirstOf(also.substr(0, also.find('=')))], also.substr(also.find('=') + 1)) << text;
    }
    EXPECT_EQ(LeavesOf(Decoded("  " + Fold(text) + " ")).size(), leaves.size()) << "in small letters: " << text;
  }
}

TEST(MailForm, EveryWordSaysWhatItsRowsSay) {
  for (const Table::Row& word : Words().rows()) {
    const Table::Row* label = Labels().Find("path", word["of"]);
    ASSERT_NE(label, nullptr) << word["of"];
    std::string text(word["text"]);
    for (char& c : text) c = c == '#' ? '7' : c;
    const std::map<std::string, std::string> leaves = LeavesOf(Decoded(std::string((*label)["label"]) + ": " + text + "\n"));
    const std::string_view path = word["path"].empty() ? word["of"] : word["path"];
    EXPECT_EQ(leaves.at(FirstOf(path)), word["value"].empty() ? text : word["value"]) << text;
  }
}

TEST(MailForm, EveryWordOfALetterIsReadBack) {
  for (const Table::Row& value : Table::Embedded("schemas/formats/mail/values.csv").rows()) {
    if (value["path"] != "registration.end_reason") continue;
    EXPECT_EQ(LeavesOf(Decoded("Reden: " + std::string(value["text"]))).at("registration.end_reason"), value["value"]);
  }
}

TEST(MailForm, EveryCheckerFunctionIsReadByItsCodeAndInDutch) {
  std::set<std::string_view> dutch;
  for (const Table::Row& word : Words().rows()) {
    if (word["of"] == "registration.attestations.checker_function" && !word["value"].empty()) dutch.insert(word["value"]);
  }
  for (const Table::Row& code : Table::Embedded("schemas/codes/checker_function.csv").rows()) {
    std::string text(code["fhir_code"]);
    const bool pattern = text.find('#') != text.npos;
    for (char& c : text) c = c == '#' ? '1' : c;
    EXPECT_EQ(Decoded("Gecontroleerd door: " + text).registration().attestations(0).checker_function(), text);
    EXPECT_TRUE(pattern || dutch.contains(code["fhir_code"])) << text;
  }
}

TEST(MailForm, NoLabelOrWordStandsInTheTablesTwice) {
  std::set<std::string> labels;
  for (const Table::Row& label : Labels().rows()) EXPECT_TRUE(labels.insert(Fold(label["label"])).second) << label["label"];
  std::set<std::string> words;
  for (const Table::Row& word : Words().rows()) {
    EXPECT_TRUE(words.insert(std::string(word["of"]) + "|" + Fold(word["text"]) + "|" + std::string(word["path"])).second)
        << word["text"];
  }
}

TEST(MailForm, DatesAreReadInThreeForms) {
  for (const std::string date : {"2026-03-01", "01-03-2026", "01/03/2026", "1-3-2026", " 1/3/2026 "}) {
    EXPECT_EQ(Decoded("Begindatum: " + date).registration().start_date(), "2026-03-01") << date;
  }
}

TEST(MailForm, ABsnMayBeWrittenInGroups) {
  EXPECT_EQ(Decoded("BSN: 9999.00.006").client().bsn(), "999900006");
  EXPECT_EQ(Decoded("bsn : 9999 00 006 ").client().bsn(), "999900006");
  EXPECT_EQ(Decoded("BSN: 9999-00-006").client().bsn(), "9999-00-006") << "for the check of the form to refuse";
}

TEST(MailForm, WithoutAKeyOrStepTheyAreTheMailsOwnAndRegister) {
  const v1::Exchange exchange = Decoded("BSN: 999900006\n", {.fallback_key = "mail-7"});
  EXPECT_EQ(exchange.envelope().request_key(), "mail-7");
  EXPECT_EQ(exchange.registration().step(), v1::REGISTER);
  EXPECT_EQ(Decoded("Kenmerk: k-1\nStap: Beëindiging\n", {.fallback_key = "mail-7"}).envelope().request_key(), "k-1");
}

TEST(MailForm, ProseAndEmptyLinesOfTheFormAreNotRead) {
  const v1::Exchange exchange = Decoded(
      "Beste collega:\nWij spraken elkaar om 10:22 hierover, zie https://voorbeeld.test\n: -)\nBSN: 999900006\nEinddatum:\nStap: \u00a0\r\n"
      "> Geslachtsnaam: Geciteerd\nGeslachtsnaam: Proef\r\n");
  EXPECT_EQ(exchange.client().name().own_name(), "Proef");
  EXPECT_EQ(exchange.registration().step(), v1::REGISTER);
  EXPECT_EQ(exchange.registration().end_date(), "");
}

TEST(MailForm, ALabelThatRepeatsBelowAListOpensItsNextElement) {
  const v1::Registration registration = Decoded(
      "Criterium: a\nUitkomst: ja\nCriterium: b\nUitkomst: nee\nVoldoet: voldoet\nToestemming: ja\nToestemming voor: zorg\n"
      "Toestemming voor: aanmelding\nToestemming: ingetrokken\n").registration();
  ASSERT_EQ(registration.attestations_size(), 3);
  EXPECT_EQ(registration.attestations(1).criterion(), "b");
  EXPECT_EQ(registration.attestations(1).verdict(), v1::NOT_MET);
  EXPECT_EQ(registration.attestations(2).criterion(), "");
  ASSERT_EQ(registration.consents_size(), 2) << "a second purpose never widens a consent";
  EXPECT_THAT(registration.consents(0).purposes(), ElementsAre(v1::CARE));
  EXPECT_EQ(registration.consents(1).state(), v1::CONSENT_WITHDRAWN);
}

TEST(MailForm, SaysInWhatCapacitySomebodySpokeForTheClient_R45) {
  const v1::Consent consent = Decoded(
      "Toestemming: ja\nToestemming gegeven door: vertegenwoordiger\nVertegenwoordiger: Mentor\n"
      "Vertegenwoordiger vanaf: 1-1-2025\nVertegenwoordiger t/m: 2027-01-01\n").registration().consents(0);
  EXPECT_EQ(consent.given_by(), v1::REPRESENTATIVE);
  EXPECT_EQ(consent.representation().kind(), v1::AS_MENTOR);
  EXPECT_EQ(consent.representation().valid_from(), "2025-01-01");
  EXPECT_EQ(consent.representation().valid_until(), "2027-01-01");
  EXPECT_THAT(IssuesOf("Vertegenwoordiger: buurman\n"), ElementsAre("MAIL-FORM-WORD regel 1 (Vertegenwoordiger)"));
}

TEST(MailForm, AConsentIsForTheRecipientOfTheMailAndAWithdrawalForAll) {
  for (const std::string word : {"ja", "nee"}) {
    const v1::Exchange exchange = Decoded("Toestemming: " + word + "\nGemeente: 0228\n");
    EXPECT_THAT(exchange.registration().consents(0).recipients(), ElementsAre("cbs|0228"));
  }
  EXPECT_THAT(Decoded("Gemeente: 0228\nToestemming: ingetrokken\n").registration().consents(0).recipients(), SizeIs(0));
}

TEST(MailForm, AnyFormThatIsReadCanBeChecked) {
  EXPECT_THAT(canonical::CheckForm(Decoded("BSN: 999900006\n")), Each(::testing::Field(&Issue::rule, "SURNAME-MISSING")));
  EXPECT_FALSE(canonical::CheckForm(Decoded("Geslachtsnaam: e\xcc\x88\n")).empty());
  EXPECT_FALSE(canonical::CheckForm(Decoded("Geslachtsnaam: a\x01" "b\n")).empty());
}

// A random form: each label at most once in an order of its own, so that the same leaves are expected whatever the order.
TEST(MailForm, ARandomFormIsReadAsItWasWrittenWhateverThePieces) {
  std::mt19937 chance(20261128);
  for (int round = 0; round < 300; ++round) {
    std::map<std::string, std::string> wanted;
    std::vector<std::string> lines;
    for (const Table::Row& label : Labels().rows()) {
      if (chance() % 2 == 0 || wanted.contains(FirstOf(label["path"]))) continue;
      std::string value = ValueFor(label);
      if (label["kind"] == "text") value += " ë" + std::to_string(chance() % 1000);
      wanted[FirstOf(label["path"])] = label["kind"] == "word" ? "" : value;
      lines.push_back(std::string(label["label"]) + ": " + value);
    }
    if (lines.empty()) continue;
    std::shuffle(lines.begin(), lines.end(), chance);
    std::string text;
    for (const std::string& line : lines) text += line + (chance() % 4 == 0 ? "\n\nTussendoor wat tekst\n" : "\n");
    const v1::Exchange exchange = Decoded(text);
    const std::map<std::string, std::string> leaves = LeavesOf(exchange);
    for (const auto& [path, value] : wanted) {
      ASSERT_TRUE(leaves.contains(path)) << text;
      if (!value.empty()) {
        EXPECT_EQ(leaves.at(path), value);
      }
    }
    DecodedParts parts;
    const std::unique_ptr<Decoder> decoder = NewDecoder({.fallback_key = "mail-1"});
    for (size_t at = 0; at < text.size();) {
      const size_t piece = 1 + chance() % 9;
      ASSERT_TRUE(decoder->Feed(std::string_view(text).substr(at, piece), parts));
      at += piece;
    }
    decoder->Finish(parts);
    ASSERT_THAT(parts.exchanges, SizeIs(1));
    EXPECT_EQ(parts.exchanges[0].SerializeAsString(), exchange.SerializeAsString());
  }
}

}  // namespace
}  // namespace schotvrij::securemail
