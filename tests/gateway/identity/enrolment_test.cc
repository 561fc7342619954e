#include "gateway/identity/enrolment.h"

#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"

namespace schotvrij::identity {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

config::v1::Enrolment Document(const std::string& text) {
  config::v1::Enrolment document;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &document));
  return document;
}

constexpr char kGood[] = R"pb(
  participant {
    key: "opella"
    identifier { system: "ura" value: "90000382" }
    peer { uzi_ura: "90000382" }
    peer { subject: "CN=opella" san_uri: "https://opella.example" }
    route { mailbox {} }
  }
  participant {
    key: "ede"
    identifier { system: "cbs" value: "0228" }
    identifier { system: "oin" value: "00000001001234567000" }
    peer { oin: "00000001001234567000" }
    route { mail { address: "pilot@ede.example" certificate_file: "ede.crt" cipher: AES_256_GCM } }
  }
  participant {
    key: "vendor"
    peer { subject: "CN=vendor" }
    acts_for: "opella"
  }
)pb";

class EnrolmentTest : public testing::Test {
 protected:
  std::shared_ptr<const Enrolment> enrolment_ = *Enrolment::Create(Document(kGood));
};

TEST_F(EnrolmentTest, ACallerIsWhoItsCertificateProves) {
  PeerCertificate certificate;
  certificate.subject = "CN=some server";
  certificate.uzi_ura = "90000382";
  Caller caller = *enrolment_->Identify(certificate);
  EXPECT_EQ(caller.peer, "opella");
  EXPECT_THAT(caller.speaks_for, ElementsAre("opella"));
}

TEST_F(EnrolmentTest, AVendorSpeaksOnlyForOthers) {
  PeerCertificate certificate;
  certificate.subject = "CN=vendor";
  Caller caller = *enrolment_->Identify(certificate);
  EXPECT_EQ(caller.peer, "vendor");
  EXPECT_THAT(caller.speaks_for, ElementsAre("opella"));
}

TEST_F(EnrolmentTest, APeerEntryMatchesInAllItNames) {
  PeerCertificate certificate;
  certificate.subject = "CN=opella";
  EXPECT_EQ(enrolment_->Identify(certificate).status().code(), absl::StatusCode::kUnauthenticated);
  certificate.san_uris = {"https://other.example", "https://opella.example"};
  EXPECT_EQ(enrolment_->Identify(certificate)->peer, "opella");
}

TEST_F(EnrolmentTest, AnUnknownOrEmptyCertificateIsUnauthenticated) {
  EXPECT_EQ(enrolment_->Identify({}).status().code(), absl::StatusCode::kUnauthenticated);
  PeerCertificate certificate;
  certificate.subject = "CN=Vendor";  // case matters
  EXPECT_EQ(enrolment_->Identify(certificate).status().code(), absl::StatusCode::kUnauthenticated);
}

TEST_F(EnrolmentTest, ACertificateThatProvesTwoIsUnauthenticated) {
  PeerCertificate certificate;
  certificate.subject = "CN=vendor";
  certificate.oin = "00000001001234567000";
  absl::Status status = enrolment_->Identify(certificate).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnauthenticated);
  EXPECT_THAT(std::string(status.message()), HasSubstr("both ede and vendor"));
}

TEST_F(EnrolmentTest, R55_ACertificateOfTheOtherKindOfHomeProvesNobody) {
  PeerCertificate certificate;
  certificate.subject = "CN=vendor";
  for (const config::v1::Environment home : {config::v1::TEST, config::v1::PRODUCTION}) {
    const auto enrolment = *Enrolment::Create(Document(kGood), home);
    certificate.for_test = home == config::v1::TEST;
    EXPECT_TRUE(enrolment->Identify(certificate).ok());
    certificate.for_test = !certificate.for_test;
    const absl::Status status = enrolment->Identify(certificate).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kUnauthenticated);
    EXPECT_THAT(std::string(status.message()), HasSubstr("marked as of a test home"));
  }
}

TEST_F(EnrolmentTest, FindsByKeyAndIdentifier) {
  EXPECT_EQ(enrolment_->Find("ede")->key(), "ede");
  EXPECT_EQ(enrolment_->Find("nobody"), nullptr);
  v1::PartyIdentifier identifier;
  identifier.set_system("cbs");
  identifier.set_value("0228");
  EXPECT_EQ(enrolment_->FindByIdentifier(identifier), enrolment_->Find("ede"));
  identifier.set_system("agb");
  EXPECT_EQ(enrolment_->FindByIdentifier(identifier), nullptr);
  EXPECT_THAT(enrolment_->keys(), ElementsAre("ede", "opella", "vendor"));
}

struct BadCase {
  const char* name;
  const char* document;
  const char* says;
};

class BadEnrolment : public testing::TestWithParam<BadCase> {};

TEST_P(BadEnrolment, IsRefusedAndNamesTheParticipant) {
  absl::Status status = Enrolment::Create(Document(GetParam().document)).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("participant a"));
  EXPECT_THAT(std::string(status.message()), HasSubstr(GetParam().says));
}

INSTANTIATE_TEST_SUITE_P(
    Enrolment, BadEnrolment,
    testing::Values(
        BadCase{"KeyTwice", R"(participant { key: "a" } participant { key: "a" })", "given twice"},
        BadCase{"KeyForm", R"(participant { key: "a b" })", "lower-case"},
        BadCase{"System", R"(participant { key: "a" identifier { system: "x" value: "1" } })", "unknown identifier system"},
        BadCase{"Value", R"(participant { key: "a" identifier { system: "ura" value: "1" } })", "form of ura"},
        BadCase{"IdentifierTwice",
                R"(participant { key: "b" identifier { system: "cbs" value: "0228" } }
                   participant { key: "a" identifier { system: "cbs" value: "0228" } })",
                "participant b has the same identifier"},
        BadCase{"EmptyPeer", R"(participant { key: "a" peer {} })", "match every certificate"},
        BadCase{"PeerForm", R"(participant { key: "a" peer { sha256: "AB:CD" } })", "64 lower-case"},
        BadCase{"PeerOfTwo",
                R"(participant { key: "b" peer { oin: "00000001001234567000" } }
                   participant { key: "a" peer { oin: "00000001001234567000" } })",
                "can match this and participant b"},
        BadCase{"PeerCoveredByAnother",
                R"(participant { key: "b" peer { subject: "CN=x" } }
                   participant { key: "a" peer { subject: "CN=x" uzi_ura: "90000382" } })",
                "can match this and participant b"},
        BadCase{"ActsForNobody", R"(participant { key: "a" acts_for: "c" })", "not enrolled"},
        BadCase{"ActsForItself", R"(participant { key: "a" acts_for: "a" })", "itself"},
        BadCase{"ActsForTwice", R"(participant { key: "b" } participant { key: "a" acts_for: "b" acts_for: "b" })", "twice"},
        BadCase{"RouteOfNoKind", R"(participant { key: "a" route {} })", "mailbox {}"},
        BadCase{"RouteWithoutAddress",
                R"(participant { key: "a" route { mail { certificate_file: "x" cipher: AES_256_GCM } } })", "no mail address"},
        BadCase{"RouteAddressInjection",
                R"(participant { key: "a" route { mail { address: "a@b.example>\r\nX: y" certificate_file: "x"
                                                        cipher: AES_256_GCM } } })",
                "no mail address"},
        BadCase{"RouteWithoutCertificate",
                R"(participant { key: "a" route { mail { address: "a@b.example" cipher: AES_256_GCM } } })", "unencrypted"},
        BadCase{"RouteWithoutCipher",
                R"(participant { key: "a" route { mail { address: "a@b.example" certificate_file: "x" } } })",
                "which cipher"},
        BadCase{"SenderWithoutAddress", R"(participant { key: "a" mail_sender { certificate_file: "x" } })", "no mail address"},
        BadCase{"SenderWithoutRouteByMail",
                R"(participant { key: "a" route { mailbox {} } mail_sender { address: "a@b.example" certificate_file: "x" } })",
                "write route { mail { ... } }"},
        BadCase{"SenderWithoutProof", R"(participant { key: "a" mail_sender { address: "a@b.example" } })", "one of both proves"},
        BadCase{"SenderWithTwoProofs",
                R"(participant { key: "a" mail_sender { address: "a@b.example" certificate_file: "x" relay: "r" } })",
                "one of both proves"},
        BadCase{"SenderAddressOfAnother",
                R"(participant { key: "b" mail_sender { address: "A@b.example" certificate_file: "x" } }
                   participant { key: "a" mail_sender { address: "a@b.example" certificate_file: "y" } })",
                "an address names one participant"}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace schotvrij::identity
