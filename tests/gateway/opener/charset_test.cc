#include "gateway/opener/charset.h"

#include <gtest/gtest.h>

#include <string>

namespace schotvrij::opener {
namespace {

TEST(CharsetTest, EachIsReadByItsNames) {
  LoadCharsets();
  for (const char* name : {"", "utf-8", "UTF-8", "utf8", "us-ascii", "ascii"}) {
    EXPECT_EQ(ToUtf8("Cli\xc3\xabnt", name), "Cliënt") << name;
  }
  for (const char* name : {"iso-8859-1", "ISO-8859-1", "iso8859-1", "iso_8859-1", "latin1", "iso-8859-15", "iso8859-15",
                           "iso_8859-15", "latin9", "windows-1252", "cp1252"}) {
    EXPECT_EQ(ToUtf8("Cli\xebnt", name), "Cliënt") << name;
  }
}

TEST(CharsetTest, TheSameByteIsAnotherCharacterInAnother) {
  EXPECT_EQ(ToUtf8("\xa4", "iso-8859-1"), "¤");
  EXPECT_EQ(ToUtf8("\xa4", "iso-8859-15"), "€");
  EXPECT_EQ(ToUtf8("\x80", "windows-1252"), "€");
}

TEST(CharsetTest, TheLongestFits) {
  const std::string bytes(1 << 16, '\x80');
  std::string euros;
  for (size_t i = 0; i < bytes.size(); ++i) euros += "€";
  EXPECT_EQ(ToUtf8(bytes, "windows-1252"), euros);
  EXPECT_EQ(ToUtf8("", "utf-8"), "");
}

TEST(CharsetTest, OthersAreNotRead) {
  for (const char* name : {"utf-7", "utf-16", "utf-8//IGNORE", "x-eigen", "iso-2022-jp", "utf-8 "}) {
    EXPECT_EQ(ToUtf8("a", name), std::nullopt) << name;
  }
}

TEST(CharsetTest, BytesThatAreNoCharacterAreNotRead) {
  for (const char* bytes : {"\xff", "\xc3", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80"}) {
    EXPECT_EQ(ToUtf8(bytes, "utf-8"), std::nullopt);
  }
  EXPECT_EQ(ToUtf8("\x81", "windows-1252"), std::nullopt);
  EXPECT_EQ(ToUtf8(std::string_view("a\0b", 3), "utf-8"), std::nullopt);
  EXPECT_EQ(ToUtf8(std::string_view("a\0b", 3), "iso-8859-1"), std::nullopt);
}

}  // namespace
}  // namespace schotvrij::opener
