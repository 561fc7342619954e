#include "adapters/iwmo/wire/characters.h"

#include <algorithm>

namespace schotvrij::iwmo {
namespace {

constexpr size_t kBlock = 64;

// Whether a whole block is of the ASCII that XML allows. Without branches, so that the compiler looks at many bytes at once.
bool IsPlainBlock(const char* at) {
  unsigned char odd = 0;
  for (size_t i = 0; i < kBlock; ++i) {
    const auto c = static_cast<unsigned char>(at[i]);
    odd |= static_cast<unsigned char>(c >= 0x80) | static_cast<unsigned char>((c < 0x20) & (c != '\t') & (c != '\n') & (c != '\r'));
  }
  return odd == 0;
}

// Bytes of the character that begins with `lead`; 0: none does.
size_t Width(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return 2;
  if ((lead & 0xF0) == 0xE0) return 3;
  return lead >= 0xF0 && lead <= 0xF4 ? 4 : 0;
}

// What the character at the start of `text` is; `width` of it when it is good.
Characters CheckOne(std::string_view text, size_t* width) {
  const auto lead = static_cast<unsigned char>(text[0]);
  *width = Width(lead);
  if (*width == 0) return Characters::kNotUtf8;
  const unsigned char low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  const unsigned char high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  for (size_t i = 1; i < *width; ++i) {
    if (i == text.size()) return Characters::kCut;
    const auto c = static_cast<unsigned char>(text[i]);
    if (c < (i == 1 ? low : 0x80) || c > (i == 1 ? high : 0xBF)) return Characters::kNotUtf8;
  }
  return IsXmlCharacter(TakeCodePoint(&text)) ? Characters::kGood : Characters::kNotXml;
}

}  // namespace

char32_t TakeCodePoint(std::string_view* text) {
  const auto lead = static_cast<unsigned char>((*text)[0]);
  const size_t width = Width(lead);
  char32_t code_point = width == 1 ? lead : lead & (0x7Fu >> width);
  for (size_t i = 1; i < width; ++i) code_point = code_point << 6 | (static_cast<unsigned char>((*text)[i]) & 0x3F);
  text->remove_prefix(width);
  return code_point;
}

void AppendUtf8(char32_t code_point, std::string* out) {
  if (code_point < 0x80) {
    out->push_back(static_cast<char>(code_point));
    return;
  }
  const int more = code_point < 0x800 ? 1 : code_point < 0x10000 ? 2 : 3;
  constexpr unsigned char kLeads[] = {0x00, 0xC0, 0xE0, 0xF0};
  out->push_back(static_cast<char>(kLeads[more] | code_point >> (6 * more)));
  for (int i = more - 1; i >= 0; --i) out->push_back(static_cast<char>(0x80 | (code_point >> (6 * i) & 0x3F)));
}

CheckedText CheckCharacters(std::string_view text) {
  CheckedText checked;
  while (checked.good < text.size()) {
    if (checked.good + kBlock <= text.size() && IsPlainBlock(text.data() + checked.good)) {
      checked.good += kBlock;
      continue;
    }
    const size_t until = std::min(checked.good + kBlock, text.size());
    while (checked.good < until) {
      size_t width = 0;
      checked.then = CheckOne(text.substr(checked.good), &width);
      if (checked.then != Characters::kGood) return checked;
      checked.good += width;
    }
  }
  return checked;
}

}  // namespace schotvrij::iwmo
