// Code lists as FHIR elements are bound to them: system and code in, canonical word out (schemas/formats/fhir/codes.csv and
// code_lists.csv).
//
//   const CodeList& gender = CodeList::Named("gender");
//   if (const std::string* word = gender.Find("", "female")) ...   // "FEMALE"
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace schotvrij::fhir {

class CodeList {
 public:
  // Ends the program when there is no such list: the name stands in our own tables.
  static const CodeList& Named(std::string_view name);

  struct Entry {
    std::string system;  // empty for elements of type code
    std::string code;    // a number sign stands for any digit, a star for any code
    std::string word;    // canonical; "" says nothing
    bool is_pattern = false;  // the canonical word is the code as sent
  };

  // The canonical word, or nothing. Of a pattern it is the code itself.
  const Entry* Find(std::string_view system, std::string_view code) const;
  // The first entry of that system; null when the list has none.
  const Entry* FindSystem(std::string_view system) const;
  const Entry& First() const { return entries_.front(); }
  // System and code that stand for a canonical word, for what goes out; null when none does.
  const Entry* FindWord(std::string_view word) const;

 private:
  friend struct CodeLists;
  std::vector<Entry> entries_;
};

}  // namespace schotvrij::fhir
