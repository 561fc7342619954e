// Words that stand for codes in the form: schemas/formats/mail/form_words.csv, and those of values.csv.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "adapters/securemail/map/form_label.h"

namespace schotvrij::securemail {

// What `word` says behind a label of `path`; empty: none of its words. `word` is valid UTF-8.
std::vector<Setting> ReadFormWord(std::string_view path, std::string_view word);

// The words that a label of `path` takes, as people read them, each meaning once: "aanmelden, wijzigen, intrekken". Codes are left out.
std::string FormWordsOf(std::string_view path);

}  // namespace schotvrij::securemail
