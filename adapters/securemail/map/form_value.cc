#include "adapters/securemail/map/form_value.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>

#include "adapters/securemail/map/form_word.h"
#include "adapters/securemail/wire/lines.h"
#include "schemas/base/civil_date.h"

namespace schotvrij::securemail {
namespace {

// A number of one or two digits, or of as many as `width` says.
std::optional<int> ReadNumber(std::string_view text, size_t width = 0) {
  if (text.empty() || text.size() > 4 || (width > 0 ? text.size() != width : text.size() > 2)) return std::nullopt;
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool digits = text.find_first_not_of("0123456789") == text.npos;
  return digits && error == std::errc() && end == text.data() + text.size() ? std::optional<int>(number) : std::nullopt;
}

// Day, month and year between two equal `separator`s.
std::optional<CivilDate> ReadDutchDate(std::string_view text, char separator) {
  const size_t first = text.find(separator);
  if (first == text.npos) return std::nullopt;
  const size_t second = text.find(separator, first + 1);
  if (second == text.npos) return std::nullopt;
  const std::optional<int> day = ReadNumber(text.substr(0, first));
  const std::optional<int> month = ReadNumber(text.substr(first + 1, second - first - 1));
  const std::optional<int> year = ReadNumber(text.substr(second + 1), 4);
  return day && month && year ? CivilDate::FromYmd(*year, *month, *day) : std::nullopt;
}

std::optional<CivilDate> ReadDate(std::string_view text) {
  if (const std::optional<CivilDate> date = CivilDate::Parse(text)) return date;
  if (const std::optional<CivilDate> date = ReadDutchDate(text, '-')) return date;
  return ReadDutchDate(text, '/');
}

std::string WithoutBlanksAndPoints(std::string_view text) {
  std::string kept(text);
  std::erase_if(kept, [](char c) { return c == ' ' || c == '.'; });
  return kept;
}

}  // namespace

FormValue ReadFormValue(const FormLabel& label, std::string_view value) {
  const std::string_view text = Trim(value);
  switch (label.kind) {
    case FormLabel::Kind::kText:
      return {"", {{label.fields, std::string(text)}}};
    case FormLabel::Kind::kBsn:
      return {"", {{label.fields, WithoutBlanksAndPoints(text)}}};
    case FormLabel::Kind::kDate: {
      const std::optional<CivilDate> date = ReadDate(text);
      if (!date) return {"DATE-FORM", {}};
      return {"", {{label.fields, date->ToString()}}};
    }
    case FormLabel::Kind::kWord: {
      std::vector<Setting> settings = ReadFormWord(label.path, text);
      if (settings.empty()) return {"MAIL-FORM-WORD", {}};
      return {"", std::move(settings)};
    }
  }
  return {"MAIL-FORM-WORD", {}};
}

}  // namespace schotvrij::securemail
