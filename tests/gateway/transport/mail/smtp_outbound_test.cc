#include "gateway/transport/mail/smtp_outbound.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <future>
#include <memory>
#include <ostream>
#include <set>
#include <string>
#include <vector>

#include "adapters/securemail/securemail.h"
#include "schemas/base/limits.h"
#include "tests/gateway/transport/mail/mail_fixture.h"
#include "tests/support/disclosures.h"
#include "tests/support/smtp_server.h"

namespace schotvrij::mail {
namespace {

using exchange::DeliveryOutcome;
using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;
using Kind = DeliveryOutcome::Kind;

policy::Disclosure Disclosure() {
  schotvrij::v1::Exchange exchange;
  exchange.mutable_client()->set_bsn("999900006");
  exchange.mutable_client()->mutable_name()->set_own_name("Zwaluwstaart");
  exchange.mutable_registration()->set_step(schotvrij::v1::REGISTER);
  return test::DiscloseAll(exchange);
}

policy::Encoded Letter() { return *securemail::Encode(Disclosure()); }

schotvrij::v1::FrozenDelivery Frozen() {
  schotvrij::v1::FrozenDelivery frozen;
  frozen.set_message_id("0123456789abcdef0123456789abcdef");
  frozen.set_sent_on("2026-03-02");
  frozen.set_mail_message_id("<0123456789abcdef@schotvrij.example>");
  frozen.set_sent_at_us(1'772'446'530'000'000);
  return frozen;
}

config::v1::Participant Recipient(const std::string& certificate = "to-p256") {
  config::v1::Participant recipient;
  recipient.set_key("proefgemeente");
  config::v1::SecureMail& route = *recipient.mutable_route()->mutable_mail();
  route.set_address("wmo@gemeente.example");
  route.set_certificate_file(certificate + ".pem");
  route.set_cipher(config::v1::SecureMail::AES_256_GCM);
  return recipient;
}

config::v1::Participant Relayed(const std::string& relay = "zorgnet") {
  config::v1::Participant recipient;
  recipient.set_key("portaalgemeente");
  recipient.mutable_route()->mutable_relayed_mail()->set_address("wmo@zorgnet.example");
  recipient.mutable_route()->mutable_relayed_mail()->set_relay(relay);
  return recipient;
}

DeliveryOutcome SendWith(exchange::Outbound& outbound, const policy::Encoded& encoded,
                         const config::v1::Participant& recipient,
                         const schotvrij::v1::FrozenDelivery& frozen) {
  std::promise<DeliveryOutcome> promise;
  std::future<DeliveryOutcome> outcome = promise.get_future();
  outbound.Send(encoded, recipient, frozen,
                [&promise](DeliveryOutcome value) { promise.set_value(std::move(value)); });
  return outcome.get();
}

// An SMTP server of its own for every test.
class SmtpOutboundTest : public ::testing::Test {
 protected:
  void StartServer(const std::string& certificate = "server", std::vector<std::string> more = {}) {
    box_ = FileIn(std::string(::testing::UnitTest::GetInstance()->current_test_info()->name()) +
                  ".box");
    server_ = std::make_unique<test::SmtpServer>(
        test::SmtpServer::Options{.script = SOURCE_DIR "/tests/support/smtp_server.py",
                                  .directory = box_,
                                  .certificate_file = FileIn(certificate + ".pem"),
                                  .key_file = FileIn(certificate + ".key"),
                                  .more = std::move(more)});
    mail_.set_smtp_url("smtp://localhost:" + std::to_string(server_->port()));
  }

  void SetUp() override {
    mail_.set_smtp_ca_file("ca.pem");
    mail_.set_from("gateway@schotvrij.example");
    mail_.set_signing_certificate_file("signer-p256.pem");
    mail_.set_signing_key_file("signer-p256.key");
  }

  // A relay at `server`, reached by no other way than its own.
  void AddRelay(const test::SmtpServer& server) {
    config::v1::Relay& relay = *mail_.add_relay();
    relay.set_key("zorgnet");
    relay.set_smtp_url("smtp://localhost:" + std::to_string(server.port()));
    relay.set_smtp_ca_file("ca.pem");
    relay.set_from("gateway@zorgnet.example");
  }

  std::unique_ptr<exchange::Outbound> Connect() {
    absl::StatusOr<std::unique_ptr<exchange::Outbound>> outbound =
        NewSmtpOutbound(mail_, TestDirectory::Path(), &clock_);
    EXPECT_TRUE(outbound.ok()) << outbound.status().message();
    return *std::move(outbound);
  }

  DeliveryOutcome Send() { return SendWith(*Connect(), Letter(), Recipient(), Frozen()); }

  void ExpectNothingSaidInTheClear() const {
    EXPECT_THAT(server_->Commands(),
                AllOf(Not(HasSubstr("plain MAIL")), Not(HasSubstr("plain RCPT")),
                      Not(HasSubstr("plain AUTH")), Not(HasSubstr("plain DATA"))));
    EXPECT_THAT(server_->Messages(), IsEmpty());
  }

  FixedClock clock_;
  std::string box_;
  std::unique_ptr<test::SmtpServer> server_;
  config::v1::Mail mail_;
};

TEST_F(SmtpOutboundTest, TheRecipientDecryptsAndVerifiesWhatTheAdapterWrote) {
  StartServer();
  const DeliveryOutcome outcome = Send();
  EXPECT_EQ(outcome.kind, Kind::kAccepted) << outcome.reason;
  ASSERT_THAT(server_->Messages(), SizeIs(1));
  EXPECT_EQ(DecryptAndVerify(server_->Messages()[0], "to-p256", "signer-p256"), Letter().bytes());
  EXPECT_THAT(server_->Envelopes()[0],
              AllOf(HasSubstr("from gateway@schotvrij.example\nto wmo@gemeente.example\n"),
                    HasSubstr("tls yes\n")));
}

TEST_F(SmtpOutboundTest, OutsideTheSealStandsNothingAboutTheClientOrTheNetwork) {
  StartServer();
  Send();
  ASSERT_THAT(server_->Messages(), SizeIs(1));
  const std::string seen = server_->Messages()[0] + server_->Envelopes()[0] + server_->Commands();
  EXPECT_THAT(seen, AllOf(Not(HasSubstr("999900006")), Not(HasSubstr("Zwaluwstaart")),
                          Not(HasSubstr(std::string(test::kNetwork))), Not(HasSubstr("anmelding")),
                          Not(HasSubstr("registration"))));
}

std::string HeaderOf(const std::string& message) {
  return message.substr(0, message.find("\r\n\r\n"));
}

TEST_F(SmtpOutboundTest, ARetryHasTheSameHeader) {
  StartServer();
  std::unique_ptr<exchange::Outbound> outbound = Connect();
  SendWith(*outbound, Letter(), Recipient(), Frozen());
  clock_.now.us += 60'000'000;
  SendWith(*outbound, Letter(), Recipient(), Frozen());
  ASSERT_THAT(server_->Messages(), SizeIs(2));
  EXPECT_EQ(HeaderOf(server_->Messages()[0]), HeaderOf(server_->Messages()[1]));
  EXPECT_THAT(server_->Messages()[0],
              StartsWith("From: gateway@schotvrij.example\r\n"
                         "To: wmo@gemeente.example\r\n"
                         "Subject: Bericht 0123456789abcdef0123456789abcdef\r\n"
                         "Date: Mon, 02 Mar 2026 10:15:30 +0000\r\n"
                         "Message-ID: <0123456789abcdef@schotvrij.example>\r\n"));
}

TEST_F(SmtpOutboundTest, WithoutStarttlsNothingIsSent) {
  StartServer();
  server_->Behave("no-starttls");
  const DeliveryOutcome outcome = Send();
  EXPECT_EQ(outcome.kind, Kind::kTransient);
  EXPECT_EQ(outcome.reason, "tls-not-offered");
  ExpectNothingSaidInTheClear();
}

TEST_F(SmtpOutboundTest, AServerOfAnotherAuthorityGetsNothing) {
  StartServer("server-of-other-ca");
  const DeliveryOutcome outcome = Send();
  EXPECT_EQ(outcome.kind, Kind::kTransient);
  EXPECT_EQ(outcome.reason, "tls-verify");
  ExpectNothingSaidInTheClear();
  EXPECT_THAT(server_->Commands(), Not(HasSubstr("MAIL")));
}

TEST_F(SmtpOutboundTest, AServerOfAnotherNameGetsNothing) {
  StartServer("server-of-other-host");
  EXPECT_EQ(Send().reason, "tls-verify");
  EXPECT_THAT(server_->Commands(), Not(HasSubstr("MAIL")));
}

TEST_F(SmtpOutboundTest, TheSystemsAuthoritiesAreNotTrustedBesideTheNamedOne) {
  StartServer();
  mail_.set_smtp_ca_file("other-ca.pem");
  EXPECT_EQ(Send().reason, "tls-verify");
}

TEST_F(SmtpOutboundTest, ACertificateThatChangesUnderWayIsNotTrusted) {
  StartServer("server", {"--other-cert", FileIn("server-of-other-ca.pem"), "--other-key",
                         FileIn("server-of-other-ca.key")});
  server_->Behave("other-certificate");
  EXPECT_EQ(Send().reason, "tls-verify");
  server_->Behave("");
  EXPECT_EQ(Send().kind, Kind::kAccepted);
}

TEST_F(SmtpOutboundTest, SmtpsIsTlsFromTheFirstByte) {
  StartServer("server", {"--tls", "implicit"});
  mail_.set_smtp_url("smtps://localhost:" + std::to_string(server_->port()));
  const DeliveryOutcome outcome = Send();
  EXPECT_EQ(outcome.kind, Kind::kAccepted) << outcome.reason;
  EXPECT_THAT(server_->Commands(), Not(HasSubstr("plain")));
}

TEST_F(SmtpOutboundTest, TheEhloNameIsTheGatewaysAndNotTheMachines) {
  StartServer();
  Send();
  EXPECT_THAT(server_->Commands(), HasSubstr("EHLO schotvrij.example\n"));
}

TEST_F(SmtpOutboundTest, LogsInWithUserAndPassword) {
  StartServer("server", {"--auth", "gateway:geheim"});
  WriteFile(FileIn("password"), "geheim\n");
  mail_.set_smtp_user("gateway");
  mail_.set_smtp_password_file("password");
  const DeliveryOutcome outcome = Send();
  EXPECT_EQ(outcome.kind, Kind::kAccepted) << outcome.reason;
}

TEST_F(SmtpOutboundTest, AWrongPasswordIsNotTheMessagesFault) {
  StartServer("server", {"--auth", "gateway:geheim"});
  WriteFile(FileIn("password"), "raad");
  mail_.set_smtp_user("gateway");
  mail_.set_smtp_password_file("password");
  const DeliveryOutcome outcome = Send();
  EXPECT_EQ(outcome.kind, Kind::kTransient);
  EXPECT_EQ(outcome.reason, "smtp-login");
}

struct Misbehaviour {
  std::string name;
  std::string words;
  Kind kind;
  std::string reason;
};
void PrintTo(const Misbehaviour& misbehaviour, std::ostream* out) { *out << misbehaviour.name; }

class MisbehavingServer : public SmtpOutboundTest,
                          public ::testing::WithParamInterface<Misbehaviour> {};

TEST_P(MisbehavingServer, HasTheOutcomeThatFollows) {
  StartServer();
  mail_.mutable_timeout()->set_seconds(1);
  server_->Behave(GetParam().words);
  const DeliveryOutcome outcome = Send();
  EXPECT_EQ(outcome.kind, GetParam().kind);
  EXPECT_EQ(outcome.reason, GetParam().reason);
}

INSTANTIATE_TEST_SUITE_P(
    Replies, MisbehavingServer,
    ::testing::Values(
        Misbehaviour{"TryLater", "reply 451", Kind::kTransient, "smtp-451"},
        Misbehaviour{"Refused", "reply 550", Kind::kPermanent, "smtp-550"},
        Misbehaviour{"MailboxBusy", "reply-rcpt 450", Kind::kTransient, "smtp-450"},
        Misbehaviour{"NoSuchMailbox", "reply-rcpt 550", Kind::kPermanent, "smtp-550"},
        Misbehaviour{"NoService", "reply-greeting 421", Kind::kTransient, "smtp-421"},
        Misbehaviour{"NoServiceForUs", "reply-greeting 554", Kind::kTransient, "smtp-554"},
        Misbehaviour{"ClosesInsteadOfAnswering", "close", Kind::kTransient, "connection-lost"},
        Misbehaviour{"NeverAnswers", "stall", Kind::kTransient, "timeout"}),
    [](const auto& info) { return info.param.name; });

TEST_F(SmtpOutboundTest, NobodyListens) {
  StartServer();
  server_.reset();
  const DeliveryOutcome outcome = Send();
  EXPECT_EQ(outcome.kind, Kind::kTransient);
  EXPECT_EQ(outcome.reason, "connect");
}

TEST_F(SmtpOutboundTest, ConnectionsAreKept) {
  StartServer();
  std::unique_ptr<exchange::Outbound> outbound = Connect();
  for (size_t i = 0; i < 3 * limits::kMailSenders; ++i) {
    EXPECT_EQ(SendWith(*outbound, Letter(), Recipient(), Frozen()).kind, Kind::kAccepted);
  }
  std::set<std::string> peers;
  for (const std::string& envelope : server_->Envelopes())
    peers.insert(envelope.substr(envelope.find("peer")));
  EXPECT_LE(peers.size(), limits::kMailSenders);
}

TEST_F(SmtpOutboundTest, AConnectionThatTheServerClosedMeanwhileIsReplaced) {
  StartServer();
  std::unique_ptr<exchange::Outbound> outbound = Connect();
  server_->Behave("close-after");
  for (size_t i = 0; i < 3 * limits::kMailSenders; ++i) {
    const DeliveryOutcome outcome = SendWith(*outbound, Letter(), Recipient(), Frozen());
    EXPECT_EQ(outcome.kind, Kind::kAccepted) << outcome.reason;
  }
  EXPECT_THAT(server_->Messages(), SizeIs(3 * limits::kMailSenders));
}

TEST_F(SmtpOutboundTest, AFullQueueRefusesAtOnceAndEveryoneIsAnsweredOnceAtTheEnd) {
  StartServer();
  server_->Behave("stall");
  mail_.mutable_timeout()->set_seconds(1);
  const policy::Encoded letter = Letter();
  constexpr size_t kSent = limits::kMailQueueMax + limits::kMailSenders + 1;
  std::vector<std::promise<DeliveryOutcome>> promises(kSent);
  {
    std::unique_ptr<exchange::Outbound> outbound = Connect();
    for (std::promise<DeliveryOutcome>& promise : promises) {
      outbound->Send(letter, Recipient(), Frozen(), [&promise](DeliveryOutcome outcome) {
        promise.set_value(std::move(outcome));
      });
    }
  }
  std::multiset<std::string> reasons;
  for (std::promise<DeliveryOutcome>& promise : promises) {
    const DeliveryOutcome outcome = promise.get_future().get();
    EXPECT_EQ(outcome.kind, Kind::kTransient);
    reasons.insert(outcome.reason);
  }
  EXPECT_GE(reasons.count("mail-queue-full"), 1u);
  EXPECT_GE(reasons.count("shutting-down"), 1u);
  EXPECT_EQ(
      reasons.count("mail-queue-full") + reasons.count("shutting-down") + reasons.count("timeout"),
      kSent);
}

TEST_F(SmtpOutboundTest, WhatIsBeingSentWhenTheGatewayStopsIsFinished) {
  StartServer();
  std::promise<DeliveryOutcome> promise;
  std::unique_ptr<exchange::Outbound> outbound = Connect();
  // The first outcome comes from the sender's thread; destruction meets whatever state the second
  // is in.
  SendWith(*outbound, Letter(), Recipient(), Frozen());
  outbound->Send(Letter(), Recipient(), Frozen(),
                 [&promise](DeliveryOutcome outcome) { promise.set_value(std::move(outcome)); });
  outbound.reset();
  const DeliveryOutcome outcome = promise.get_future().get();
  if (outcome.kind == Kind::kAccepted) {
    EXPECT_THAT(server_->Messages(), SizeIs(2));
  } else {
    EXPECT_EQ(outcome.reason, "shutting-down");
    EXPECT_THAT(server_->Messages(), SizeIs(1));
  }
}

TEST_F(SmtpOutboundTest, AServerThatStallsDoesNotHoldUpTheEndBeyondItsGrace) {
  StartServer();
  server_->Behave("stall");
  mail_.mutable_timeout()->set_seconds(3600);
  std::promise<DeliveryOutcome> promise;
  std::unique_ptr<exchange::Outbound> outbound = Connect();
  outbound->Send(Letter(), Recipient(), Frozen(),
                 [&promise](DeliveryOutcome outcome) { promise.set_value(std::move(outcome)); });
  outbound.reset();
  EXPECT_EQ(promise.get_future().get().reason, "shutting-down");
}

TEST_F(SmtpOutboundTest, ByARelayTheLetterGoesAsTheAdapterWroteIt) {
  StartServer();
  AddRelay(*server_);
  mail_.clear_smtp_url();
  std::unique_ptr<exchange::Outbound> outbound = Connect();
  EXPECT_EQ(SendWith(*outbound, Letter(), Relayed(), Frozen()).kind, Kind::kAccepted);
  ASSERT_THAT(server_->Messages(), SizeIs(1));
  EXPECT_THAT(server_->Messages()[0], AllOf(StartsWith("From: gateway@zorgnet.example\r\nTo: wmo@zorgnet.example\r\n"),
                                            testing::EndsWith("MIME-Version: 1.0\r\n" + Letter().bytes())));
  EXPECT_THAT(server_->Envelopes()[0], HasSubstr("tls yes\n"));
  EXPECT_EQ(SendWith(*outbound, Letter(), Recipient(), Frozen()).reason, "no-mail-server") << "its profile is another";
  EXPECT_EQ(SendWith(*outbound, Letter(), Relayed("elsewhere"), Frozen()).reason, "no-mail-server");
  EXPECT_THAT(server_->Messages(), SizeIs(1));
}

TEST_F(SmtpOutboundTest, ToARelayThereIsNoFallBackEither) {
  StartServer();
  AddRelay(*server_);
  server_->Behave("no-starttls");
  EXPECT_EQ(SendWith(*Connect(), Letter(), Relayed(), Frozen()).reason, "tls-not-offered");
  mail_.mutable_relay(0)->set_smtp_ca_file("other-ca.pem");
  server_->Behave("");
  EXPECT_EQ(SendWith(*Connect(), Letter(), Relayed(), Frozen()).reason, "tls-verify");
  ExpectNothingSaidInTheClear();
}

TEST_F(SmtpOutboundTest, AServerThatStallsHoldsUpNobodyElses) {
  StartServer();
  test::SmtpServer other({.script = SOURCE_DIR "/tests/support/smtp_server.py",
                          .directory = box_ + ".relay",
                          .certificate_file = FileIn("server.pem"),
                          .key_file = FileIn("server.key"),
                          .more = {}});
  AddRelay(other);
  server_->Behave("stall");
  std::vector<std::promise<DeliveryOutcome>> stalled(2 * limits::kMailSenders);
  std::unique_ptr<exchange::Outbound> outbound = Connect();
  for (std::promise<DeliveryOutcome>& promise : stalled) {
    outbound->Send(Letter(), Recipient(), Frozen(),
                   [&promise](DeliveryOutcome outcome) { promise.set_value(std::move(outcome)); });
  }
  EXPECT_EQ(SendWith(*outbound, Letter(), Relayed(), Frozen()).kind, Kind::kAccepted);
  EXPECT_THAT(other.Messages(), SizeIs(1));
  outbound.reset();
  for (std::promise<DeliveryOutcome>& promise : stalled) EXPECT_EQ(promise.get_future().get().reason, "shutting-down");
}

struct Unsendable {
  std::string name;
  std::function<void(config::v1::Participant&, schotvrij::v1::FrozenDelivery&)> edit;
  Kind kind;
  std::string reason;
};
void PrintTo(const Unsendable& unsendable, std::ostream* out) { *out << unsendable.name; }

class UnsendableMessage : public SmtpOutboundTest,
                          public ::testing::WithParamInterface<Unsendable> {};

TEST_P(UnsendableMessage, ReachesNoServer) {
  StartServer();
  config::v1::Participant recipient = Recipient();
  schotvrij::v1::FrozenDelivery frozen = Frozen();
  GetParam().edit(recipient, frozen);
  const DeliveryOutcome outcome = SendWith(*Connect(), Letter(), recipient, frozen);
  EXPECT_EQ(outcome.kind, GetParam().kind);
  EXPECT_EQ(outcome.reason, GetParam().reason);
  EXPECT_EQ(server_->Commands(), "");
}

INSTANTIATE_TEST_SUITE_P(
    Messages, UnsendableMessage,
    ::testing::Values(
        Unsendable{"ToAMailbox", [](auto& to, auto&) { to.mutable_route()->mutable_mailbox(); },
                   Kind::kPermanent, "no-route"},
        Unsendable{"ToNoAddress",
                   [](auto& to, auto&) {
                     to.mutable_route()->mutable_mail()->set_address("a@b.nl\r\nRCPT TO:<c@d.nl>");
                   },
                   Kind::kPermanent, "mail-address"},
        Unsendable{"CertificateGone",
                   [](auto& to, auto&) {
                     to.mutable_route()->mutable_mail()->set_certificate_file("gone.pem");
                   },
                   Kind::kTransient, "recipient-certificate"},
        Unsendable{"CertificateUnfit",
                   [](auto& to, auto&) {
                     to.mutable_route()->mutable_mail()->set_certificate_file("to-p384.pem");
                   },
                   Kind::kTransient, "recipient-certificate"},
        Unsendable{"NoCipher",
                   [](auto& to, auto&) { to.mutable_route()->mutable_mail()->clear_cipher(); },
                   Kind::kTransient, "smime"},
        Unsendable{"NothingFrozen", [](auto&, auto& frozen) { frozen.clear_mail_message_id(); },
                   Kind::kPermanent, "mail-frozen"}),
    [](const auto& info) { return info.param.name; });

TEST_F(SmtpOutboundTest, OnlyWhatTheMailAdapterWroteIsSent) {
  StartServer();
  const policy::Encoded json = policy::Encoded::From(Disclosure(), "{}", "application/json");
  const DeliveryOutcome outcome = SendWith(*Connect(), json, Recipient(), Frozen());
  EXPECT_EQ(outcome.kind, Kind::kPermanent);
  EXPECT_EQ(outcome.reason, "mail-media-type");
}

TEST_F(SmtpOutboundTest, AnExpiredSigningCertificateSendsNothing) {
  StartServer();
  std::unique_ptr<exchange::Outbound> outbound = Connect();
  clock_.now.us += 366LL * 24 * 3600 * 1'000'000;
  EXPECT_EQ(SendWith(*outbound, Letter(), Recipient(), Frozen()).reason, "signing-certificate");
  EXPECT_EQ(NewSmtpOutbound(mail_, TestDirectory::Path(), &clock_).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

struct BadConfig {
  std::string name;
  std::function<void(config::v1::Mail&)> edit;
  std::string field;
};
void PrintTo(const BadConfig& bad, std::ostream* out) { *out << bad.name; }

class BadMailConfig : public SmtpOutboundTest, public ::testing::WithParamInterface<BadConfig> {};

TEST_P(BadMailConfig, IsRefusedByTheNameOfItsField) {
  mail_.set_smtp_url("smtp://localhost:25");
  GetParam().edit(mail_);
  const absl::Status status = NewSmtpOutbound(mail_, TestDirectory::Path(), &clock_).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), StartsWith(GetParam().field));
}

INSTANTIATE_TEST_SUITE_P(
    Fields, BadMailConfig,
    ::testing::Values(
        BadConfig{"UrlAbsent", [](auto& mail) { mail.clear_smtp_url(); }, "mail.smtp_url"},
        BadConfig{"UrlOfAnotherScheme", [](auto& mail) { mail.set_smtp_url("http://localhost"); },
                  "mail.smtp_url"},
        BadConfig{"UrlWithPassword", [](auto& mail) { mail.set_smtp_url("smtp://u:p@localhost"); },
                  "mail.smtp_url"},
        BadConfig{"UrlWithPath", [](auto& mail) { mail.set_smtp_url("smtp://localhost/x"); },
                  "mail.smtp_url"},
        BadConfig{"UrlWithoutHost", [](auto& mail) { mail.set_smtp_url("smtp://"); },
                  "mail.smtp_url"},
        BadConfig{"FromAbsent", [](auto& mail) { mail.clear_from(); }, "mail.from"},
        BadConfig{"FromWithName", [](auto& mail) { mail.set_from("Gateway <a@b.nl>"); },
                  "mail.from"},
        BadConfig{"CaGone", [](auto& mail) { mail.set_smtp_ca_file("gone.pem"); },
                  "mail.smtp_ca_file"},
        BadConfig{"PasswordGone", [](auto& mail) { mail.set_smtp_password_file("gone"); },
                  "mail.smtp_password_file"},
        BadConfig{"CertificateGone", [](auto& mail) { mail.set_signing_certificate_file("gone"); },
                  "mail.signing_certificate_file"},
        BadConfig{"KeyGone", [](auto& mail) { mail.set_signing_key_file("gone"); },
                  "mail.signing_key_file"},
        BadConfig{"KeyOfAnother", [](auto& mail) { mail.set_signing_key_file("to-rsa.key"); },
                  "signing key"},
        BadConfig{"RelayWithoutServer", [](auto& mail) { mail.add_relay()->set_from("a@b.nl"); },
                  "mail.relay[0].smtp_url"},
        BadConfig{"RelayWithoutAddress",
                  [](auto& mail) { mail.add_relay()->set_smtp_url("smtp://localhost:25"); },
                  "mail.relay[0].from"},
        BadConfig{"TimeoutNegative", [](auto& mail) { mail.mutable_timeout()->set_seconds(-1); },
                  "mail.timeout"}),
    [](const auto& info) { return info.param.name; });

TEST(CheckMailRoute, TakesWhatCanBeSentToAndNamesWhoCannot) {
  const FixedClock clock;
  const std::string& directory = TestDirectory::Path();
  config::v1::Participant mailbox;
  mailbox.mutable_route()->mutable_mailbox();
  EXPECT_TRUE(CheckMailRoute(mailbox, directory, clock.now).ok());
  EXPECT_TRUE(CheckMailRoute(Recipient(), directory, clock.now).ok());
  EXPECT_TRUE(CheckMailRoute(Recipient("to-rsa"), directory, clock.now).ok());

  std::vector<config::v1::Participant> bad(3, Recipient());
  bad[0].mutable_route()->mutable_mail()->clear_address();
  bad[1].mutable_route()->mutable_mail()->clear_cipher();
  bad[2].mutable_route()->mutable_mail()->clear_certificate_file();
  for (const char* certificate : {"gone", "to-rsa-1024", "to-p384", "to-sign-only"})
    bad.push_back(Recipient(certificate));
  for (const config::v1::Participant& participant : bad) {
    const absl::Status status = CheckMailRoute(participant, directory, clock.now);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(status.message()), StartsWith("proefgemeente: "));
  }
  EXPECT_TRUE(CheckMailRoute(Relayed(), directory, clock.now).ok());
  config::v1::Participant nowhere = Relayed();
  nowhere.mutable_route()->mutable_relayed_mail()->set_address("a@b.nl\r\nBcc: c@d.nl");
  EXPECT_EQ(CheckMailRoute(nowhere, directory, clock.now).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(CheckMailRoute(Recipient(), directory, Instant{1}).code(),
            absl::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace schotvrij::mail
