#include "gateway/transport/http/form.h"

#include <algorithm>

#include "absl/strings/str_split.h"
#include "schemas/base/limits.h"
#include "schemas/base/strings.h"

namespace schotvrij::http {
namespace {

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool Printable(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

}  // namespace

std::optional<std::string> PercentDecode(std::string_view text, bool plus) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus) {
      out += ' ';
    } else if (text[i] != '%') {
      out += text[i];
    } else {
      int high = i + 2 < text.size() ? HexDigit(text[i + 1]) : -1;
      int low = i + 2 < text.size() ? HexDigit(text[i + 2]) : -1;
      if (high < 0 || low < 0) return std::nullopt;
      out += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  return out;
}

std::optional<std::vector<Parameter>> ParseForm(std::string_view text) {
  std::vector<Parameter> parameters;
  for (absl::string_view piece : absl::StrSplit(ToAbsl(text), '&', absl::SkipEmpty())) {
    if (parameters.size() == limits::kSearchParametersMax) return std::nullopt;
    std::string_view pair = FromAbsl(piece);
    size_t equals = pair.find('=');
    std::optional<std::string> name = PercentDecode(pair.substr(0, equals), /*plus=*/true);
    std::optional<std::string> value = PercentDecode(
        equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1),
        /*plus=*/true);
    if (!name || !value || value->size() > limits::kTextBytesMax || !Printable(*name) ||
        !Printable(*value)) {
      return std::nullopt;
    }
    parameters.push_back({*std::move(name), *std::move(value)});
  }
  return parameters;
}

}  // namespace schotvrij::http
