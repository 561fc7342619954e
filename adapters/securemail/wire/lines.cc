#include "adapters/securemail/wire/lines.h"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <cstdint>

#include "absl/strings/str_cat.h"

namespace schotvrij::securemail {
namespace {

constexpr UChar32 kByteOrderMark = 0xfeff;

bool IsUtf8(std::string_view text) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(text.data());
  const auto size = static_cast<int32_t>(text.size());
  for (int32_t at = 0; at < size;) {
    UChar32 c;
    U8_NEXT(bytes, at, size, c);
    if (c < 0) return false;
  }
  return true;
}

bool IsWhite(UChar32 c) { return u_isUWhiteSpace(c) || c == kByteOrderMark; }

}  // namespace

std::string_view Trim(std::string_view text) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(text.data());
  int32_t begin = 0;
  auto end = static_cast<int32_t>(text.size());
  while (begin < end) {
    int32_t next = begin;
    UChar32 c;
    U8_NEXT(bytes, next, end, c);
    if (!IsWhite(c)) break;
    begin = next;
  }
  while (end > begin) {
    int32_t last = end;
    UChar32 c;
    U8_PREV(bytes, begin, last, c);
    if (!IsWhite(c)) break;
    end = last;
  }
  return text.substr(static_cast<size_t>(begin), static_cast<size_t>(end - begin));
}

namespace {

TextLine ReadLine(std::string_view text, int number) {
  TextLine line{number, false, Trim(text)};
  while (line.text.starts_with('>')) {
    line.quoted = true;
    line.text = Trim(line.text.substr(1));
  }
  return line;
}

}  // namespace

TextLines SplitLines(std::string_view text) {
  TextLines read;
  for (int number = 1; !text.empty(); ++number) {
    const std::string_view line = text.substr(0, text.find('\n'));
    if (!IsUtf8(line)) {
      read.broken = number;
      break;
    }
    read.lines.push_back(ReadLine(line, number));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
  }
  return read;
}

std::string PlaceOf(int line) { return absl::StrCat("regel ", line); }

bool IsOneLine(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

}  // namespace schotvrij::securemail
