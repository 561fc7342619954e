#include "schemas/base/bsn.h"

#include <cstdio>
#include <type_traits>

#include "gtest/gtest.h"

namespace schotvrij {
namespace {

static_assert(!std::is_convertible_v<std::string, Bsn> && !std::is_convertible_v<Bsn, std::string>);

template <typename T>
concept Streams = requires(std::ostream& out, const T& value) { out << value; };
static_assert(!Streams<Bsn>, "a BSN reaches text only by digits()");

Bsn::Fault FaultOf(std::string_view text) {
  Bsn::Fault fault = {};
  EXPECT_FALSE(Bsn::Parse(text, &fault).has_value()) << text;
  return fault;
}

TEST(Bsn, KnownTestNumbersPass) {
  for (const char* digits : {"999900006", "999900018", "999900031", "999900043", "999911120", "999990019"}) {
    ASSERT_TRUE(Bsn::Parse(digits).has_value()) << digits;
    EXPECT_EQ(Bsn::Parse(digits)->digits(), digits);
    EXPECT_TRUE(Bsn::Parse(digits)->InTestRange());
  }
}

// All numbers of the test range, against the weighted sum written out: 9091 of 100,000 pass.
TEST(Bsn, ElevenTestWeighsNineToTwoAndMinusOne) {
  int passed = 0;
  for (int tail = 0; tail < 100'000; ++tail) {
    char text[10];
    std::snprintf(text, sizeof text, "9999%05d", tail);
    int sum = 0, weight = 9;
    for (int i = 0; i < 8; ++i) sum += weight-- * (text[i] - '0');
    sum += -1 * (text[8] - '0');
    ASSERT_EQ(Bsn::Parse(text).has_value(), sum % 11 == 0) << text;
    passed += sum % 11 == 0;
  }
  EXPECT_EQ(passed, 9091);
}

TEST(Bsn, AnyOneDigitChangedFailsTheElevenTest) {
  const std::string good = "999900006";
  for (size_t at = 0; at < good.size(); ++at) {
    for (char digit = '0'; digit <= '9'; ++digit) {
      std::string changed = good;
      changed[at] = digit;
      if (changed == good) continue;
      EXPECT_EQ(FaultOf(changed), Bsn::Fault::kElevenTest) << changed;
    }
  }
}

TEST(Bsn, AllZerosPassTheSumButAreRefused) { EXPECT_EQ(FaultOf("000000000"), Bsn::Fault::kAllZeros); }

TEST(Bsn, LeadingZerosAreKeptAndNeeded) {
  EXPECT_EQ(FaultOf("99990006"), Bsn::Fault::kLength);
  for (const char* text : {"", "9", "9999000060", " 999900006", "999900006 ", "999900006\n"}) {
    EXPECT_EQ(FaultOf(text), Bsn::Fault::kLength) << text;
  }
  EXPECT_EQ(FaultOf(std::string_view("999900006\0", 10)), Bsn::Fault::kLength);
}

TEST(Bsn, OnlyAsciiDigits) {
  for (const char* text : {"99990000a", "9999.0006", "-99990006", "+99990006", "99990000 "}) {
    EXPECT_EQ(FaultOf(text), Bsn::Fault::kNotDigits) << text;
  }
  EXPECT_EQ(FaultOf(std::string_view("9999\00006", 9)), Bsn::Fault::kNotDigits);
}

TEST(Bsn, OutsideTheTestRangeIsTold) {
  // Searched for here, so that no number stands in this file that a person may have.
  std::optional<Bsn> outside;
  for (int head = 1; !outside.has_value(); ++head) outside = Bsn::Parse("0000000" + std::to_string(10 + head));
  EXPECT_FALSE(outside->InTestRange());
}

}  // namespace
}  // namespace schotvrij
