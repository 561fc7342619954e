#include "schemas/base/bsn.h"

#include <algorithm>

namespace schotvrij {

std::optional<Bsn> Bsn::Parse(std::string_view text, Fault* fault) {
  auto fail = [fault](Fault why) -> std::optional<Bsn> {
    if (fault != nullptr) *fault = why;
    return std::nullopt;
  };
  if (text.size() != 9) return fail(Fault::kLength);
  if (!std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; })) {
    return fail(Fault::kNotDigits);
  }
  if (text == "000000000") return fail(Fault::kAllZeros);
  int sum = -(text[8] - '0');
  for (int i = 0; i < 8; ++i) sum += (9 - i) * (text[i] - '0');
  if (sum % 11 != 0) return fail(Fault::kElevenTest);
  return Bsn(text);
}

}  // namespace schotvrij
