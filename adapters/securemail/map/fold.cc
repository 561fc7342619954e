#include "adapters/securemail/map/fold.h"

#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>
#include <unicode/stringpiece.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace schotvrij::securemail {
namespace {

const icu::Normalizer2& Casefold() {
  UErrorCode error = U_ZERO_ERROR;
  const icu::Normalizer2* fold = icu::Normalizer2::getNFKCCasefoldInstance(error);
  if (U_FAILURE(error)) {
    std::fprintf(stderr, "schotvrij: ICU has no data to fold case\n");
    std::abort();
  }
  return *fold;
}

}  // namespace

std::string Fold(std::string_view utf8) {
  std::string folded;
  icu::StringByteSink<std::string> sink(&folded);
  UErrorCode error = U_ZERO_ERROR;
  Casefold().normalizeUTF8(0, icu::StringPiece(utf8.data(), static_cast<int32_t>(utf8.size())), sink, nullptr, error);
  std::string collapsed;
  bool blank = false;
  for (const char c : folded) {
    if (c == ' ' || (c >= '\t' && c <= '\r')) {
      blank = true;
      continue;
    }
    if (blank && !collapsed.empty()) collapsed += ' ';
    blank = false;
    collapsed += c;
  }
  return collapsed;
}

std::string_view WithoutPunctuation(std::string_view folded) {
  const size_t last = folded.find_last_not_of(" .,;:!?");
  return last == folded.npos ? std::string_view() : folded.substr(0, last + 1);
}

}  // namespace schotvrij::securemail
