#include "adapters/canonical/map/text_form.h"

#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>
#include <unicode/stringpiece.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <string>

#include "schemas/base/civil_date.h"
#include "schemas/base/limits.h"

namespace schotvrij::canonical {
namespace {

constexpr uint32_t kNotPlain =
    U_GC_CC_MASK | U_GC_CN_MASK | U_GC_CO_MASK | U_GC_CS_MASK | U_GC_ZL_MASK | U_GC_ZP_MASK;

// Whether every character of `text` is valid UTF-8 and `allowed`.
template <typename Allowed>
bool AllOf(std::string_view text, Allowed allowed) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(text.data());
  const auto size = static_cast<int64_t>(text.size());
  for (int64_t at = 0; at < size;) {
    UChar32 c;
    U8_NEXT(bytes, at, size, c);
    if (c < 0 || !allowed(c)) return false;
  }
  return true;
}

}  // namespace

bool IsUtf8(std::string_view text) {
  return AllOf(text, [](UChar32) { return true; });
}

bool IsPrintableAscii(std::string_view text) {
  bool is = true;
  for (const char c : text) is &= c >= ' ' && c <= '~';  // to the end: without a way out, many at a time
  return is;
}

bool HasPlainCharacters(std::string_view utf8) {
  if (IsPrintableAscii(utf8)) return true;
  return AllOf(utf8, [](UChar32 c) {
    return (U_GET_GC_MASK(c) & kNotPlain) == 0 && !u_hasBinaryProperty(c, UCHAR_BIDI_CONTROL);
  });
}

bool IsNfc(std::string_view utf8) {
  UErrorCode error = U_ZERO_ERROR;
  const icu::Normalizer2* nfc = icu::Normalizer2::getNFCInstance(error);
  return U_SUCCESS(error) &&
         nfc->isNormalizedUTF8(icu::StringPiece(utf8.data(), static_cast<int32_t>(utf8.size())),
                               error) &&
         U_SUCCESS(error);
}

bool IsBlank(std::string_view text) {
  return AllOf(text, [](UChar32 c) { return u_isUWhiteSpace(c); });
}

bool IsKey(std::string_view text) {
  return !text.empty() && text.size() <= limits::kKeyBytesMax && HasPlainCharacters(text) &&
         text.front() != ' ' && text.back() != ' ';
}

bool IsDate(std::string_view text, bool partial) {
  // A shorter form is a day when its missing parts are filled in.
  constexpr std::string_view kFirstDay = "0001-01-01";
  if (text.size() != 10 && !(partial && (text.size() == 4 || text.size() == 7))) return false;
  return CivilDate::Parse(std::string(text).append(kFirstDay.substr(text.size()))).has_value();
}

bool IsTime(std::string_view text) {
  constexpr std::string_view kForm = "00:00:00";
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (text.size() < kForm.size()) return false;
  for (size_t i = 0; i < kForm.size(); ++i) {
    if (kForm[i] == ':' ? text[i] != ':' : !is_digit(text[i])) return false;
  }
  if (text.substr(0, 2) > "23" || text.substr(3, 2) > "59" || text.substr(6, 2) > "59") {
    return false;
  }
  const std::string_view fraction = text.substr(kForm.size());
  return fraction.empty() || (fraction.size() > 1 && fraction.front() == '.' &&
                              std::all_of(fraction.begin() + 1, fraction.end(), is_digit));
}

}  // namespace schotvrij::canonical
