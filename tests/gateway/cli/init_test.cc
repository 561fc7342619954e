#include "gateway/cli/init.h"

#include <sys/stat.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "absl/strings/str_cat.h"
#include "gateway/cli/home.h"
#include "gateway/identity/enrolment.h"
#include "gateway/identity/key_ring.h"
#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "policy/rule_set.h"
#include "schemas/base/table.h"
#include "schotvrij/config/v1/config.pb.h"

namespace schotvrij::cli {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class CountingRandom final : public Random {
 public:
  void Fill(std::span<uint8_t> out) override {
    for (uint8_t& byte : out) byte = next_++;
  }

 private:
  uint8_t next_ = 1;
};

class FixedClock final : public Clock {
 public:
  Instant Now() const override { return {now_us}; }
  int64_t now_us = 1'790'000'000'000'000;  // 2026-09-21
};

std::string Read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
}

// What a command prints, and whether it ended well.
struct Ran {
  bool good = false;
  std::string output;
};
Ran Shell(const std::string& command) {
  Ran ran;
  std::FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
  std::array<char, 4096> buffer;
  while (size_t size = std::fread(buffer.data(), 1, buffer.size(), pipe)) {
    ran.output.append(buffer.data(), size);
  }
  ran.good = ::pclose(pipe) == 0;
  return ran;
}

ptrdiff_t EntriesOf(const fs::path& folder) {
  return std::distance(fs::directory_iterator(folder), fs::directory_iterator());
}

int Mode(const fs::path& path) {
  struct stat entry;
  return ::stat(path.c_str(), &entry) == 0 ? entry.st_mode & 0777 : -1;
}

class InitTest : public ::testing::Test {
 protected:
  InitTest() {
    std::string name = ::testing::TempDir() + "init_test.XXXXXX";
    scratch_ = ::mkdtemp(name.data());
    options_.directory = (scratch_ / "home").string();
  }
  ~InitTest() override { fs::remove_all(scratch_); }

  absl::StatusOr<MadeHome> Make() { return MakeHome(options_, random_, clock_); }
  Home home() const { return Home(options_.directory); }

  // Verifies as of the day the home was made: the tests' own clock rules, not the machine's.
  Ran Verify(const std::string& purpose, const std::string& certificate) const {
    return Shell(absl::StrCat("openssl verify -x509_strict -attime ", clock_.now_us / 1'000'000,
                              " -purpose ", purpose, " -CAfile ", home().CaCertificateFile(), " ",
                              certificate));
  }

  fs::path scratch_;
  InitOptions options_;
  CountingRandom random_;
  FixedClock clock_;
};

TEST_F(InitTest, RefusesADirectoryThatHoldsSomething) {
  fs::create_directory(options_.directory);
  std::ofstream(options_.directory + "/letter") << "mine";
  EXPECT_EQ(Make().status().code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(Read(options_.directory + "/letter"), "mine");
  EXPECT_EQ(EntriesOf(scratch_), 1) << "nothing half made stays beside it";
}

TEST_F(InitTest, RefusesASecondInit) {
  ASSERT_TRUE(Make().ok());
  std::string key = Read(home().KeyEncryptionKeyFile());
  EXPECT_EQ(Make().status().code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(Read(home().KeyEncryptionKeyFile()), key);
}

TEST_F(InitTest, TakesAnEmptyDirectory) {
  fs::create_directory(options_.directory);
  EXPECT_TRUE(Make().ok());
  EXPECT_EQ(Mode(options_.directory), 0700);
}

TEST_F(InitTest, UnknownNetworkLeavesNothingBehind) {
  for (const char* network : {"atlantis", "national", "../ede", ""}) {
    options_.network = network;
    EXPECT_EQ(Make().status().code(), absl::StatusCode::kNotFound) << network;
  }
  EXPECT_TRUE(fs::is_empty(scratch_));
}

TEST_F(InitTest, MailServerMustBeAnSmtpUrl) {
  for (const char* url : {"http://localhost:25", "smtp://", "localhost:25"}) {
    options_.smtp_url = url;
    EXPECT_EQ(Make().status().code(), absl::StatusCode::kInvalidArgument) << url;
  }
  EXPECT_TRUE(fs::is_empty(scratch_));
}

TEST_F(InitTest, MailServersCaMustBeACertificate) {
  options_.smtp_url = "smtp://localhost:2525";
  for (const char* text : {"", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"}) {
    options_.smtp_ca_file = (scratch_ / "smtp_ca.pem").string();
    std::ofstream(options_.smtp_ca_file) << text;
    EXPECT_EQ(Make().status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
  EXPECT_EQ(EntriesOf(scratch_), 1) << "only the CA file we wrote";
}

TEST_F(InitTest, ADirectoryThatCannotBeMadeIsSaidSo) {
  std::ofstream(scratch_ / "file") << "x";
  options_.directory = (scratch_ / "file" / "home").string();
  EXPECT_EQ(Make().status().code(), absl::StatusCode::kUnavailable);
}

TEST_F(InitTest, NobodyElseReadsTheHome) {
  options_.smtp_url = "smtp://localhost:2525";
  ASSERT_TRUE(Make().ok());
  EXPECT_EQ(Mode(options_.directory), 0700);
  size_t files = 0;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(options_.directory)) {
    EXPECT_EQ(Mode(entry.path()), entry.is_directory() ? 0700 : 0600) << entry.path();
    files += entry.is_regular_file();
  }
  EXPECT_GT(files, 15u);
}

TEST_F(InitTest, EveryCertificateIsVouchedForByTheHomesAuthority) {
  options_.smtp_url = "smtp://localhost:2525";
  absl::StatusOr<MadeHome> made = Make();
  ASSERT_TRUE(made.ok()) << made.status();
  Ran server = Verify("sslserver", home().ServerCertificateFile());
  EXPECT_TRUE(server.good) << server.output;
  Ran signer = Verify("smimesign", home().MailSigningCertificateFile());
  EXPECT_TRUE(signer.good) << signer.output;
  for (const MadeHome::Party& party : made->parties) {
    Ran client = Verify("sslclient", home().PartyCertificateFile(party.key));
    EXPECT_TRUE(client.good) << client.output;
    EXPECT_FALSE(Verify("sslserver", home().PartyCertificateFile(party.key)).good)
        << "a party's certificate must not pass for a server's";
  }
}

TEST_F(InitTest, ServerCertificateNamesLoopbackOnly) {
  ASSERT_TRUE(Make().ok());
  std::string shown =
      Shell("openssl x509 -noout -ext subjectAltName -in " + home().ServerCertificateFile()).output;
  EXPECT_THAT(shown, HasSubstr("DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1"));
}

TEST_F(InitTest, EnrolmentLoadsAndKnowsEachPartyByItsCertificate) {
  absl::StatusOr<MadeHome> made = Make();
  ASSERT_TRUE(made.ok()) << made.status();
  config::v1::Enrolment document;
  ASSERT_TRUE(
      google::protobuf::TextFormat::ParseFromString(Read(home().EnrolmentFile()), &document));
  auto enrolment = identity::Enrolment::Create(document);
  ASSERT_TRUE(enrolment.ok()) << enrolment.status();
  ASSERT_THAT(made->parties, Not(::testing::IsEmpty()));
  for (const MadeHome::Party& party : made->parties) {
    auto certificate = identity::ReadCertificatePem(Read(home().PartyCertificateFile(party.key)));
    ASSERT_TRUE(certificate.ok()) << certificate.status();
    auto caller = (*enrolment)->Identify(*certificate);
    ASSERT_TRUE(caller.ok()) << party.key;
    EXPECT_EQ(caller->peer, party.key);
  }
}

TEST_F(InitTest, EveryPartyOfTheDocumentIsEnrolledSoTheNetworkIsActive) {
  absl::StatusOr<MadeHome> made = Make();
  ASSERT_TRUE(made.ok()) << made.status();
  std::vector<std::string> keys;
  for (const MadeHome::Party& party : made->parties) keys.push_back(party.key);
  policy::LoadResult loaded = policy::LoadRuleSet(
      std::vector<policy::PolicyFile>{{home().PolicyFile("ede"), Read(home().PolicyFile("ede"))}});
  ASSERT_NE(loaded.rules, nullptr);
  const policy::v1::Network* network = loaded.rules->FindNetwork("ede");
  ASSERT_NE(network, nullptr);
  EXPECT_THAT(loaded.rules->MissingParties(*network, keys, *CivilDate::FromYmd(2026, 1, 1)),
              ::testing::IsEmpty());
}

TEST_F(InitTest, IdentifiersAreSyntheticButForThePublicMunicipalityCode) {
  absl::StatusOr<MadeHome> made = Make();
  ASSERT_TRUE(made.ok()) << made.status();
  for (const MadeHome::Party& party : made->parties) {
    if (party.key == "gemeente-ede") {
      EXPECT_EQ(party.identifiers, "cbs 0228");
    } else {
      EXPECT_THAT(party.identifiers, ::testing::MatchesRegex("(, )?([a-z]+ 00[0-9]+(, )?)+"));
    }
  }
}

TEST_F(InitTest, EveryRoleOfTheNationalRulesHasAnIdentifierToEnrolBy) {
  policy::LoadResult loaded = policy::LoadRuleSet({});
  ASSERT_NE(loaded.rules, nullptr);
  const Table& identifiers = Table::Embedded("schemas/codes/synthetic_identifier.csv");
  for (const policy::v1::Role& role : loaded.rules->national().role()) {
    EXPECT_NE(identifiers.Find("role", role.key()), nullptr) << role.key();
  }
}

TEST_F(InitTest, KeysAreTakenByTheKeyRingAndDiffer) {
  ASSERT_TRUE(Make().ok());
  std::string kek = Read(home().KeyEncryptionKeyFile()), index = Read(home().IndexKeyFile());
  EXPECT_NE(kek, index);
  ASSERT_THAT(kek, SizeIs(65)) << "64 digits and a line end";
  EXPECT_TRUE(identity::KeyRing::Create(kek.substr(0, 64), index.substr(0, 64), &random_).ok());
  EXPECT_THAT(Shell("openssl pkey -noout -text -in " + home().AuditSigningKeyFile()).output,
              HasSubstr("ED25519 Private-Key"));
  EXPECT_EQ(Shell("openssl pkey -pubout -in " + home().AuditSigningKeyFile()).output,
            Read(home().AuditVerificationKeyFile()));
}

TEST_F(InitTest, ConfigurationNamesOnlyFilesOfTheHome) {
  options_.https_port = options_.grpc_port = options_.admin_port = 0;
  options_.smtp_url = "smtp://localhost:2525";
  ASSERT_TRUE(Make().ok());
  config::v1::Config config;
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(Read(home().ConfigFile()), &config));
  EXPECT_EQ(config.environment(), config::v1::TEST);
  EXPECT_EQ(config.https().address(), "127.0.0.1:0");
  EXPECT_EQ(config.grpc().address(), "127.0.0.1:0");
  EXPECT_EQ(config.admin_address(), "127.0.0.1:0");
  fs::path root(options_.directory);
  for (const std::string& name :
       {config.https().certificate_file(), config.https().key_file(),
        config.https().client_ca_file(), config.grpc().certificate_file(),
        config.keys().key_encryption_key_file(), config.keys().index_key_file(),
        config.audit().signing_key_file(), config.audit().verification_key_file(),
        config.policy_file(0), config.enrolment_file(), config.mail().signing_certificate_file(),
        config.mail().signing_key_file(), config.store().sqlite_file()}) {
    EXPECT_TRUE(fs::is_regular_file(root / name)) << name;
    EXPECT_TRUE(fs::path(name).is_relative()) << name;
  }
  for (const std::string& name :
       {config.https().port_file(), config.grpc().port_file(), config.admin_port_file(),
        config.audit().checkpoint_file()}) {
    EXPECT_TRUE(fs::is_directory((root / name).parent_path())) << name;
    EXPECT_FALSE(fs::exists(root / name)) << name;
  }
}

TEST_F(InitTest, WithoutAMailServerEveryPartyHasAMailbox) {
  absl::StatusOr<MadeHome> made = Make();
  ASSERT_TRUE(made.ok()) << made.status();
  for (const MadeHome::Party& party : made->parties) EXPECT_EQ(party.route, "mailbox");
  config::v1::Config config;
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(Read(home().ConfigFile()), &config));
  EXPECT_FALSE(config.has_mail());
}

TEST_F(InitTest, MailToTheMunicipalityIsReadWithItsKeyAndNoOther) {
  options_.smtp_url = "smtp://localhost:2525";
  ASSERT_TRUE(Make().ok());
  std::string letter = (scratch_ / "letter").string(), sealed = (scratch_ / "sealed").string();
  std::ofstream(letter) << "for the municipality only";
  std::string certificate = home().MailCertificateFile("gemeente-ede");
  ASSERT_TRUE(Shell(absl::StrCat("openssl cms -encrypt -aes-256-gcm -in ", letter, " -out ", sealed,
                                 " ", certificate))
                  .good);
  Ran opened = Shell(absl::StrCat("openssl cms -decrypt -in ", sealed, " -recip ", certificate,
                                  " -inkey ", home().MailKeyFile("gemeente-ede")));
  EXPECT_TRUE(opened.good);
  EXPECT_EQ(opened.output, "for the municipality only");
  EXPECT_FALSE(Shell(absl::StrCat("openssl cms -decrypt -in ", sealed, " -recip ", certificate,
                                  " -inkey ", home().MailSigningKeyFile()))
                   .good);
}

TEST_F(InitTest, TellsWhatWasMadeAndWhatToDoNext) {
  absl::StatusOr<MadeHome> made = Make();
  ASSERT_TRUE(made.ok()) << made.status();
  std::string text = Describe(*made);
  EXPECT_THAT(text, HasSubstr("gemeente-ede"));
  EXPECT_THAT(text, HasSubstr("cbs 0228"));
  EXPECT_THAT(text, HasSubstr("schotvrij serve --home " + options_.directory));
}

}  // namespace
}  // namespace schotvrij::cli
