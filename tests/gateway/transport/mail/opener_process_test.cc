#include "gateway/transport/mail/opener_process.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "schemas/base/limits.h"
#include "tests/gateway/transport/mail/mail_fixture.h"

namespace schotvrij::mail {
namespace {

constexpr int64_t kLongUs = 60'000'000;
constexpr int64_t kShortUs = 200'000;

// Programs in the place of the opener.
class OpenerProcessTest : public ::testing::Test {
 protected:
  OpenerProcessTest() { request_.set_mail("From: p@ede.example\r\n\r\nAkkoord\r\n"); }
  void SetUp() override { before_ = ::signal(SIGPIPE, SIG_IGN); }  // as the gateway does
  void TearDown() override { ::signal(SIGPIPE, before_); }

  static std::string Program(const std::string& lines) {
    const std::string path = FileIn("program");
    std::filesystem::remove(path);  // one that still runs keeps its file
    WriteFile(path, "#!/bin/sh\nPATH=/usr/bin:/bin\n" + lines + "\n");
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    return path;
  }

  absl::StatusOr<v1::OpenedMail> OpenWith(const std::string& lines, int64_t most_us = kLongUs) {
    return OpenerProcess(Program(lines), most_us).Open(request_);
  }

  void ExpectNotOpened(const std::string& lines, int64_t most_us = kLongUs) {
    const absl::StatusOr<v1::OpenedMail> opened = OpenWith(lines, most_us);
    ASSERT_FALSE(opened.ok()) << lines;
    EXPECT_EQ(opened.status().code(), absl::StatusCode::kInvalidArgument) << lines;
  }

  v1::OpenRequest request_;

 private:
  sighandler_t before_ = SIG_DFL;
};

TEST_F(OpenerProcessTest, WhatTheProgramSaysIsRead) {
  // Field 1, of four bytes; what was asked is field 1 of the request too.
  const absl::StatusOr<v1::OpenedMail> opened = OpenWith("cat > /dev/null; printf '\\012\\004RULE'");
  ASSERT_TRUE(opened.ok()) << opened.status().message();
  EXPECT_EQ(opened->refused(), "RULE");
}

TEST_F(OpenerProcessTest, TheProgramIsGivenTheWholeRequest) {
  request_.set_mail(std::string(limits::kMailBytesMax, 'x'));
  const std::string size = std::to_string(request_.ByteSizeLong());
  const absl::StatusOr<v1::OpenedMail> opened = OpenWith("printf '\\012\\010'; wc -c");
  ASSERT_EQ(size.size(), 8u);
  ASSERT_FALSE(opened.ok());  // a line's end too many: no message
  ASSERT_TRUE(OpenWith("printf '\\012\\010%s' $(wc -c)").ok());
  EXPECT_EQ(OpenWith("printf '\\012\\010%s' $(wc -c)")->refused(), size);
}

TEST_F(OpenerProcessTest, ItHasNothingOfOurs) {
  ::setenv("SCHOTVRIJ_SECRET", "x", 1);
  ASSERT_EQ(::dup2(STDOUT_FILENO, 57), 57);
  const absl::StatusOr<v1::OpenedMail> opened = OpenWith("[ -z \"$SCHOTVRIJ_SECRET\" ] && [ ! -e /proc/$$/fd/57 ]");
  ::close(57);
  ::unsetenv("SCHOTVRIJ_SECRET");
  EXPECT_TRUE(opened.ok()) << opened.status().message();
}

TEST_F(OpenerProcessTest, OneThatDiesOpensNothing) {
  for (const char* lines :
       {"kill -KILL $$", "kill -SEGV $$", "printf '\\012\\004RULE'; kill -KILL $$", "exec 1>&-; kill -KILL $$"}) {
    ExpectNotOpened(lines);
  }
}

TEST_F(OpenerProcessTest, OneThatEndsIllOpensNothing) {
  for (const char* lines : {"exit 1", "printf '\\012\\004RULE'; exit 1", "exit 255"}) ExpectNotOpened(lines);
}

TEST_F(OpenerProcessTest, RubbishOpensNothing) {
  for (const char* lines : {"echo rubbish", "printf '\\377\\377'", "printf '\\012\\004RU'", "printf '\\012\\001\\377'"}) {
    ExpectNotOpened(lines);
  }
}

TEST_F(OpenerProcessTest, MoreThanAMailMaySayOpensNothing) {
  ExpectNotOpened("exec cat /dev/zero");
  ExpectNotOpened("head -c 300000 /dev/zero");
}

TEST_F(OpenerProcessTest, OneThatReadsNothingHoldsNobodyUp) {
  request_.set_mail(std::string(limits::kMailBytesMax, 'x'));
  ExpectNotOpened("exec sleep 600", kShortUs);  // as long as it may
  ExpectNotOpened("exec 0<&-; exit 1");
  EXPECT_TRUE(OpenWith("exec 0<&-; exit 0").ok());
}

TEST_F(OpenerProcessTest, OneThatHangsIsEnded) {
  for (const char* lines : {"exec sleep 600", "printf '\\012\\004RULE'; exec sleep 600",
                            "exec 1>&-; exec sleep 600", "trap '' TERM INT; exec 1>&-; while :; do :; done"}) {
    ExpectNotOpened(lines, kShortUs);
  }
}

TEST_F(OpenerProcessTest, NoProgramCannotBeStarted) {
  const std::vector<std::string> paths = {"/nowhere/schotvrij-mail-opener", FileIn("ca.pem"), TestDirectory::Path()};
  for (const std::string& path : paths) {
    EXPECT_EQ(OpenerProcess(path).Open(request_).status().code(), absl::StatusCode::kUnavailable) << path;
  }
}

TEST_F(OpenerProcessTest, CheckFindsWhetherItMayBeRun) {
  EXPECT_TRUE(OpenerProcess(Program("")).Check().ok());
  const absl::Status missing = OpenerProcess("/nowhere/schotvrij-mail-opener").Check();
  EXPECT_EQ(missing.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(missing.message()), ::testing::HasSubstr("/nowhere/schotvrij-mail-opener"));
  EXPECT_EQ(OpenerProcess(FileIn("ca.pem")).Check().code(), absl::StatusCode::kNotFound);
}

TEST_F(OpenerProcessTest, ItIsLookedForBesideThisProgram) {
  const std::filesystem::path here = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  EXPECT_EQ(OpenerProcess::BesideThisProgram(), (here / "schotvrij-mail-opener").string());
}

}  // namespace
}  // namespace schotvrij::mail
