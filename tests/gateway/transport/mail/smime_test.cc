#include "gateway/transport/mail/smime.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <tuple>

#include "schemas/base/limits.h"
#include "tests/gateway/transport/mail/mail_fixture.h"

namespace schotvrij::mail {
namespace {

using ::testing::AllOf;
using ::testing::Combine;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using ::testing::Values;
using Cipher = config::v1::SecureMail::Cipher;

constexpr int64_t kYearUs = 366LL * 24 * 3600 * 1'000'000;
constexpr std::string_view kEntity =
    "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    "BSN: 999900006\r\nGeslachtsnaam: Proefpersoon\r\n";

absl::StatusOr<Signer> ReadSigner(const std::string& name) {
  return Signer::Read(ReadFile(FileIn(name + ".pem")), ReadFile(FileIn(name + ".key")));
}

absl::StatusOr<RecipientCertificate> ReadRecipient(const std::string& name) {
  return RecipientCertificate::Read(ReadFile(FileIn(name + ".pem")));
}

std::string Seal(const std::string& signer, const std::string& recipient, Cipher cipher) {
  const Instant now = FixedClock().now;
  absl::StatusOr<std::string> entity =
      SignAndEncrypt(kEntity, *ReadSigner(signer), *ReadRecipient(recipient), cipher, now, now);
  EXPECT_TRUE(entity.ok()) << entity.status().message();
  return entity.ok() ? *entity : "";
}

class EveryCombination
    : public ::testing::TestWithParam<std::tuple<std::string, std::string, Cipher>> {};

TEST_P(EveryCombination, IsDecryptedAndVerifiedByOpenSsl) {
  const auto& [signer, recipient, cipher] = GetParam();
  EXPECT_EQ(DecryptAndVerify(Seal(signer, recipient, cipher), recipient, signer), kEntity);
}

TEST_P(EveryCombination, ShowsNothingOfTheEntity) {
  const auto& [signer, recipient, cipher] = GetParam();
  EXPECT_THAT(Seal(signer, recipient, cipher),
              AllOf(Not(HasSubstr("999900006")), Not(HasSubstr("Proefpersoon")),
                    Not(HasSubstr("text/plain"))));
}

INSTANTIATE_TEST_SUITE_P(Smime, EveryCombination,
                         Combine(Values("signer-rsa", "signer-p256"), Values("to-rsa", "to-p256"),
                                 Values(config::v1::SecureMail::AES_256_GCM,
                                        config::v1::SecureMail::AES_256_CBC)));

// The structure as openssl prints it, of a message from `signer-p256`.
std::string Structure(const std::string& recipient, Cipher cipher) {
  return OpenSsl("cms -cmsout -print -noout", Seal("signer-p256", recipient, cipher));
}

TEST(Smime, GcmStandsInAuthEnvelopedData) {
  EXPECT_THAT(Structure("to-p256", config::v1::SecureMail::AES_256_GCM),
              AllOf(HasSubstr("authEnvelopedData"), HasSubstr("aes-256-gcm")));
  EXPECT_THAT(Seal("signer-p256", "to-p256", config::v1::SecureMail::AES_256_GCM),
              StartsWith("Content-Type: application/pkcs7-mime; smime-type=authEnveloped-data; "
                         "name=\"smime.p7m\"\r\n"));
}

TEST(Smime, CbcStandsInEnvelopedData) {
  EXPECT_THAT(Structure("to-p256", config::v1::SecureMail::AES_256_CBC),
              AllOf(HasSubstr("pkcs7-envelopedData"), HasSubstr("aes-256-cbc")));
}

TEST(Smime, RsaRecipientsGetOaepWithSha256) {
  EXPECT_THAT(Structure("to-rsa", config::v1::SecureMail::AES_256_GCM),
              AllOf(HasSubstr("rsaesOaep"), HasSubstr("sha256"), Not(HasSubstr("sha1"))));
}

TEST(Smime, P256RecipientsGetOnePassDhWithSha256) {
  EXPECT_THAT(Structure("to-p256", config::v1::SecureMail::AES_256_GCM),
              AllOf(HasSubstr("dhSinglePass-stdDH-sha256kdf-scheme"), HasSubstr("id-aes256-wrap")));
}

TEST(Smime, TheSignatureIsSha256AndBearsTheTimeOfSendingAndTheCertificate) {
  const Instant now = FixedClock().now;
  const Instant sent_at{now.us - 3'600'000'000};
  absl::StatusOr<std::string> mail =
      SignAndEncrypt(kEntity, *ReadSigner("signer-p256"), *ReadRecipient("to-p256"),
                     config::v1::SecureMail::AES_256_GCM, sent_at, now);
  ASSERT_TRUE(mail.ok());
  const std::string inner = OpenSsl("cms -decrypt -recip to-p256.pem -inkey to-p256.key", *mail);
  const std::string shown = OpenSsl("cms -cmsout -print -noout", inner);
  char time[32];
  const time_t seconds = sent_at.us / 1'000'000;
  std::strftime(time, sizeof time, "%b %e %H:%M:%S %Y GMT", std::gmtime(&seconds));
  EXPECT_THAT(shown, AllOf(HasSubstr("pkcs7-signedData"), HasSubstr("sha256"), HasSubstr(time),
                           HasSubstr("CN=signer-p256"), Not(HasSubstr("sha1"))));
}

TEST(Smime, AChangedMessageDoesNotOpen) {
  std::string mail = Seal("signer-p256", "to-p256", config::v1::SecureMail::AES_256_GCM);
  const size_t last = mail.find_last_not_of("=\r\n") - 8;
  mail[last] = mail[last] == 'A' ? 'B' : 'A';
  WriteFile(FileIn("changed.eml"), mail);
  const std::string command =
      "cd " + TestDirectory::Path() +
      " && openssl cms -decrypt -recip to-p256.pem -inkey to-p256.key -in changed.eml "
      "-out changed.out 2> changed.err";
  EXPECT_NE(std::system(command.c_str()), 0);
}

TEST(Smime, LinesEndInCrLfAndAreShort) {
  const std::string mail = Seal("signer-rsa", "to-rsa", config::v1::SecureMail::AES_256_CBC);
  size_t at = 0;
  while (at < mail.size()) {
    const size_t end = mail.find("\r\n", at);
    ASSERT_NE(end, std::string::npos);
    ASSERT_LE(end - at, 100u);
    ASSERT_EQ(mail.substr(at, end - at).find('\n'), std::string::npos);
    at = end + 2;
  }
}

class RefusedRecipient : public ::testing::TestWithParam<std::string> {};

TEST_P(RefusedRecipient, IsAnInvalidArgument) {
  EXPECT_EQ(ReadRecipient(GetParam()).status().code(), absl::StatusCode::kInvalidArgument);
}

INSTANTIATE_TEST_SUITE_P(Smime, RefusedRecipient,
                         Values("to-rsa-1024", "to-p384", "to-ed25519", "to-sign-only",
                                "there-is-none"));

TEST(Smime, ACertificateWithoutKeyUsageMayBeEncryptedTo) {
  EXPECT_TRUE(ReadRecipient("to-any-use").ok());
}

TEST(Smime, ARecipientOutsideItsValidityGetsNothing) {
  const Instant now = FixedClock().now;
  for (const Instant at : {Instant{now.us + kYearUs}, Instant{now.us - kYearUs}}) {
    EXPECT_EQ(ReadRecipient("to-rsa")->CheckValidAt(at).code(),
              absl::StatusCode::kFailedPrecondition);
    EXPECT_EQ(SignAndEncrypt(kEntity, *ReadSigner("signer-rsa"), *ReadRecipient("to-rsa"),
                             config::v1::SecureMail::AES_256_GCM, now, at)
                  .status()
                  .code(),
              absl::StatusCode::kFailedPrecondition);
  }
}

TEST(Smime, AnUnspecifiedCipherIsRefused) {
  const Instant now = FixedClock().now;
  EXPECT_EQ(SignAndEncrypt(kEntity, *ReadSigner("signer-rsa"), *ReadRecipient("to-rsa"),
                           config::v1::SecureMail::CIPHER_UNSPECIFIED, now, now)
                .status()
                .code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(Smime, ASignerNeedsAKeyOfItsOwnCertificate) {
  EXPECT_FALSE(
      Signer::Read(ReadFile(FileIn("signer-rsa.pem")), ReadFile(FileIn("signer-p256.key"))).ok());
  EXPECT_FALSE(
      Signer::Read(ReadFile(FileIn("signer-rsa.pem")), ReadFile(FileIn("to-rsa.key"))).ok());
  EXPECT_FALSE(Signer::Read("", ReadFile(FileIn("signer-rsa.key"))).ok());
  EXPECT_FALSE(Signer::Read(ReadFile(FileIn("signer-rsa.pem")), "").ok());
}

TEST(Smime, ASignerWithAWeakOrOtherKeyIsRefused) {
  EXPECT_FALSE(ReadSigner("to-rsa-1024").ok());
  EXPECT_FALSE(ReadSigner("to-ed25519").ok());
}

TEST(Smime, ALockedKeyIsRefusedWithoutAskingForItsPassPhrase) {
  EXPECT_FALSE(
      Signer::Read(ReadFile(FileIn("signer-rsa.pem")), ReadFile(FileIn("locked.key"))).ok());
}

TEST(Smime, AFileLargerThanTheLimitIsNotRead) {
  const std::string padded =
      std::string(limits::kPemBytesMax, '\n') + ReadFile(FileIn("to-rsa.pem"));
  EXPECT_FALSE(RecipientCertificate::Read(padded).ok());
}

}  // namespace
}  // namespace schotvrij::mail
