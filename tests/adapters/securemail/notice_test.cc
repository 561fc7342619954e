#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "adapters/securemail/map/notice.h"
#include "adapters/securemail/securemail.h"
#include "schemas/base/table.h"
#include "tests/adapters/securemail/support.h"

namespace schotvrij::securemail {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

// Rules of edges and formats that a mail does not come by; a form has no scores, no safety holds, no batches and no repeats, states no
// role and asks for no day. That somebody is not named as staff is told to nobody.
bool IsElsewhere(const std::string& rule) {
  for (const std::string prefix : {"JSON-", "XML-", "FHIR-", "IWMO-", "TASK-", "PROTO-", "HTTP-", "BATCH-", "REPEAT-", "SEARCH-", "SCORE-", "HOLD-", "DAY-", "INSTRUMENT-",
                                   "METHOD", "MEDIA-TYPE", "ACCEPT", "CALLER-NOT-IN-ROLE", "STAFF-NOT-NAMED"}) {
    if (rule.starts_with(prefix)) return true;
  }
  return false;
}

std::string Refusal(std::vector<Issue> issues) { return WriteNotice(policy::Answer::Refused(std::move(issues))); }

TEST(MailNotice, EveryRuleThatAMailCanMeetIsToldInDutch) {
  const Table& dutch = Table::Embedded("schemas/formats/mail/issues.csv");
  std::set<std::string_view> named;
  for (const Table::Row& row : Table::Embedded("schemas/codes/issue.csv").rows()) {
    named.insert(row["rule"]);
    if (row["severity"] != "error") continue;
    EXPECT_EQ(dutch.Find("rule", row["rule"]) != nullptr, !IsElsewhere(std::string(row["rule"]))) << row["rule"];
  }
  std::set<std::string_view> once;
  for (const Table::Row& row : dutch.rows()) {
    EXPECT_TRUE(named.contains(row["rule"]) && once.insert(row["rule"]).second) << row["rule"];
    EXPECT_TRUE(row["text"].ends_with('.')) << row["rule"];
    EXPECT_TRUE(row["remedy"].ends_with('.') || MakeIssue(row["rule"], "").code == IssueCode::kTransient) << row["rule"];
  }
}

TEST(MailNotice, ARefusalSaysThatNothingWasDoneAndWhatToMendWhere) {
  EXPECT_EQ(Refusal(DecodeText("Stap: verlengen\nEinddatum: ooit\nX: y\n").issues),
            "Uw bericht kon niet worden verwerkt. Er is niets mee gedaan.\n\n"
            "- regel 1 (Stap): Wat u hier invulde is niet een van de mogelijke woorden. Kies een van de woorden van het formulier. Mogelijk is: "
            "aanmelden, wijzigen, intrekken, beëindigen, heropenen. [MAIL-FORM-WORD]\n"
            "- regel 2 (Einddatum): De datum is niet te lezen of bestaat niet. Schrijf de datum als 28-11-2026, met dag, maand en jaar. "
            "[DATE-FORM]\n"
            "- regel 3: Wat op deze regel voor de dubbele punt staat hoort niet bij het formulier. Gebruik de namen van het formulier, en zet "
            "andere tekst op regels zonder dubbele punt. [MAIL-FORM-LABEL]\n\n"
            "Verbeter dit en stuur het bericht opnieuw.\n");
}

TEST(MailNotice, APlaceInTheMessageIsToldByItsLabelAndAnythingElseNotAtAll) {
  EXPECT_THAT(Refusal({MakeIssue("CONSENT-FORM", "registration.consents[1].given_on")}), HasSubstr("- Toestemming gegeven op: "));
  for (const std::string path : {"client", "regel ", "Patient.name", "regel x", "999900006"}) {
    EXPECT_THAT(Refusal({MakeIssue("BSN-MISSING", path)}), HasSubstr("\n- Het BSN ontbreekt.")) << path;
  }
  for (const std::string path : {"regel 7 (999900006)", "regel 7 (999900006)x", "regel 7 999900006"}) {
    EXPECT_THAT(Refusal({MakeIssue("BSN-MISSING", path)}), HasSubstr("\n- regel 7: Het BSN ontbreekt.")) << path;
  }
}

TEST(MailNotice, ARuleWithoutDutchWordsIsToldInItsOwn) {
  EXPECT_THAT(Refusal({MakeIssue("SCORE-SUM", "")}), HasSubstr("- The items do not add up to the score."));
}

TEST(MailNotice, WhatPassesAsksToWait) {
  for (const std::string rule : {"BUSY", "STORE-UNAVAILABLE", "INTERNAL"}) {
    EXPECT_THAT(Refusal({MakeIssue(rule, "")}), AllOf(HasSubstr("op dit moment"), HasSubstr("Wacht een kwartier"), Not(HasSubstr("Verbeter"))));
  }
  EXPECT_THAT(Refusal({MakeIssue("BUSY", ""), MakeIssue("BSN-MISSING", "")}), HasSubstr("Verbeter dit"));
}

TEST(MailNotice, WhatWasReceivedIsToldWithItsIdAndNetwork) {
  policy::Answer answer;
  answer.state = policy::Answer::State::kReceived;
  answer.message_id = std::string(kId);
  answer.network = "ede";
  EXPECT_THAT(WriteNotice(answer), AllOf(StartsWith("Uw bericht is ontvangen"), HasSubstr("\nBericht: " + std::string(kId) + "\n"),
                                         HasSubstr("\nSamenwerkingsverband: ede\n")));
  answer.network = "ede\nBericht: x";
  EXPECT_THAT(WriteNotice(answer), Not(HasSubstr("Samenwerkingsverband")));
}

TEST(MailNotice, HeaderFieldsAreThoseOfEveryLetter) {
  const policy::EncodedAnswer encoded = EncodeAnswer(policy::Answer::Refused({MakeIssue("BSN-MISSING", "")}));
  EXPECT_EQ(encoded.media_type(), kMediaType);
  EXPECT_THAT(encoded.bytes(), StartsWith("Content-Type: text/plain; charset=utf-8\r\n"
                                          "Content-Transfer-Encoding: quoted-printable\r\n\r\nUw bericht kon"));
}

}  // namespace
}  // namespace schotvrij::securemail
