#include <openssl/err.h>

#include "gateway/identity/certificate.h"
#include "gateway/identity/enrolment.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/gateway/identity/scratch.h"

namespace schotvrij::identity {
namespace {

using ::testing::ElementsAre;

constexpr char kUziName[] = "2.16.528.1.1007.99.2110-1-900025039-S-90000382-00.000-00000000";
constexpr char kOin[] = "00000001001234567000";

class CertificateTest : public testing::Test {
 protected:
  absl::StatusOr<PeerCertificate> Make(const std::string& subject, const std::string& names = "") {
    return ReadCertificatePem(
        scratch_.MakeCertificate("peer", subject, names.empty() ? "" : "-addext 'subjectAltName=" + names + "'"));
  }
  Scratch scratch_;
};

TEST_F(CertificateTest, SubjectReadsAsOpensslPrintsItByRfc2253) {
  PeerCertificate peer = *Make("/C=NL/O=Zorggroep, Oost/CN=a\\+b");
  scratch_.Run("openssl x509 -in peer.crt -noout -subject -nameopt RFC2253 > subject");
  EXPECT_EQ("subject=" + peer.subject + "\n", scratch_.Read("subject"));
  EXPECT_EQ(peer.subject, "CN=a\\+b,O=Zorggroep\\, Oost,C=NL");
}

TEST_F(CertificateTest, FingerprintReadsAsOpensslPrintsIt) {
  PeerCertificate peer = *Make("/CN=a");
  scratch_.Run("openssl x509 -in peer.crt -outform DER | openssl dgst -sha256 -r | cut -c1-64 > print");
  EXPECT_EQ(peer.sha256 + "\n", scratch_.Read("print"));
  EXPECT_GT(peer.not_after.us, 0);
}

TEST_F(CertificateTest, SanUris) {
  EXPECT_THAT(Make("/CN=a", "URI:https://a.example/x,DNS:b.example,URI:urn:x:y")->san_uris,
              ElementsAre("https://a.example/x", "urn:x:y"));
}

TEST_F(CertificateTest, UraFromTheUziName) {
  EXPECT_EQ(Make("/CN=a", std::string("otherName:2.5.5.5;IA5:") + kUziName)->uzi_ura, "90000382");
}

TEST_F(CertificateTest, UraFromTheSanUri) {
  EXPECT_EQ(Make("/CN=a", "URI:urn:oid:2.16.528.1.1007.3.3.00000382")->uzi_ura, "00000382");
}

TEST_F(CertificateTest, UziNamesOfOtherFormsGiveNoUra) {
  for (const char* name : {"2.16.528.1.1007.99.2110-1-900025039-S-9000038-00.000-00000000", "90000382",
                           "2.16.528.1.1007.99.2110-1-900025039-S-90000382-00.000-00000000-1"}) {
    EXPECT_EQ(Make("/CN=a", std::string("otherName:2.5.5.5;IA5:") + name)->uzi_ura, "") << name;
  }
  EXPECT_EQ(Make("/CN=a", std::string("otherName:2.5.5.6;IA5:") + kUziName)->uzi_ura, "");
  EXPECT_EQ(Make("/CN=a", "URI:urn:oid:2.16.528.1.1007.3.3.9000038")->uzi_ura, "");
}

TEST_F(CertificateTest, TwoUrasAreRefused) {
  EXPECT_EQ(Make("/CN=a", std::string("URI:urn:oid:2.16.528.1.1007.3.3.90000383,otherName:2.5.5.5;IA5:") + kUziName)
                .status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(CertificateTest, OinFromSubjectSerialNumberOrOrganizationIdentifier) {
  EXPECT_EQ(Make(std::string("/CN=a/serialNumber=") + kOin)->oin, kOin);
  EXPECT_EQ(Make(std::string("/CN=a/organizationIdentifier=") + kOin)->oin, kOin);
  EXPECT_EQ(Make("/CN=a/serialNumber=900025039")->oin, "");
  EXPECT_EQ(Make("/CN=a/organizationIdentifier=NTRNL-30280353")->oin, "");
}

TEST_F(CertificateTest, TwoOinsAreRefused) {
  EXPECT_FALSE(Make(std::string("/CN=a/serialNumber=") + kOin + "/organizationIdentifier=00000001001234568000").ok());
}

TEST_F(CertificateTest, R55_TheMarkOfATestHomeStandsInTheSubjectOrTheIssuer) {
  EXPECT_TRUE(Make("/C=NL/O=x/OU=Zorg/OU=Schotvrij test/CN=a")->for_test);
  EXPECT_TRUE(Make("/CN=TRIAL PKIoverheid Private Services CA")->for_test);
  for (const char* subject : {"/CN=a", "/OU=Schotvrij/CN=a", "/O=Schotvrij test/CN=a", "/OU=Zorg, Schotvrij test/CN=a"}) {
    EXPECT_FALSE(Make(subject)->for_test) << subject;
  }
  scratch_.MakeCertificate("ca", "/OU=Schotvrij test/CN=ca");
  scratch_.Run("openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=a -keyout leaf.key -out leaf.csr");
  scratch_.Run("openssl x509 -req -in leaf.csr -CA ca.crt -CAkey ca.key -out leaf.crt");
  EXPECT_TRUE(ReadCertificatePem(scratch_.Read("leaf.crt"))->for_test);
  const TestMarks marks = *ReadTestMarks(scratch_.MakeCertificate("other", "/CN=b") + scratch_.Read("leaf.crt") + scratch_.Read("ca.crt"));
  EXPECT_EQ(marks.marked, 2);
  EXPECT_EQ(marks.unmarked, 1);
  EXPECT_FALSE(ReadTestMarks("none").ok());
}

TEST_F(CertificateTest, WhatIsNoCertificateIsRefusedAndLeavesNoErrorBehind) {
  scratch_.MakeCertificate("peer", "/CN=a");
  scratch_.Run("openssl x509 -in peer.crt -outform DER -out peer.der");
  const std::string der = scratch_.Read("peer.der");
  EXPECT_TRUE(ReadCertificate(der).ok());
  for (const std::string& bad : {std::string(), std::string("x"), der.substr(0, der.size() - 1), der + "x"}) {
    EXPECT_EQ(ReadCertificate(bad).status().code(), absl::StatusCode::kInvalidArgument);
  }
  EXPECT_FALSE(ReadCertificatePem(scratch_.Read("peer.key")).ok());
  EXPECT_EQ(ERR_peek_error(), 0u);
}

TEST_F(CertificateTest, KeysAreHeldAgainstTheirCertificates) {
  scratch_.MakeCertificate("one", "/CN=a");
  scratch_.MakeCertificate("two", "/CN=a");
  EXPECT_TRUE(KeyBelongsToCertificate(scratch_.Read("one.key"), scratch_.Read("one.crt")));
  EXPECT_FALSE(KeyBelongsToCertificate(scratch_.Read("two.key"), scratch_.Read("one.crt")));
  EXPECT_FALSE(KeyBelongsToCertificate("", scratch_.Read("one.crt")));
  scratch_.Run("openssl pkey -in one.key -pubout -out one.pub");
  EXPECT_TRUE(KeyBelongsToPublicKey(scratch_.Read("one.key"), scratch_.Read("one.pub")));
  EXPECT_FALSE(KeyBelongsToPublicKey(scratch_.Read("two.key"), scratch_.Read("one.pub")));
}

}  // namespace
}  // namespace schotvrij::identity
