#include "gateway/identity/config.h"

#include <sys/stat.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "schemas/base/limits.h"
#include "tests/gateway/identity/scratch.h"

namespace schotvrij::identity {
namespace {

using ::testing::HasSubstr;

constexpr char kConfig[] = R"(gateway_id: "gateway.example"
environment: TEST
https {
  address: "127.0.0.1:0"
  certificate_file: "server.crt"
  key_file: "server.key"
  client_ca_file: "server.crt"
  port_file: "https.port"
}
admin_address: "127.0.0.1:0"
store { sqlite_file: "schotvrij.db" }
keys {
  key_encryption_key_file: "kek.hex"
  index_key_file: "index.hex"
}
audit {
  signing_key_file: "audit.key"
  verification_key_file: "audit.pub"
  checkpoint_file: "checkpoints"
  checkpoint_interval { seconds: 5 }
}
policy_file: "ede.txtpb"
enrolment_file: "enrolment.conf"
mail {
  smtp_url: "smtp://127.0.0.1:2525"
  smtp_user: "gateway"
  smtp_password_file: "password"
  from: "gateway@gateway.example"
  signing_certificate_file: "server.crt"
  signing_key_file: "server.key"
}
retry { first { seconds: 1 } }
)";

constexpr char kEnrolment[] = R"(participant {
  key: "ede"
  identifier { system: "cbs" value: "0228" }
  peer { subject: "CN=ede" }
  route { mail { address: "pilot@ede.example" certificate_file: "server.crt" cipher: AES_256_GCM } }
}
)";

class ConfigTest : public testing::Test {
 protected:
  ConfigTest() {
    scratch_.MakeCertificate("server", "/CN=gateway.example");
    scratch_.MakeCertificate("other", "/CN=other.example");
    scratch_.Run("openssl genpkey -algorithm ed25519 -out audit.key && openssl pkey -in audit.key -pubout -out audit.pub");
    scratch_.Run("chmod 600 *.key");
    scratch_.Write("kek.hex", std::string(64, 'a') + "\n");
    scratch_.Write("index.hex", std::string(64, 'b') + "\n");
    scratch_.Write("password", "not-a-real-one\n");
    scratch_.Write("ede.txtpb", "network {}\n");
    scratch_.Write("enrolment.conf", kEnrolment);
  }

  absl::StatusOr<LoadedConfig> Load(const std::string& text = kConfig) {
    scratch_.Write("schotvrij.conf", text);
    return LoadConfig(scratch_.Path("schotvrij.conf"));
  }
  // Faults of the configuration with `from` replaced.
  std::string Faults(const std::string& from, const std::string& to) {
    std::string text = absl::StrReplaceAll(kConfig, {{from, to}});
    EXPECT_NE(text, kConfig) << from;
    return Message(Load(text));
  }
  std::string EnrolmentFaults(const std::string& from, const std::string& to) {
    scratch_.Write("enrolment.conf", absl::StrReplaceAll(kEnrolment, {{from, to}}));
    return Message(Load());
  }
  std::string Message(const absl::StatusOr<LoadedConfig>& loaded) {
    EXPECT_EQ(loaded.status().code(), absl::StatusCode::kInvalidArgument);
    return std::string(loaded.status().message());
  }

  Scratch scratch_;
};

TEST_F(ConfigTest, ReadsEverythingItNames) {
  absl::StatusOr<LoadedConfig> loaded = Load();
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_EQ(loaded->https.server.certificate_pem, scratch_.Read("server.crt"));
  EXPECT_EQ(loaded->https.server.key_pem.text(), scratch_.Read("server.key"));
  EXPECT_EQ(loaded->key_encryption_key_hex.text(), std::string(64, 'a'));
  EXPECT_EQ(loaded->policy_files.at(0).name, scratch_.Path("ede.txtpb"));
  EXPECT_EQ(loaded->policy_files.at(0).text, "network {}\n");
  EXPECT_EQ(loaded->config.store().sqlite_file(), scratch_.Path("schotvrij.db"));
  EXPECT_EQ(loaded->mail_certificates.at("ede"), scratch_.Read("server.crt"));
  EXPECT_NE(loaded->enrolment->Find("ede"), nullptr);
  EXPECT_EQ(loaded->checkpoint_interval_us, 5'000'000);
  EXPECT_EQ(loaded->checkpoint_records, limits::kCheckpointRecords);
  EXPECT_EQ(loaded->retry_first_us, 1'000'000);
  EXPECT_EQ(loaded->retry_max_us, limits::kRetryMaxUs);
  EXPECT_EQ(loaded->mail_timeout_us, limits::kMailTimeoutUs);
  EXPECT_EQ(loaded->mail_apart_us, 60'000'000 / int64_t{limits::kMailsPerMinute});
}

TEST_F(ConfigTest, SaysHowManyMailsAMinuteOneParticipantGets_R56) {
  const auto with = [](const char* number) {
    return absl::StrReplaceAll(kConfig, {{"mail {", absl::StrCat("mail { participant_mails_per_minute: ", number, " ")}});
  };
  EXPECT_EQ(Load(with("90"))->mail_apart_us, 666'666);
  EXPECT_EQ(Load(with("60000"))->mail_apart_us, 1'000);
  EXPECT_THAT(Message(Load(with("60001"))), HasSubstr("mail.participant_mails_per_minute: more than 60000"));
}

TEST_F(ConfigTest, NamesStartAtTheFolderOfTheFileNotWhereTheProgramRuns) {
  std::filesystem::path before = std::filesystem::current_path();
  scratch_.Write("schotvrij.conf", kConfig);
  std::filesystem::current_path(std::filesystem::path(scratch_.Path("x")).parent_path());
  absl::StatusOr<LoadedConfig> loaded = LoadConfig("schotvrij.conf");
  std::filesystem::current_path("/");
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_EQ(loaded->config.store().sqlite_file(), scratch_.Path("schotvrij.db"));
  std::filesystem::current_path(before);
}

TEST_F(ConfigTest, AMissingFileIsNamed) {
  EXPECT_THAT(Message(LoadConfig(scratch_.Path("none.conf"))), HasSubstr("none.conf:1:1: the file cannot be read"));
  EXPECT_THAT(Faults("\"ede.txtpb\"", "\"none.txtpb\""), HasSubstr("schotvrij.conf:22:1: policy_file[0]: "));
}

TEST_F(ConfigTest, UnknownFieldsAndValuesAreRefusedWithTheirPlace) {
  EXPECT_THAT(Faults("store {", "shop {"), HasSubstr("schotvrij.conf:11:1: "));
  EXPECT_THAT(Faults("environment: TEST", "environment: STAGING"), HasSubstr("schotvrij.conf:2:14: "));
  EXPECT_THAT(EnrolmentFaults("identifier {", "number {"), HasSubstr("enrolment.conf:3:3: "));
}

TEST_F(ConfigTest, EachFaultIsALineInOrderOfItsPlace) {
  std::string faults = Message(Load(absl::StrReplaceAll(
      kConfig, {{"environment: TEST", ""}, {"\"127.0.0.1:0\"\nstore", "\"0.0.0.0:9000\"\nstore"}, {"smtp://", "http://"}})));
  EXPECT_THAT(faults, testing::MatchesRegex("[^\n]*:1:1: environment: [^\n]*\n[^\n]*:10:1: admin_address: [^\n]*\n"
                                            "[^\n]*:25:3: mail.smtp_url: [^\n]*"));
}

TEST_F(ConfigTest, UnspecifiedEnumValuesAreRefused) {
  EXPECT_THAT(Faults("TEST", "ENVIRONMENT_UNSPECIFIED"), HasSubstr(":2:1: environment: write TEST or PRODUCTION"));
  EXPECT_THAT(EnrolmentFaults("AES_256_GCM", "CIPHER_UNSPECIFIED"), HasSubstr("enrolment.conf:5:"));
}

TEST_F(ConfigTest, ASecretThatOthersMayReadIsRefusedWithItsRemedy) {
  for (const char* name : {"server.key", "kek.hex", "index.hex", "audit.key", "password"}) {
    for (mode_t mode : {0640, 0604, 0620}) {
      chmod(scratch_.Path(name).c_str(), mode);
      EXPECT_THAT(Message(Load()), HasSubstr("run: chmod 600 " + scratch_.Path(name)));
    }
    chmod(scratch_.Path(name).c_str(), 0600);
  }
  EXPECT_TRUE(Load().ok());
}

TEST_F(ConfigTest, AKeyThatIsNotItsCertificatesIsRefused) {
  EXPECT_THAT(Faults("\"server.key\"\n  client", "\"other.key\"\n  client"), HasSubstr(":6:3: https.key_file: "));
  scratch_.Run("openssl genpkey -algorithm ed25519 | openssl pkey -pubout -out audit.pub");
  EXPECT_THAT(Message(Load()), HasSubstr("audit.verification_key_file: "));
}

TEST_F(ConfigTest, FilesOfAnotherKindAreRefused) {
  scratch_.Write("kek.hex", "aa");
  EXPECT_THAT(Message(Load()), HasSubstr("openssl rand -hex 32"));
  scratch_.Write("kek.hex", std::string(64, 'a'));
  EXPECT_THAT(Faults("client_ca_file: \"server.crt\"", "client_ca_file: \"kek.hex\""), HasSubstr("no certificate"));
  EXPECT_THAT(Faults("\"ede.txtpb\"", "\".\""), HasSubstr("not a regular file"));
}

TEST_F(ConfigTest, FilesLargerThanTheirLimitAreRefused) {
  scratch_.Write("kek.hex", std::string(limits::kKeyFileBytesMax + 1, 'a'));
  EXPECT_THAT(Message(Load()), HasSubstr("larger than 65536 bytes"));
  scratch_.Write("kek.hex", std::string(64, 'a'));
  EXPECT_THAT(Message(Load(kConfig + std::string(limits::kConfigFileBytesMax, '\n'))), HasSubstr("larger than 1048576"));
}

TEST_F(ConfigTest, AddressesAndDurationsAreChecked) {
  EXPECT_THAT(Faults("address: \"127.0.0.1:0\"\n  cert", "address: \"127.0.0.1\"\n  cert"), HasSubstr("https.address"));
  EXPECT_THAT(Faults("address: \"127.0.0.1:0\"\n  cert", "address: \"127.0.0.1:65536\"\n  cert"), HasSubstr("https.address"));
  EXPECT_THAT(Faults("{ seconds: 5 }", "{ seconds: -5 }"), HasSubstr("audit.checkpoint_interval"));
  EXPECT_THAT(Faults("{ seconds: 5 }", "{ seconds: 9223372036854775807 }"), HasSubstr("audit.checkpoint_interval"));
  EXPECT_THAT(Faults("first { seconds: 1 }", "first { seconds: 7200 }"), HasSubstr("retry.max"));
  EXPECT_THAT(Faults("\"schotvrij.db\"", "\"none/schotvrij.db\""), HasSubstr("the folder of"));
}

TEST_F(ConfigTest, ParticipantsReachedByMailNeedAMailServer) {
  std::string text(kConfig);
  size_t mail = text.find("mail {");
  text.erase(mail, text.find("retry") - mail);
  EXPECT_THAT(Message(Load(text)), HasSubstr("write mail { ... }"));
}

TEST_F(ConfigTest, BehindARelayNoOtherServerIsNeeded) {
  std::string text(kConfig);
  const size_t mail = text.find("mail {");
  text.replace(mail, text.find("retry") - mail,
               "mail { relay { key: \"zorgnet\" smtp_url: \"smtp://127.0.0.1:2525\" from: \"gateway@zorgnet.example\" "
               "smtp_user: \"gateway\" smtp_password_file: \"password\" } }\n");
  EXPECT_THAT(Message(Load(text)), HasSubstr("mail.smtp_url: participants are reached by mail"));
  const std::string relayed = absl::StrReplaceAll(
      kEnrolment, {{"mail { address: \"pilot@ede.example\" certificate_file: \"server.crt\" cipher: AES_256_GCM }",
                    "relayed_mail { address: \"pilot@ede.example\" relay: \"zorgnet\" }"}});
  scratch_.Write("enrolment.conf", relayed);
  EXPECT_TRUE(Load(text).ok()) << Load(text).status();
  EXPECT_THAT(Message(Load(absl::StrReplaceAll(text, {{"gateway@zorgnet.example", "zorgnet"}}))), HasSubstr("mail.relay[0].from"));
  EXPECT_THAT(Message(Load(absl::StrReplaceAll(text, {{"smtp://", "http://"}}))), HasSubstr("mail.relay[0].smtp_url"));
  EXPECT_THAT(Message(Load(absl::StrReplaceAll(text, {{"key: \"zorgnet\"", ""}}))), HasSubstr("mail.relay[0].key"));
  EXPECT_THAT(Message(Load(absl::StrReplaceAll(text, {{"\"password\"", "\"gone\""}}))),
              HasSubstr("mail.relay[0].smtp_password_file"));
  scratch_.Write("enrolment.conf", absl::StrReplaceAll(relayed, {{"zorgnet", "elsewhere"}}));
  EXPECT_THAT(Message(Load(text)), HasSubstr("participant[0].route.relayed_mail.relay: participant ede: "));
  scratch_.Write("enrolment.conf", absl::StrReplaceAll(relayed, {{"pilot@ede.example", "pilot"}}));
  EXPECT_THAT(Message(Load(text)), HasSubstr("participant[0].route.relayed_mail.address: participant ede: "));
}

TEST_F(ConfigTest, WhoWritesByMailNeedsAnInboxAndEachFaultOfOneHasItsPlace) {
  const std::string inbox =
      "  inbox {\n    imap_url: \"imaps://mail.example\"\n    imap_user: \"gateway\"\n    imap_password_file: \"password\"\n"
      "    certificate_file: \"server.crt\"\n    key_file: \"server.key\"\n  }\n";
  const std::string with = absl::StrReplaceAll(kConfig, {{"mail {\n", "mail {\n" + inbox}});
  const std::string sender = absl::StrReplaceAll(
      kEnrolment, {{"  route", "  mail_sender { address: \"wmo@ede.example\" certificate_file: \"other.crt\" }\n  route"}});
  scratch_.Write("enrolment.conf", sender);
  ASSERT_TRUE(Load(with).ok()) << Load(with).status();
  EXPECT_THAT(Message(Load()),
              HasSubstr("enrolment.conf:5:3: participant[0].mail_sender: participant ede: no inbox takes its mail"));
  for (const auto& [from, to, says] : {
           std::tuple("imaps://mail.example", "https://mail.example", "schotvrij.conf:26:5: mail.inbox[0].imap_url: not imaps://"),
           {"imaps://mail.example", "imaps://mail.example/INBOX", "mail.inbox[0].imap_url: not imaps://"},
           {"    imap_user: \"gateway\"", "", "mail.inbox[0].imap_user: name the user"},
           {"    imap_password_file: \"password\"", "    imap_password_file: \"gone\"", "mail.inbox[0].imap_password_file: "},
           {"    key_file: \"server.key\"\n  }", "  }", "mail.inbox[0].key_file: "},
           {"    key_file: \"server.key\"\n  }", "    key_file: \"other.key\"\n  }", "mail.inbox[0].key_file: "},
           {"    imap_user", "    folder: \"Niet verwerkt\"\n    imap_user",
            "mail.inbox[0].set_aside_folder: the folder that mail comes in by"},
           {"    imap_user", "    set_aside_folder: \"INBOX\"\n    imap_user",
            "mail.inbox[0].set_aside_folder: the folder that mail comes in by"},
           {"    imap_user", "    folder: \"a\\\"b\"\n    imap_user", "mail.inbox[0].folder: not a folder's name"},
           {"    imap_user", "    relay: \"elsewhere\"\n    imap_user", "mail.inbox[0].relay: none of the relays"},
           {"    imap_user", "    interval { seconds: -1 }\n    imap_user", "mail.inbox[0].interval: not a duration"},
       }) {
    const std::string text = absl::StrReplaceAll(with, {{from, to}});
    EXPECT_NE(text, with) << from;
    EXPECT_THAT(Message(Load(text)), HasSubstr(says));
  }
  for (const auto& [from, to, says] : {
           std::tuple("\"other.crt\"", "\"none.crt\"", "mail_sender.certificate_file[0]: "),
           {"certificate_file: \"other.crt\"", "relay: \"zorgnet\"",
            "no inbox takes its mail; write mail { inbox { ... } } in the configuration, with its relay"},
       }) {
    scratch_.Write("enrolment.conf", absl::StrReplaceAll(sender, {{from, to}}));
    EXPECT_THAT(Message(Load(with)), HasSubstr(says));
  }
}

TEST_F(ConfigTest, FaultsOfTheEnrolmentStandAtTheirPlace) {
  EXPECT_THAT(EnrolmentFaults("\"0228\"", "\"228\""),
              HasSubstr("enrolment.conf:3:30: participant[0].identifier[0].value: participant ede: "));
  EXPECT_THAT(EnrolmentFaults("server.crt", "none.crt"), HasSubstr("route.mail.certificate_file: "));
}

TEST_F(ConfigTest, NoFaultShowsASecret) {
  scratch_.Write("kek.hex", "0123456789secret");
  EXPECT_THAT(Message(Load()), testing::Not(HasSubstr("secret\"")));
  EXPECT_THAT(Message(Load()), testing::Not(HasSubstr("0123456789")));
}

}  // namespace
}  // namespace schotvrij::identity
