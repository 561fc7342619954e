#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "adapters/securemail/securemail.h"
#include "adapters/securemail/wire/quoted_printable.h"
#include "schemas/base/table.h"
#include "tests/support/disclosures.h"

namespace schotvrij::securemail {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

const std::vector<std::string> kNeeded = {
    "client.bsn",      "client.name.own_name", "client.name.own_prefix",
    "envelope.sender", "envelope.message_id",  "envelope.sent_on"};

std::vector<std::string> NeededAnd(std::vector<std::string> more) {
  more.insert(more.end(), kNeeded.begin(), kNeeded.end());
  return more;
}

std::vector<std::string> NeededWithout(const std::string& path) {
  std::vector<std::string> paths;
  for (const std::string& needed : kNeeded) {
    if (needed != path) paths.push_back(needed);
  }
  return paths;
}

v1::Exchange Registration() {
  v1::Exchange exchange;
  exchange.mutable_client()->set_bsn("999900006");
  exchange.mutable_client()->set_birth_date("1940-05-06");
  v1::PersonName& name = *exchange.mutable_client()->mutable_name();
  name.set_own_prefix("van der");
  name.set_own_name("Vliët=Proef");
  name.set_partner_name("Partnernaam");
  name.set_given_names("Voornaam");
  name.set_initials("V.");
  exchange.mutable_registration()->set_step(v1::REGISTER);
  exchange.mutable_registration()->set_start_date("2026-03-01");
  return exchange;
}

v1::Exchange Rejected() {
  v1::Exchange exchange;
  v1::Receipt& receipt = *exchange.mutable_receipt();
  receipt.set_about("fedcba9876543210");
  receipt.set_state(v1::REJECTED);
  receipt.set_reason("not-resident");
  receipt.set_answered_on("2026-03-02");
  receipt.set_request_key("aanmelding-17");
  return exchange;
}

// The entity's text as Python's own mail library reads it: what was written by us is not read by
// us.
std::string Read(const policy::Encoded& encoded) {
  const std::string file =
      (std::filesystem::temp_directory_path() / ("schotvrij-entity-" + std::to_string(::getpid())))
          .string();
  std::ofstream(file, std::ios::binary) << encoded.bytes();
  const std::string command =
      "/usr/bin/python3 -c \"import email,sys; "
      "m=email.message_from_bytes(open(sys.argv[1],'rb').read()); "
      "sys.stdout.buffer.write(m.get_payload(decode=True))\" " +
      file + " > " + file + ".out";
  EXPECT_EQ(std::system(command.c_str()), 0);
  std::ostringstream text;
  text << std::ifstream(file + ".out", std::ios::binary).rdbuf();
  std::filesystem::remove(file);
  std::filesystem::remove(file + ".out");
  return text.str();
}

absl::StatusOr<policy::Encoded> EncodeShared(const v1::Exchange& exchange,
                                             const std::vector<std::string>& paths) {
  return Encode(test::Disclose(exchange, test::ShareOnly(paths)));
}

TEST(SecureMail, RegistrationTellsBsnSurnameSenderIdAndDate) {
  absl::StatusOr<policy::Encoded> mail = EncodeShared(Registration(), kNeeded);
  ASSERT_TRUE(mail.ok()) << mail.status().message();
  EXPECT_EQ(Read(*mail),
            "Een aanbieder meldt een cliënt bij u aan.\r\n\r\n"
            "BSN: 999900006\r\n"
            "Geslachtsnaam: van der Vliët=Proef\r\n\r\n"
            "Afzender: proefaanbieder\r\n"
            "Bericht: 0123456789abcdef0123456789abcdef\r\n"
            "Verzonden op: 2026-03-02\r\n");
}

TEST(SecureMail, EvenUnderSharedEverythingNoOtherNameOfTheClientIsTold) {
  const std::string text = Read(*Encode(test::DiscloseAll(Registration())));
  EXPECT_THAT(
      text, AllOf(Not(HasSubstr("Partnernaam")), Not(HasSubstr("Voornaam")), Not(HasSubstr("V."))));
}

TEST(SecureMail, NetworkAndStartDateAreToldOnlyWhenARuleSharesThem) {
  const std::string less = Read(*EncodeShared(Registration(), kNeeded));
  EXPECT_THAT(less,
              AllOf(Not(HasSubstr(std::string(test::kNetwork))), Not(HasSubstr("2026-03-01"))));
  const std::string more = Read(
      *EncodeShared(Registration(), NeededAnd({"envelope.network", "registration.start_date"})));
  EXPECT_THAT(more, AllOf(HasSubstr("Samenwerkingsverband: proefnetwerk\r\n"),
                          HasSubstr("Begindatum: 2026-03-01\r\n")));
}

TEST(SecureMail, ASurnameWithoutPrefixStandsAlone) {
  v1::Exchange exchange = Registration();
  exchange.mutable_client()->mutable_name()->clear_own_prefix();
  EXPECT_THAT(Read(*EncodeShared(exchange, kNeeded)), HasSubstr("Geslachtsnaam: Vliët=Proef\r\n"));
}

class SecureMailRefuses : public ::testing::TestWithParam<std::string> {};

TEST_P(SecureMailRefuses, ADisclosureWithoutWhatItCannotDoWithout) {
  const absl::Status status = EncodeShared(Registration(), NeededWithout(GetParam())).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr(GetParam()), Not(HasSubstr("999900006"))));
}

INSTANTIATE_TEST_SUITE_P(Leaves, SecureMailRefuses,
                         ::testing::Values("client.bsn", "client.name.own_name", "envelope.sender",
                                           "envelope.message_id", "envelope.sent_on"));

TEST(SecureMail, ALineEndInANameCannotForgeALine) {
  v1::Exchange exchange = Registration();
  exchange.mutable_client()->mutable_name()->set_own_name("Proef\r\nAfzender: een ander");
  EXPECT_EQ(EncodeShared(exchange, kNeeded).status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST(SecureMail, HeaderFieldsAreTheSameForEveryMessage) {
  v1::Exchange other;
  other.mutable_client()->set_bsn("999900018");
  other.mutable_client()->mutable_name()->set_own_name("Bcc: x@y.nl");
  other.mutable_registration()->set_step(v1::REGISTER);
  const std::string one = EncodeShared(Registration(), kNeeded)->bytes();
  const std::string two = EncodeShared(other, kNeeded)->bytes();
  const std::string header = one.substr(0, one.find("\r\n\r\n"));
  EXPECT_EQ(
      header,
      "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable");
  EXPECT_EQ(two.substr(0, two.find("\r\n\r\n")), header);
}

TEST(SecureMail, ReceiptTellsWhatBecameOfTheSendersMessage) {
  absl::StatusOr<policy::Encoded> mail = Encode(test::DiscloseAll(Rejected()));
  ASSERT_TRUE(mail.ok()) << mail.status().message();
  EXPECT_EQ(Read(*mail),
            "Er is nieuws over een bericht dat u eerder stuurde.\r\n\r\n"
            "Uw bericht: fedcba9876543210\r\n"
            "Uw kenmerk: aanmelding-17\r\n"
            "Uitkomst: afgewezen door de ontvanger\r\n"
            "Reden: de cliënt woont niet in de gemeente\r\n"
            "Beantwoord op: 2026-03-02\r\n\r\n"
            "Afzender: proefgemeente\r\n"
            "Bericht: 0123456789abcdef0123456789abcdef\r\n"
            "Verzonden op: 2026-03-02\r\n");
}

TEST(SecureMail, EveryStateAndReasonHasDutchWords) {
  const Table& values = Table::Embedded("schemas/formats/mail/values.csv");
  auto has = [&](std::string_view path, std::string_view value) {
    for (const Table::Row& row : values.rows()) {
      if (row["path"] == path && row["value"] == value) return true;
    }
    return false;
  };
  for (const Table::Row& row : Table::Embedded("schemas/codes/answer_reason.csv").rows()) {
    EXPECT_TRUE(has("receipt.reason", row["code"])) << row["code"];
  }
  for (int state = v1::ReceiptState_MIN + 1; state <= v1::ReceiptState_MAX; ++state) {
    EXPECT_TRUE(has("receipt.state", v1::ReceiptState_Name(static_cast<v1::ReceiptState>(state))));
  }
}

TEST(QuotedPrintable, LinesAreShortAsciiAndEndInNoSpace) {
  const std::string encoded =
      ToQuotedPrintable(std::string(200, '=') + " \nabc \n" + std::string(300, 'x'));
  std::istringstream lines(encoded);
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    EXPECT_LE(line.size(), 76u);
    EXPECT_FALSE(line.ends_with(' '));
  }
  EXPECT_EQ(ToQuotedPrintable("a=b\u00e9 \n.\n"), "a=3Db=C3=A9=20\r\n.\r\n");
}

}  // namespace
}  // namespace schotvrij::securemail
