#include "gateway/opener/charset.h"

#include <glib.h>
#include <iconv.h>

#include <map>
#include <utility>

#include "absl/strings/match.h"
#include "schemas/base/strings.h"

namespace schotvrij::opener {
namespace {

struct Charset {
  std::string_view name;
  std::string_view converter;
};
// What no character set is named for is UTF-8 nearly always, and US-ASCII is UTF-8.
constexpr Charset kCharsets[] = {
    {"", "UTF-8"},           {"utf-8", "UTF-8"},           {"utf8", "UTF-8"},
    {"us-ascii", "UTF-8"},   {"ascii", "UTF-8"},           {"iso-8859-1", "ISO-8859-1"},
    {"iso8859-1", "ISO-8859-1"}, {"iso_8859-1", "ISO-8859-1"}, {"latin1", "ISO-8859-1"},
    {"iso-8859-15", "ISO-8859-15"}, {"iso8859-15", "ISO-8859-15"}, {"iso_8859-15", "ISO-8859-15"}, {"latin9", "ISO-8859-15"},
    {"windows-1252", "WINDOWS-1252"}, {"cp1252", "WINDOWS-1252"}};

// Opened at the first call and kept: to open one reads files.
const std::map<std::string_view, iconv_t>& Converters() {
  static const auto& converters = *new std::map<std::string_view, iconv_t>{
      {"UTF-8", iconv_open("UTF-8", "UTF-8")},
      {"ISO-8859-1", iconv_open("UTF-8", "ISO-8859-1")},
      {"ISO-8859-15", iconv_open("UTF-8", "ISO-8859-15")},
      {"WINDOWS-1252", iconv_open("UTF-8", "WINDOWS-1252")}};
  return converters;
}

}  // namespace

void LoadCharsets() { Converters(); }

std::optional<std::string> ToUtf8(std::string_view bytes, std::string_view charset) {
  for (const Charset& known : kCharsets) {
    if (!absl::EqualsIgnoreCase(ToAbsl(known.name), ToAbsl(charset))) continue;
    const iconv_t converter = Converters().at(known.converter);
    if (converter == reinterpret_cast<iconv_t>(-1)) return std::nullopt;
    std::string text(bytes.size() * 3 + 1, '\0');  // no character of these takes more
    char* from = const_cast<char*>(bytes.data());
    char* to = text.data();
    size_t from_left = bytes.size(), to_left = text.size();
    iconv(converter, nullptr, nullptr, nullptr, nullptr);  // as at the beginning of a text
    const size_t wrong = iconv(converter, &from, &from_left, &to, &to_left);
    if (wrong == static_cast<size_t>(-1) || from_left > 0) return std::nullopt;
    text.resize(text.size() - to_left);
    // The converter takes numbers above U+10FFFF for characters.
    return g_utf8_validate(text.data(), static_cast<gssize>(text.size()), nullptr) ? std::optional(std::move(text)) : std::nullopt;
  }
  return std::nullopt;
}

}  // namespace schotvrij::opener
