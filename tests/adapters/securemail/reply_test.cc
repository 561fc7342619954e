// From our own letter to the answer that comes back on it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>

#include "absl/strings/str_replace.h"
#include "adapters/securemail/map/answer_word.h"
#include "adapters/securemail/map/letter.h"
#include "adapters/securemail/securemail.h"
#include "schemas/base/table.h"
#include "tests/adapters/securemail/support.h"
#include "tests/support/disclosures.h"

namespace schotvrij::securemail {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

v1::Exchange Message(v1::RegistrationStep step) {
  v1::Exchange exchange;
  exchange.mutable_client()->set_bsn("999900006");
  exchange.mutable_client()->mutable_name()->set_own_name("Proef");
  exchange.mutable_registration()->set_step(step);
  if (step != v1::REGISTER) exchange.mutable_registration()->set_about(std::string(kOtherId));
  return exchange;
}

// Under rules that share everything of that step.
policy::Disclosure Disclosed(v1::RegistrationStep step) {
  std::vector<policy::PolicyFile> files = test::ShareEverything();
  const std::string with_step = "content: \"registration\" registration_step: " + v1::RegistrationStep_Name(step);
  for (policy::PolicyFile& file : files) absl::StrReplaceAll({{"content: \"registration\"", with_step}}, &file.text);
  return test::Disclose(Message(step), files);
}

std::string Letter(v1::RegistrationStep step, bool reply) { return *WriteLetter(Disclosed(step), {.may_reply = reply}); }

std::string InQuotes(const std::string& letter, const std::string& mark) {
  std::string quoted;
  std::istringstream lines(letter);
  for (std::string line; std::getline(lines, line);) quoted += mark + line + "\n";
  return quoted;
}

TEST(MailReply, OnlyWhatCanBeAnsweredTellsHow) {
  for (const v1::RegistrationStep step : {v1::REGISTER, v1::AMEND, v1::REOPEN}) {
    const std::string without = Letter(step, false);
    EXPECT_EQ(Letter(step, true).substr(0, without.size()), without);
    EXPECT_THAT(Letter(step, true), HasSubstr("\nAKKOORD\n"));
    EXPECT_THAT(without, Not(HasSubstr("AKKOORD")));
  }
  for (const v1::RegistrationStep step : {v1::WITHDRAW, v1::END}) EXPECT_EQ(Letter(step, true), Letter(step, false));
}

TEST(MailReply, EncodeTellsItOnlyToWhoMayAnswerByMail) {
  const policy::Disclosure disclosure = Disclosed(v1::REGISTER);
  EXPECT_EQ(Encode(disclosure)->bytes(), Encode(disclosure, {})->bytes());
  EXPECT_THAT(Encode(disclosure)->bytes(), Not(HasSubstr("AKKOORD")));
  EXPECT_THAT(Encode(disclosure, {.may_reply = true})->bytes(), HasSubstr("\r\nAKKOORD\r\n"));
}

TEST(MailReply, EveryAnswerThatTheLetterOffersIsRead) {
  int offered = 0;
  for (const Table::Row& row : Table::Embedded("schemas/formats/mail/letter.csv").rows()) {
    const std::string text(row["text"].substr(0, row["text"].find(" (")));
    if (row["when"] != "reply" || text.find_first_of("abcdefghijklmnopqrstuvwxyz") != text.npos || text.empty()) continue;
    EXPECT_TRUE(ReadAnswerWord(text).has_value()) << text;
    ++offered;
  }
  EXPECT_EQ(offered, 6 + 1) << "of a registration, and of a test message";
}

TEST(MailReply, AnAnswerAboveTheQuotedLetterIsAboutIt) {
  for (const v1::RegistrationStep step : {v1::REGISTER, v1::AMEND, v1::REOPEN}) {
    const std::string letter = Letter(step, true);
    for (const std::string& quotation : {
             "\nOp ma 2 mrt 2026 om 10:22 schreef Schotvrij <gateway@voorbeeld.test>:\n\n" + InQuotes(letter, "> "),
             "\n" + InQuotes(InQuotes(letter, "> "), ">"),
             "\n________________________________\nVan: Schotvrij <gateway@voorbeeld.test>\nVerzonden: maandag 2 maart 2026 10:22\n"
             "Aan: Wmo-loket\nOnderwerp: Bericht\n\n" + letter,
             "\nMet vriendelijke groet,\nWmo-loket\n\n-----Oorspronkelijk bericht-----\nVan: Schotvrij\n\n" + letter,
             "\n" + letter,
         }) {
      const v1::Exchange exchange = Decoded("NIET VAN ONS\n" + quotation);
      EXPECT_EQ(exchange.receipt().about(), test::kMessageId) << quotation;
      EXPECT_EQ(exchange.receipt().reason(), "not-resident");
      EXPECT_THAT(IssuesOf("Dank, gezien\n" + quotation), ElementsAre("MAIL-ANSWER regel 1")) << quotation;
    }
  }
}

TEST(MailReply, ALetterThatComesBackAsItIsAnswersNothing) {
  EXPECT_THAT(IssuesOf(Letter(v1::REGISTER, true)), ElementsAre("MAIL-ANSWER regel 1"));
}

}  // namespace
}  // namespace schotvrij::securemail
