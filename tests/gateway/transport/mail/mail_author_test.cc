#include "gateway/transport/mail/mail_author.h"

#include "google/protobuf/text_format.h"
#include "schemas/base/strings.h"
#include "tests/gateway/transport/mail/mail_fixture.h"

namespace schotvrij::mail {
namespace {

constexpr char kSenders[] = R"pb(
  participant {
    key: "ede"
    peer { subject: "CN=ede" }
    route { mail { address: "post@ede.example" certificate_file: "to-p256.pem" cipher: AES_256_GCM } }
    mail_sender {
      address: "Wmo@ede.example"
      certificate_file: "signer-p256.pem"
      certificate_file: "signer-next.pem"
    }
  }
  participant {
    key: "opella"
    peer { subject: "CN=opella" }
    route { mail { address: "post@opella.example" certificate_file: "to-rsa.pem" cipher: AES_256_GCM } }
    mail_sender { address: "post@opella.example" certificate_file: "signer-rsa.pem" }
  }
  participant {
    key: "elders"
    peer { subject: "CN=elders" }
    route { relayed_mail { address: "wmo@zorgnet.example" relay: "zorgnet" } }
    mail_sender { address: "wmo@zorgnet.example" relay: "zorgnet" }
  }
)pb";

constexpr Instant kDay{1};  // long before any certificate of a test ends

std::string Der(const std::string& name) { return OpenSsl("x509 -outform DER -in " + FileIn(name), ""); }

struct Said {
  const char* from = "wmo@ede.example";
  const char* signer = "signer-p256.pem";  // empty: nobody
  bool encrypted = true;
  const char* refused = "";
  const char* relay = "";  // of the inbox
};

MailAuthor Author(const Said& said, Instant now = kDay) {
  config::v1::Enrolment document;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(kSenders, &document));
  static const auto& enrolment = *new std::shared_ptr<const identity::Enrolment>(*identity::Enrolment::Create(document));
  v1::OpenedMail opened;
  opened.set_from(said.from);
  if (*said.signer != '\0') opened.set_signer(Der(said.signer));
  opened.set_encrypted(said.encrypted);
  opened.set_refused(said.refused);
  return WhoWrote(opened, said.relay, *enrolment, TestDirectory::Path(), now);
}

// "ede", "ede MAIL-SIGNATURE", "ede! MAIL-NOT-ENCRYPTED" (theirs, and refused), "nobody MAIL-SENDER".
std::string Told(const Said& said, Instant now = kDay) {
  const MailAuthor author = Author(said, now);
  std::string told = author.participant == nullptr ? "nobody" : author.participant->key();
  EXPECT_TRUE(author.proved || !author.rule.empty()) << "taken, and not proved";
  if (!author.rule.empty()) told += (author.proved ? "! " : " ") + author.rule;
  return told;
}

TEST(MailAuthor, IsWhoSignedWithAPinnedCertificate_R8) {
  EXPECT_EQ(Told({}), "ede");
  EXPECT_EQ(Told({.from = "WMO@EDE.example"}), "ede");
  EXPECT_EQ(Told({.from = "post@opella.example", .signer = "signer-rsa.pem"}), "opella");
}

TEST(MailAuthor, MayHaveTwoCertificatesWhileOneFollowsTheOther_R8) {
  EXPECT_EQ(Told({}), "ede") << "although the other file is not there";
  WriteFile(FileIn("signer-next.pem"), ReadFile(FileIn("to-any-use.pem")));
  EXPECT_EQ(Told({.signer = "to-any-use.pem"}), "ede");
  EXPECT_EQ(Told({}), "ede");
  std::filesystem::remove(FileIn("signer-next.pem"));
  EXPECT_EQ(Told({.signer = "to-any-use.pem"}), "ede MAIL-SENDER");
}

TEST(MailAuthor, IsNobodyWhoseAddressIsNotEnrolled_R8) {
  for (const char* from : {"", "wmo@elders.example", "post@ede.example", "wmo@ede.example.elders.example", " wmo@ede.example"}) {
    EXPECT_EQ(Told({.from = from}), "nobody MAIL-SENDER") << from;
  }
  EXPECT_EQ(Told({.from = "wmo@elders.example", .refused = "MAIL-PARTS"}), "nobody MAIL-SENDER");
}

TEST(MailAuthor, IsOnlyClaimedWithoutItsSignature_R8) {
  EXPECT_EQ(Told({.signer = ""}), "ede MAIL-SIGNATURE");
  EXPECT_EQ(Told({.signer = "", .encrypted = false}), "ede MAIL-SIGNATURE");
  EXPECT_EQ(Told({.signer = "signer-rsa.pem"}), "ede MAIL-SENDER") << "another who is enrolled";
  EXPECT_EQ(Told({.signer = "to-rsa.pem"}), "ede MAIL-SENDER");
  EXPECT_EQ(Told({.signer = "to-p256.pem"}), "ede MAIL-SENDER") << "the one it is written to is not the one it signs with";
}

TEST(MailAuthor, IsKnownButRefusedWhenItWasNotEncrypted_R8) {
  EXPECT_EQ(Told({.encrypted = false}), "ede! MAIL-NOT-ENCRYPTED");
  EXPECT_EQ(Told({.signer = "signer-rsa.pem", .encrypted = false}), "ede MAIL-SENDER");
}

TEST(MailAuthor, HearsWhyItWasNotOpened_R8) {
  EXPECT_EQ(Told({.signer = "", .refused = "MAIL-NOT-FOR-US"}), "ede MAIL-NOT-FOR-US");
  EXPECT_EQ(Told({.refused = "MAIL-ATTACHMENT"}), "ede! MAIL-ATTACHMENT");
  EXPECT_EQ(Told({.signer = "signer-rsa.pem", .refused = "MAIL-ATTACHMENT"}), "ede MAIL-ATTACHMENT");
}

TEST(MailAuthor, ARuleThatIsNoneIsNotPassedOn) {
  EXPECT_EQ(Told({.refused = "NO-SUCH-RULE"}), "ede! MAIL-OPENER");
  EXPECT_EQ(Told({.from = "wmo@zorgnet.example", .refused = "NO-SUCH-RULE", .relay = "zorgnet"}), "elders! MAIL-OPENER");
}

TEST(MailAuthor, IsNotWhoseCertificateEnded_R8) {
  EXPECT_EQ(Told({}, Instant{4'000'000'000'000'000}), "ede MAIL-SENDER");
}

TEST(MailAuthor, WithinARelayTheNetworkVouches_R8) {
  EXPECT_EQ(Told({.from = "wmo@zorgnet.example", .signer = "", .encrypted = false, .relay = "zorgnet"}), "elders");
  EXPECT_EQ(Told({.from = "wmo@zorgnet.example", .signer = "", .refused = "MAIL-NO-TEXT", .relay = "zorgnet"}),
            "elders! MAIL-NO-TEXT");
  for (const char* elsewhere : {"", "ander-net"}) {
    EXPECT_EQ(Told({.from = "wmo@zorgnet.example", .signer = "", .relay = elsewhere}), "nobody MAIL-SENDER") << elsewhere;
    EXPECT_EQ(Told({.from = "wmo@zorgnet.example", .relay = elsewhere}), "nobody MAIL-SENDER") << "whoever signed it";
  }
  EXPECT_EQ(Told({.signer = "", .relay = "zorgnet"}), "ede MAIL-SIGNATURE") << "who signs elsewhere signs here as well";
  EXPECT_EQ(Told({.relay = "zorgnet"}), "ede");
}

}  // namespace
}  // namespace schotvrij::mail
