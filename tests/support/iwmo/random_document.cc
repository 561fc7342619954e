#include "tests/support/iwmo/random_document.h"

#include <algorithm>
#include <cstdio>
#include <iterator>
#include <string_view>
#include <vector>

namespace schotvrij::test {
namespace {

using iwmo::Element;
using iwmo::Form;
using iwmo::Grammar;
using iwmo::SimpleType;

uint64_t Below(uint64_t bound, std::mt19937_64& random) { return random() % bound; }

std::string RandomBsn(std::mt19937_64& random) {
  for (;;) {
    const std::string bsn = "9999" + std::to_string(10'000 + Below(90'000, random));
    int sum = -(bsn[8] - '0');
    for (size_t i = 0; i < 8; ++i) sum += static_cast<int>(9 - i) * (bsn[i] - '0');
    if (sum % 11 == 0) return bsn;
  }
}

std::string Numbered(const char* format, int a, int b, int c) {
  char text[32];
  std::snprintf(text, sizeof(text), format, a, b, c);
  return text;
}

std::string RandomDate(std::mt19937_64& random) {
  return Numbered("%04d-%02d-%02d", 1920 + static_cast<int>(Below(110, random)), 1 + static_cast<int>(Below(12, random)),
                  1 + static_cast<int>(Below(28, random)));
}

std::string RandomTime(std::mt19937_64& random) {
  return Numbered("%02d:%02d:%02d", static_cast<int>(Below(24, random)), static_cast<int>(Below(60, random)),
                  static_cast<int>(Below(60, random)));
}

std::string RandomInteger(const SimpleType& type, std::mt19937_64& random) {
  if (Below(8, random) == 0) return std::to_string(Below(2, random) == 0 ? type.min : type.max);
  const int64_t bound = std::min<int64_t>(type.max, Below(2, random) == 0 ? 99 : type.max);
  return std::to_string(type.min + static_cast<int64_t>(Below(static_cast<uint64_t>(bound - type.min + 1), random)));
}

std::string RandomCode(const SimpleType& type, std::mt19937_64& random) {
  std::vector<std::string_view> codes(type.codes.begin(), type.codes.end());
  std::sort(codes.begin(), codes.end());
  return std::string(codes[Below(codes.size(), random)]);
}

// Characters that a value of a form may have; the first is one that each place of a text may have.
std::vector<std::string_view> AlphabetOf(Form form) {
  switch (form) {
    case Form::kDigits:
      return {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"};
    case Form::kLetters:
      return {"A", "b", "Z", "q", "\xC3\x89", "\xC3\xAB", "\xE1\xBB\xB3"};
    case Form::kLettersAndDigits:
      return {"A", "b", "Z", "q", "0", "5", "9"};
    case Form::kAnyLine:
      return {"a", "B", "e", " ", ".", "\n", "\xC3\xAB", "<", "&", ">", "\"", "\t"};
    default:
      return {"a", "B", "e", " ", ".", "-", "'", "7", "\xC3\xAB", "\xE2\x82\xAC", "&", "<", "]", "\xF0\x9F\x98\x80"};
  }
}

std::string RandomText(const SimpleType& type, Form form, std::mt19937_64& random) {
  const std::vector<std::string_view> alphabet = AlphabetOf(form);
  const auto min = static_cast<uint64_t>(std::max<int64_t>(type.min, 1));
  const uint64_t max = std::min<uint64_t>(static_cast<uint64_t>(type.max), Below(8, random) == 0 ? 400 : min + 9);
  const uint64_t length = min + Below(max - min + 1, random);
  const uint64_t ink = Below(length, random);
  std::string text;
  for (uint64_t i = 0; i < length; ++i) text.append(alphabet[i == ink ? 0 : Below(alphabet.size(), random)]);
  return text;
}

std::string RandomVersion(std::mt19937_64& random) {
  return Numbered("%d.%d.%d", static_cast<int>(Below(3, random)), static_cast<int>(Below(12, random)), static_cast<int>(Below(2, random)));
}

class RandomWriter {
 public:
  RandomWriter(const Grammar& grammar, std::mt19937_64& random) : grammar_(grammar), random_(random) {}

  std::string Write() {
    text_ = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n";
    Append(grammar_.at(0), 0);
    return std::move(text_);
  }

 private:
  void Append(const Element& element, size_t depth) {
    const std::string name = std::string(element.in_base_namespace ? "iwmo" : grammar_.prefix()) + ":" + std::string(element.name);
    text_.append(depth, '\t').append("<").append(name);
    if (depth == 0) {
      text_.append(" xmlns:iwmo=\"").append(iwmo::kBaseNamespace).append("\" xmlns:").append(grammar_.prefix());
      text_.append("=\"").append(grammar_.message_namespace()).append("\" ");
    }
    text_.append(">");
    if (element.type != nullptr) {
      AppendEscaped(RandomValue(element, random_));
    } else {
      text_.append("\r\n");
      for (iwmo::ElementId child : element.children) AppendAll(grammar_.at(child), depth + 1);
      text_.append(depth, '\t');
    }
    text_.append("</").append(name).append(">\r\n");
  }
  void AppendAll(const Element& element, size_t depth) {
    if (!element.required && Below(2, random_) == 0) return;
    const uint64_t times = element.repeats ? 1 + Below(3, random_) : 1;
    for (uint64_t i = 0; i < times; ++i) Append(element, depth);
  }
  void AppendEscaped(const std::string& value) {
    for (char c : value) {
      if (c == '&') {
        text_.append("&amp;");
      } else if (c == '<') {
        text_.append("&#60;");
      } else if (c == ']') {
        text_.append("&#x5d;");
      } else {
        text_.push_back(c);
      }
    }
  }

  const Grammar& grammar_;
  std::mt19937_64& random_;
  std::string text_;
};

}  // namespace

std::string RandomValue(const Element& element, std::mt19937_64& random) {
  const SimpleType& type = *element.type;
  if (!element.value.empty()) return std::string(element.value);
  if (!type.code_list.empty()) return RandomCode(type, random);
  if (element.name == "Bsn") return RandomBsn(random);
  switch (type.base) {
    case iwmo::Base::kInteger:
      return RandomInteger(type, random);
    case iwmo::Base::kDate:
      return RandomDate(random);
    case iwmo::Base::kTime:
      return RandomTime(random);
    case iwmo::Base::kString:
      break;
  }
  if (type.form == Form::kVersion) return RandomVersion(random);
  return RandomText(type, element.form != Form::kAny ? element.form : type.form, random);
}

std::string RandomDocument(const Grammar& grammar, std::mt19937_64& random) { return RandomWriter(grammar, random).Write(); }

}  // namespace schotvrij::test
