#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "gateway/audit/checkpoint_file.h"
#include "gateway/audit/checkpoint_line.h"
#include "gateway/audit/checkpointer.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/gateway/audit/audit_fixture.h"

namespace schotvrij::audit {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::string TemporaryFolder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "checkpoint-XXXXXX").string();
  return mkdtemp(pattern.data());
}

std::unique_ptr<Signer> TestSigner() { return *Signer::FromPem(kPrivateKey); }

TEST(CheckpointLine, IsReadAsItWasWritten) {
  Log log;
  log.Write("b", "1");
  log.Write("a", "1");
  log.Write("a", "2");
  std::string line = TestSigner()->Checkpoint({17}, log.heads, "the line before");
  CheckpointLine parsed = *ParseCheckpoint(line);
  EXPECT_EQ(parsed.at, Instant{17});
  EXPECT_EQ(parsed.previous, LineHash("the line before"));
  ASSERT_THAT(parsed.heads, SizeIs(2));
  EXPECT_EQ(parsed.heads[0].chain, "a");
  EXPECT_EQ(parsed.heads[0].sequence, 2);
  EXPECT_EQ(parsed.heads[0].hash, log.records[2].hash);
  EXPECT_EQ(line.find('\n'), line.npos);
}

TEST(CheckpointLine, TheFirstFollowsZeros) {
  EXPECT_EQ(ParseCheckpoint(TestSigner()->Checkpoint({1}, {}, ""))->previous, std::string(64, '0'));
}

TEST(CheckpointLine, OtherFormsAreRefused) {
  const std::string good = TestSigner()->Checkpoint({17}, std::vector<ChainHead>{{.chain = "a"}}, "");
  ASSERT_TRUE(ParseCheckpoint(good).ok());
  std::vector<std::string> fields = absl::StrSplit(good, '\t');
  for (auto [field, bad] : std::vector<std::pair<int, std::string>>{{0, "schotvrij-checkpoint-2"},
                                                                   {1, "017"},
                                                                   {1, "x"},
                                                                   {1, ""},
                                                                   {2, "00"},
                                                                   {3, ""},
                                                                   {3, "a:1"},
                                                                   {3, fields[3] + " " + fields[3]},
                                                                   {4, "?"}}) {
    std::vector<std::string> changed = fields;
    changed[field] = bad;
    EXPECT_FALSE(ParseCheckpoint(absl::StrJoin(changed, "\t")).ok()) << field << ": " << bad;
  }
  EXPECT_FALSE(ParseCheckpoint("").ok());
  EXPECT_FALSE(ParseCheckpoint(good + "\tmore").ok());
}

TEST(CheckpointLine, OpensslVerifiesTheSignature) {
  std::string folder = TemporaryFolder();
  auto write = [&](const char* name, std::string_view text) { std::ofstream(folder + "/" + name) << text; };
  CheckpointLine line = *ParseCheckpoint(TestSigner()->Checkpoint({17}, std::vector<ChainHead>{{.chain = "a"}}, ""));
  write("key.pem", kPublicKey);
  write("signed", line.signed_text);
  write("signature", line.signature);
  std::string verify = absl::StrCat("cd ", folder, " && openssl pkeyutl -verify -pubin -inkey key.pem -rawin -in signed ",
                                    "-sigfile signature >out 2>&1");
  EXPECT_EQ(std::system(verify.c_str()), 0);
  write("signed", line.signed_text + "x");
  EXPECT_NE(std::system(verify.c_str()), 0);
  std::filesystem::remove_all(folder);
}

class CheckpointFileTest : public testing::Test {
 protected:
  ~CheckpointFileTest() override { std::filesystem::remove_all(folder_); }
  const std::string folder_ = TemporaryFolder();
  const std::string path_ = folder_ + "/checkpoints";
};

TEST_F(CheckpointFileTest, KeepsLinesOverOpenings) {
  ASSERT_TRUE((*CheckpointFile::Open(path_))->Append("one").ok());
  ASSERT_TRUE((*CheckpointFile::Open(path_))->Append("two").ok());
  EXPECT_THAT(*CheckpointFile::Read(path_), ElementsAre("one", "two"));
}

TEST_F(CheckpointFileTest, CutsTheTornLineOfACrash) {
  std::ofstream(path_) << "one\ntw";
  ASSERT_TRUE((*CheckpointFile::Open(path_))->Append("three").ok());
  EXPECT_THAT(*CheckpointFile::Read(path_), ElementsAre("one", "three"));
}

TEST_F(CheckpointFileTest, IsForItsOwnerOnly) {
  ASSERT_TRUE(CheckpointFile::Open(path_).ok());
  struct stat about;
  ASSERT_EQ(stat(path_.c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0077, 0u);
}

TEST_F(CheckpointFileTest, WithoutFolderItIsUnavailable) {
  EXPECT_EQ(CheckpointFile::Open(folder_ + "/none/checkpoints").status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(CheckpointFile::Read(path_).status().code(), absl::StatusCode::kNotFound);
}

TEST_F(CheckpointFileTest, HasOneWriterAtATime) {
  std::unique_ptr<CheckpointFile> file = *CheckpointFile::Open(path_);
  EXPECT_EQ(CheckpointFile::Open(path_).status().code(), absl::StatusCode::kUnavailable);
  ASSERT_TRUE(file->Append("one").ok());
  file.reset();
  EXPECT_TRUE(CheckpointFile::Open(path_).ok());
}

TEST_F(CheckpointFileTest, ALineThatDoesNotFitLeavesNothing) {
  std::unique_ptr<CheckpointFile> file = *CheckpointFile::Open(path_);
  ASSERT_TRUE(file->Append("one").ok());
  rlimit before;
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const rlimit full{.rlim_cur = 8, .rlim_max = before.rlim_max};
  auto* handler = std::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &full), 0);
  absl::Status refused = file->Append("two, which is longer");
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(refused.code(), absl::StatusCode::kUnavailable);
  ASSERT_TRUE(file->Append("three").ok());
  EXPECT_THAT(*CheckpointFile::Read(path_), ElementsAre("one", "three"));
}

class CheckpointerTest : public testing::Test {
 protected:
  std::unique_ptr<Checkpointer> Start() {
    CheckpointDatabase database{
        .heads = [this]() -> absl::StatusOr<std::vector<ChainHead>> { return log_.heads; },
        .lines = [this]() -> absl::StatusOr<std::vector<std::string>> { return log_.database_lines; },
        .put = [this](std::string_view line) {
          if (database_fails_) return absl::UnavailableError("locked");
          log_.database_lines.emplace_back(line);
          return absl::OkStatus();
        }};
    AppendLine append = [this](std::string_view line) {
      if (file_fails_) return absl::UnavailableError("full");
      log_.file_lines.emplace_back(line);
      return absl::OkStatus();
    };
    return *Checkpointer::Start(std::move(database), std::move(append), signer_.get(),
                                std::vector<std::string>(log_.file_lines));
  }

  Log log_;
  bool file_fails_ = false;
  bool database_fails_ = false;
  const std::unique_ptr<Signer> signer_ = TestSigner();
};

TEST_F(CheckpointerTest, WritesToBothAndOnlyWhenAChainHasGrown) {
  std::unique_ptr<Checkpointer> checkpointer = Start();
  EXPECT_TRUE(*checkpointer->Run({1}));
  EXPECT_FALSE(*checkpointer->Run({2}));
  log_.Write("a", "event");
  EXPECT_TRUE(*checkpointer->Run({3}));
  EXPECT_THAT(log_.file_lines, SizeIs(2));
  EXPECT_EQ(log_.file_lines, log_.database_lines);
  EXPECT_THAT(log_.Verify().findings, IsEmpty());
  EXPECT_EQ(log_.Verify().not_vouched_for, 0);
}

TEST_F(CheckpointerTest, ContinuesTheListAfterARestart) {
  log_.Write("a", "event");
  ASSERT_TRUE(*Start()->Run({1}));
  log_.Write("b", "event");
  ASSERT_TRUE(*Start()->Run({2}));
  EXPECT_FALSE(*Start()->Run({3}));
  EXPECT_THAT(log_.Verify().findings, IsEmpty());
  EXPECT_EQ(log_.Verify().checkpoints, 2);
}

TEST_F(CheckpointerTest, WhenTheFileFailsNothingIsWrittenAnywhere) {
  log_.Write("a", "event");
  std::unique_ptr<Checkpointer> checkpointer = Start();
  file_fails_ = true;
  EXPECT_EQ(checkpointer->Run({1}).status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(log_.database_lines, IsEmpty());
  file_fails_ = false;
  EXPECT_TRUE(*checkpointer->Run({2}));
  EXPECT_THAT(log_.Verify().findings, IsEmpty());
}

TEST_F(CheckpointerTest, ALineTheDatabaseMissedIsPutThereLater) {
  log_.Write("a", "event");
  std::unique_ptr<Checkpointer> checkpointer = Start();
  database_fails_ = true;
  EXPECT_EQ(checkpointer->Run({1}).status().code(), absl::StatusCode::kUnavailable);
  database_fails_ = false;
  EXPECT_FALSE(*checkpointer->Run({2}));
  EXPECT_THAT(log_.database_lines, SizeIs(1));
  EXPECT_THAT(log_.Verify().findings, IsEmpty());
}

TEST_F(CheckpointerTest, ALineThatACrashKeptFromTheDatabaseIsPutThereAtStart) {
  log_.Write("a", "event");
  ASSERT_TRUE(*Start()->Run({1}));
  log_.database_lines.pop_back();
  Start();
  EXPECT_THAT(log_.database_lines, SizeIs(1));
}

TEST_F(CheckpointerTest, DoesNotMendAListThatWasCut) {
  for (int i = 0; i < 3; ++i) {
    log_.Write("a", "event");
    ASSERT_TRUE(*Start()->Run({i + 1}));
  }
  log_.database_lines.resize(1);
  log_.Write("a", "event");
  EXPECT_TRUE(*Start()->Run({9}));
  EXPECT_FALSE(log_.Verify().findings.empty());
}

}  // namespace
}  // namespace schotvrij::audit
