#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cctype>
#include <set>
#include <string>

#include "adapters/canonical/canonical.h"
#include "schemas/base/table.h"
#include "tests/adapters/securemail/support.h"

namespace schotvrij::securemail {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string Id() { return std::string(kId); }
std::string QuotedLetter() { return "\n> Een aanbieder meldt een cliënt bij u aan.\n> BSN: 999900006\n> Bericht: " + Id() + "\n"; }

TEST(MailAnswer, WithoutAnIdOrWithSeveralItIsNotKnownWhatIsAnswered) {
  EXPECT_THAT(IssuesOf("Akkoord\n"), ElementsAre("MAIL-ABOUT"));
  EXPECT_THAT(IssuesOf("Akkoord\n> Bericht: 0123\n> Gaat over bericht: " + Id() + "\n"), ElementsAre("MAIL-ABOUT"));
  EXPECT_THAT(IssuesOf("Akkoord " + std::string(kOtherId) + QuotedLetter()), ElementsAre("MAIL-ABOUT regel 1"));
  EXPECT_THAT(IssuesOf("\nAkkoord" + QuotedLetter(), {.answers = std::string(kOtherId)}), ElementsAre("MAIL-ABOUT regel 2"));
}

TEST(MailAnswer, AReplyWhoseFirstLineIsNoAnswerIsNoFormEither) {
  for (const std::string first : {"Ja", "nee", "ok", "Prima", "Akkoord, maar niet voor deze", "niet niet akkoord", "Beste collega,\nakkoord",
                                  "BSN: 999900006", "Onbekend: label", "akkoord akkoord"}) {
    EXPECT_THAT(IssuesOf(first + QuotedLetter()), ElementsAre("MAIL-ANSWER regel 1")) << first;
    EXPECT_THAT(IssuesOf(first, {.answers = Id()}), ElementsAre("MAIL-ANSWER regel 1")) << first;
  }
  EXPECT_THAT(IssuesOf(QuotedLetter()), ElementsAre("MAIL-ANSWER"));
  EXPECT_THAT(IssuesOf("Akkoord " + Id() + " of toch niet" + QuotedLetter()), ElementsAre("MAIL-ANSWER regel 1"));
}

TEST(MailAnswer, EveryAnswerIsReadHoweverItIsWritten) {
  for (const Table::Row& row : Table::Embedded("schemas/formats/mail/answers.csv").rows()) {
    const std::string word(row["text"]);
    std::string shouted;
    for (const char c : word) shouted += c == ' ' ? std::string(" \u00a0") : std::string(1, static_cast<char>(std::toupper(c)));
    for (const std::string& text : {word + QuotedLetter(), "\n  " + shouted + " !.\r\n" + QuotedLetter(), word + " " + Id(),
                                    word + ": " + "0123456789ABCDEF0123456789ABCDEF.\nBSN: 999900006\nOnbekend: x\n"}) {
      const v1::Exchange exchange = Decoded(text, {.fallback_key = "mail-9"});
      EXPECT_EQ(exchange.receipt().about(), kId) << text;
      EXPECT_EQ(v1::ReceiptState_Name(exchange.receipt().state()), row["state"]) << text;
      EXPECT_EQ(exchange.receipt().reason(), row["reason"]) << text;
      EXPECT_EQ(exchange.envelope().request_key(), "mail-9");
      EXPECT_THAT(canonical::CheckForm(exchange), IsEmpty()) << text;
    }
  }
}

TEST(MailAnswer, ATrustedHeaderTellsWhatIsAnsweredAlsoWithoutAQuotation) {
  EXPECT_EQ(Decoded("Akkoord", {.answers = "0123456789ABCDEF0123456789ABCDEF"}).receipt().about(), kId);
  EXPECT_EQ(Decoded("Akkoord " + Id() + QuotedLetter(), {.answers = Id()}).receipt().about(), kId);
}

TEST(MailAnswer, EveryReasonOfARecipientHasAnAnswer) {
  std::set<std::string_view> reasons;
  for (const Table::Row& row : Table::Embedded("schemas/formats/mail/answers.csv").rows()) reasons.insert(row["reason"]);
  for (const Table::Row& row : Table::Embedded("schemas/codes/answer_reason.csv").rows()) {
    EXPECT_EQ(reasons.contains(row["code"]), row["by"] == "recipient") << row["code"];
  }
}

// A line as people write it, for each row of ends.csv.
std::string LineFor(const Table::Row& row) {
  std::string text(row["text"]);
  if (row["kind"] == "begins") return text + " Jan Proef";
  if (row["kind"] == "words") return text + " ma 2 nov. 2026 10:22 " + std::string(row["also"]) + " Jan Proef <jan@voorbeeld.test>:";
  return text + " ,";
}

TEST(MailEnd, NothingBelowAnyEndIsReadButTheId) {
  for (const Table::Row& row : Table::Embedded("schemas/formats/mail/ends.csv").rows()) {
    std::string end = LineFor(row);
    for (const bool shouted : {false, true}) {
      if (shouted) {
        for (char& c : end) c = static_cast<char>(std::toupper(c));
      }
      EXPECT_EQ(Decoded("BSN: 999900006\n" + end + "\nOnbekend: x\nGeslachtsnaam: Proef\n").client().name().own_name(), "") << end;
      EXPECT_THAT(IssuesOf(end + "\nBSN: 999900006\n"), ElementsAre("MAIL-NOT-UNDERSTOOD")) << end;
      EXPECT_EQ(Decoded("Akkoord\n" + end + "\nBericht: " + Id() + "\n").receipt().about(), kId) << end;
      EXPECT_THAT(IssuesOf(end + "\nAkkoord\nBericht: " + Id() + "\n"), ElementsAre("MAIL-ANSWER")) << end;
    }
  }
}

TEST(MailEnd, NoLabelAnswerOrProseIsTakenForAnEnd) {
  std::string text = "Groeten uit Ede\nOp verzoek van de cliënt schreef ik dit\nVan Dam belde\n--- \n";
  for (const Table::Row& label : Table::Embedded("schemas/formats/mail/form.csv").rows()) text += std::string(label["label"]) + ":\n";
  EXPECT_EQ(Decoded(text + "BSN: 999900006\n").client().bsn(), "999900006");
}

TEST(MailEnd, QuotedLinesArePassedOverAndDoNotEndTheReading) {
  const v1::Exchange exchange = Decoded("BSN: 999900006\n > > Met vriendelijke groet\n>-- \nGeslachtsnaam: Proef\n");
  EXPECT_EQ(exchange.client().name().own_name(), "Proef");
}

}  // namespace
}  // namespace schotvrij::securemail
