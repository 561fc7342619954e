#include "adapters/securemail/map/form_word.h"

#include <algorithm>
#include <set>
#include <utility>

#include "adapters/securemail/map/fold.h"
#include "schemas/base/table.h"

namespace schotvrij::securemail {
namespace {

struct FormWord {
  std::string_view of;    // path of the label
  std::string_view word;  // as people read it
  std::string text;       // folded
  FieldPath path;
  std::string_view value;  // empty: the word itself
};

const std::vector<FormWord>& FormWords() {
  static const auto* words = [] {
    auto* read = new std::vector<FormWord>();
    for (const Table::Row& row : Table::Embedded("schemas/formats/mail/form_words.csv").rows()) {
      const std::string_view path = row["path"].empty() ? row["of"] : row["path"];
      read->push_back({row["of"], row["text"], Fold(row["text"]), ReadFieldPath(path), row["value"]});
    }
    for (const Table::Row& row : Table::Embedded("schemas/formats/mail/values.csv").rows()) {
      read->push_back({row["path"], row["text"], Fold(row["text"]), ReadFieldPath(row["path"]), row["value"]});
    }
    return read;
  }();
  return *words;
}

// A number sign in `pattern` stands for any digit.
bool FitsWord(std::string_view pattern, std::string_view word) {
  return std::equal(pattern.begin(), pattern.end(), word.begin(), word.end(),
                    [](char want, char got) { return want == '#' ? got >= '0' && got <= '9' : want == got; });
}

}  // namespace

std::vector<Setting> ReadFormWord(std::string_view path, std::string_view word) {
  std::vector<Setting> settings;
  const std::string folded = Fold(word);
  for (const FormWord& each : FormWords()) {
    if (each.of != path || !FitsWord(each.text, WithoutPunctuation(folded))) continue;
    settings.push_back({each.path, each.value.empty() ? std::string(WithoutPunctuation(folded)) : std::string(each.value)});
  }
  return settings;
}

std::string FormWordsOf(std::string_view path) {
  std::string words;
  std::set<std::string> told;
  for (const FormWord& each : FormWords()) {
    if (each.of != path || each.value.empty()) continue;
    std::string meaning;
    for (const Setting& setting : ReadFormWord(path, each.word)) meaning.append(setting.value).append(" ");
    if (told.insert(std::move(meaning)).second) words.append(words.empty() ? "" : ", ").append(each.word);
  }
  return words;
}

}  // namespace schotvrij::securemail
