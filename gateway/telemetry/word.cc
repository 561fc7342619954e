#include "gateway/telemetry/word.h"

#include <algorithm>

namespace schotvrij::telemetry {
namespace {

constexpr size_t kBsnDigits = 9;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsHex(char c) { return IsDigit(c) || (c >= 'a' && c <= 'f'); }
bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool HasBsnInside(std::string_view text) {
  size_t run = 0;
  for (char c : text) {
    run = IsDigit(c) ? run + 1 : 0;
    if (run == kBsnDigits) return true;
  }
  return false;
}

}  // namespace

bool NameForm::Fits(std::string_view text) {
  return !text.empty() && text.size() <= 80 && IsLetter(text[0]) && !HasBsnInside(text) &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return IsLetter(c) || IsDigit(c) || c == '.' || c == '_' || c == '-'; });
}

bool IdForm::Fits(std::string_view text) {
  return text.size() == 32 && std::all_of(text.begin(), text.end(), IsHex);
}

bool TraceForm::Fits(std::string_view text) {
  return text.size() >= 32 && text.size() <= 55 &&
         std::all_of(text.begin(), text.end(), [](char c) { return IsHex(c) || c == '-'; });
}

bool ReleaseForm::Fits(std::string_view text) {
  return !text.empty() && text.size() <= 20 && !HasBsnInside(text) &&
         std::all_of(text.begin(), text.end(), [](char c) { return IsDigit(c) || c == '.'; });
}

bool HashForm::Fits(std::string_view text) {
  return text.size() == 16 && std::all_of(text.begin(), text.end(), IsHex);
}

}  // namespace schotvrij::telemetry
