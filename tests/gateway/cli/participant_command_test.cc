#include "gateway/cli/participant_command.h"

#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "gateway/cli/enrolment_edit.h"
#include "gateway/cli/exit_code.h"
#include "gateway/cli/home.h"
#include "gateway/cli/init.h"
#include "gateway/cli/participant_check.h"
#include "gateway/cli/participant_view.h"
#include "gateway/transport/runtime/system.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "policy/rule_set.h"
#include "schemas/base/strings.h"
#include "schemas/base/table.h"
#include "tests/support/test_pki.h"

namespace schotvrij::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kVendor = R"(# A vendor.
participant {
  key: "leverancier"  # of the test
  name: "Proefleverancier"
  peer { san_uri: "urn:example:leverancier" }
  acts_for: "opella"
}
)";

// A fresh home on which no gateway runs.
class ParticipantCommands : public ::testing::Test {
 protected:
  void SetUp() override {
    InitOptions init;
    init.directory = HomePath();
    init.https_port = init.grpc_port = init.admin_port = 0;
    ASSERT_TRUE(MakeHome(init, random_, clock_).ok());
    before_ = Bytes(Enrolment());
  }

  static std::string Bytes(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void Put(const std::string& file, const std::string& text) { std::ofstream(file, std::ios::binary) << text; }
  // Puts `to` in the place of `from` in the enrolment.
  void Edit(const std::string& from, const std::string& to) {
    const size_t at = before_.find(from);
    ASSERT_NE(at, before_.npos) << from;
    before_.replace(at, from.size(), to);
    Put(Enrolment(), before_);
  }

  std::string HomePath() const { return directory_.File("home"); }
  std::string Enrolment() const { return Home(HomePath()).EnrolmentFile(); }
  std::string Given(const std::string& text) {
    Put(directory_.File("given.conf"), text);
    return directory_.File("given.conf");
  }
  ParticipantEditOptions Of(const std::string& key) const {
    ParticipantEditOptions options;
    options.home = HomePath();
    options.key = key;
    return options;
  }
  ParticipantEditOptions With(const std::string& key, const std::string& file) const {
    ParticipantEditOptions options = Of(key);
    options.file = file;
    return options;
  }

  using Command = int (*)(const ParticipantEditOptions&, std::ostream&, std::ostream&);
  int Call(Command command, const ParticipantEditOptions& options) {
    std::ostringstream out, err;
    const int ended = command(options, out, err);
    out_ = out.str();
    err_ = err.str();
    return ended;
  }
  // `command` fails with `ended`, says `said`, and leaves every file of the folder as it was.
  void ExpectRefused(Command command, const ParticipantEditOptions& options, int ended, const std::string& said) {
    const std::vector<std::string> files = Files();
    EXPECT_EQ(Call(command, options), ended) << out_ << err_;
    EXPECT_THAT(err_, HasSubstr(said));
    EXPECT_EQ(Bytes(Enrolment()), before_);
    EXPECT_EQ(Files(), files);
  }
  std::vector<std::string> Files() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(HomePath())) names.push_back(entry.path().string());
    std::sort(names.begin(), names.end());
    return names;
  }
  std::string Check(const std::string& key, int ended, const std::string& certificate = "") {
    ParticipantCheckOptions options{HomePath(), key, certificate, false};
    std::ostringstream out, err;
    EXPECT_EQ(RunParticipantCheck(options, out, err), ended) << out.str() << err.str();
    return out.str();
  }

  test::TempDir directory_;
  runtime::SystemRandom random_;
  runtime::SystemClock clock_;
  std::string before_;
  std::string out_, err_;
};

TEST_F(ParticipantCommands, SuspendAndResumeLeaveTheSameBytesAndRights) {
  ASSERT_EQ(chmod(Enrolment().c_str(), 0640), 0);
  EXPECT_EQ(Call(RunParticipantSuspend, Of("opella")), kGood) << err_;
  EXPECT_THAT(out_, HasSubstr("opella: suspended\nno gateway runs"));
  EXPECT_NE(Bytes(Enrolment()), before_);
  struct stat about;
  ASSERT_EQ(stat(Enrolment().c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 07777, 0640u);
  EXPECT_EQ(Call(RunParticipantSuspend, Of("opella")), kGood);
  EXPECT_THAT(Check("opella", kMessageAtFault), HasSubstr("missing state: suspended; run `schotvrij participant resume opella`"));
  EXPECT_EQ(Call(RunParticipantResume, Of("opella")), kGood);
  EXPECT_EQ(Bytes(Enrolment()), before_);
  ParticipantEditOptions quiet = Of("opella");
  quiet.no_reload = true;
  EXPECT_EQ(Call(RunParticipantSuspend, quiet), kGood);
  EXPECT_THAT(out_, HasSubstr("not reloaded"));
}

TEST_F(ParticipantCommands, ALinkIsFollowed) {
  const std::string elsewhere = directory_.File("elsewhere.conf");
  std::filesystem::rename(Enrolment(), elsewhere);
  std::filesystem::create_symlink(elsewhere, Enrolment());
  EXPECT_EQ(Call(RunParticipantSuspend, Of("opella")), kGood) << err_;
  EXPECT_TRUE(std::filesystem::is_symlink(Enrolment()));
  EXPECT_THAT(Bytes(elsewhere), HasSubstr("suspended: true"));
}

TEST_F(ParticipantCommands, AddAndRemoveLeaveTheSameBytes) {
  EXPECT_EQ(Call(RunParticipantAdd, With("", Given(kVendor))), kGood) << err_;
  EXPECT_THAT(Bytes(Enrolment()), HasSubstr("# of the test"));
  EXPECT_THAT(Check("leverancier", kGood), HasSubstr("ok member: of no network itself: it acts for opella"));
  const std::string added = Bytes(Enrolment());
  EXPECT_EQ(Call(RunParticipantAdd, With("", Given(kVendor))), kWrongUse);
  EXPECT_THAT(err_, HasSubstr("participant leverancier is there already"));
  EXPECT_EQ(Bytes(Enrolment()), added);
  EXPECT_EQ(Call(RunParticipantRemove, Of("leverancier")), kGood) << err_;
  EXPECT_EQ(Bytes(Enrolment()), before_);
}

TEST_F(ParticipantCommands, AWrongFileIsRefusedAtItsOwnLine) {
  const std::string file = directory_.File("given.conf");
  ExpectRefused(RunParticipantAdd, With("", Given("\n\nparticipant {\n  key: \"a\"\n  colour: 3\n}\n")), kMessageAtFault,
                file + ":5:3: ");
  // Of the right form, and no enrolment: also told where the file has it.
  ExpectRefused(RunParticipantAdd,
                With("", Given("# one\n\nparticipant { key: \"a\"\n  identifier { system: \"agb\" value: \"1\" }\n}\n")),
                kMessageAtFault, file + ":4:30: participant[3].identifier[0].value: ");
  ExpectRefused(RunParticipantAdd, With("", Given("    participant { key: \"A\" }\n")), kMessageAtFault,
                file + ":1:19: participant[3].key: ");
  ExpectRefused(RunParticipantAdd, With("", Given("participant { key: \"a\" acts_for: \"nobody\" }")), kMessageAtFault,
                "not enrolled");
  ExpectRefused(RunParticipantAdd, With("", directory_.File("absent.conf")), kWrongUse, "absent.conf");
  ExpectRefused(RunParticipantReplace, With("menzis", Given(kVendor)), kMessageAtFault,
                "it holds participant leverancier, not menzis");
  ExpectRefused(RunParticipantReplace, With("menzis", Given("participant {\n  key: \"menzis\"\n  route { }\n}")), kMessageAtFault,
                file + ":3:3: participant[2].route: ");
  ExpectRefused(RunParticipantSuspend, Of("nobody"), kWrongUse, "no participant has the key nobody");
}

TEST_F(ParticipantCommands, WhatAnotherParticipantNeedsIsNotTakenAway) {
  ASSERT_EQ(Call(RunParticipantAdd, With("", Given(kVendor))), kGood);
  before_ = Bytes(Enrolment());
  ParticipantEditOptions force = Of("opella");
  force.force = true;
  ExpectRefused(RunParticipantRemove, force, kMessageAtFault, "acts for a participant that is not enrolled");
}

TEST_F(ParticipantCommands, AMemberIsRemovedByForceAlone) {
  ExpectRefused(RunParticipantRemove, Of("menzis"), kWrongUse, "menzis is a member of ede as insurer from 2021-01-01 without end");
  ParticipantEditOptions force = Of("menzis");
  force.force = true;
  EXPECT_EQ(Call(RunParticipantRemove, force), kGood) << err_;
  EXPECT_THAT(Check("menzis", kMessageAtFault), HasSubstr("missing enrolled"));
}

TEST_F(ParticipantCommands, TheLastParticipantCanGo) {
  for (const char* key : {"opella", "gemeente-ede", "menzis"}) {
    ParticipantEditOptions force = Of(key);
    force.force = true;
    EXPECT_EQ(Call(RunParticipantRemove, force), kGood) << err_;
  }
  std::ostringstream out, err;
  EXPECT_EQ(RunParticipantList({HomePath(), "", false}, out, err), kGood) << err.str();
  EXPECT_EQ(out.str(), "");
}

TEST_F(ParticipantCommands, RotateTakesNoCertificateThatWouldNotBeTaken) {
  test::Pki other;
  other.Authority("ca");
  other.Leaf("ca", "stranger", "/O=Proef/CN=stranger", "URI:urn:example:stranger");
  ParticipantEditOptions rotate = Of("opella");
  rotate.certificate = other.Certificate("stranger");
  ExpectRefused(RunParticipantRotate, rotate, kMessageAtFault, "of a CA in client_ca_file");
  rotate.certificate = Home(HomePath()).PartyCertificateFile("menzis");
  ExpectRefused(RunParticipantRotate, rotate, kMessageAtFault, "proves both");
  rotate.certificate = other.Key("stranger");
  ExpectRefused(RunParticipantRotate, rotate, kMessageAtFault, "private key");
  rotate.certificate = Given("no certificate");
  ExpectRefused(RunParticipantRotate, rotate, kMessageAtFault, "not a certificate");
  ExpectRefused(RunParticipantRotate, Of("opella"), kWrongUse, "name what to rotate");
  rotate = Of("opella");
  rotate.retire = std::string(64, 'a');
  ExpectRefused(RunParticipantRotate, rotate, kWrongUse, "names just the fingerprint");
  // Its own certificate proves it already; nothing is to be changed.
  rotate = Of("opella");
  rotate.certificate = Home(HomePath()).PartyCertificateFile("opella");
  EXPECT_EQ(Call(RunParticipantRotate, rotate), kGood) << err_;
  EXPECT_EQ(Bytes(Enrolment()), before_);
}

TEST_F(ParticipantCommands, TheLastProofIsNotRetired) {
  const std::string fingerprint(64, 'a');
  Edit("san_uri: \"urn:schotvrij:party:opella\"", "sha256: \"" + fingerprint + "\"");
  ParticipantEditOptions rotate = Of("opella");
  rotate.retire = fingerprint;
  ExpectRefused(RunParticipantRotate, rotate, kWrongUse, "that is all that proves opella");
  // As openssl prints it, and beside its next one.
  rotate.certificate = Home(HomePath()).PartyCertificateFile("opella");
  rotate.retire = "AA";
  for (int i = 1; i < 32; ++i) rotate.retire += ":AA";
  EXPECT_EQ(Call(RunParticipantRotate, rotate), kGood) << err_;
  EXPECT_THAT(Bytes(Enrolment()), Not(HasSubstr(fingerprint)));
  EXPECT_THAT(Check("opella", kGood, rotate.certificate), HasSubstr("ok holder"));
}

TEST_F(ParticipantCommands, NumbersInACertificateAreHeldAgainstTheEnrolment) {
  auto loaded = identity::LoadConfig(Home(HomePath()).ConfigFile());
  ASSERT_TRUE(loaded.ok());
  test::Pki pki;
  pki.Authority("ca");
  pki.Leaf("ca", "ura", "/O=Proef/CN=ura", "URI:urn:oid:2.16.528.1.1007.3.3.00000001");
  pki.Leaf("ca", "other", "/O=Proef/CN=other", "URI:urn:oid:2.16.528.1.1007.3.3.00000009");
  pki.Leaf("ca", "oin", "/O=Proef/serialNumber=00000000000000000001/CN=oin", "URI:urn:example:oin");
  auto said = [&](const char* name) {
    std::string all;
    const config::v1::Participant& opella = *loaded->enrolment->Find("opella");
    for (const CheckItem& item : CheckCertificateFor(*loaded, opella, Bytes(pki.Certificate(name)), clock_.Now())) {
      if (item.name != "number") continue;
      const bool ok = item.state == CheckItem::State::kOk;
      all += item.text + (ok ? " (ok)" : item.state == CheckItem::State::kMissing ? " (missing)" : " (warning)");
    }
    return all;
  };
  EXPECT_EQ(said("ura"), "the certificate names ura 00000001, as enrolled (ok)");
  EXPECT_EQ(said("other"), "the certificate names ura 00000009, enrolled is 00000001 (missing)");
  EXPECT_EQ(said("oin"), "the certificate names oin 00000000000000000001, and none is enrolled to hold it against (warning)");
}

TEST_F(ParticipantCommands, ACertificateIsTakenWithinItsTimeOnly) {
  auto loaded = identity::LoadConfig(Home(HomePath()).ConfigFile());
  ASSERT_TRUE(loaded.ok());
  const std::string pem = Bytes(Home(HomePath()).PartyCertificateFile("opella"));
  constexpr int64_t kYearUs = 366LL * 86'400'000'000;
  for (const auto& [years, said] : {std::pair(0, "valid, for clients"), {5, "expired"}, {-5, "not yet valid"}}) {
    const Instant then{clock_.Now().us + years * kYearUs};
    const std::vector<CheckItem> items = CheckCertificateFor(*loaded, *loaded->enrolment->Find("opella"), pem, then);
    ASSERT_FALSE(items.empty());
    EXPECT_THAT(items[0].text, HasSubstr(said));
    EXPECT_EQ(items[0].state == CheckItem::State::kOk, years == 0);
  }
}

TEST_F(ParticipantCommands, R55_ACertificateIsToldOfAtSixtyThirtyAndSevenDays) {
  const std::string ca = Home(HomePath()).CaCertificateFile(), key = Home(HomePath()).CaKeyFile();
  for (const auto& [days, said] : {std::pair(62, "ok expiry: "), {60, "days: within 60; "}, {31, "days: within 60; "},
                                   {30, "days: within 30; "}, {8, "days: within 30; "}, {7, "days: within 7; "},
                                   {1, "days: within 7; "}}) {
    const std::string request = directory_.File("csr"), own = Home(HomePath()).PartyCertificateFile("opella");
    const std::string make = "openssl req -new -key " + Home(HomePath()).PartyKeyFile("opella") + " -subj /CN=proef -out " +
                             request + " && openssl x509 -req -in " + request + " -CA " + ca + " -CAkey " + key + " -days " +
                             std::to_string(days) + " -out " + own + " 2>" + directory_.File("log");
    ASSERT_EQ(std::system(make.c_str()), 0);
    EXPECT_THAT(Check("opella", kGood), HasSubstr(said)) << days;
  }
}

TEST_F(ParticipantCommands, WhatIsMissingIsSaidWithItsRemedy) {
  Edit("  identifier {\n    system: \"cbs\"\n    value: \"0228\"\n  }\n", "  identifier { system: \"kvk\" value: \"00000042\" }\n");
  Edit("  peer {\n    san_uri: \"urn:schotvrij:party:gemeente-ede\"\n  }\n  route {\n    mailbox {\n    }\n  }\n", "");
  const std::string said = Check("gemeente-ede", kMessageAtFault);
  EXPECT_THAT(said, HasSubstr("missing identifier: as municipality: none of cbs or oin; "));
  EXPECT_THAT(said, HasSubstr("missing proof: nothing tells who it is; "));
  EXPECT_THAT(said, HasSubstr("missing route: nothing can reach it; "));
  EXPECT_THAT(said, HasSubstr("ok member: municipality in ede"));
  const std::string loose = "participant { key: \"los\" peer { oin: \"00000000000000000009\" } route { mailbox {} } }";
  ASSERT_EQ(Call(RunParticipantAdd, With("", Given(loose))), kGood);
  EXPECT_THAT(Check("los", kMessageAtFault), HasSubstr("missing member: no network names it; "));
}

TEST(RoleIdentifiers, EveryRoleHasSomeThatThereAre) {
  const Table& table = Table::Embedded("schemas/codes/role_identifier.csv");
  const Table& systems = Table::Embedded("schemas/codes/party_identifier.csv");
  const policy::LoadResult loaded = policy::LoadRuleSet({});
  ASSERT_NE(loaded.rules, nullptr);
  for (const policy::v1::Role& role : loaded.rules->national().role()) {
    const Table::Row* row = table.Find("role", role.key());
    ASSERT_NE(row, nullptr) << role.key();
    bool any = false;
    for (const Table::Row& system : systems.rows()) any |= HoldsWord((*row)["identifiers"], system["key"]);
    EXPECT_TRUE(any && !(*row)["identifiers"].empty()) << role.key();
  }
  for (const Table::Row& row : table.rows()) EXPECT_NE(loaded.rules->FindRole(row["role"]), nullptr) << row["role"];
  // What `init` enrols for a role fits it.
  for (const Table::Row& row : Table::Embedded("schemas/codes/synthetic_identifier.csv").rows()) {
    EXPECT_TRUE(HoldsWord((*table.Find("role", row["role"]))["identifiers"], row["system"])) << row["role"];
  }
}

TEST(EnrolmentEdits, FaultsOutsideTheBlockStayWhereTheyAre) {
  auto after = identity::EnrolmentText::Parse("e.conf", "participant { key: \"a\" }\n  participant { key: \"b\"\n}\n");
  auto file = identity::EnrolmentText::Parse("f.conf", "\n\n\n  participant { key: \"b\"\n}\n");
  ASSERT_TRUE(after.ok() && file.ok());
  EXPECT_EQ(FaultsInFile("e.conf:1:5: x\ne.conf:2:17: y: 3:4: z\ne.conf:3:1: w\nother.conf:2:1: v\ne.conf: t", *after, "b", *file),
            "e.conf:1:5: x\nf.conf:4:17: y: 3:4: z\nf.conf:5:1: w\nother.conf:2:1: v\ne.conf: t");
}

}  // namespace
}  // namespace schotvrij::cli
