#include "gateway/opener/cms.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>

#include "gateway/opener/open_mail.h"
#include "schemas/base/limits.h"

namespace schotvrij::opener {
namespace {

constexpr std::string_view kLetter = "Content-Type: text/plain\r\n\r\nAkkoord\r\n";

// The openssl command makes what is taken apart here, in a folder of its own.
class CmsTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    Prepare();
    std::string name = (std::filesystem::temp_directory_path() / "schotvrij-cms-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
    const std::string make = SOURCE_DIR "/tests/support/make_certs.sh ";
    ASSERT_EQ(std::system((make + "ca " + name + " ca").c_str()), 0);
    for (const char* pair : {"ours", "sender", "other"}) {
      ASSERT_EQ(std::system((make + "leaf " + name + " ca " + pair + " /CN=" + pair + " DNS:" + pair + ".example").c_str()), 0);
    }
  }
  static void TearDownTestSuite() { std::filesystem::remove_all(folder_); }

  static std::string Read(const std::string& name) {
    std::ostringstream bytes;
    bytes << std::ifstream(folder_ / name, std::ios::binary).rdbuf();
    return bytes.str();
  }
  // `openssl cms ARGUMENTS` of `input`, in DER unless they say otherwise.
  static std::string Cms(const std::string& arguments, std::string_view input, const std::string& form = "DER") {
    std::ofstream(folder_ / "in", std::ios::binary) << input;
    const std::string command = "cd " + folder_.string() + " && openssl cms -binary -in in -out out -outform " + form + " ";
    EXPECT_EQ(std::system((command + arguments).c_str()), 0) << arguments;
    return Read("out");
  }
  static std::string Sign(std::string_view input, const std::string& more = "") {
    return Cms("-sign -nodetach -signer sender.pem -inkey sender.key -md sha256 " + more, input);
  }
  static std::string Encrypt(std::string_view input, const std::string& cipher, const std::string& to = "ours") {
    return Cms("-encrypt -" + cipher + " -recip " + to + ".pem", input);
  }
  static Decrypted Open(const std::string& der) { return Decrypt(der, Read("ours.pem"), Read("ours.key")); }

  static inline std::filesystem::path folder_;
};

TEST_F(CmsTest, TheKindIsToldByItsType) {
  EXPECT_EQ(KindOf(Encrypt(kLetter, "aes-256-gcm")), CmsKind::kEncrypted);
  EXPECT_EQ(KindOf(Encrypt(kLetter, "aes-128-cbc")), CmsKind::kEncrypted);
  EXPECT_EQ(KindOf(Sign(kLetter)), CmsKind::kSigned);
  EXPECT_EQ(KindOf(Cms("-data_create", kLetter)), CmsKind::kOther);
  for (const char* none : {"", "x", "\x30\x80", "\x30\x84\xff\xff\xff\xff"}) EXPECT_EQ(KindOf(none), CmsKind::kNone);
}

TEST_F(CmsTest, WhatIsEncryptedToUsIsDecrypted) {
  for (const char* cipher : {"aes-128-gcm", "aes-256-gcm", "aes-128-cbc", "aes-256-cbc"}) {
    const Decrypted decrypted = Open(Encrypt(kLetter, cipher));
    EXPECT_EQ(decrypted.refused, "") << cipher;
    EXPECT_EQ(decrypted.entity, kLetter);
    EXPECT_EQ(decrypted.authenticated, std::string(cipher).ends_with("gcm"));
  }
}

TEST_F(CmsTest, WhatIsNotIsRefusedByItsRule) {
  EXPECT_EQ(Open(Encrypt(kLetter, "des3")).refused, "MAIL-ALGORITHM");
  EXPECT_EQ(Open(Encrypt(kLetter, "aes-192-cbc")).refused, "MAIL-ALGORITHM");
  EXPECT_EQ(Open(Encrypt(kLetter, "aes-256-gcm", "other")).refused, "MAIL-NOT-FOR-US");
  EXPECT_EQ(Open("rubbish").refused, "MAIL-SYNTAX");
  EXPECT_EQ(Decrypt(Encrypt(kLetter, "aes-256-gcm"), "", "").refused, "MAIL-NOT-FOR-US");
}

TEST_F(CmsTest, WhatWasChangedGivesNothing) {
  for (const auto& [cipher, rule] : {std::pair("aes-256-gcm", "MAIL-SYNTAX"), std::pair("aes-256-cbc", "MAIL-SIGNATURE")}) {
    std::string der = Encrypt(kLetter, cipher);
    der.back() ^= 1;
    const Decrypted decrypted = Open(der);
    EXPECT_EQ(decrypted.refused, rule);
    EXPECT_EQ(decrypted.entity, "");
  }
}

TEST_F(CmsTest, MoreThanAMailMayHaveIsNotDecrypted) {
  const std::string whole(limits::kMailBytesMax, 'x');
  EXPECT_EQ(Open(Encrypt(whole, "aes-256-gcm")).entity.size(), whole.size());
  EXPECT_EQ(Open(Encrypt(whole + "x", "aes-256-gcm")).refused, "MAIL-SYNTAX");
  EXPECT_EQ(VerifyOpaque(Sign(whole + "x")).refused, "MAIL-SIGNATURE");
}

TEST_F(CmsTest, ASignatureIsVerifiedOverAll) {
  const std::string der = Sign(kLetter);
  const Verified verified = VerifyOpaque(der);
  EXPECT_EQ(verified.refused, "");
  EXPECT_EQ(verified.entity, kLetter);
  EXPECT_EQ(verified.key.size(), 64u);
  EXPECT_EQ(VerifyOpaque(der).key, verified.key);
  std::string changed = der;
  changed[changed.find("Akkoord")] ^= 1;
  EXPECT_EQ(VerifyOpaque(changed).refused, "MAIL-SIGNATURE");
  EXPECT_EQ(VerifyOpaque(changed).signer, "");
}

TEST_F(CmsTest, ASignatureThatIsWantingIsRefused) {
  EXPECT_EQ(VerifyOpaque(Sign(kLetter, "-noattr")).refused, "MAIL-SIGNATURE");
  EXPECT_EQ(VerifyOpaque(Sign(kLetter, "-nocerts")).refused, "MAIL-SIGNATURE");
  EXPECT_EQ(VerifyOpaque(Sign(kLetter, "-signer other.pem -inkey other.key")).refused, "MAIL-SIGNATURE");
  EXPECT_EQ(VerifyOpaque(Cms("-sign -nodetach -signer sender.pem -inkey sender.key -md sha1", kLetter)).refused, "MAIL-ALGORITHM");
  EXPECT_EQ(VerifyOpaque(Cms("-sign -signer sender.pem -inkey sender.key -md sha256", kLetter)).refused, "MAIL-SIGNATURE");
  EXPECT_EQ(VerifyOpaque("").refused, "MAIL-SYNTAX");
  EXPECT_NE(VerifyOpaque(Encrypt(kLetter, "aes-256-gcm")).refused, "");
}

TEST_F(CmsTest, AMultipartIsVerifiedOverItsFirstPart) {
  const std::string entity = Cms("-sign -signer sender.pem -inkey sender.key -md sha256", kLetter, "SMIME");
  const Verified verified = VerifyMultipart(entity);
  EXPECT_EQ(verified.refused, "");
  EXPECT_EQ(verified.entity, kLetter);
  std::string changed = entity;
  changed.replace(changed.find("Akkoord"), 7, "Nee, nu");
  EXPECT_EQ(VerifyMultipart(changed).refused, "MAIL-SIGNATURE");
  EXPECT_EQ(VerifyMultipart(kLetter).refused, "MAIL-SIGNATURE");
  const std::string opaque = Cms("-sign -nodetach -signer sender.pem -inkey sender.key", kLetter, "SMIME");
  EXPECT_EQ(VerifyMultipart(opaque).refused, "MAIL-SIGNATURE");
}

TEST_F(CmsTest, AKeyThatIsNotTheCertificatesDecryptsNothing) {
  EXPECT_EQ(Decrypt(Encrypt(kLetter, "aes-256-gcm"), Read("ours.pem"), Read("other.key")).entity, "");
}

TEST_F(CmsTest, ADigestIsWrittenInHexadecimal) {
  EXPECT_EQ(Sha256Hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

}  // namespace
}  // namespace schotvrij::opener
