#include "gateway/identity/key_ring.h"

#include <set>
#include <thread>
#include <utility>

#include "gateway/transport/runtime/system.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace schotvrij::identity {
namespace {

const std::string kKekHex(64, 'a');
const std::string kIndexHex(64, 'b');

class KeyRingTest : public testing::Test {
 protected:
  runtime::SystemRandom random_;
  std::unique_ptr<KeyRing> ring_ = *KeyRing::Create(kKekHex, kIndexHex, &random_);
};

void ExpectLost(const absl::StatusOr<std::string>& opened) {
  EXPECT_EQ(opened.status().code(), absl::StatusCode::kDataLoss);
}

TEST_F(KeyRingTest, OpensWhatItSealed) {
  ClientKey key = ring_->NewClientKey("client-1");
  for (const std::string& plain : {std::string(), std::string("x"), std::string(100'000, 'y'), std::string("\0\1", 2)}) {
    EXPECT_EQ(*ring_->Open(key, "facts/1", ring_->Seal(key, "facts/1", plain)), plain);
    EXPECT_EQ(*ring_->OpenOwn("answer/1", ring_->SealOwn("answer/1", plain)), plain);
  }
}

TEST_F(KeyRingTest, OpensAfterARestart) {
  ClientKey key = ring_->NewClientKey("client-1");
  std::string sealed = ring_->Seal(key, "facts/1", "content");
  std::string own = ring_->SealOwn("answer/1", "answer");
  auto again = *KeyRing::Create(kKekHex, kIndexHex, &random_);
  EXPECT_EQ(*again->Open(*again->Unwrap("client-1", key.wrapped), "facts/1", sealed), "content");
  EXPECT_EQ(*again->OpenOwn("answer/1", own), "answer");
}

TEST_F(KeyRingTest, AValueMovedToAnotherRowDoesNotOpen) {
  ClientKey key = ring_->NewClientKey("client-1");
  ExpectLost(ring_->Open(key, "facts/2", ring_->Seal(key, "facts/1", "content")));
  ExpectLost(ring_->OpenOwn("answer/2", ring_->SealOwn("answer/1", "answer")));
}

TEST_F(KeyRingTest, AValueMovedToAnotherClientDoesNotOpen) {
  ClientKey one = ring_->NewClientKey("client-1");
  ClientKey two = ring_->NewClientKey("client-2");
  ExpectLost(ring_->Open(two, "facts/1", ring_->Seal(one, "facts/1", "content")));
  ExpectLost(ring_->OpenOwn("facts/1", ring_->Seal(one, "facts/1", "content")));
  ExpectLost(ring_->Open(one, "facts/1", ring_->SealOwn("facts/1", "content")));
}

TEST_F(KeyRingTest, AWrappedKeyMovedToAnotherClientDoesNotUnwrap) {
  ClientKey key = ring_->NewClientKey("client-1");
  EXPECT_EQ(ring_->Unwrap("client-2", key.wrapped).status().code(), absl::StatusCode::kDataLoss);
}

TEST_F(KeyRingTest, AnyBitFlippedIsFound) {
  ClientKey key = ring_->NewClientKey("client-1");
  const std::string sealed = ring_->Seal(key, "facts/1", "content");
  for (size_t bit = 0; bit < 8 * sealed.size(); ++bit) {
    std::string altered = sealed;
    altered[bit / 8] ^= static_cast<char>(1 << bit % 8);
    ExpectLost(ring_->Open(key, "facts/1", altered));
  }
  for (size_t bit = 0; bit < 8 * key.wrapped.size(); ++bit) {
    std::string altered = key.wrapped;
    altered[bit / 8] ^= static_cast<char>(1 << bit % 8);
    EXPECT_EQ(ring_->Unwrap("client-1", altered).status().code(), absl::StatusCode::kDataLoss);
  }
}

TEST_F(KeyRingTest, AnyCutIsFound) {
  ClientKey key = ring_->NewClientKey("client-1");
  const std::string sealed = ring_->Seal(key, "facts/1", "content");
  for (size_t size = 0; size < sealed.size(); ++size) ExpectLost(ring_->Open(key, "facts/1", sealed.substr(0, size)));
  ExpectLost(ring_->Open(key, "facts/1", sealed + "x"));
}

TEST_F(KeyRingTest, AnotherKeyEncryptionKeyOpensNothing) {
  auto other = *KeyRing::Create(std::string(64, 'c'), kIndexHex, &random_);
  EXPECT_EQ(other->Unwrap("client-1", ring_->NewClientKey("client-1").wrapped).status().code(),
            absl::StatusCode::kDataLoss);
  ExpectLost(other->OpenOwn("answer/1", ring_->SealOwn("answer/1", "answer")));
}

TEST_F(KeyRingTest, TheSameValueIsSealedDifferentlyEachTime) {
  ClientKey key = ring_->NewClientKey("client-1");
  EXPECT_NE(ring_->Seal(key, "facts/1", "content"), ring_->Seal(key, "facts/1", "content"));
  EXPECT_NE(ring_->NewClientKey("client-1").plain, ring_->NewClientKey("client-1").plain);
}

TEST_F(KeyRingTest, ErrorsShowNeitherKeyNorValue) {
  ClientKey key = ring_->NewClientKey("client-1");
  std::string sealed = ring_->Seal(key, "facts/1", "999900006");
  sealed.back() ^= 1;
  EXPECT_THAT(std::string(ring_->Open(key, "facts/1", sealed).status().message()),
              testing::Not(testing::HasSubstr("999900006")));
}

TEST(KeyRing, KeysOfAnotherFormAreRefusedByName) {
  runtime::SystemRandom random;
  for (const std::string& bad : {std::string(), std::string(63, 'a'), std::string(65, 'a'), std::string(64, 'g')}) {
    absl::Status kek = KeyRing::Create(bad, kIndexHex, &random).status();
    EXPECT_EQ(kek.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(kek.message()), testing::HasSubstr("key-encryption key"));
    EXPECT_THAT(std::string(KeyRing::Create(kKekHex, bad, &random).status().message()), testing::HasSubstr("index key"));
  }
}

TEST_F(KeyRingTest, TokensAreStableAndApartBySpaceKeyAndCut) {
  EXPECT_EQ(ring_->Token("bsn", "999900006"), ring_->Token("bsn", "999900006"));
  EXPECT_EQ(ring_->Token("bsn", "999900006").size(), 32);
  EXPECT_NE(ring_->Token("bsn", "999900006"), ring_->Token("bsn", "999900018"));
  EXPECT_NE(ring_->Token("bsn", "999900006"), ring_->Token("key", "999900006"));
  EXPECT_NE(ring_->Token("ab", "c"), ring_->Token("a", "bc"));
  auto same_index = *KeyRing::Create(std::string(64, 'c'), kIndexHex, &random_);
  auto other_index = *KeyRing::Create(kKekHex, std::string(64, 'c'), &random_);
  EXPECT_EQ(same_index->Token("bsn", "999900006"), ring_->Token("bsn", "999900006"));
  EXPECT_NE(other_index->Token("bsn", "999900006"), ring_->Token("bsn", "999900006"));
}

TEST_F(KeyRingTest, PseudonymsAreStableAndScopedToTheRecipient) {
  std::string pseudonym = ring_->Pseudonym("ede", "999900006");
  EXPECT_EQ(pseudonym, ring_->Pseudonym("ede", "999900006"));
  EXPECT_NE(pseudonym, ring_->Pseudonym("menzis", "999900006"));
  EXPECT_EQ(pseudonym.size(), 32);
  EXPECT_EQ(pseudonym.find_first_not_of("0123456789abcdef"), pseudonym.npos);
}

TEST_F(KeyRingTest, TokensAreTheSameFromManyThreadsAtOnce) {
  const std::string expected = ring_->Token("bsn", "999900006");
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 500; ++j) wrong += ring_->Token("bsn", "999900006") != expected;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST_F(KeyRingTest, AMovedKeyLeavesNothingBehind) {
  ClientKey first = ring_->NewClientKey("client-1");
  std::string plain = first.plain;
  ClientKey second = std::move(first);
  EXPECT_EQ(second.plain, plain);
  EXPECT_TRUE(first.plain.empty());  // NOLINT: looking at what the move left
  ClientKey third;
  third = std::move(second);
  EXPECT_EQ(third.plain, plain);
  EXPECT_TRUE(second.plain.empty());  // NOLINT
  static_assert(!std::is_copy_constructible_v<ClientKey>);
}

}  // namespace
}  // namespace schotvrij::identity
