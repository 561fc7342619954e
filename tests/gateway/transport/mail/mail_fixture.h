// What the mail tests share: a directory with certificates that the openssl program made, openssl
// as the reader of what we write, and a clock that stands still.
#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "gateway/transport/runtime/system.h"
#include "schemas/base/runtime.h"

namespace schotvrij::mail {

// Made once for all tests of the program, removed at its end.
class TestDirectory : public ::testing::Environment {
 public:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "schotvrij-mail-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    Path() = name;
    const std::string make =
        SOURCE_DIR "/tests/gateway/transport/mail/make_certificates.sh " + name;
    ASSERT_EQ(std::system(make.c_str()), 0);
  }
  void TearDown() override { std::filesystem::remove_all(Path()); }

  static std::string& Path() {
    static std::string path;
    return path;
  }
};

inline std::string FileIn(const std::string& name) { return TestDirectory::Path() + "/" + name; }

inline std::string ReadFile(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

inline void WriteFile(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

// `openssl ARGUMENTS` in the test directory, reading `input`; what it wrote, or "" with a test
// failure when it ended otherwise than well.
inline std::string OpenSsl(const std::string& arguments, const std::string& input) {
  WriteFile(FileIn("openssl.in"), input);
  const std::string command = "cd " + TestDirectory::Path() + " && openssl " + arguments +
                              " < openssl.in > openssl.out 2> openssl.err";
  const bool good = std::system(command.c_str()) == 0;
  EXPECT_TRUE(good) << "openssl " << arguments << "\n" << ReadFile(FileIn("openssl.err"));
  return good ? ReadFile(FileIn("openssl.out")) : "";
}

// What `recipient` reads in `mail`: decrypted with its key, then verified against `signer`'s
// certificate.
inline std::string DecryptAndVerify(const std::string& mail, const std::string& recipient,
                                    const std::string& signer) {
  const std::string inner =
      OpenSsl("cms -decrypt -recip " + recipient + ".pem -inkey " + recipient + ".key", mail);
  return OpenSsl("cms -verify -CAfile " + signer + ".pem -purpose any", inner);
}

struct FixedClock final : Clock {
  Instant now = runtime::SystemClock().Now();
  Instant Now() const override { return now; }
};

}  // namespace schotvrij::mail
