#include "adapters/securemail/wire/quoted_printable.h"

namespace schotvrij::securemail {
namespace {

constexpr size_t kLineMax = 76;

std::string EncodeByte(char c, bool ends_line) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  const auto byte = static_cast<unsigned char>(c);
  const bool literal = (byte > ' ' && byte < 0x7f && byte != '=') || (byte == ' ' && !ends_line);
  return literal ? std::string(1, c) : std::string{'=', kHex[byte >> 4], kHex[byte & 15]};
}

}  // namespace

std::string ToQuotedPrintable(std::string_view text) {
  std::string out;
  size_t column = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n') {
      out += "\r\n";
      column = 0;
      continue;
    }
    const bool ends_line = i + 1 == text.size() || text[i + 1] == '\n';
    const std::string unit = EncodeByte(text[i], ends_line);
    // The last place of a line is kept for the "=" of a soft break.
    if (column + unit.size() > kLineMax - 1) {
      out += "=\r\n";
      column = 0;
    }
    out += unit;
    column += unit.size();
  }
  return out;
}

}  // namespace schotvrij::securemail
